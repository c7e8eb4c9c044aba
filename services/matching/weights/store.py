"""The SQL of weights."""

from chassis.database import Store
from services.matching.weights.domain import Weight

SHOWN = "part, version, points, least, most, about, changed_by, changed_at"


class WeightStore(Store):
    """Weights."""

    def weights(self) -> list[dict]:
        return self.rows(f"SELECT {SHOWN} FROM weights ORDER BY position")

    def lock_weights(self) -> list[Weight]:
        return [
            Weight(**row)
            for row in self.rows("SELECT part, version, points, least, most FROM weights ORDER BY position FOR UPDATE")
        ]

    def save_weight(self, id: str, weight: Weight, before: int, by: str, now) -> None:
        """Keep a changed weight, with who changed it and what it was before."""
        self.execute(
            """UPDATE weights SET version = :version, points = :points, changed_by = :by, changed_at = :now
               WHERE part = :part""",
            part=weight.part,
            version=weight.version,
            points=weight.points,
            by=by,
            now=now,
        )
        self.insert(
            "weight_changes", id=id, part=weight.part, version=weight.version, points=weight.points, before=before, by=by,
            at=now,
        )  # fmt: skip

    def weight(self, part: str) -> dict:
        return self.row(f"SELECT {SHOWN} FROM weights WHERE part = :part", part=part)

    def weight_changes(self, *, after, limit) -> dict:
        return self.page(
            "SELECT id, part, version, points, before, by, at FROM weight_changes WHERE true", after=after, limit=limit
        )
