"""The SQL of visits, alerts and reveals."""

import dataclasses
from datetime import date, datetime

from chassis.database import Store, as_json
from contracts.words import Helper
from services.matching.visits.domain import Visit

FIELDS = tuple(field.name for field in dataclasses.fields(Visit))
COLUMNS = (
    ", ".join(f"v.{name}" for name in FIELDS)
    .replace("v.id", "v.id::text AS id")
    .replace("v.pairing_id", "v.pairing_id::text AS pairing_id")
)
VIEW = f"""SELECT * FROM (SELECT {", ".join(f"v.{name}" for name in FIELDS)}, v.came AS helpers, v.took_on AS "on",
        v.note IS NOT NULL AS has_note, coalesce(v.took_on, v.planned_on) AS day, p.client_id, p.version AS pairing_version,
        p.community AS pairing_community
    FROM visits AS v JOIN pairings AS p ON p.id = v.pairing_id) AS view"""
ALERTS = """SELECT * FROM (SELECT a.id, a.pairing_id, p.client_id, p.community, a.reason, p.worker, a.visit_id,
        a.acknowledged_by, a.acknowledged_at, a.note IS NOT NULL AS has_note, a.created_at
    FROM pairing_alerts AS a JOIN pairings AS p ON p.id = a.pairing_id) AS view"""
CAME = ("helper", "provider_id", "role")
WORDS = {
    "pairing": ("pairings", ("goals", "evaluation")),
    "visit": ("visits", ("note",)),
    "alert": ("pairing_alerts", ("note",)),
}


