"""The SQL of notify: messages, channels, what is to be sent out, and what providers are told."""

from chassis.database import Store
from services.notify.domain import Delivery, Message, Outcome

MESSAGE = "SELECT id, kind, about, title, body, created_at, read_at FROM messages"
LEASE_SECONDS = 120


class NotifyStore(Store):
    """Inboxes, and the way out of them."""

    def add_message(self, id: str, event_id: str, message: Message) -> bool:
        """Put a message into the inbox and on its way to each of the recipient's channels.

        Return whether it was new: about one event each recipient has one message.
        """
        return bool(
            self.row(
                """WITH new AS (
                       INSERT INTO messages (id, event_id, recipient, kind, about, title, body)
                       VALUES (:id, :event_id, :recipient, :kind, :about, :title, :body)
                       ON CONFLICT (event_id, recipient) DO NOTHING
                       RETURNING id, recipient),
                   queued AS (
                       INSERT INTO deliveries (message_id, channel_id, correlation_id)
                       SELECT new.id, c.id, :correlation_id
                       FROM new JOIN channels AS c ON c.owner = new.recipient
                       ORDER BY c.id FOR KEY SHARE OF c)
                   SELECT id FROM new""",
                id=id,
                event_id=event_id,
                correlation_id=self.correlation_id,
                **vars(message),
            )
        )

    def messages(self, *, recipient: str, unread: bool, after: str | None, limit: int) -> dict:
        condition = " AND read_at IS NULL" if unread else ""
        return self.page(
            f"{MESSAGE} WHERE recipient = :recipient{condition}", recipient=recipient, after=after, limit=limit
        )

    def read_message(self, id: str, recipient: str) -> dict | None:
        """Mark a message as read, unless it was before; return it, or none where it is not the recipient's."""
        whose = {"id": id, "recipient": recipient}
        self.execute(
            "UPDATE messages SET read_at = now() WHERE id = :id AND recipient = :recipient AND read_at IS NULL", **whose
        )
        return self.row(f"{MESSAGE} WHERE id = :id AND recipient = :recipient", **whose)

    def save_provider(self, event, *, serves: list[str], topics: list[str]) -> None:
        """Keep what a provider is told, of the communities that it serves; what is older than what is known changes nothing."""
        self.execute(
            """INSERT INTO providers AS known (id, version, registered_by, serves, topics)
               VALUES (:id, :version, :registered_by, :serves, :topics)
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, registered_by = excluded.registered_by,
                   serves = excluded.serves, topics = excluded.topics
               WHERE known.version < excluded.version""",
            id=event.provider_id,
            version=event.version,
            registered_by=event.registered_by,
            serves=serves,
            topics=topics,
        )

    def who_wants(self, topic: str, community: str) -> list[str]:
        """Return who registered providers that want to be told of something in a community, in order."""
        rows = self.rows(
            """SELECT DISTINCT registered_by FROM providers
               WHERE topics @> ARRAY[CAST(:topic AS text)] AND (serves = '{}' OR :community = ANY(serves))
               ORDER BY registered_by""",
            topic=topic,
            community=community,
        )
        return [row["registered_by"] for row in rows]

    def own_channels(self, owner: str) -> dict[str, str]:
        """Return the sealed address of each of the owner's channels; nobody else adds one to them meanwhile."""
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended('channels of ' || :owner, 0))", owner=owner)
        rows = self.rows("SELECT id::text AS id, url FROM channels WHERE owner = :owner ORDER BY id", owner=owner)
        return {row["id"]: row["url"] for row in rows}

    def add_channel(self, *, id: str, owner: str, kind: str, url: str) -> dict:
        """Keep a channel; `url` is sealed."""
        return self.row(
            """INSERT INTO channels (id, owner, kind, url) VALUES (:id, :owner, :kind, :url)
               RETURNING id, kind, created_at""",
            id=id,
            owner=owner,
            kind=kind,
            url=url,
        )

    def channels(self, *, owner: str, after: str | None, limit: int) -> dict:
        return self.page(
            "SELECT id, kind, created_at FROM channels WHERE owner = :owner", owner=owner, after=after, limit=limit
        )

    def delete_channel(self, id: str, owner: str) -> bool:
        """Forget a channel and what was to be sent out on it; return whether the owner had it."""
        return bool(self.execute("DELETE FROM channels WHERE id = :id AND owner = :owner", id=id, owner=owner))

    def claim_deliveries(self, most: int) -> list[Delivery]:
        """Lease up to so many channels that have something due, and return the first due delivery of each.

        One at a time on each channel keeps messages in order, and one slow channel from using up
        every sender. A lease that its process does not end itself ends after two minutes.
        """
        rows = self.rows(
            f"""WITH leased AS (
                    UPDATE channels SET busy_until = now() + interval '{LEASE_SECONDS} seconds'
                    WHERE id IN (
                        SELECT c.id FROM channels AS c
                        WHERE c.busy_until <= now() AND EXISTS (
                            SELECT FROM deliveries AS d
                            WHERE d.channel_id = c.id AND d.state = 'waiting' AND d.next_at <= now())
                        ORDER BY c.busy_until, c.id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
                    RETURNING id, kind, url, busy_until),
                due AS (
                    SELECT leased.id, leased.kind, leased.url, leased.busy_until, first.id AS delivery_id
                    FROM leased CROSS JOIN LATERAL (
                        SELECT d.id FROM deliveries AS d
                        WHERE d.channel_id = leased.id AND d.state = 'waiting' AND d.next_at <= now()
                        ORDER BY d.id LIMIT 1) AS first)
                UPDATE deliveries AS d SET attempts = d.attempts + 1
                FROM due, messages AS m
                WHERE d.id = due.delivery_id AND m.id = d.message_id
                RETURNING d.id, due.id::text AS channel_id, due.kind, due.url, m.title, m.body, d.attempts,
                    due.busy_until AS lease, d.correlation_id""",
            most=most,
        )
        return [Delivery(**row) for row in rows]

    def end_delivery(self, delivery: Delivery, outcome: Outcome) -> bool:
        """Write down what became of a try and give the channel back; return false where the lease had ended before."""
        still_ours = self.execute(
            """UPDATE channels SET busy_until = now() + make_interval(secs => :rest)
               WHERE id = :id AND busy_until = :lease""",
            id=delivery.channel_id,
            lease=delivery.lease,
            rest=outcome.rest,
        )
        return bool(still_ours) and bool(
            self.execute(
                """UPDATE deliveries SET state = :state, reason = :reason,
                       next_at = now() + make_interval(secs => :again_in),
                       ended_at = CASE WHEN :state = 'waiting' THEN NULL ELSE now() END
                   WHERE id = :id""",
                id=delivery.id,
                state=outcome.state,
                reason=outcome.reason,
                again_in=outcome.again_in,
            )
        )

    def reseal(self, keyring, limit: int) -> int:
        """Seal up to so many addresses with the current key that were sealed with another; return how many."""
        rows = self.rows(
            """SELECT id::text AS id, url FROM channels WHERE split_part(url, ':', 1) <> :current
               ORDER BY id LIMIT :limit FOR NO KEY UPDATE""",
            current=keyring.current,
            limit=limit,
        )
        for row in rows:
            url = keyring.open(row["url"], about_address(row["id"]))
            self.execute(
                "UPDATE channels SET url = :url WHERE id = :id",
                id=row["id"],
                url=keyring.seal(url, about_address(row["id"])),
            )
        return len(rows)


STORE = NotifyStore


def about_address(channel_id: str) -> str:
    """Return what a channel's sealed address is bound to."""
    return f"channel/{channel_id}/url"
