"""The venue service: registers sites and spaces, and lends each space to one booking at a time."""

from datetime import UTC, datetime

import uuid_utils

from chassis.dependencies import Database
from chassis.health import Health
from chassis.rpc import command, query
from contracts.calls.venue import (
    BookingFilter,
    BookingPage,
    BookingReason,
    BookingView,
    NewBooking,
    NewSite,
    NewSpace,
    SiteFilter,
    SitePage,
    SiteView,
    SpaceFilter,
    SpacePage,
    SpaceView,
)
from contracts.errors import Forbidden, NotFound
from contracts.venue import BookingApproved, BookingCancelled, BookingRejected, BookingRequested
from services.venue import domain
from services.venue.domain import Booking, Site, Space
from services.venue.store import VenueStore

KEEPERS = ("social_worker", "office")
STAFF = (*KEEPERS, "community_staff")
EVERYBODY = (*STAFF, "partner", "operator")


class VenueService:
    """See services/venue/__init__.py."""

    name = "venue"

    db = Database(VenueStore)
    health = Health()

    @command(takes=NewSite, returns=SiteView, roles=KEEPERS)
    def create_site(self, store, **site):
        store.caller.must_see(site["community"])
        site = Site(id=_new_id(), created_by=store.caller.id, created_at=_now(), **site)
        store.add_site(site)
        return site

    @query(returns=SiteView, roles=EVERYBODY)
    def get_site(self, store, id):
        return _known_site(store, id, "id")

    @query(takes=SiteFilter, returns=SitePage, roles=EVERYBODY)
    def list_sites(self, store, **filters):
        return store.sites(communities=store.caller.communities, **filters)

    @command(takes=NewSpace, returns=SpaceView, roles=KEEPERS)
    def create_space(self, store, **space):
        site = _known_site(store, space["site_id"], "site_id")
        space = Space(
            id=_new_id(),
            created_by=store.caller.id,
            created_at=_now(),
            site_name=site.name,
            community=site.community,
            **space,
        )
        store.add_space(space)
        return space

    @query(returns=SpaceView, roles=EVERYBODY)
    def get_space(self, store, id):
        return _known_space(store, store.space(id), "id")

    @query(takes=SpaceFilter, returns=SpacePage, roles=EVERYBODY)
    def list_spaces(self, store, **filters):
        return store.spaces(communities=store.caller.communities, **filters)

    @command(takes=NewBooking, returns=BookingView, roles=EVERYBODY)
    def create_booking(self, store, space_id, **booking):
        """Ask for a space; the time is held from now on, until it is decided against or called off."""
        space = _known_space(store, store.lock_space(space_id), "space_id")
        booking = Booking(id=_new_id(), space_id=space.id, requested_by=store.caller.id, created_at=_now(), **booking)
        domain.check_request(booking, space)
        store.add_booking(booking)
        store.publish(BookingRequested(**_facts(booking, space)))
        return booking

    @command(returns=BookingView, roles=KEEPERS)
    def approve_booking(self, store, id):
        booking, space = _lock(store, id)
        booking = domain.approve(booking, store.caller.id, _now())
        store.save_booking(booking)
        store.publish(BookingApproved(decided_by=booking.decided_by, **_facts(booking, space)))
        return booking

    @command(takes=BookingReason, returns=BookingView, roles=KEEPERS)
    def reject_booking(self, store, id, reason):
        booking, space = _lock(store, id)
        booking = domain.reject(booking, reason, store.caller.id, _now())
        store.save_booking(booking)
        store.publish(BookingRejected(reason=booking.reason, decided_by=booking.decided_by, **_facts(booking, space)))
        return booking

    @command(takes=BookingReason, returns=BookingView, roles=EVERYBODY)
    def cancel_booking(self, store, id, reason):
        """Call a booking off, one's own or, for those who keep the spaces, anybody's."""
        booking, space = _lock(store, id)
        if booking.requested_by != store.caller.id and not _has_role(store.caller, KEEPERS):
            raise Forbidden("requester_or_keeper_required")
        booking = domain.cancel(booking, reason, store.caller.id, _now())
        store.save_booking(booking)
        store.publish(
            BookingCancelled(reason=booking.reason, cancelled_by=booking.decided_by, **_facts(booking, space))
        )
        return booking

    @query(returns=BookingView, roles=EVERYBODY)
    def get_booking(self, store, id):
        booking, _ = _visible(store, id)
        return booking

    @query(takes=BookingFilter, returns=BookingPage, roles=EVERYBODY)
    def list_bookings(self, store, **filters):
        requested_by = None if _has_role(store.caller, STAFF) else store.caller.id
        return store.bookings(communities=store.caller.communities, requested_by=requested_by, **filters)


def _known_site(store, id: str, field: str) -> Site:
    site = store.site(id)
    if site is None:
        raise NotFound("unknown_site", field)
    store.caller.must_see(site.community)
    return site


def _known_space(store, space: Space | None, field: str) -> Space:
    if space is None:
        raise NotFound("unknown_space", field)
    store.caller.must_see(space.community)
    return space


def _visible(store, id: str) -> tuple[Booking, Space]:
    """Return a booking that the caller may see, with its space: staff see all of them, others their own."""
    booking = store.booking(id)
    if booking is None or not (booking.requested_by == store.caller.id or _has_role(store.caller, STAFF)):
        raise NotFound("unknown_booking", "id")
    return booking, _known_space(store, store.space(booking.space_id), "id")


def _lock(store, id: str) -> tuple[Booking, Space]:
    """Lock the space, then the booking: always in this order, so that nobody waits in a circle."""
    _, space = _visible(store, id)
    store.lock_space(space.id)
    return store.lock_booking(id), space


def _has_role(caller, roles) -> bool:
    return bool(set(roles) & set(caller.roles))


def _facts(booking: Booking, space: Space) -> dict:
    return {
        "version": booking.version,
        "booking_id": booking.id,
        "space_id": space.id,
        "space_name": space.name,
        "site_name": space.site_name,
        "community": space.community,
        "title": booking.title,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "requested_by": booking.requested_by,
    }


def _new_id() -> str:
    return str(uuid_utils.uuid7())


def _now() -> datetime:
    return datetime.now(UTC)
