"""The SQL of what became of what each provider gave."""

from datetime import datetime, timedelta

from chassis.database import Store
from contracts.fields import STATION_TIME

DAYS = 30
COLUMNS = {"confirmed": "confirmed", "delivered": "delivered", "cancelled": "failed", "no_show": "failed"}


class RecordStore(Store):
    """One record for each provider, kept up as things happen."""

    def note_outcome(self, provider_id: str | None, outcome: str, now: datetime, stars: int = 0) -> None:
        """Keep what became of a match: confirmed, delivered, rated (with its stars by the recipient), and cancelled or
        no_show where it was the provider's doing. Call it last in a transaction: it locks the provider's record.
        """
        if not provider_id:
            return
        if outcome == "rated":
            return self._add(provider_id, ratings=1, stars=stars)
        self._add(provider_id, **{COLUMNS[outcome]: 1}, recent=int(outcome == "confirmed"))
        if outcome == "confirmed":
            self.execute(
                """INSERT INTO provider_days AS known (provider_id, day, confirmed) VALUES (:id, :day, 1)
                   ON CONFLICT (provider_id, day) DO UPDATE SET confirmed = known.confirmed + 1""",
                id=provider_id,
                day=now.astimezone(STATION_TIME).date(),
            )

    def _add(self, provider_id, **counts):
        names = list(counts)
        self.execute(
            f"""INSERT INTO provider_record AS known (provider_id, {", ".join(names)})
                VALUES (:provider_id, {", ".join(f":{name}" for name in names)})
                ON CONFLICT (provider_id) DO UPDATE SET
                    {", ".join(f"{name} = known.{name} + excluded.{name}" for name in names)}""",
            provider_id=provider_id,
            **counts,
        )

    def forget_old_days(self, now: datetime, most: int) -> bool:
        """Count out what was confirmed longer ago than DAYS; return whether there is more of it."""
        return bool(
            self.execute(
                """WITH old AS (SELECT provider_id FROM provider_days WHERE day < :oldest ORDER BY day, provider_id LIMIT :most),
                     gone AS (DELETE FROM provider_days WHERE day < :oldest AND provider_id IN (SELECT provider_id FROM old)
                              RETURNING provider_id, confirmed),
                     less AS (SELECT provider_id, sum(confirmed) AS confirmed FROM gone GROUP BY provider_id)
                   UPDATE provider_record AS r SET recent = greatest(0, r.recent - less.confirmed)
                   FROM less WHERE r.provider_id = less.provider_id""",
                oldest=now.astimezone(STATION_TIME).date() - timedelta(days=DAYS),
                most=most,
            )
        )
