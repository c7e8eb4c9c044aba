"""Which partners may learn who to reach.

Who claims a need: from the approval until a week after it was done. Who keeps coming to a person: while the pairing lasts.
"""

from datetime import date, datetime, time, timedelta

from chassis.listen import listen
from contracts.fields import STATION_TIME
from contracts.matching import (
    ClaimApproved,
    ClaimFulfilled,
    ClaimLapsed,
    ClaimRejected,
    ClaimReleased,
    PairingBegun,
    PairingChanged,
    PairingEnded,
)

DAYS_AFTERWARDS = 7  # for a question that comes later


class ContactGrants:
    """Access of partners to the contact of needs that they claimed, and of people to whom they keep coming."""

    @listen(ClaimApproved)
    def on_claim_approved(self, event, store):
        store.save_contact_grant(event, live=True)

    @listen(ClaimRejected)
    def on_claim_rejected(self, event, store):
        store.save_contact_grant(event, live=False)

    @listen(ClaimReleased)
    def on_claim_released(self, event, store):
        store.save_contact_grant(event, live=False)

    @listen(ClaimLapsed)
    def on_claim_lapsed(self, event, store):
        store.save_contact_grant(event, live=False)

    @listen(ClaimFulfilled)
    def on_claim_done(self, event, store):
        last = date.fromisoformat(event.delivered_on) + timedelta(days=DAYS_AFTERWARDS)
        ends_at = datetime.combine(last + timedelta(days=1), time(), STATION_TIME)
        store.save_contact_grant(event, live=True, ends_at=ends_at)

    @listen(PairingBegun)
    def on_pairing_begun(self, event, store):
        store.save_visitors(event, _accounts(event))

    @listen(PairingChanged)
    def on_pairing_changed(self, event, store):
        store.save_visitors(event, _accounts(event))

    @listen(PairingEnded)
    def on_pairing_ended(self, event, store):
        store.save_visitors(event, [])


def _accounts(event) -> list[str]:
    """Return who signs in for the helpers; events of earlier versions name the helper alone."""
    return sorted({one.account or one.helper for one in event.helpers} - {""})
