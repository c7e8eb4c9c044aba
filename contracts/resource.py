"""Events of the resource service: providers, what they offer, and what residents need."""

from typing import Annotated

from contracts.base import Event, event
from contracts.words import (
    Category,
    CategoryName,
    ClientId,
    Community,
    CommunityName,
    Date,
    Day,
    EndsAt,
    NeedId,
    OfferId,
    ProviderId,
    Quantity,
    Slot,
    StartsAt,
    Thing,
    Title,
    Unit,
    UserId,
)

ProviderKind = Annotated[str, "partner_unit, company, merchant, skilled_person, social_organisation or volunteer"]
TargetGroup = Annotated[str, "code of the group of people that the need is about"]
TargetGroups = Annotated[tuple[str, ...], "codes of the groups that the offer is for; empty for everyone"]
Serves = Annotated[tuple[str, ...], "codes of the communities that the offer may flow to; empty for all"]
Urgency = Annotated[int, "1 can wait, 2 soon, 3 urgent"]
RegisteredBy = Annotated[UserId, "who registered it and is told what becomes of it"]
WithdrawnBecause = Annotated[
    str,
    "slug: no_longer_needed, no_longer_offered, provider_left, provider_paused, expired, window_over, merged, "
    "consent_withdrawn, entered_by_mistake, other",
]
ProviderState = Annotated[str, "draft, verified, paused or left; offers are on the board only while verified"]
GaveBefore = Annotated[ClientId | None, "the same person or organisation as somebody who is helped, where known"]
Named = Annotated[bool, "agreed to be named in public"]
ServesCommunities = Annotated[tuple[str, ...], "codes of the communities that the provider serves; empty for all"]
Tell = Annotated[tuple[str, ...], "what they agreed to be told: new_needs, claims, reminders, news"]
TellBy = Annotated[tuple[str, ...], "how: inbox, phone, wechat, email; empty where nobody said"]


@event("resource", "provider.registered.v1", subject="provider_id")
class ProviderRegistered(Event):
    """A provider joined the resource library."""

    provider_id: ProviderId
    kind: ProviderKind
    community: Community
    registered_by: RegisteredBy
    state: ProviderState = "verified"
    client_id: GaveBefore = None
    named: Named = False
    serves: ServesCommunities = ()
    tell: Tell = ()
    tell_by: TellBy = ()


@event("resource", "provider.changed.v1", subject="provider_id")
class ProviderChanged(Event):
    """A provider's entry in the resource library changed."""

    provider_id: ProviderId
    kind: ProviderKind
    community: Community
    registered_by: RegisteredBy
    state: ProviderState = "verified"
    client_id: GaveBefore = None
    named: Named = False
    serves: ServesCommunities = ()
    tell: Tell = ()
    tell_by: TellBy = ()


@event("resource", "provider.withdrawn.v1", subject="provider_id")
class ProviderWithdrawn(Event):
    """A provider left; each of its offers is withdrawn by an event of its own."""

    provider_id: ProviderId
    community: Community
    registered_by: RegisteredBy


@event("resource", "provider.verification_due.v1", subject="provider_id")
class ProviderVerificationDue(Event):
    """A provider has to be confirmed again; on the day that is named it is paused otherwise."""

    provider_id: ProviderId
    community: Community
    pauses_on: Day
    registered_by: RegisteredBy


@event("resource", "offer.published.v1", subject="offer_id")
class OfferPublished(Event):
    """A provider offers something to residents."""

    offer_id: OfferId
    provider_id: ProviderId
    title: Title
    community: Community
    community_name: CommunityName
    serves: Serves
    category: Category
    category_name: CategoryName
    quantity: Quantity
    unit: Unit
    starts_at: StartsAt = None
    ends_at: EndsAt = None
    target_groups: TargetGroups
    registered_by: RegisteredBy
    form: Annotated[
        str,
        "goods or money (a stock), goods_per_period (renews), hours or room (a timetable), posts (dates), unlimited; "
        "the quantity is all there ever was of a stock, and what there is each time of the others",
    ] = "goods"
    period: Annotated[str, "day, week or month where the quantity renews, empty otherwise"] = ""
    slots: Annotated[tuple[Slot, ...], "the weekly timetable; the quantity is for each time"] = ()
    days_off: Annotated[tuple[str, ...], "days, YYYY-MM-DD, on which the timetable does not hold"] = ()
    dates: Annotated[tuple[Date, ...], "single dates with their places, beside or instead of a timetable"] = ()
    transport: Annotated[str, "who pays for transport: provider, recipient or station; empty where unsaid"] = ""
    conditions: Annotated[str, "what else has to be so, in public words"] = ""
    purpose: Annotated[str, "what money is for, in public words; empty for other forms"] = ""


