"""Who claims a need may learn who to reach: from the approval until a week after it was done."""

from datetime import date, datetime, time, timedelta

from chassis.listen import listen
from contracts.fields import STATION_TIME
from contracts.matching import ClaimApproved, ClaimFulfilled, ClaimLapsed, ClaimRejected, ClaimReleased

DAYS_AFTERWARDS = 7  # for a question that comes later


class ContactGrants:
    """Access of partners to the contact of needs that they claimed."""

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
