"""Events of the resource service: providers, what they offer, and what residents need."""

from typing import Annotated

from contracts.base import Event, event
from contracts.words import (
    Category,
    CategoryName,
    Community,
    CommunityName,
    EndsAt,
    NeedId,
    OfferId,
    ProviderId,
    Quantity,
    StartsAt,
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
WithdrawnBecause = Annotated[str, "slug: no_longer_needed, no_longer_offered, provider_left, entered_by_mistake, other"]


@event("resource", "provider.registered.v1", subject="provider_id")
class ProviderRegistered(Event):
    """A provider joined the resource library."""

    provider_id: ProviderId
    kind: ProviderKind
    community: Community
    registered_by: RegisteredBy


@event("resource", "provider.changed.v1", subject="provider_id")
class ProviderChanged(Event):
    """A provider's entry in the resource library changed."""

    provider_id: ProviderId
    kind: ProviderKind
    community: Community
    registered_by: RegisteredBy


@event("resource", "provider.withdrawn.v1", subject="provider_id")
class ProviderWithdrawn(Event):
    """A provider left; each of its offers is withdrawn by an event of its own."""

    provider_id: ProviderId
    community: Community
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


@event("resource", "offer.changed.v1", subject="offer_id")
class OfferChanged(OfferPublished):
    """An offer has new terms; this is all of them."""


@event("resource", "offer.withdrawn.v1", subject="offer_id")
class OfferWithdrawn(Event):
    """An offer is no longer made; what was confirmed of it stays."""

    offer_id: OfferId
    community: Community
    reason: WithdrawnBecause


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


@event("resource", "need.changed.v1", subject="need_id")
class NeedChanged(NeedCreated):
    """A need is different from what was said before; this is all of it."""


@event("resource", "need.withdrawn.v1", subject="need_id")
class NeedWithdrawn(Event):
    """A need is no longer looked after; what was confirmed for it stays."""

    need_id: NeedId
    community: Community
    reason: WithdrawnBecause
