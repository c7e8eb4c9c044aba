"""The SQL of clients, what they consented to and how they were assessed."""

from chassis.database import as_json
from services.resource.clients.domain import Assessment, Client, Consent
from services.resource.library import LibraryStore, columns_of, keep, thing_of
from services.resource.private.domain import PERSON

keep(
    Client,
    "clients",
    private=PERSON,
    found_by=("phone_digest", "person_digest", "address_digest", "sound_digest", "surname_digest", "sought"),
    shown="""
        EXISTS (SELECT FROM consents AS c WHERE c.client_id = clients.id AND c.what = 'service'
                  AND c.by_whom = 'guardian' AND c.withdrawn_at IS NULL) AS guardian_consents,
        (SELECT a.level FROM assessments AS a WHERE a.client_id = clients.id ORDER BY a.version DESC LIMIT 1) AS level,
        (SELECT count(*) FROM duplicates AS d WHERE d.state = 'open' AND clients.id IN (d.one, d.other))
            AS possible_duplicates""",
)

keep(Consent, "consents", private=("note",), found_by=())
keep(Assessment, "assessments", private=("notes",), found_by=())

CONSENT = """SELECT id, client_id, what, by_whom, how, note IS NOT NULL AS has_note, given_at, recorded_by, withdrawn_at,
                    withdrawn_by FROM consents"""
ASSESSMENT = """SELECT id, client_id, version, form, answers, living, health, income, support, risk, total, level,
                       notes IS NOT NULL AS has_notes, assessed_by, assessed_at FROM assessments"""


