"""The SQL of what was received and given."""

from datetime import datetime

from chassis.database import Store
from services.resource.honours.domain import Service

GIVER = "CASE WHEN p.kind IN ('skilled_person', 'volunteer') THEN 'person' ELSE 'organisation' END AS giver"
# Somebody who was registered twice received under both entries.
SAME = """(SELECT p.client_id UNION SELECT id FROM clients WHERE merged_into = p.client_id
           UNION SELECT merged_into FROM clients WHERE id = p.client_id AND merged_into IS NOT NULL)"""
# The agreement is about one person: where the provider is linked to somebody else, it says nothing; nor does it once
# that person's consent was withdrawn.
AGREED = """(EXISTS (SELECT 1 FROM honour_agreements AS a
                     WHERE a.provider_id = p.id AND a.client_id = p.client_id AND a.agreed)
             AND NOT EXISTS (SELECT 1 FROM clients AS c WHERE c.id = p.client_id AND c.forgotten_at IS NOT NULL))"""


class HonourStore(Store):
    """What was received and given, and who may be named for it."""

    def keep_service(self, service: Service) -> None:
        """Keep what was delivered, unless something newer is known of it."""
        values = vars(service)
        self.execute(
            f"""INSERT INTO services_received_given AS known ({", ".join(values)})
                VALUES ({", ".join(f":{name}" for name in values)})
                ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in values if name != "id")}
                WHERE known.version < excluded.version""",
            **values,
        )

    def givers_back(self, *, communities, community, kind, giver, after, limit) -> dict:
        """Return a page of those who received something, and gave something on a later day."""
        return self.page(
            f"""SELECT * FROM (
                    SELECT p.id, p.name, p.kind, {GIVER}, p.community, p.client_id, p.named, {AGREED} AS as_giving_back,
                           received.first_on AS first_received_on, received.times AS times_received,
                           gave.first_on AS first_gave_on, gave.times AS times_gave, gave.people, gave.minutes
                    FROM providers AS p
                    CROSS JOIN LATERAL (SELECT min(delivered_on) AS first_on, count(*) AS times
                                        FROM services_received_given WHERE client_id IN {SAME}) AS received
                    CROSS JOIN LATERAL (SELECT min(delivered_on) AS first_on, count(*) AS times,
                                               sum(people) AS people, sum(minutes) AS minutes
                                        FROM services_received_given
                                        WHERE provider_id = p.id AND delivered_on > received.first_on) AS gave
                    WHERE p.client_id IS NOT NULL AND gave.times > 0) AS view
                WHERE (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))
                  AND (CAST(:community AS text) IS NULL OR community = :community)
                  AND (CAST(:kind AS text) IS NULL OR kind = :kind)
                  AND (CAST(:giver AS text) IS NULL OR giver = :giver)""",
            communities=list(communities),
            community=community,
            kind=kind,
            giver=giver,
            after=after,
            limit=limit,
        )

    def honoured(self, *, section, giver, since, until, after, limit) -> dict:
        """Return a page of those who gave in a period and agreed to be named; all that is shown is for everybody.

        Among those who give back is only who agreed to that as well, with what they gave since they had received.
        """
        counted = """provider_id = p.id AND (CAST(:since AS date) IS NULL OR delivered_on >= :since)
                       AND (CAST(:until AS date) IS NULL OR delivered_on <= :until)
                       AND (:section = 'giving' OR delivered_on > received.first_on)"""
        return self.page(
            f"""SELECT * FROM (
                    SELECT p.id, p.name, p.kind, {GIVER}, p.community, gave.since, gave.times, gave.people, gave.minutes,
                           (SELECT jsonb_agg(jsonb_build_object('unit', unit, 'quantity', quantity) ORDER BY unit)
                            FROM (SELECT unit, sum(quantity) AS quantity FROM services_received_given
                                  WHERE {counted} GROUP BY unit) AS units) AS given
                    FROM providers AS p
                    CROSS JOIN LATERAL (SELECT min(delivered_on) AS first_on FROM services_received_given
                                        WHERE client_id IN {SAME}) AS received
                    CROSS JOIN LATERAL (SELECT min(delivered_on) AS since, count(*) AS times, sum(people) AS people,
                                               sum(minutes) AS minutes
                                        FROM services_received_given WHERE {counted}) AS gave
                    WHERE p.named AND p.state IN ('verified', 'paused') AND gave.times > 0
                      AND (:section = 'giving' OR {AGREED})) AS view
                WHERE (CAST(:giver AS text) IS NULL OR giver = :giver)""",
            section=section,
            giver=giver,
            since=since,
            until=until,
            after=after,
            limit=limit,
        )

    def agree_to_honour(self, provider_id: str, client_id: str | None, agreed: bool, by: str, now: datetime) -> dict:
        """Keep whether somebody agreed to be named as giving back; without a link to a recipient nobody did."""
        return self.row(
            """INSERT INTO honour_agreements (provider_id, client_id, agreed, recorded_by, recorded_at)
               VALUES (:provider_id, CAST(:client_id AS uuid), :agreed, :by, :now)
               ON CONFLICT (provider_id) DO UPDATE SET client_id = excluded.client_id, agreed = excluded.agreed,
                   recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
               RETURNING provider_id AS id, agreed, recorded_by, recorded_at""",
            provider_id=provider_id,
            client_id=client_id,
            agreed=agreed,
            by=by,
            now=now,
        )