class VisitStore(Store):
    """Visits and alerts."""

    def visits_of(self, pairing_id: str, since: date) -> list[Visit]:
        """Return a pairing's visits that the plan or people set for a day or later."""
        rows = self.rows(
            f"""SELECT {COLUMNS} FROM visits AS v
                WHERE v.pairing_id = :id AND (v.slot_on >= :since OR v.planned_on >= :since) ORDER BY v.id""",
            id=pairing_id,
            since=since,
        )
        return [_visit(row) for row in rows]

    def add_visit(self, visit: Visit) -> None:
        self.insert("visits", **_values(visit))

    def add_extra_visit(self, visit: Visit, note: str | None) -> bool:
        """Keep a visit that was not planned; return False where the same people's visit of that day is kept."""
        values = {**_values(visit), "note": note}
        names = ", ".join(values)
        return bool(
            self.execute(
                f"""INSERT INTO visits ({names}) VALUES ({", ".join(f":{name}" for name in values)})
                    ON CONFLICT (pairing_id, took_on, came) WHERE state = 'recorded' DO NOTHING""",
                **values,
            )
        )

    def is_recorded(self, visit: Visit) -> bool:
        """Tell whether another visit of the same people on the same day is on record."""
        return bool(
            self.row(
                """SELECT 1 FROM visits WHERE pairing_id = :pairing_id AND took_on = :took_on AND came = :came
                     AND state = 'recorded' AND id <> :id""",
                **{
                    name: value
                    for name, value in _values(visit).items()
                    if name in ("id", "pairing_id", "took_on", "came")
                },
            )
        )

    def remove_visits(self, visits: list[Visit]) -> None:
        """Take planned visits away."""
        self.execute(
            "DELETE FROM visits WHERE state = 'planned' AND id = ANY(CAST(:ids AS uuid[]))",
            ids=[one.id for one in visits],
        )

    def save_visit(self, visit: Visit, **sealed) -> None:
        values = _values(visit) | sealed
        settings = ", ".join(f"{name} = :{name}" for name in values if name != "id")
        self.execute(f"UPDATE visits SET {settings} WHERE id = :id", **values)

    def visit_of(self, id: str) -> Visit | None:
        """Return a visit; for a change its pairing is locked before."""
        row = self.row(f"SELECT {COLUMNS} FROM visits AS v WHERE v.id = :id", id=id)
        return row and _visit(row)

    def due_visit(self, pairing_id: str, on: date) -> Visit | None:
        """Return the visit that was planned for a day and has not taken place."""
        row = self.row(
            f"""SELECT {COLUMNS} FROM visits AS v
                WHERE v.pairing_id = :id AND v.planned_on = :on AND v.state IN ('planned', 'missed') ORDER BY v.id""",
            id=pairing_id,
            on=on,
        )
        return row and _visit(row)

    def visit_on(self, pairing_id: str, on: date) -> bool:
        """Tell whether a visit is set for a day."""
        return bool(
            self.row(
                "SELECT 1 FROM visits WHERE pairing_id = :id AND planned_on = :on AND state <> 'cancelled'",
                id=pairing_id,
                on=on,
            )
        )

    def visits_before(self, visit: Visit, since: date) -> list[Visit]:
        """Return the visits that took place before this one since a day, none from before the last alarming one."""
        rows = self.rows(
            f"""SELECT {COLUMNS} FROM visits AS v WHERE v.pairing_id = :pairing_id AND v.state = 'recorded'
                  AND v.id <> :id AND v.took_on >= :since AND (v.took_on, v.recorded_at) < (:took_on, :recorded_at)
                  AND NOT EXISTS (
                      SELECT 1 FROM pairing_alerts AS a JOIN visits AS worse ON worse.id = a.visit_id
                      WHERE a.pairing_id = :pairing_id AND a.reason = 'person_worse'
                        AND (worse.took_on, worse.recorded_at) > (v.took_on, v.recorded_at)
                        AND (worse.took_on, worse.recorded_at) < (:took_on, :recorded_at))
                ORDER BY v.took_on DESC, v.recorded_at DESC""",
            pairing_id=visit.pairing_id, id=visit.id, since=since, took_on=visit.took_on, recorded_at=visit.recorded_at,
        )  # fmt: skip
        return [_visit(row) for row in rows]

    def move_visits(self, pairing_id: str, community: str) -> None:
        """File what is still to come under the community to which the person moved; what took place stays."""
        self.execute(
            "UPDATE visits SET community = :community WHERE pairing_id = :id AND state = 'planned'",
            id=pairing_id,
            community=community,
        )

    def visits_made(self, pairing_id: str) -> int:
        return self.row(
            "SELECT count(*) AS made FROM visits WHERE pairing_id = :id AND state = 'recorded'", id=pairing_id
        )["made"]

    def missed_in_a_row(self, pairing_id: str, on: date) -> int:
        """Return how many visits up to a day were missed since the last that took place."""
        return self.row(
            """SELECT count(*) AS missed FROM visits WHERE pairing_id = :id AND state = 'missed' AND planned_on <= :on
                 AND planned_on > coalesce((SELECT max(took_on) FROM visits WHERE pairing_id = :id AND state = 'recorded'
                                              AND took_on <= :on), '-infinity')""",
            id=pairing_id,
            on=on,
        )["missed"]

    def close_visits(self, pairing_id: str, today: date) -> None:
        """Take away what is still to come of a pairing that ends; what is overdue did not take place."""
        self.execute("DELETE FROM visits WHERE pairing_id = :id AND state = 'planned' AND planned_on > :today",
                     id=pairing_id, today=today)  # fmt: skip
        self.execute("UPDATE visits SET state = 'cancelled', reason = 'pairing_ended' WHERE pairing_id = :id AND state = 'planned'",
                     id=pairing_id)  # fmt: skip

    def pairings_to_plan(self, until: date, limit: int) -> list[str]:
        """Return active pairings whose visits are not set that far, or were set before a holiday was entered."""
        rows = self.rows(
            """SELECT id::text AS id FROM pairings WHERE state = 'active' AND (planned_until < :until
                   OR planned_at <= (SELECT coalesce(max(changed_at), '-infinity') FROM holidays))
               ORDER BY id LIMIT :limit""",
            until=until,
            limit=limit,
        )
        return [row["id"] for row in rows]

    def set_until(self, pairing_id: str, until: date) -> None:
        """Keep how far the visits of a pairing are set."""
        self.execute(
            "UPDATE pairings SET planned_until = :until, planned_at = clock_timestamp() WHERE id = :id",
            id=pairing_id,
            until=until,
        )

    def overdue_pairings(self, before: date, limit: int) -> list[str]:
        """Return pairings with visits that were planned before a day and not recorded."""
        rows = self.rows(
            """SELECT DISTINCT pairing_id::text AS id FROM visits WHERE state = 'planned' AND planned_on < :before
               ORDER BY id LIMIT :limit""",
            before=before,
            limit=limit,
        )
        return [row["id"] for row in rows]

    def overdue_visits(self, pairing_id: str, before: date) -> list[Visit]:
        rows = self.rows(
            f"""SELECT {COLUMNS} FROM visits AS v
                WHERE v.pairing_id = :id AND v.state = 'planned' AND v.planned_on < :before ORDER BY v.planned_on, v.id""",
            id=pairing_id,
            before=before,
        )
        return [_visit(row) for row in rows]

    def miss_visit(self, id: str) -> None:
        self.execute("UPDATE visits SET state = 'missed' WHERE id = :id AND state = 'planned'", id=id)

    def ending_pairings(self, by: date, limit: int) -> list[str]:
        """Return active pairings whose plan ends by a day and whose worker was not told."""
        rows = self.rows(
            """SELECT id::text AS id FROM pairings WHERE state = 'active' AND NOT end_told AND last_on <= :by
               ORDER BY id LIMIT :limit""",
            by=by,
            limit=limit,
        )
        return [row["id"] for row in rows]

    def add_alert(self, id: str, pairing_id: str, community: str, reason: str, visit_id: str | None) -> bool:
        """Keep an alert; return False where one for the same reason is still open."""
        return bool(
            self.execute(
                """INSERT INTO pairing_alerts (id, pairing_id, community, reason, visit_id)
                   VALUES (:id, :pairing_id, :community, :reason, :visit_id)
                   ON CONFLICT (pairing_id, reason) WHERE acknowledged_at IS NULL DO NOTHING""",
                id=id,
                pairing_id=pairing_id,
                community=community,
                reason=reason,
                visit_id=visit_id,
            )
        )

    def acknowledge_alert(self, id: str, note: str, by: str, now: datetime) -> bool:
        return bool(
            self.execute(
                """UPDATE pairing_alerts SET acknowledged_by = :by, acknowledged_at = :now, note = :note
                   WHERE id = :id AND acknowledged_at IS NULL""",
                id=id,
                note=note,
                by=by,
                now=now,
            )
        )

    def close_alerts(self, pairing_id: str, by: str, now: datetime) -> None:
        self.execute(
            """UPDATE pairing_alerts SET acknowledged_by = :by, acknowledged_at = :now
               WHERE pairing_id = :id AND acknowledged_at IS NULL""",
            id=pairing_id, by=by, now=now,
        )  # fmt: skip

    def alert(self, id: str) -> dict | None:
        return self.row(f"{ALERTS} WHERE id = :id", id=id)

    def alerts(self, *, communities, community, worker, reason, pairing_id, open, after, limit) -> dict:
        return self.page(
            f"""{ALERTS} WHERE (acknowledged_at IS NULL) = :open
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))
                  AND (CAST(:community AS text) IS NULL OR community = :community)
                  AND (CAST(:worker AS text) IS NULL OR worker = :worker)
                  AND (CAST(:reason AS text) IS NULL OR reason = :reason)
                  AND (CAST(:pairing_id AS uuid) IS NULL OR pairing_id = CAST(:pairing_id AS uuid))""",
            communities=list(communities), community=community, worker=worker, reason=reason, pairing_id=pairing_id,
            open=open, after=after, limit=limit,
        )  # fmt: skip

    def visit(self, id: str) -> dict | None:
        """Return a visit as it is shown."""
        return self.row(f"{VIEW} WHERE id = :id", id=id)

    def visits(self, *, communities, only_of, pairing_id, community, state, since, until, after, limit) -> dict:
        """Return a page of visits; with `only_of` those of pairings in which this user helps."""
        return self.page(
            f"""{VIEW} WHERE (cardinality(CAST(:communities AS text[])) = 0
                              OR pairing_community = ANY(CAST(:communities AS text[])))
                  AND (CAST(:community AS text) IS NULL OR community = :community)
                  AND (CAST(:state AS text) IS NULL OR state = :state)
                  AND (CAST(:since AS date) IS NULL OR day >= :since) AND (CAST(:until AS date) IS NULL OR day <= :until)
                  AND (CAST(:pairing_id AS uuid) IS NULL OR pairing_id = CAST(:pairing_id AS uuid))
                  AND (CAST(:only_of AS text) IS NULL OR pairing_id IN (
                      SELECT pairing_id FROM pairing_helpers WHERE account = :only_of AND account <> ''))""",
            communities=list(communities), only_of=only_of, pairing_id=pairing_id, community=community, state=state,
            since=since, until=until, after=after, limit=limit,
        )  # fmt: skip

    def sealed_words(self, subject: str, id: str) -> dict:
        """Return the sealed words of a pairing, a visit or an alert."""
        table, names = WORDS[subject]
        return self.row(f"SELECT {', '.join(names)} FROM {table} WHERE id = :id", id=id)

    def record_words_shown(
        self, id: str, pairing_id: str, subject: str, subject_id: str, purpose: str, by: str
    ) -> dict:
        return self.row(
            """INSERT INTO pairing_reveals (id, pairing_id, subject, subject_id, purpose, revealed_by)
               VALUES (:id, :pairing_id, :subject, :subject_id, :purpose, :by)
               RETURNING id, pairing_id, subject, subject_id, purpose, revealed_by, revealed_at""",
            id=id, pairing_id=pairing_id, subject=subject, subject_id=subject_id, purpose=purpose, by=by,
        )  # fmt: skip

    def words_shown(self, pairing_id: str, *, after, limit) -> dict:
        return self.page(
            """SELECT id, pairing_id, subject, subject_id, purpose, revealed_by, revealed_at FROM pairing_reveals
               WHERE pairing_id = :pairing_id""",
            pairing_id=pairing_id,
            after=after,
            limit=limit,
        )

    def reseal_words(self, keyring, limit: int) -> int:
        """Seal words about people anew that an older key sealed; return how many. Nothing is left at 0."""
        changed = 0
        for subject, (table, names) in WORDS.items():
            old = " OR ".join(f"{name} NOT LIKE :current" for name in names)
            rows = self.rows(
                f"SELECT id::text AS id, {', '.join(names)} FROM {table} WHERE {old} ORDER BY id LIMIT :limit FOR UPDATE",
                current=f"{keyring.current}:%",
                limit=limit,
            )
            for row in rows:
                fresh = {}
                for name in names:
                    if row[name] and not keyring.is_current(row[name]):
                        about = f"{subject}/{row['id']}/{name}"
                        fresh[name] = keyring.seal(keyring.open(row[name], about), about)
                settings = ", ".join(f"{name} = :{name}" for name in fresh)
                self.execute(f"UPDATE {table} SET {settings} WHERE id = CAST(:id AS uuid)", id=row["id"], **fresh)
                changed += len(fresh)
        return changed


def _values(visit: Visit) -> dict:
    values = {name: getattr(visit, name) for name in FIELDS}
    came = [{name: getattr(one, name) for name in CAME} for one in visit.came]
    return values | {"kinds": list(visit.kinds), "came": as_json(came), "goods": as_json(list(visit.goods))}


def _visit(row: dict) -> Visit:
    came, goods = tuple(Helper(**one) for one in row["came"]), tuple(row["goods"])
    return Visit(**{**row, "kinds": tuple(row["kinds"]), "came": came, "goods": goods})
