"""What is heard of clients, and the commands and queries about pairings."""

from datetime import UTC, date, datetime

import uuid_utils

from chassis.listen import listen
from chassis.rpc import command, query
from contracts.calls.matching import pairings as calls
from contracts.errors import Conflict, Invalid, NotFound
from contracts.fields import Paging
from contracts.matching import PairingBegun, PairingChanged, PairingEnded
from contracts.resource import ClientChanged, ClientForgotten, ClientRegistered
from contracts.words import Helper
from services.matching.access import EVERYBODY, STAFF
from services.matching.pairings import access, calendar, domain
from services.matching.pairings.domain import Client, Pairing, Plan
from services.matching.visits.plan import calendar_of, day_of, set_visits

MOST_MONTHS = 36


class Pairings:
    """Who keeps coming to whom."""

    @listen(ClientRegistered)
    def on_client_registered(self, event, store):
        _keep_client(store, event)

    @listen(ClientChanged)
    def on_client_changed(self, event, store):
        _keep_client(store, event)

    @listen(ClientForgotten)
    def on_client_forgotten(self, event, store):
        """Keep no word about who withdrew consent; nobody comes any more."""
        store.forget_client(event.client_id, event.version, event.community)
        now = datetime.now(UTC)
        for pairing in store.active_pairings_of(event.client_id):
            ended = domain.end(pairing, "consent_withdrawn", None, None, "", day_of(now))
            store.save_pairing(ended)
            _over(store, ended, now)

    @command(takes=calls.NewPairing, returns=calls.PairingView, roles=STAFF)
    def begin_pairing(self, store, client_id, kinds, helpers, worker, goals, begun_on, plan, guardian_agreed):
        """Let somebody keep coming to a person; the visits of the next weeks are set."""
        now = datetime.now(UTC)
        plan, last_on = _plan(plan)
        client = store.client(client_id)
        pairing = domain.begin(
            client,
            Pairing(
                id=str(uuid_utils.uuid7()),
                version=1,
                client_id=client_id,
                community="",
                target_group="",
                kinds=tuple(kinds),
                helpers=helpers_of(store, helpers),
                worker=worker or store.caller.id,
                guardian_agreed=guardian_agreed,
                begun_on=begun_on or day_of(now),
                begun_by=store.caller.id,
                plan=plan,
                last_on=last_on,
            ),
            day_of(now),
        )
        store.caller.must_see(pairing.community)
        if not store.add_pairing(pairing, self._sealed(pairing.id, "goals", goals)):
            raise Conflict("pairing_exists", "helpers")
        store.publish(told(PairingBegun, pairing))
        set_visits(store, pairing, day_of(now))
        return store.pairing(pairing.id)

    @command(takes=calls.PairingChange, returns=calls.PairingView, roles=STAFF)
    def change_pairing(self, store, id, version, **changes):
        """Change helpers, kinds, worker, goals or plan; the visits still to come follow the plan."""
        before, today = access.mine(store, id), day_of(datetime.now(UTC))
        sealed = {}
        if "goals" in changes:
            goals = changes.pop("goals")
            access.must_be_writable(store, before.client_id, goals=goals)
            sealed["goals"] = self._sealed(id, "goals", goals)
        if "kinds" in changes:
            changes["kinds"] = tuple(changes["kinds"])
        if "helpers" in changes:
            changes["helpers"] = helpers_of(store, changes["helpers"])
        if "plan" in changes:
            changes["plan"], changes["last_on"] = _plan(changes["plan"])
        pairing = domain.change(before, version, changes)
        _save(store, before, pairing, **sealed)
        store.publish(changed(before, pairing, store.caller.id))
        if pairing.plan != before.plan:
            set_visits(store, pairing, today)
        return store.pairing(id)

    @command(takes=calls.Transfer, returns=calls.PairingView, roles=STAFF)
    def transfer_pairing(self, store, id, worker, lead, reason):
        """Hand a pairing to another social worker or lead; that it was is on record."""
        before = access.mine(store, id)
        pairing = domain.transfer(before, worker, lead and helpers_of(store, [{**lead, "role": "lead"}])[0])
        _save(store, before, pairing)
        store.record_transfer(str(uuid_utils.uuid7()), before, pairing, reason, store.caller.id)
        store.publish(changed(before, pairing, store.caller.id))
        return store.pairing(id)

    @command(takes=calls.Ending, returns=calls.PairingView, roles=STAFF)
    def end_pairing(self, store, id, reason, stars, goals_reached, evaluation):
        """Close a pairing with its evaluation; no more visits are due, and nothing is left to look after."""
        before, now = access.mine(store, id), datetime.now(UTC)
        pairing = domain.end(before, reason, stars, goals_reached, store.caller.id, day_of(now))
        access.must_be_writable(store, pairing.client_id, evaluation=evaluation)
        store.save_pairing(pairing, evaluation=self._sealed(id, "evaluation", evaluation))
        _over(store, pairing, now)
        return store.pairing(id)

    @query(returns=calls.PairingView, roles=EVERYBODY)
    def get_pairing(self, store, id):
        return access.seen(store, id)

    @query(takes=calls.PairingFilter, returns=calls.PairingPage, roles=EVERYBODY)
    def list_pairings(self, store, **filters):
        return store.pairings(**access.filters(store), **filters)

    @query(takes=calls.PlanPreview, returns=calls.PlanPreviewView, roles=STAFF)
    def preview_plan(self, store, plan, since, most):
        """Show on which days a plan falls, without keeping anything."""
        plan, last_on = _plan(plan)
        since = since or day_of(datetime.now(UTC))
        visits = calendar.next_visits(plan, calendar_of(store), since, most)
        return {"rule": plan.rule, "last_on": last_on, "visits": [vars(one) for one in visits]}

    @query(takes=calls.FiguresFilter, returns=calls.PairingFigures, roles=STAFF)
    def pairing_figures(self, store, since, until, community):
        """Return what pairings came to, by month and community."""
        months = (until.year - since.year) * 12 + until.month - since.month
        if not 0 <= months < MOST_MONTHS:
            raise Invalid("too_many_months", "until", most=MOST_MONTHS)
        return {"items": store.pairing_totals(since, until, community, store.caller.communities)}

    @command(takes=calls.WordsPurpose, returns=calls.PairingWordsView, roles=STAFF)
    def reveal_pairing(self, store, id, purpose):
        """Show goals and evaluation to the caller; that they were shown is on record."""
        access.mine(store, id)
        return self.shown(store, id, "pairing", id, purpose)

    @query(takes=Paging, returns=calls.PairingRevealPage, roles=STAFF)
    def list_pairing_reveals(self, store, id, **paging):
        access.seen(store, id)
        return store.words_shown(id, **paging)

    def shown(self, store, pairing_id, subject, subject_id, purpose) -> dict:
        """Return sealed words as they were written; that they were shown is on record."""
        record = store.record_words_shown(
            str(uuid_utils.uuid7()), pairing_id, subject, subject_id, purpose, store.caller.id
        )
        words = store.sealed_words(subject, subject_id)
        opened = {
            name: text and self.keyring.open(text, f"{subject}/{subject_id}/{name}") for name, text in words.items()
        }
        return {**record, **opened}

    def _sealed(self, id, name, text) -> str | None:
        return self.keyring.seal(text, f"pairing/{id}/{name}") if text else None


