"""The notify service: hears what was decided, tells those concerned, and keeps their inboxes and channels."""

import uuid_utils

from chassis.dependencies import Database, Keys
from chassis.health import Health
from chassis.listen import listen
from chassis.rpc import command, query
from contracts.calls.notify import ChannelPage, ChannelView, MessageFilter, MessagePage, MessageView, NewChannel
from contracts.errors import NotFound
from contracts.fields import Paging
from contracts.grants import GrantApproved, GrantRejected
from contracts.matching import (
    ClaimApproved,
    ClaimFulfilled,
    ClaimLapsed,
    ClaimMade,
    ClaimRejected,
    ClaimReleased,
    ClaimReminded,
    MatchCancelled,
    MatchConfirmed,
    MatchDelivered,
    MatchScheduled,
    NeedMatched,
    NeedOpenedForClaim,
    PairingAlerted,
    PairingBegun,
    PairingChanged,
    PairingEnded,
    VisitCancelled,
    VisitMissed,
    VisitRescheduled,
)
from contracts.notify import MessageSent
from contracts.resource import (
    NeedMet,
    OfferUsedUp,
    ProviderChanged,
    ProviderRegistered,
    ProviderVerificationDue,
    ProviderWithdrawn,
)
from contracts.venue import BookingApproved, BookingCancelled, BookingRejected
from services.notify import domain, outgoing
from services.notify.sender import Sender
from services.notify.store import NotifyStore, about_address


class NotifyService:
    """See services/notify/__init__.py."""

    name = "notify"

    db = Database(NotifyStore)
    keyring = Keys()
    sender = Sender()
    health = Health()

    @listen(NeedMatched)
    def on_need_matched(self, event, store):
        _tell(event, store)

    @listen(MatchConfirmed)
    def on_match_confirmed(self, event, store):
        _tell(event, store)

    @listen(MatchScheduled)
    def on_match_scheduled(self, event, store):
        _tell(event, store)

    @listen(MatchDelivered)
    def on_match_delivered(self, event, store):
        _tell(event, store)

    @listen(MatchCancelled)
    def on_match_cancelled(self, event, store):
        _tell(event, store)

    @listen(NeedMet)
    def on_need_met(self, event, store):
        _tell(event, store)

    @listen(ProviderRegistered)
    def on_provider_registered(self, event, store):
        _keep_provider(event, store)

    @listen(ProviderChanged)
    def on_provider_changed(self, event, store):
        _keep_provider(event, store)

    @listen(ProviderWithdrawn)
    def on_provider_withdrawn(self, event, store):
        store.save_provider(event, serves=[], topics=[])

    @listen(NeedOpenedForClaim)
    def on_need_opened_for_claim(self, event, store):
        _tell(event, store, wanted_by=store.who_wants("new_needs", event.community))

    @listen(ClaimMade)
    def on_claim_made(self, event, store):
        _tell(event, store)

    @listen(ClaimApproved)
    def on_claim_approved(self, event, store):
        _tell(event, store)

    @listen(ClaimRejected)
    def on_claim_rejected(self, event, store):
        _tell(event, store)

    @listen(ClaimReminded)
    def on_claim_reminded(self, event, store):
        _tell(event, store)

    @listen(ClaimLapsed)
    def on_claim_lapsed(self, event, store):
        _tell(event, store)

    @listen(ClaimReleased)
    def on_claim_released(self, event, store):
        _tell(event, store)

    @listen(ClaimFulfilled)
    def on_claim_fulfilled(self, event, store):
        _tell(event, store)

    @listen(PairingBegun)
    def on_pairing_begun(self, event, store):
        _tell(event, store)

    @listen(PairingChanged)
    def on_pairing_changed(self, event, store):
        _tell(event, store)

    @listen(PairingEnded)
    def on_pairing_ended(self, event, store):
        _tell(event, store)

    @listen(VisitRescheduled)
    def on_visit_rescheduled(self, event, store):
        _tell(event, store)

    @listen(VisitCancelled)
    def on_visit_cancelled(self, event, store):
        _tell(event, store)

    @listen(VisitMissed)
    def on_visit_missed(self, event, store):
        _tell(event, store)

    @listen(PairingAlerted)
    def on_pairing_alerted(self, event, store):
        _tell(event, store)

    @listen(ProviderVerificationDue)
    def on_provider_verification_due(self, event, store):
        _tell(event, store)

    @listen(OfferUsedUp)
    def on_offer_used_up(self, event, store):
        _tell(event, store)

    @listen(GrantApproved)
    def on_grant_approved(self, event, store):
        _tell(event, store)

    @listen(GrantRejected)
    def on_grant_rejected(self, event, store):
        _tell(event, store)

    @listen(BookingApproved)
    def on_booking_approved(self, event, store):
        _tell(event, store)

    @listen(BookingRejected)
    def on_booking_rejected(self, event, store):
        _tell(event, store)

    @listen(BookingCancelled)
    def on_booking_cancelled(self, event, store):
        _tell(event, store)

    @query(takes=MessageFilter, returns=MessagePage)
    def list_messages(self, store, **filters):
        return store.messages(recipient=store.caller.id, **filters)

    @command(returns=MessageView)
    def read_message(self, store, id):
        """Mark a message of the caller's as read; the time of the first reading stays."""
        message = store.read_message(id, store.caller.id)
        if message is None:
            raise NotFound("unknown_message", "id")
        return message

    @command(takes=NewChannel, returns=ChannelView)
    def create_channel(self, store, url):
        """Send the caller's messages to this address as well, from now on."""
        kind, address = outgoing.address(url)
        known = store.own_channels(store.caller.id)
        domain.must_be_new(address, [self.keyring.open(sealed, about_address(id)) for id, sealed in known.items()])
        id = _new_id()
        sealed = self.keyring.seal(address, about_address(id))
        return store.add_channel(id=id, owner=store.caller.id, kind=kind, url=sealed)

    @query(takes=Paging, returns=ChannelPage)
    def list_channels(self, store, **paging):
        return store.channels(owner=store.caller.id, **paging)

    @command()
    def delete_channel(self, store, id):
        """Forget an address of the caller's, and what was still to be sent there."""
        if not store.delete_channel(id, store.caller.id):
            raise NotFound("no_such_channel", "id")


def _keep_provider(event, store):
    told = domain.topics(event.tell, event.tell_by) if event.state == "verified" else []
    store.save_provider(event, serves=list(event.serves), topics=told)


def _tell(event, store, wanted_by=()):
    for message in domain.messages(event, wanted_by):
        id = _new_id()
        if store.add_message(id, store.causation_id, message):
            store.publish(
                MessageSent(
                    version=1,
                    message_id=id,
                    recipient=message.recipient,
                    kind=message.kind,
                    title=message.title,
                    about=message.about,
                )
            )


def _new_id() -> str:
    return str(uuid_utils.uuid7())
