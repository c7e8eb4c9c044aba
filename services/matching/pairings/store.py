"""The SQL of clients, pairings and holidays."""

from datetime import date

from sqlalchemy.exc import IntegrityError

from chassis.database import Store
from contracts.words import Helper
from services.matching.pairings.domain import Client, Pairing, Plan

OWN = (
    "version", "client_id", "community", "target_group", "kinds", "worker", "guardian_agreed", "begun_on", "begun_by",
    "last_on", "state", "end_told", "ended_on", "ended_by", "reason", "stars", "goals_reached",
)  # fmt: skip
PLAN = ("rule", "visit_time", "visit_minutes", "first_on", "on_holidays")
HELPERS = """(SELECT jsonb_agg(jsonb_build_object('helper', h.helper, 'provider_id', h.provider_id, 'role', h.role, 'account', h.account)
                               ORDER BY h.position) FROM pairing_helpers AS h WHERE h.pairing_id = p.id) AS helpers"""
PAIRING = f"p.id::text AS id, {', '.join(f'p.{name}' for name in (*OWN, *PLAN))}, {HELPERS}".replace(
    "p.client_id", "p.client_id::text AS client_id"
)
VIEW = f"""SELECT * FROM (SELECT p.id, {", ".join(f"p.{name}" for name in (*OWN, *PLAN, "created_at"))}, {HELPERS},
        p.goals IS NOT NULL AS has_goals, p.evaluation IS NOT NULL AS has_evaluation,
        (SELECT count(*) FROM visits AS v WHERE v.pairing_id = p.id AND v.state = 'recorded') AS visits,
        (SELECT max(took_on) FROM visits AS v WHERE v.pairing_id = p.id AND v.state = 'recorded') AS last_visit_on,
        (SELECT min(planned_on) FROM visits AS v WHERE v.pairing_id = p.id AND v.state = 'planned') AS next_visit_on,
        (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.id), '[]') FROM pairing_transfers AS t
         WHERE t.pairing_id = p.id) AS transfers
    FROM pairings AS p) AS view"""


