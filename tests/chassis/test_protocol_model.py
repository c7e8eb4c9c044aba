"""The outbox, relay and inbox as a model, with a crash at every step, in every order that hypothesis can think of.

What decides is the chassis itself: Relay._turn and Sender.send send and remove, Inbox.take handles. Databases,
connections and the queue around them are lists, and each of their steps may be the one that a process dies at:

    begin, commit, undo   Store.publish, outbox.write in Transactions.transaction: places are taken in order of the
                          locks, and seen in order of the commits
    relay                 Relay._turn: remove what is confirmed and read on, publish each, wait for confirms
    deliver               basic_consume with prefetch
    handle                Consumer._take: Inbox.take in its transactions, then the ack
    the_broker_dies       unacked messages come again; what was not confirmed may be gone, and so may every confirm

Handlers do not fail here; tests/chassis/test_inbox.py has what happens then.
"""

import contextlib
from collections import Counter, OrderedDict
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from chassis import inbox as inbox_module
from chassis import relay as relay_module
from chassis.inbox import Inbox, Listener, Message
from chassis.relay import Relay, Sender, Unconfirmed
from contracts.base import enclose
from tests.chassis.things import ThingHappened
from tests.faults.size import FULL

SUBJECTS = ("a", "b")
# What happens while the relay waits for confirms; when there is no more of it, the broker takes and confirms all.
WHILE_WAITING = ("take one", "confirm one", "confirm many", "commit", "other relay", "handle", "broker dies", "silence", "die")
CRASH = st.sampled_from((*[0] * 10, *range(1, 15)))  # the process dies at this step; mostly at none, 0


class Death(BaseException):
    """The process is gone: nothing catches this."""


