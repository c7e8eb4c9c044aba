"""Events: what a service tells the others, as frozen dataclasses that travel as CloudEvents 1.0 JSON.

An event class names its publisher, its type and the field that identifies its subject::

    @event("matching", "match.proposed.v1", subject="match_id")
    class MatchProposed(Event):
        '''A resource was found for a need; a social worker still has to confirm it.'''

        match_id: MatchId
        quantity: Quantity

Every event has a `version`: the number of changes of its subject so far. A reader that has seen a
newer version of the subject ignores an older one, so order and repetition do not matter.

marshmallow defines what fits an event and says what does not; msgspec, which reads the same annotations
and accepts less, takes the ordinary ones through in a twentieth of the time.

Source: CloudEvents 1.0.2, JSON event format, structured mode.
"""

import dataclasses
import json
import types
import typing
from datetime import UTC, datetime
from functools import cache

import marshmallow
import msgspec
import uuid_utils

CONTENT_TYPE = "application/cloudevents+json"
SOURCE = "/jinlin/"
LONGEST_SUBJECT = 200


class Unreadable(Exception):
    """What arrived is not an event that this version can read; trying again cannot help."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """A fact that one service publishes; subclasses are frozen dataclasses made by `event`."""

    version: typing.Annotated[int, "how many changes of the subject there have been; the first is 1"]

    publisher: typing.ClassVar[str]
    type: typing.ClassVar[str]
    subject_field: typing.ClassVar[str]
    public: typing.ClassVar[bool]
    heard: typing.ClassVar[bool]

    @property
    def subject(self):
        return getattr(self, self.subject_field)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """One publication of an event: the event with its id, time and place in a chain of causes."""

    event: Event
    id: str
    time: str
    correlation_id: str
    causation_id: str | None = None

    def to_json(self) -> str:
        """Return the event as structured CloudEvents JSON. Raises TypeError where it does not fit its own schema."""
        kind = type(self.event)
        document = _Document(
            id=self.id,
            source=SOURCE + kind.publisher,
            type=kind.type,
            time=self.time,
            subject=self.event.subject,
            sequence=str(self.event.version),
            correlationid=self.correlation_id,
            data=_encode(self.event),
            causationid=self.causation_id or msgspec.UNSET,
        )
        return msgspec.json.encode(document).decode()


class _Document(msgspec.Struct, kw_only=True):
    """What a CloudEvents document of ours is made of, in this order."""

    specversion: str = "1.0"
    id: str
    source: str
    type: str
    time: str
    subject: str
    datacontenttype: str = "application/json"
    sequence: str
    correlationid: str
    causationid: str | msgspec.UnsetType
    data: msgspec.Raw


class _Head(msgspec.Struct):
    """What is read of a CloudEvents document."""

    specversion: typing.Literal["1.0"]
    type: str
    id: str
    time: str
    data: msgspec.Raw
    correlationid: str | None = None
    causationid: str | None = None


REGISTRY: dict[str, type[Event]] = {}


def event(publisher: str, type: str, *, subject: str, public: bool = True, heard: bool = True):
    """Make a class an event of one publisher; its type is the routing key and never used twice.

    `public` events also reach other district systems. An event that is not `heard` has no lasting
    queue: it is only for whoever is watching at that moment.
    """

    def decorate(cls):
        cls = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        if type in REGISTRY:
            raise TypeError(f"event type {type} is published twice")
        cls.publisher, cls.type, cls.subject_field = publisher, type, subject
        cls.public, cls.heard = public, heard
        REGISTRY[type] = cls
        return cls

    return decorate


def enclose(event: Event, *, correlation_id: str | None = None, causation_id: str | None = None) -> Envelope:
    """Put a new event into its envelope; without a cause it begins a chain of its own."""
    id = str(uuid_utils.uuid7())
    time = datetime.now(UTC).isoformat(timespec="microseconds")
    return Envelope(event=event, id=id, time=time, correlation_id=correlation_id or id, causation_id=causation_id)


def read(body: bytes | str) -> Envelope:
    """Return the event that a message carries. Fields that are not known here are ignored.

    Raises Unreadable for broken JSON, a missing or wrong field, and an unknown type or version.
    """
    try:
        head = _head.decode(body)
        return _envelope(_decoder(REGISTRY[head.type]).decode(head.data), msgspec.structs.asdict(head))
    except (msgspec.MsgspecError, KeyError, ValueError, OverflowError, RecursionError):
        return _read_slowly(body)


def _read_slowly(body: bytes | str) -> Envelope:
    try:
        document = json.loads(body)
        if document["specversion"] != "1.0":
            raise Unreadable(f"CloudEvents {document['specversion']!r} is not 1.0")
        kind = REGISTRY.get(document["type"])
        if kind is None:
            raise Unreadable(f"unknown event type {document['type']!r}")
        return _envelope(kind(**schema_of(kind).load(document["data"])), document)
    except marshmallow.ValidationError as error:
        raise Unreadable(f"data does not fit its schema: {error.normalized_messages()}") from error
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise Unreadable(f"not a CloudEvents 1.0 document: {error!r}") from error


def _envelope(event: Event, document: dict) -> Envelope:
    if len(event.subject) > LONGEST_SUBJECT or not event.subject.isprintable():
        # No table or log takes a NUL, half a surrogate pair or megabytes: setting it aside would fail too.
        raise Unreadable("its subject is no short line of text")
    datetime.fromisoformat(document["time"]).timestamp()  # ValueError or OverflowError where it is no moment
    return Envelope(
        event=event,
        id=str(uuid_utils.UUID(document["id"])),
        time=str(document["time"]),
        correlation_id=str(document.get("correlationid") or document["id"]),
        causation_id=document.get("causationid"),
    )


def _encode(event: Event) -> msgspec.Raw:
    try:
        data = msgspec.json.encode(event)
        _decoder(type(event)).decode(data)
        return msgspec.Raw(data)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return msgspec.Raw(msgspec.json.encode(data_of(event)))


def data_of(event: Event) -> dict:
    """Return the event's data as JSON-ready values, checked against its own schema. Raises TypeError where it does not fit."""
    schema = schema_of(type(event))
    data = schema.dump(event)
    errors = schema.validate(data)
    if errors:
        raise TypeError(f"{type(event).__name__} does not fit its own schema: {errors}")
    return data


