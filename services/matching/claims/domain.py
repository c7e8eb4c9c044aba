"""The claim board: what may be claimed, and what becomes of a claim. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.fields import STATION_TIME
from services.matching.board.domain import Need
from services.matching.claims.listings.domain import Listing
from services.matching.claims.providers.domain import Provider

LIVE = ("claimed", "approved")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """After how many days without action a claim is reminded and lapses, and how many live ones a partner may have."""

    remind_after_days: int = 7
    lapse_after_days: int = 14
    most_live: int = 5

    @property
    def patience(self) -> timedelta:
        return timedelta(days=self.remind_after_days)

    @property
    def life(self) -> timedelta:
        return timedelta(days=self.lapse_after_days)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A promise to meet all or part of a need, and what became of it."""

    id: str
    version: int
    need_id: str
    provider_id: str
    claimer: str
    text: str
    community: str
    quantity: int
    unit: str
    claimed_at: datetime
    state: str = "claimed"
    approved_by: str | None = None
    progress: str = ""
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    due_at: datetime | None = None
    reason: str | None = None
    handed_from: str | None = None
    fulfilled: int = 0
    ended_on: date | None = None
    minutes: int = 0
    people: int = 0
    person_times: int = 0
    note: str | None = None

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def held(self) -> int:
        """Return the units that nobody else may have because of this claim."""
        return self.quantity if self.live else self.fulfilled


def claim(
    id: str, need: Need, listing: Listing | None, provider: Provider | None, quantity: int | None, by: str,
    live: int, rules: Rules, now: datetime,
) -> Claim:  # fmt: skip
    """Return a new claim; raises NotFound, Forbidden or Conflict where it may not be made or too little is left."""
    if provider is None or provider.registered_by != by:
        raise NotFound("unknown_provider", "provider_id")
    if provider.state != "verified":
        raise Forbidden("verified_partner_required", "provider_id")
    if listing is None or not listing.open or not need.open:
        raise Conflict("listing_not_open")
    if live >= rules.most_live:
        raise Conflict("too_many_claims", most=rules.most_live)
    left = listing.left(need)
    quantity = left if quantity is None else quantity
    if quantity > left or left == 0:
        raise Conflict("claimed_by_others", "quantity", left=left)
    return Claim(
        id=id,
        version=1,
        need_id=need.id,
        provider_id=provider.id,
        claimer=by,
        text=listing.text,
        community=need.community,
        quantity=quantity,
        unit=need.unit,
        claimed_at=now,
        remind_at=now + rules.patience,
        due_at=now + rules.life,
    )


def approve(claim: Claim, need: Need, provider: Provider, by: str, rules: Rules, now: datetime) -> Claim:
    """Let the claimer go ahead. Raises Conflict where it was decided already, or the need or the provider is gone."""
    _must_be(claim, "claimed")
    if not need.open:
        raise Conflict("need_not_open")
    if provider.state != "verified":
        raise Conflict("provider_not_verified")
    return _acted(claim, rules, now, state="approved", approved_by=by)


def reject(claim: Claim, reason: str, now: datetime) -> Claim:
    """Decide against a claim. Raises Conflict where it was decided already."""
    _must_be(claim, "claimed")
    return _end(claim, "rejected", day(now), reason=reason)


def report(claim: Claim, progress: str, rules: Rules, now: datetime) -> Claim:
    """Note that something is being done; the claim has its whole time again. Raises Conflict."""
    _must_be(claim, "approved")
    return _acted(claim, rules, now, progress=progress)


def release(claim: Claim, reason: str, now: datetime) -> Claim:
    """Give a live claim up. Raises Conflict where it has ended."""
    _must_be(claim, *LIVE)
    return _end(claim, "released", day(now), reason=reason)


def broke_its_word(before: Claim, after: Claim) -> bool:
    """Tell whether an approved claim ended with nothing done, by the claimer's doing."""
    by_the_claimer = after.state == "lapsed" or (after.state, after.reason) == ("released", "claimer_cannot")
    return before.state == "approved" and by_the_claimer