@event("resource", "offer.changed.v1", subject="offer_id")
class OfferChanged(OfferPublished):
    """An offer has new terms; this is all of them."""


@event("resource", "offer.withdrawn.v1", subject="offer_id")
class OfferWithdrawn(Event):
    """An offer is no longer made; what is confirmed of it is cancelled, but for a pause and for what has begun in time."""

    offer_id: OfferId
    community: Community
    reason: WithdrawnBecause
    registered_by: RegisteredBy = ""


@event("resource", "offer.used_up.v1", subject="offer_id")
class OfferUsedUp(Event):
    """All of an offer was given out; when more comes in, it has new terms."""

    offer_id: OfferId
    provider_id: ProviderId
    community: Community
    title: Title
    registered_by: RegisteredBy


@event("resource", "need.created.v1", subject="need_id")
class NeedCreated(Event):
    """Somebody needs something and waits for it."""

    need_id: NeedId
    title: Title
    community: Community
    community_name: CommunityName
    category: Category
    category_name: CategoryName
    quantity: Quantity
    unit: Unit
    starts_at: StartsAt = None
    ends_at: EndsAt = None
    target_group: TargetGroup
    urgency: Urgency
    registered_by: RegisteredBy
    client_id: Annotated[ClientId | None, "who needs it"] = None
    client_kind: Annotated[str, "person, household or organisation"] = "person"
    source: Annotated[str, "visit, hotline, grid_worker, self or other; empty where unsaid"] = ""


@event("resource", "need.changed.v1", subject="need_id")
class NeedChanged(NeedCreated):
    """A need is different from what was said before; this is all of it."""


@event("resource", "need.withdrawn.v1", subject="need_id")
class NeedWithdrawn(Event):
    """A need is no longer looked after; what is confirmed for it is cancelled, but for what has begun before its time was over."""

    need_id: NeedId
    community: Community
    reason: WithdrawnBecause
    state: Annotated[str, "cancelled, or lapsed where its time passed"] = "cancelled"


@event("resource", "need.partly_met.v1", subject="need_id")
class NeedPartlyMet(Event):
    """Something was delivered for a need, and some of it is still open."""

    need_id: NeedId
    title: Title
    community: Community
    category: Category
    target_group: TargetGroup
    quantity: Quantity
    met: Annotated[int, "units delivered so far"]
    unit: Unit
    registered_by: RegisteredBy


@event("resource", "need.met.v1", subject="need_id")
class NeedMet(NeedPartlyMet):
    """Everything that a need asked for was delivered."""


@event("resource", "client.registered.v1", subject="client_id", public=False)
class ClientRegistered(Event):
    """Somebody who may be helped is known; who it is stays with the resource service."""

    client_id: ClientId
    kind: Annotated[str, "person, household or organisation"]
    community: Community
    target_group: TargetGroup
    minor: Annotated[bool, "under 14, so that a guardian has to consent"]
    active: Annotated[bool, "false where it was merged into another or is looked after no more"]
    registered_by: RegisteredBy


@event("resource", "client.changed.v1", subject="client_id", public=False)
class ClientChanged(ClientRegistered):
    """Something of what is known of somebody changed."""


@event("resource", "client.forgotten.v1", subject="client_id", public=False)
class ClientForgotten(Event):
    """Consent was withdrawn: whatever anybody keeps in words about this person is to be blanked within a day."""

    client_id: ClientId
    community: Community


@event("resource", "category.changed.v1", subject="code")
class CategoryChanged(Event):
    """A category is new or different; this is all of it."""

    code: Category
    parent: Annotated[str, "code of its group; empty for a group"]
    name: CategoryName
    synonyms: Annotated[tuple[str, ...], "words that people use for it"]
    related: Annotated[tuple[str, ...], "codes of categories that may help out"]
    things: Annotated[tuple[Thing, ...], "what it is made up of, as far as somebody has listed it"] = ()


@event("resource", "community.changed.v1", subject="code")
class CommunityChanged(Event):
    """A community is new or different; this is all of it."""

    code: Community
    name: CommunityName
    neighbours: Annotated[tuple[str, ...], "codes of the communities next to it"]