_head = msgspec.json.Decoder(_Head)


@cache
def _decoder(kind: type) -> msgspec.json.Decoder:
    return msgspec.json.Decoder(kind)


@cache
def schema_of(kind: type) -> marshmallow.Schema:
    """Return the marshmallow schema of an event, or of a dataclass inside one, made from its annotations."""
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {
        field.name: _field(hints[field.name], required=_is_required(field), default=_default(field))
        for field in dataclasses.fields(kind)
    }
    parent = marshmallow.Schema.from_dict(fields, name=kind.__name__ + "Schema")
    return type(parent.__name__, (parent,), {"Meta": type("Meta", (), {"unknown": marshmallow.EXCLUDE})})()


def _field(hint, **options):
    about, allow_none = "", False
    if typing.get_origin(hint) is typing.Annotated:
        hint, about = typing.get_args(hint)[0], _words_on(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [option for option in typing.get_args(hint) if option is not type(None)]
        allow_none = len(inner) < len(typing.get_args(hint))
        (hint,) = inner
    if typing.get_origin(hint) is typing.Annotated:
        hint, about = typing.get_args(hint)[0], about or _words_on(hint)
    common = {"metadata": {"description": about}, "allow_none": allow_none, "required": options["required"]}
    if not options["required"]:
        common["load_default"] = options["default"]
    if typing.get_origin(hint) is tuple:
        (item, _) = typing.get_args(hint)
        return _Tuple(_field(item, required=True, default=None), **common)
    if dataclasses.is_dataclass(hint):
        return _Part(hint, **common)
    if hint is datetime:
        return marshmallow.fields.AwareDateTime(format="iso", default_timezone=None, **common)
    if hint is int:
        return marshmallow.fields.Integer(strict=True, **common)
    if hint is float:
        return marshmallow.fields.Float(**common)
    if hint is bool:
        return marshmallow.fields.Boolean(truthy={True}, falsy={False}, **common)
    if hint is str:
        return marshmallow.fields.String(**common)
    raise TypeError(f"an event cannot carry {hint!r}")


def _words_on(hint) -> str:
    """Return what an annotation says in words; a moment's also has what msgspec wants to know of it."""
    return next((said for said in reversed(hint.__metadata__) if isinstance(said, str)), "")


class _Tuple(marshmallow.fields.List):
    def _deserialize(self, *args, **kwargs):
        return tuple(super()._deserialize(*args, **kwargs))


class _Part(marshmallow.fields.Nested):
    """A dataclass inside an event."""

    def __init__(self, kind, **options):
        super().__init__(lambda: schema_of(kind), **options)
        self.kind = kind

    def _deserialize(self, *args, **kwargs):
        return self.kind(**super()._deserialize(*args, **kwargs))


def _is_required(field) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _default(field):
    return None if field.default is dataclasses.MISSING else field.default