class ClientStore(LibraryStore):
    """Clients."""

    def guardian_consents(self, client_id: str) -> bool:
        """Tell whether a guardian consented to the service, and did not withdraw that."""
        return bool(
            self.row(
                """SELECT 1 FROM consents WHERE client_id = CAST(:id AS uuid) AND what = 'service'
                     AND by_whom = 'guardian' AND withdrawn_at IS NULL""",
                id=client_id,
            )
        )

    def minors_to_look_at(self, today, limit: int) -> list[Client]:
        """Return minors who may have turned 14 since they were last looked at, locked."""
        rows = self.rows(
            f"""SELECT {columns_of(Client)} FROM clients
                WHERE minor AND active AND birth_year <= :year AND minor_seen_on < :today
                ORDER BY birth_year, minor_seen_on, id LIMIT :limit FOR UPDATE SKIP LOCKED""",
            year=today.year - 14,
            today=today,
            limit=limit,
        )
        return [thing_of(Client, row) for row in rows]

    def minor_seen(self, client_id: str, today) -> None:
        self.execute(
            "UPDATE clients SET minor_seen_on = :today WHERE id = CAST(:id AS uuid)", id=client_id, today=today
        )

    def consent(self, id: str) -> dict | None:
        """Return a consent as it is shown."""
        return self.row(f"{CONSENT} WHERE id = CAST(:id AS uuid)", id=id)

    def consents_of(self, client_id: str, *, after, limit) -> dict:
        return self.page(f"{CONSENT} WHERE client_id = CAST(:id AS uuid)", id=client_id, after=after, limit=limit)

    def withdraw_service_consents(self, client_ids: list[str], by: str, now) -> str | None:
        """Note that no consent of a person to the service holds any more; return the last that did, or none."""
        rows = self.rows(
            """UPDATE consents SET withdrawn_at = :now, withdrawn_by = :by
               WHERE client_id = ANY(CAST(:ids AS uuid[])) AND what = 'service' AND withdrawn_at IS NULL
               RETURNING id::text AS id""",
            ids=client_ids, by=by, now=now,
        )  # fmt: skip
        return max((row["id"] for row in rows), default=None)

    def has_consent(self, consent: Consent) -> bool:
        """Tell whether the same was consented to by the same before, and holds."""
        sql = """SELECT 1 FROM consents WHERE client_id = CAST(:client_id AS uuid) AND what = :what
                   AND by_whom = :by_whom AND withdrawn_at IS NULL"""
        return bool(self.row(sql, client_id=consent.client_id, what=consent.what, by_whom=consent.by_whom))

    def add_assessment(self, client_id: str, **values) -> None:
        """Keep an assessment as the next version of a client, who is locked."""
        self.execute(
            """INSERT INTO assessments (id, client_id, version, form, answers, living, health, income, support, risk,
                                        total, level, notes, assessed_by)
               SELECT CAST(:id AS uuid), CAST(:client_id AS uuid), coalesce(max(version), 0) + 1, :form, :answers,
                      :living, :health, :income, :support, :risk, :total, :level, :notes, :assessed_by
               FROM assessments WHERE client_id = CAST(:client_id AS uuid)""",
            client_id=client_id,
            **values | {"answers": as_json(values["answers"])},
        )

    def assessment(self, id: str) -> dict:
        """Return an assessment as it is shown."""
        return self.row(f"{ASSESSMENT} WHERE id = CAST(:id AS uuid)", id=id)

    def assessments_of(self, client_id: str, *, after, limit) -> dict:
        return self.page(f"{ASSESSMENT} WHERE client_id = CAST(:id AS uuid)", id=client_id, after=after, limit=limit)

    def same_person(self, client_id: str) -> list[Client]:
        """Return a client with all who were merged into the same, locked in the order of their ids."""
        rows = self.rows(
            f"""WITH RECURSIVE up AS (
                    SELECT id, merged_into FROM clients WHERE id = CAST(:id AS uuid)
                    UNION SELECT c.id, c.merged_into FROM clients AS c JOIN up ON c.id = up.merged_into
                ), person AS (
                    SELECT id FROM up WHERE merged_into IS NULL
                    UNION SELECT c.id FROM clients AS c JOIN person ON c.merged_into = person.id
                )
                SELECT {columns_of(Client)} FROM clients WHERE id IN (SELECT id FROM person) ORDER BY id FOR UPDATE""",
            id=client_id,
        )
        return [thing_of(Client, row) for row in rows]

    def forget(self, client: Client, now) -> None:
        """Keep what is left of a client who is forgotten."""
        self.save(client)
        self.execute("UPDATE clients SET forgotten_at = :now WHERE id = CAST(:id AS uuid)", id=client.id, now=now)

    def blank(self, client_ids: list[str]) -> None:
        """Leave nothing private of these clients anywhere, and nothing that it could be found again by."""
        of_clients = "ANY(CAST(:ids AS uuid[]))"
        phones = f"(SELECT phone_digest FROM clients WHERE id = {of_clients} AND phone_digest IS NOT NULL)"
        for statement in (
            # A list that names them was made before they withdrew; it has to be uploaded again without them.
            f"""WITH gone AS (
                    UPDATE imports SET state = 'discarded' WHERE state IN ('reading', 'previewed') AND id IN (
                        SELECT import_id FROM import_rows WHERE phone_digest IN {phones})
                    RETURNING id)
                DELETE FROM import_batches WHERE import_id IN (SELECT id FROM gone)""",
            f"UPDATE import_rows SET phone_digest = NULL WHERE phone_digest IN {phones}",
            f"""UPDATE clients SET contact_name = NULL, contact_phone = NULL, contact_address = NULL,
                   guardian_name = NULL, guardian_phone = NULL, birth_date = NULL, phone_digest = NULL,
                   person_digest = NULL, address_digest = NULL, sound_digest = NULL, surname_digest = NULL, sought = true
                WHERE id = {of_clients}""",
            f"""UPDATE needs SET details = NULL, contact_name = NULL, contact_phone = NULL, contact_address = NULL,
                   phone_digest = NULL WHERE client_id = {of_clients}""",
            f"UPDATE assessments SET notes = NULL WHERE client_id = {of_clients}",
            f"UPDATE consents SET note = NULL WHERE client_id = {of_clients}",
            f"""UPDATE contact_grants SET live = false
                WHERE need_id IN (SELECT id FROM needs WHERE client_id = {of_clients})""",
            f"UPDATE visitors SET accounts = '{{}}' WHERE client_id = {of_clients}",
            f"""UPDATE commands SET result = result || CAST(:nothing AS jsonb)
                WHERE command LIKE 'reveal_%' AND result->>'subject_id' IN (
                    SELECT id::text FROM needs WHERE client_id = {of_clients} UNION ALL
                    SELECT unnest(CAST(:ids AS text[])))""",
        ):
            values = (
                {"nothing": as_json(dict.fromkeys((*PERSON, "details", "notes")))} if ":nothing" in statement else {}
            )
            self.execute(statement, ids=client_ids, **values)

    def forgotten_before(self, moment, limit: int) -> list[str]:
        """Return clients who were forgotten, and not yet looked at once more."""
        rows = self.rows(
            """SELECT id::text AS id FROM clients WHERE forgotten_at <= :moment AND blanked_at IS NULL
               ORDER BY forgotten_at, id LIMIT :limit FOR UPDATE SKIP LOCKED""",
            moment=moment,
            limit=limit,
        )
        return [row["id"] for row in rows]

    def blanked(self, client_ids: list[str], now) -> None:
        self.execute(
            "UPDATE clients SET blanked_at = :now WHERE id = ANY(CAST(:ids AS uuid[]))", ids=client_ids, now=now
        )