class Protocol(RuleBasedStateMachine):
    """The whole of it; subclasses make one mistake each."""

    relays = consumers = 1

    def __init__(self):
        super().__init__()
        self.open = {}  # subject -> (place, envelope) of its open transaction
        self.places = 0
        self.committed = []  # ids, in the order of the commits
        self.outbox = {}  # place -> row
        self.queue = []  # {"id", "body", "redelivered", "confirmed"}
        self.sockets = {}  # relay -> [(tag, message)] that the broker has not read yet
        self.unconfirmed = {}  # relay -> [(tag, message)] in the queue
        self.unacked = {number: [] for number in range(self.consumers)}
        self.inbox, self.effects, self.begun, self.parked = set(), [], Counter(), set()
        self.relay = {number: self._new_relay(number) for number in range(self.relays)}
        self.listener = {number: self._new_listener() for number in range(self.consumers)}
        self.turning = dict.fromkeys(self.relay, False)
        self.dies_in, self.plan = 0, []
        self.undo_patches = contextlib.ExitStack()
        for module, name, value in (
            (relay_module, "drain", lambda connection, seconds: self._wait(connection)),
            (inbox_module, "_remember", self._remember),
            (inbox_module, "_store_set_aside", lambda store, listener, envelope, *_, **__: store.parked.add(envelope.id)),
        ):
            self.undo_patches.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)

    # The publisher

    @rule(subjects=st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=3))
    def publish(self, subjects):
        """Whole transactions, one after the other."""
        for subject in subjects:
            self.begin(subject)
            self.commit(subject)

    @rule(subject=st.sampled_from(SUBJECTS))
    def begin(self, subject):
        if subject not in self.open:  # else it waits for the lock of the row
            self.places += 1
            event = ThingHappened(version=self.places, thing_id=subject)
            self.open[subject] = self.places, enclose(event)

    @precondition(lambda self: self.open)
    @rule(subject=st.sampled_from(SUBJECTS))
    def commit(self, subject):
        if subject in self.open:
            place, envelope = self.open.pop(subject)
            self.committed.append(envelope.id)
            self.outbox[place] = (place, envelope.id, envelope.event.type, envelope.to_json(), 0.0)

    @precondition(lambda self: self.open)
    @rule(subject=st.sampled_from(SUBJECTS))
    def undo(self, subject):
        self.open.pop(subject, None)

    # The relay

    @precondition(lambda self: self.outbox)
    @rule(number=st.integers(0, 1), dies_in=CRASH, plan=st.lists(st.sampled_from(WHILE_WAITING), max_size=6), arrive=st.integers(0, 3))
    def relay_turn(self, number, dies_in, plan, arrive):
        self.dies_in, self.plan = dies_in, plan
        self._turn(number % self.relays, arrive)
        self.dies_in, self.plan = 0, []

    def _turn(self, number, arrive=0):
        self.turning[number] = True
        try:
            self.relay[number]._turn()
        except (Death, OSError, Unconfirmed):
            # What it had written may still arrive; nobody hears of the confirms.
            for _ in range(arrive):
                self._take_one(number)
            self.sockets.pop(number, None)
            self.unconfirmed.pop(number, None)
            self.relay[number] = self._new_relay(number)
        self.turning[number] = False

    def _new_relay(self, number):
        sender = Sender.__new__(Sender)
        sender.tag, sender.waiting, sender.nacked, sender.unwanted = 0, OrderedDict(), False, {}
        sender.connection = SimpleNamespace(
            number=number, transport=SimpleNamespace(corked=contextlib.nullcontext), heartbeat_tick=lambda: None
        )
        sender.channel = SimpleNamespace(basic_publish=lambda message, *_, **__: self._publish(number, message))
        made = Relay.__new__(Relay)
        made._lead, made._sender = SimpleNamespace(connection=Session(self, number)), sender
        made._confirmed, made._look_after_things = [], lambda: None
        return made

    def read(self, number, most):
        """Stand for the statement READ."""
        return [self.outbox[place] for place in sorted(self.outbox)[:most]]

    def removed_with(self, places):
        """Return the places that the statement REMOVE removes for these."""
        return places

    def _publish(self, number, message):
        self.step()
        sender = self.relay[number]._sender
        item = {"id": message.properties["message_id"], "body": message.body, "redelivered": False, "confirmed": False}
        self.sockets.setdefault(number, []).append((sender.tag + 1, item))

    def _wait(self, connection) -> bool:
        """Something happens while the relay waits for confirms."""
        self.step()
        number = connection.number
        sender = self.relay[number]._sender
        if sender.connection is not connection:
            raise OSError("the connection is gone")
        what = self.plan.pop(0) if self.plan else "all"
        if what == "take one":
            self._take_one(number)
        elif what in ("confirm one", "confirm many") and self.unconfirmed.get(number):
            waiting = self.unconfirmed[number]
            count = 1 if what == "confirm one" else len(waiting)
            self._confirm(sender, waiting[:count], multiple=what == "confirm many")
            del waiting[:count]
        elif what == "commit":
            for subject in list(self.open):
                self.commit(subject)
        elif what == "other relay" and self.relays > 1 and not self.turning[1 - number]:
            self._turn(1 - number)
        elif what == "handle":
            self.deliver(0, 3)
            self._handle(0)
        elif what == "broker dies":
            self.the_broker_dies(0)
            raise OSError("the connection is gone")
        elif what == "silence":
            raise Unconfirmed("the broker is silent")
        elif what == "die":
            raise Death
        elif what == "all":
            while self.sockets.get(number):
                self._take_one(number)
            self._confirm(sender, self.unconfirmed.pop(number, []), multiple=True)
        return True

    def _take_one(self, number):
        """The broker reads one message from a relay's connection."""
        if self.sockets.get(number):
            tag, item = self.sockets[number].pop(0)
            self.queue.append(item)
            self.unconfirmed.setdefault(number, []).append((tag, item))

    @staticmethod
    def _confirm(sender, messages, multiple):
        for tag, item in messages:
            item["confirmed"] = True
            sender._on_ack(tag, multiple)

    # The listener

    @precondition(lambda self: self.queue)
    @rule(number=st.integers(0, 1), count=st.integers(1, 3))
    def deliver(self, number, count):
        """More arrives than the batch that is handled next, or at another process."""
        taken, self.queue = self.queue[:count], self.queue[count:]
        self.unacked[number % self.consumers] += taken

    @precondition(lambda self: self.queue or any(self.unacked.values()))
    @rule(number=st.integers(0, 1), count=st.integers(0, 3), dies_in=CRASH)
    def handle(self, number, count, dies_in):
        self.deliver(number, count)
        self.dies_in = dies_in
        self._handle(number % self.consumers)
        self.dies_in = 0

    def _handle(self, number):
        batch = list(self.unacked[number])
        try:
            self.take_and_ack(number, batch)
        except Death:
            self._requeue(number)
            self.listener[number] = self._new_listener()

    def take_and_ack(self, number, batch):
        self.listener[number].take([Message(item["body"], item["redelivered"], item["id"]) for item in batch])
        self.step()
        self.ack(number, batch)
        self.step()

    def ack(self, number, batch):
        del self.unacked[number][: len(batch)]

    def _new_listener(self):
        def handler(event, store):
            self.step()
            store.effects.append((event.subject, event.version))

        return Inbox(SimpleNamespace(transaction=self._transaction), [Listener("on_thing", ThingHappened.type, handler)])

    @contextlib.contextmanager
    def _transaction(self):
        """A transaction of the listener's database: all of it or nothing."""
        self.step()
        store = Work(self)
        yield store
        self.step()
        self.inbox |= store.inbox
        self.effects += store.effects
        self.parked |= store.parked
        self.begun.update(store.begun)
        for id in store.forgotten:
            del self.begun[id]
        self.step()

    def _remember(self, store, pairs):
        """Stand for the statement REMEMBER: what was not in the inbox, and nobody who waits."""
        self.step()
        new = {(listener.name, envelope.id) for listener, envelope, _ in pairs} - self.inbox
        store.inbox |= new
        return new, set()

    def _requeue(self, number):
        self.queue = [item | {"redelivered": True} for item in self.unacked[number]] + self.queue
        self.unacked[number] = []

    # The rest of the world

    @precondition(lambda self: self.queue or any(self.unacked.values()))
    @rule(lost=st.integers(0, 3))
    def the_broker_dies(self, lost):
        """Every connection is gone; of what is last in the queue, what was never confirmed may be gone."""
        for number in self.unacked:
            self._requeue(number)
        while lost and self.queue and not self.queue[-1]["confirmed"] and not self.queue[-1]["redelivered"]:
            self.queue.pop()
            lost -= 1
        for number in self.relay:
            self.sockets.pop(number, None)
            self.unconfirmed.pop(number, None)
            self.relay[number]._sender = self._new_relay(number)._sender

    def step(self):
        self.dies_in -= 1
        if self.dies_in == 0:
            raise Death

    @invariant()
    def nothing_is_done_twice(self):
        assert len(self.effects) == len(set(self.effects)), "an effect is doubled"

    @invariant()
    @precondition(lambda self: self.consumers == 1)
    def each_subject_is_in_order(self):
        for subject in SUBJECTS:
            versions = [version for name, version in self.effects if name == subject]
            assert versions == sorted(versions), "a subject is out of order"

    @precondition(lambda self: self.committed)
    @rule()
    def quiet_comes(self):
        """Nothing breaks any more: all that was committed has its effect, or killed its process too often."""
        self.dies_in, self.plan = 0, []
        for subject in list(self.open):
            self.commit(subject)
        for _ in range(4):
            for number in self.relay:
                self._turn(number)
            for number in self.unacked:
                self.deliver(number, len(self.queue))
                self._handle(number)
        self.nothing_is_done_twice()
        assert not self.outbox and not self.queue, "it does not come to rest"
        assert len(self.effects) + len(self.parked) == len(self.committed), "an event is lost"

    def teardown(self):
        try:
            self.quiet_comes()
        finally:
            self.undo_patches.close()