def falls_with(claim: Claim, reason: str) -> bool:
    """Tell whether a live claim ends with its need that was withdrawn for this reason."""
    return claim.state == "claimed" or reason != "window_over"


def hand_over(claim: Claim, id: str, need: Need, provider: Provider | None, by: str, rules: Rules, now: datetime):
    """Return the claim as given up, and the approved one that takes its place.

    Raises Conflict, and NotFound for a provider that is not known.
    """
    if provider is None:
        raise NotFound("unknown_provider", "provider_id")
    if provider.state != "verified":
        raise Conflict("provider_not_verified", "provider_id")
    if provider.id == claim.provider_id:
        raise Conflict("provider_has_it_already", "provider_id")
    if not need.open:
        raise Conflict("need_not_open")
    old = release(claim, "handed_over", now)
    new = Claim(
        id=id,
        version=1,
        provider_id=provider.id,
        claimer=provider.registered_by,
        claimed_at=now,
        state="approved",
        approved_by=by,
        handed_from=claim.id,
        remind_at=now + rules.patience,
        due_at=now + rules.life,
        **{name: getattr(claim, name) for name in ("need_id", "text", "community", "quantity", "unit")},
    )
    return old, new


def fulfil(claim: Claim, quantity: int | None, delivered_on: date | None, people: int, person_times: int | None,
           minutes: int, now: datetime) -> Claim:  # fmt: skip
    """Note what was done of an approved claim; the rest is free. Raises Conflict, Invalid."""
    _must_be(claim, "approved")
    quantity = claim.quantity if quantity is None else quantity
    if quantity > claim.quantity:
        raise Conflict("more_than_claimed", "quantity", claimed=claim.quantity)
    delivered_on = delivered_on or day(now)
    if delivered_on > day(now):
        raise Invalid("delivered_in_the_future", "delivered_on")
    if delivered_on < day(claim.claimed_at):
        raise Invalid("delivered_before_it_was_claimed", "delivered_on")
    person_times = people if person_times is None else person_times
    if person_times < people:
        raise Invalid("fewer_person_times_than_people", "person_times")
    return _end(
        claim, "fulfilled", delivered_on, fulfilled=quantity, people=people, person_times=person_times, minutes=minutes
    )


def next_step(claim: Claim, rules: Rules, now: datetime) -> tuple[str, Claim] | None:
    """Return what time calls for, ("reminded" or "lapsed", the claim then), or none.

    Whose turn it is, is reminded: the claimer, or staff where nobody has approved the claim. It never lapses
    without that: where nobody was there to send the reminder in time, it comes late, with the rest of the time
    from then on.
    """
    if not claim.live:
        return None
    if claim.due_at <= now and claim.reminded_at:
        return "lapsed", _end(claim, "lapsed", day(now))
    if claim.remind_at <= now:
        due_at = max(claim.due_at, now + rules.life - rules.patience) if claim.due_at <= now else claim.due_at
        return "reminded", dataclasses.replace(
            claim, version=claim.version + 1, reminded_at=now, remind_at=now + rules.patience, due_at=due_at
        )
    return None


def day(moment: datetime) -> date:
    """Return the day of a moment in the station's time."""
    return moment.astimezone(STATION_TIME).date()


def _must_be(claim: Claim, *states: str) -> None:
    if claim.state not in states:
        raise Conflict("claim_in_another_state", state=claim.state)


def _acted(claim: Claim, rules: Rules, now: datetime, **changes) -> Claim:
    return dataclasses.replace(
        claim,
        version=claim.version + 1,
        remind_at=now + rules.patience,
        reminded_at=None,
        due_at=now + rules.life,
        **changes,
    )


def _end(claim: Claim, state: str, on: date, **changes) -> Claim:
    return dataclasses.replace(
        claim, version=claim.version + 1, state=state, ended_on=on, remind_at=None, due_at=None, **changes
    )