class PairingStore(Store):
    """Clients and pairings."""

    def save_client(self, client: Client) -> Client | None:
        """Keep what is known of a client; return it, or none where something newer was known.

        Consent that was withdrawn stays so.
        """
        kept = self.execute(
            """INSERT INTO clients (id, version, kind, community, target_group, minor, active)
               VALUES (:id, :version, :kind, :community, :target_group, :minor, :active)
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, kind = excluded.kind,
                   community = excluded.community, target_group = excluded.target_group, minor = excluded.minor,
                   active = excluded.active
               WHERE clients.version < excluded.version""",
            **{
                name: getattr(client, name)
                for name in ("id", "version", "kind", "community", "target_group", "minor", "active")
            },
        )
        return client if kept else None

    def forget_client(self, id: str, version: int, community: str) -> None:
        """Keep that consent was withdrawn, also of somebody who is not known yet; blank every word about the person."""
        self.execute(
            """INSERT INTO clients (id, version, kind, community, target_group, minor, active, forgotten)
               VALUES (:id, :version, 'person', :community, '', false, false, true)
               ON CONFLICT (id) DO UPDATE SET forgotten = true,
                   version = greatest(clients.version, excluded.version)""",
            id=id,
            version=version,
            community=community,
        )
        own = "pairing_id IN (SELECT id FROM pairings WHERE client_id = :id)"
        self.execute("SELECT id FROM pairings WHERE client_id = :id ORDER BY id FOR UPDATE", id=id)
        self.execute("UPDATE pairings SET goals = NULL, evaluation = NULL WHERE client_id = :id", id=id)
        self.execute(
            f"UPDATE visits SET note = NULL, mood = NULL, health = NULL, living = NULL, goods = '[]' WHERE {own}", id=id
        )
        self.execute(f"UPDATE pairing_alerts SET note = NULL WHERE {own}", id=id)

    def client(self, id: str) -> Client | None:
        """Return what is known of a client; consent is not withdrawn meanwhile."""
        row = self.row(
            """SELECT id::text AS id, version, kind, community, target_group, minor, active, forgotten
               FROM clients WHERE id = :id FOR SHARE""",
            id=id,
        )
        return row and Client(**row)

    def add_pairing(self, pairing: Pairing, goals: str | None) -> bool:
        """Keep a new pairing; return False where the same helper leads one with this person."""
        values = _values(pairing)
        columns = ", ".join(values)
        added = self.execute(
            f"""INSERT INTO pairings ({columns}, goals) VALUES ({", ".join(f":{name}" for name in values)}, :goals)
                ON CONFLICT (client_id, lead) WHERE state = 'active' DO NOTHING""",
            goals=goals,
            **values,
        )
        if added:
            self._add_helpers(pairing)
        return bool(added)

    def save_pairing(self, pairing: Pairing, **sealed) -> None:
        """Keep a changed pairing, and those of its sealed words that are given."""
        values = _values(pairing) | sealed
        settings = ", ".join(f"{name} = :{name}" for name in values if name != "id")
        self.execute(f"UPDATE pairings SET {settings} WHERE id = :id", **values)

    def save_helpers(self, pairing: Pairing) -> None:
        self.execute("DELETE FROM pairing_helpers WHERE pairing_id = :id", id=pairing.id)
        self._add_helpers(pairing)

    def take_lead(self, pairing: Pairing) -> bool:
        """Keep who leads; return False where the same helper leads another pairing with this person."""
        try:
            with self.connection.begin_nested():
                self.execute("UPDATE pairings SET lead = :lead WHERE id = :id", lead=pairing.lead, id=pairing.id)
        except IntegrityError:
            return False
        return True

    def lock_pairing(self, id: str) -> Pairing | None:
        """Return a pairing for a change; nobody else changes it or its visits meanwhile.

        The client comes first, as it does where consent is withdrawn, so that neither waits for the other for ever.
        """
        self.row(
            "SELECT 1 FROM clients AS c JOIN pairings AS p ON p.client_id = c.id WHERE p.id = :id FOR SHARE OF c", id=id
        )
        if self.row("SELECT 1 FROM pairings WHERE id = :id FOR UPDATE", id=id) is None:
            return None
        return _pairing(self.row(f"SELECT {PAIRING} FROM pairings AS p WHERE p.id = :id", id=id))

    def active_pairings_of(self, client_id: str) -> list[Pairing]:
        """Return a person's active pairings, locked."""
        rows = self.rows(
            "SELECT id FROM pairings WHERE client_id = :id AND state = 'active' ORDER BY id FOR UPDATE", id=client_id
        )
        return [pairing for row in rows if (pairing := self.lock_pairing(row["id"]))]

    def record_transfer(self, id: str, before: Pairing, after: Pairing, reason: str, by: str) -> None:
        self.insert(
            "pairing_transfers", id=id, pairing_id=after.id, reason=reason, from_worker=before.worker,
            to_worker=after.worker, from_lead=before.lead, to_lead=after.lead, transferred_by=by,
        )  # fmt: skip

    def pairing(self, id: str) -> dict | None:
        """Return a pairing as it is shown."""
        row = self.row(f"{VIEW} WHERE id = :id", id=id)
        return row and _shown(row)

    def pairings(self, *, communities, only_of, community, state, worker, client_id, helper, after, limit) -> dict:
        """Return a page of pairings; with `only_of` those in which this user helps."""
        page = self.page(
            f"""{VIEW} WHERE (cardinality(CAST(:communities AS text[])) = 0
                              OR community = ANY(CAST(:communities AS text[])))
                  AND (CAST(:community AS text) IS NULL OR community = :community)
                  AND (CAST(:state AS text) IS NULL OR state = :state)
                  AND (CAST(:worker AS text) IS NULL OR worker = :worker)
                  AND (CAST(:client_id AS uuid) IS NULL OR client_id = CAST(:client_id AS uuid))
                  AND (CAST(:helper AS text) IS NULL OR id IN (
                      SELECT pairing_id FROM pairing_helpers WHERE helper = :helper AND helper <> ''
                      UNION SELECT pairing_id FROM pairing_helpers WHERE provider_id = :helper AND provider_id <> ''))
                  AND (CAST(:only_of AS text) IS NULL OR id IN (
                      SELECT pairing_id FROM pairing_helpers WHERE account = :only_of AND account <> ''))""",
            communities=list(communities), only_of=only_of, community=community, state=state, worker=worker,
            client_id=client_id, helper=helper, after=after, limit=limit,
        )  # fmt: skip
        return {**page, "items": [_shown(row) for row in page["items"]]}

    def pairing_totals(self, since: date, until: date, community: str | None, communities) -> list[dict]:
        """Return what pairings came to, by month and community; both months are whole."""
        return self.rows(
            """WITH months AS (
                   SELECT CAST(generate_series(date_trunc('month', CAST(:since AS timestamp)),
                                               date_trunc('month', CAST(:until AS timestamp)), '1 month') AS date) AS starts
               ), active AS (
                   SELECT m.starts, p.community, count(*) AS active
                   FROM months AS m JOIN pairings AS p
                     ON p.begun_on < m.starts + interval '1 month' AND (p.ended_on IS NULL OR p.ended_on >= m.starts)
                   GROUP BY m.starts, p.community
               ), done AS (
                   SELECT CAST(date_trunc('month', CAST(v.took_on AS timestamp)) AS date) AS starts, v.community,
                          count(*) AS visits, sum(v.minutes) AS minutes, count(DISTINCT p.client_id) AS people,
                          count(*) FILTER (WHERE 'material' = ANY(v.kinds)) AS material,
                          count(*) FILTER (WHERE 'emotional' = ANY(v.kinds)) AS emotional
                   FROM visits AS v JOIN pairings AS p ON p.id = v.pairing_id
                   WHERE v.state = 'recorded' AND v.took_on >= date_trunc('month', CAST(:since AS timestamp))
                     AND v.took_on < date_trunc('month', CAST(:until AS timestamp)) + interval '1 month'
                   GROUP BY 1, v.community
               ), missed AS (
                   SELECT CAST(date_trunc('month', CAST(planned_on AS timestamp)) AS date) AS starts, community,
                          count(*) AS missed
                   FROM visits WHERE state = 'missed' AND planned_on >= date_trunc('month', CAST(:since AS timestamp))
                     AND planned_on < date_trunc('month', CAST(:until AS timestamp)) + interval '1 month'
                   GROUP BY 1, community
               )
               SELECT to_char(starts, 'YYYY-MM') AS month, community, coalesce(active, 0) AS active,
                      coalesce(visits, 0) AS visits, coalesce(missed, 0) AS missed, coalesce(minutes, 0) AS minutes,
                      coalesce(people, 0) AS people, coalesce(material, 0) AS material,
                      coalesce(emotional, 0) AS emotional
               FROM active FULL JOIN done USING (starts, community) FULL JOIN missed USING (starts, community)
               WHERE (CAST(:community AS text) IS NULL OR community = :community)
                 AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))
               ORDER BY starts, community""",
            since=since,
            until=until,
            community=community,
            communities=list(communities),
        )

    def holidays(self, since: date, until: date) -> list[dict]:
        """Return what operators entered about days, in order."""
        return self.rows(
            "SELECT day, kind, name FROM holidays WHERE day BETWEEN :since AND :until ORDER BY day",
            since=since,
            until=until,
        )

    def save_holiday(self, day: date, kind: str, name: str, by: str) -> None:
        self.execute(
            """INSERT INTO holidays (day, kind, name, changed_by) VALUES (:day, :kind, :name, :by)
               ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name,
                   changed_by = excluded.changed_by, changed_at = clock_timestamp()""",
            day=day,
            kind=kind,
            name=name,
            by=by,
        )

    def _add_helpers(self, pairing: Pairing) -> None:
        for position, one in enumerate(pairing.helpers):
            self.insert(
                "pairing_helpers", pairing_id=pairing.id, position=position, helper=one.helper,
                provider_id=one.provider_id, role=one.role, account=one.account,
            )  # fmt: skip


def _values(pairing: Pairing) -> dict:
    own = {name: getattr(pairing, name) for name in OWN} | {name: getattr(pairing.plan, name) for name in PLAN}
    return {"id": pairing.id, "lead": pairing.lead, **own, "kinds": list(pairing.kinds)}


def _pairing(row: dict) -> Pairing:
    plan = Plan(**{name: row.pop(name) for name in PLAN})
    helpers = tuple(Helper(**one) for one in row.pop("helpers"))
    return Pairing(**{**row, "kinds": tuple(row["kinds"])}, helpers=helpers, plan=plan)


def _shown(row: dict) -> dict:
    return {**row, "plan": {name: row[name] for name in (*PLAN, "last_on")}}