class Work:
    """What a transaction of the listener has done so far."""

    def __init__(self, world):
        self.world = world
        self.inbox, self.effects, self.parked, self.begun, self.forgotten = set(), [], set(), Counter(), []

    def row(self, sql, id):
        assert "INTO begun" in sql
        self.begun[id] += 1
        return {"times": self.world.begun[id] + 1}

    def execute(self, sql, id):
        assert sql.startswith("DELETE FROM begun")
        self.forgotten.append(id)


class Session:
    """The relay's session of the publisher's database, where each saying is a transaction."""

    def __init__(self, world, number):
        self.world, self.number = world, number

    def cursor(self):
        return contextlib.nullcontext(self)

    def execute(self, sql, values):
        self.world.step()
        assert sql in (relay_module.READ, relay_module.REMOVE + relay_module.READ)
        if len(values) == 2:
            for place in self.world.removed_with(values[0]):
                self.world.outbox.pop(place, None)
        self.rows = self.world.read(self.number, values[-1])
        self.world.step()

    def fetchall(self):
        return self.rows


class TwoOfEach(Protocol):
    """Two relays that both think they lead, and two processes of the service."""

    relays = consumers = 2


class TwoRelays(Protocol):
    relays = 2


class AckBeforeCommit(Protocol):
    def take_and_ack(self, number, batch):
        self.ack(number, batch)
        super().take_and_ack(number, [item for item in batch if not self.step()])


class RemoveBeforeConfirm(Protocol):
    def _new_relay(self, number):
        made = super()._new_relay(number)
        send = made._sender.send

        def careless(rows, **options):
            made._sender.waiting = Nobody()
            send(rows, **options)

        made._sender.send = careless
        return made


class Nobody(OrderedDict):
    """Forgets whom to wait for."""

    def __setitem__(self, tag, type):
        pass


class GreaterThanTheLast(Protocol):
    last = 0

    def read(self, number, most):
        return [row for row in super().read(number, most) if row[0] > self.last]

    def removed_with(self, places):
        self.last = max(places)
        return places


class RemoveUpToTheLast(Protocol):
    def removed_with(self, places):
        return [place for place in self.outbox if place <= max(places)]


class NoInbox(Protocol):
    def _remember(self, store, pairs):
        super()._remember(store, pairs)
        return {(listener.name, envelope.id) for listener, envelope, _ in pairs}, set()


def run(machine, examples):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=not FULL,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )


@pytest.mark.parametrize("machine", [Protocol, TwoRelays, TwoOfEach])
def test_no_crash_loses_doubles_or_disorders(machine):
    run(machine, 3000 if FULL else 150)


@pytest.mark.parametrize(
    "mistake, found",
    [
        (AckBeforeCommit, "an event is lost"),
        (RemoveBeforeConfirm, "an event is lost"),
        (RemoveUpToTheLast, "an event is lost"),
        (GreaterThanTheLast, "it does not come to rest"),
        (NoInbox, "an effect is doubled"),
    ],
)
def test_the_model_finds_each_known_mistake(mistake, found):
    with pytest.raises(AssertionError, match=found):
        run(mistake, 5000)  # it stops at the first that is found