def told(kind, pairing: Pairing, **more):
    """Return a pairing's event, PairingBegun or PairingChanged."""
    same = ("version", "client_id", "community", "target_group", "kinds", "helpers", "worker", "begun_by")
    return kind(
        pairing_id=pairing.id,
        begun_on=pairing.begun_on.isoformat(),
        **{name: getattr(pairing, name) for name in same},
        **more,
    )


def changed(before: Pairing, pairing: Pairing, by: str) -> PairingChanged:
    """Return the event of a changed pairing, with what those who must know have to be told."""
    return told(
        PairingChanged,
        pairing,
        joined=_but(pairing.helpers, before.helpers),
        left=_but(before.helpers, pairing.helpers),
        worker_before=before.worker if before.worker != pairing.worker else "",
        new_plan=pairing.plan != before.plan,
        changed_by=by,
    )


def _but(helpers: tuple[Helper, ...], others: tuple[Helper, ...]) -> tuple[Helper, ...]:
    """Return the helpers who are not among the others, in whatever role."""
    known = {(one.helper, one.provider_id) for one in others}
    return tuple(one for one in helpers if (one.helper, one.provider_id) not in known)


def helpers_of(store, named: list[dict]) -> tuple[Helper, ...]:
    """Return the helpers who are named, with who signs in for each. Raises NotFound for a provider that nobody knows."""
    return tuple(_helper(store, one["helper"] or "", one["provider_id"] or "", one["role"]) for one in named)


def _helper(store, helper: str, provider_id: str, role: str) -> Helper:
    provider = store.hold_provider(provider_id) if provider_id else None
    if provider_id and provider is None:
        raise NotFound("unknown_provider", "helpers")
    account = helper or (provider.registered_by if provider else "")
    return Helper(helper=helper, provider_id=provider_id, role=role, account=account)


def _plan(given: dict) -> tuple[Plan, date | None]:
    plan = Plan(**{**given, "rule": calendar.checked_rule(given["rule"])})
    return plan, calendar.check_plan(plan)


def _save(store, before: Pairing, pairing: Pairing, **sealed) -> None:
    if pairing.lead != before.lead and not store.take_lead(pairing):
        raise Conflict("pairing_exists", "helpers")
    store.save_pairing(pairing, **sealed)
    if pairing.helpers != before.helpers:
        store.save_helpers(pairing)


def _over(store, pairing: Pairing, now: datetime) -> None:
    """See to it that nothing is due or left to look after in a pairing that ended, and tell of it."""
    store.close_visits(pairing.id, day_of(now))
    store.close_alerts(pairing.id, pairing.ended_by, now)
    store.publish(
        PairingEnded(
            version=pairing.version,
            pairing_id=pairing.id,
            client_id=pairing.client_id,
            community=pairing.community,
            reason=pairing.reason,
            visits=store.visits_made(pairing.id),
            ended_on=pairing.ended_on.isoformat(),
            ended_by=pairing.ended_by,
            helpers=pairing.helpers,
            worker=pairing.worker,
        )
    )


def _keep_client(store, event) -> None:
    """Keep a client; pairings move with the person to another community or group."""
    names = ("version", "kind", "community", "target_group", "minor", "active")
    client = store.save_client(Client(id=event.client_id, **{name: getattr(event, name) for name in names}))
    for pairing in store.active_pairings_of(event.client_id) if client else ():
        if (pairing.community, pairing.target_group) != (client.community, client.target_group):
            moved = domain.bumped(pairing, community=client.community, target_group=client.target_group)
            store.save_pairing(moved)
            store.move_visits(moved.id, moved.community)
            store.publish(told(PairingChanged, moved))
