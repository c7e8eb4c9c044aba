"""The SQL of claims, their rules and rankings."""

import dataclasses

from chassis.database import Store
from services.matching.claims.domain import Claim, Rules
from services.matching.claims.listings.store import COMMUNITIES

CLAIM = (
    "id::text AS id, version, need_id::text AS need_id, provider_id::text AS provider_id, claimer, text, community, "
    "quantity, unit, claimed_at, state, approved_by, progress, remind_at, reminded_at, due_at, reason, "
    "handed_from::text AS handed_from, fulfilled, ended_on, minutes, people, person_times"
)
LIVE = "state IN ('claimed', 'approved')"
NAMES = tuple(field.name for field in dataclasses.fields(Claim))


class ClaimStore(Store):
    """Claims."""

    def one_claim_at_a_time(self, claimer: str) -> None:
        """Let nobody else claim for this person until the transaction ends, so that live claims can be counted."""
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended('claims of ' || :claimer, 0))", claimer=claimer)

    def live_claims(self, claimer: str) -> int:
        return self.row(f"SELECT count(*) AS live FROM claims WHERE claimer = :claimer AND {LIVE}", claimer=claimer)[
            "live"
        ]

    def claim_row(self, id: str) -> dict | None:
        """Return a claim as it was last committed, without locking it."""
        return self.row(f"SELECT {CLAIM}, note IS NOT NULL AS has_note FROM claims WHERE id = :id", id=id)

    def lock_claim(self, id: str) -> Claim:
        return Claim(**self.row(f"SELECT {CLAIM}, note FROM claims WHERE id = :id FOR UPDATE", id=id))

    def live_claims_of_provider(self, provider_id: str) -> list[str]:
        """Return the ids of a provider's live claims."""
        rows = self.rows(
            f"SELECT id::text AS id FROM claims WHERE provider_id = :id AND {LIVE} ORDER BY need_id, id", id=provider_id
        )
        return [row["id"] for row in rows]

    def live_claims_on(self, need_id: str) -> list[Claim]:
        """Return the live claims on a need, and lock them."""
        rows = self.rows(
            f"SELECT {CLAIM}, note FROM claims WHERE need_id = :id AND {LIVE} ORDER BY id FOR UPDATE", id=need_id
        )
        return [Claim(**row) for row in rows]

    def add_claim(self, claim: Claim) -> None:
        self.insert("claims", **vars(claim))

    def save_claim(self, claim: Claim) -> None:
        settings = ", ".join(f"{name} = :{name}" for name in NAMES if name != "id")
        self.execute(f"UPDATE claims SET {settings} WHERE id = :id", **vars(claim))

    def add_step(self, claim: Claim, step: str, reason: str | None, by: str, at) -> None:
        """Keep what was done about a claim, by whom; empty where time or another service called for it."""
        self.insert("claim_steps", claim_id=claim.id, version=claim.version, step=step, reason=reason, by=by, at=at)

    def steps(self, claim_id: str) -> list[dict]:
        return self.rows(
            "SELECT version, step, reason, by, at FROM claim_steps WHERE claim_id = :id ORDER BY version", id=claim_id
        )

    def move_claims(self, need_id: str, community: str) -> None:
        """File live claims under the community that their need belongs to now."""
        self.execute(
            f"UPDATE claims SET community = :community WHERE need_id = :id AND community <> :community AND {LIVE}",
            id=need_id,
            community=community,
        )

    def claims(self, *, communities, claimer, need_id, provider_id, community, state, after, limit) -> dict:
        return self.page(
            f"""SELECT * FROM (SELECT *, note IS NOT NULL AS has_note FROM claims) AS view
                WHERE (CAST(:claimer AS text) IS NULL OR claimer = :claimer)
                  AND (CAST(:need_id AS uuid) IS NULL OR need_id = CAST(:need_id AS uuid))
                  AND (CAST(:provider_id AS uuid) IS NULL OR provider_id = CAST(:provider_id AS uuid))
                  AND (CAST(:state AS text) IS NULL OR state = :state)
                  AND (CAST(:community AS text) IS NULL OR community = :community) AND {COMMUNITIES}""",
            communities=list(communities),
            claimer=claimer,
            need_id=need_id,
            provider_id=provider_id,
            community=community,
            state=state,
            after=after,
            limit=limit,
        )

    def next_due(self, now) -> str | None:
        """Return the live claim that time calls for first, skipping what somebody is at work on."""
        row = self.row(
            f"""SELECT id::text AS id FROM claims WHERE {LIVE} AND least(remind_at, due_at) <= :now
                ORDER BY least(remind_at, due_at), id LIMIT 1""",
            now=now,
        )
        return row and row["id"]

    # Notes

    def sealed_note(self, claim_id: str) -> str | None:
        return self.row("SELECT note FROM claims WHERE id = :id", id=claim_id)["note"]

    def record_note_reveal(self, id: str, claim_id: str, purpose: str, by: str) -> dict:
        return self.row(
            """INSERT INTO claim_note_reveals (id, claim_id, purpose, revealed_by) VALUES (:id, :claim_id, :purpose, :by)
               RETURNING id, claim_id, purpose, revealed_by, revealed_at""",
            id=id,
            claim_id=claim_id,
            purpose=purpose,
            by=by,
        )

    def note_reveals(self, claim_id: str, *, after, limit) -> dict:
        return self.page(
            "SELECT id, claim_id, purpose, revealed_by, revealed_at FROM claim_note_reveals WHERE claim_id = :claim_id",
            claim_id=claim_id,
            after=after,
            limit=limit,
        )

    def blank_claims_of(self, client_id: str) -> None:
        """Leave no word about a person on the claim board: neither listings, nor notes, nor reasons that people typed."""
        ours = "SELECT id FROM needs WHERE client_id = CAST(:client_id AS uuid)"
        self.execute(f"UPDATE listings SET text = '' WHERE need_id IN ({ours})", client_id=client_id)
        self.execute(
            f"""UPDATE claims SET text = '', note = NULL, reason = CASE WHEN state = 'rejected' THEN NULL ELSE reason END
                WHERE need_id IN ({ours})""",
            client_id=client_id,
        )
        self.execute(
            f"""UPDATE claim_steps SET reason = NULL WHERE reason IS NOT NULL
                  AND claim_id IN (SELECT id FROM claims WHERE need_id IN ({ours}))""",
            client_id=client_id,
        )

    def reseal_claims(self, keyring, limit: int) -> int:
        """Seal up to so many notes with the current key that were sealed with another; return how many."""
        rows = self.rows(
            """SELECT id::text AS id, note FROM claims WHERE note IS NOT NULL AND split_part(note, ':', 1) <> :current
               ORDER BY id LIMIT :limit FOR UPDATE""",
            current=keyring.current,
            limit=limit,
        )
        for row in rows:
            about = about_note(row["id"])
            self.execute(
                "UPDATE claims SET note = :note WHERE id = :id",
                id=row["id"],
                note=keyring.seal(keyring.open(row["note"], about), about),
            )
        return len(rows)

    # Rules and rankings

    def rules(self) -> Rules:
        return Rules(**self.row("SELECT remind_after_days, lapse_after_days, most_live FROM claim_rules"))

    def rules_view(self) -> dict:
        return self.row(
            "SELECT version, remind_after_days, lapse_after_days, most_live, changed_by, changed_at FROM claim_rules"
        )

    def change_rules(self, rules: Rules, version: int, by: str, at) -> bool:
        """Keep new rules; return whether the caller had seen the newest ones."""
        return bool(
            self.execute(
                """UPDATE claim_rules SET version = version + 1, remind_after_days = :remind_after_days,
                       lapse_after_days = :lapse_after_days, most_live = :most_live, changed_by = :by, changed_at = :at
                   WHERE version = :version""",
                version=version,
                by=by,
                at=at,
                **vars(rules),
            )
        )

    def ranking(self, *, communities, community, since, until, limit) -> list[dict]:
        """Return who has done most, by deliveries, then by people reached; what was only claimed does not count."""
        return self.rows(
            f"""WITH ended AS (
                    SELECT * FROM claims WHERE ended_on IS NOT NULL AND state <> 'rejected'
                      AND (state <> 'lapsed' OR approved_by IS NOT NULL)  -- or else it was staff who did nothing
                      AND (CAST(:since AS date) IS NULL OR ended_on >= :since)
                      AND (CAST(:until AS date) IS NULL OR ended_on <= :until)
                      AND (CAST(:community AS text) IS NULL OR community = :community) AND {COMMUNITIES}),
                units AS (
                    SELECT provider_id, unit, sum(fulfilled)::bigint AS quantity FROM ended WHERE state = 'fulfilled'
                    GROUP BY provider_id, unit),
                done AS (
                    SELECT provider_id, count(*) FILTER (WHERE state = 'fulfilled') AS deliveries,
                        sum(minutes) AS minutes, sum(people) AS people, sum(person_times) AS person_times,
                        count(*) FILTER (WHERE state = 'lapsed') AS lapsed,
                        count(*) FILTER (WHERE state = 'released' AND reason = 'claimer_cannot') AS released,
                        count(*) AS ended
                    FROM ended GROUP BY provider_id)
                SELECT d.provider_id, p.kind, p.named, d.deliveries, d.minutes, d.people, d.person_times,
                    round(100.0 * d.lapsed / d.ended)::int AS lapsed_percent,
                    round(100.0 * d.released / d.ended)::int AS released_percent,
                    (SELECT jsonb_agg(jsonb_build_object('unit', u.unit, 'quantity', u.quantity)
                                      ORDER BY u.quantity DESC, u.unit)
                     FROM units AS u WHERE u.provider_id = d.provider_id) AS quantities
                FROM done AS d JOIN providers AS p ON p.id = d.provider_id
                WHERE d.deliveries > 0
                ORDER BY d.deliveries DESC, d.people DESC, d.provider_id LIMIT :limit""",
            communities=list(communities),
            community=community,
            since=since,
            until=until,
            limit=limit,
        )


def about_note(claim_id: str) -> str:
    """Return what a claim's sealed note is bound to."""
    return f"claim/{claim_id}/note"
