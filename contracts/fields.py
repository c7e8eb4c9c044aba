"""Fields and bases of the calls' schemas: what people type, money, times, and what must stay private."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, validate

STATION_TIME = ZoneInfo("Asia/Shanghai")
MOST_UNITS = 100_000_000
MOST_FEN = 10_000_000_000_00
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

# A mobile number (also with spaces or hyphens) or an 18-digit identity number inside running text.
_PRIVATE = re.compile(r"(?<!\d)(1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|\d{17}[\dXx])(?!\d)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Call(Schema):
    """What a command or query takes: a field that is not known is a mistake and is said."""

    class Meta:
        unknown = RAISE
        ordered = True


class Change(Call):
    """A change of a thing: only what is named changes; `version` is the one that the caller has seen."""

    def __init__(self, **options):
        others = tuple(name for name in self._declared_fields if name != "version")
        super().__init__(**{"partial": others, **options})


class View(Schema):
    """What a command or query gives back."""


class Text(fields.String):
    """Text that people typed: trimmed, without control characters, of bounded length."""

    def __init__(self, *, most: int, least: int = 1, **options):
        options.setdefault("validate", validate.Length(min=least, max=most, error="length"))
        super().__init__(**options)

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        if _CONTROL.search(text):
            raise ValidationError("control_characters")
        return text.strip()


class PublicText(Text):
    """Text that travels in events and messages: a phone or identity number in it is refused."""

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        if _PRIVATE.search(text):
            raise ValidationError("private_data_in_public_text")
        return text


class Private(Text):
    """Text about a person: sealed whenever it crosses the broker, encrypted wherever it is kept."""


class Id(fields.UUID):
    """An id, as its canonical text."""

    def _deserialize(self, value, attr, data, **kwargs):
        return str(super()._deserialize(value, attr, data, **kwargs))


class Truth(fields.Boolean):
    """true or false, and nothing that only looks like it."""

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Count(fields.Integer):
    """A whole number of units, at least one and not absurd."""

    def __init__(self, *, least: int = 1, most: int = MOST_UNITS, **options):
        super().__init__(strict=True, validate=validate.Range(min=least, max=most, error="range"), **options)


class Code(fields.String):
    """A short machine-readable code."""

    def __init__(self, **options):
        options.setdefault("validate", validate.Regexp(r"[a-z][a-z0-9_.]{0,63}\Z", error="code"))
        super().__init__(**options)


class Yuan(fields.Field):
    """Money: a decimal string in yuan outside ("1200.50"), whole fen inside (120050)."""

    def __init__(self, *, least: int = 1, most: int = MOST_FEN, **options):
        super().__init__(validate=validate.Range(min=least, max=most, error="range"), **options)

    def _serialize(self, value, attr, obj, **kwargs):
        return None if value is None else f"{value // 100}.{value % 100:02d}"

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, str) or not re.fullmatch(r"\d{1,13}(\.\d{1,2})?", value, re.ASCII):
            raise ValidationError("money")
        try:
            return int(Decimal(value) * 100)
        except InvalidOperation as error:
            raise ValidationError("money") from error


class Moment(fields.AwareDateTime):
    """A moment, ISO 8601 with its offset; shown in the station's time."""

    def __init__(self, **options):
        options.setdefault("validate", validate.Range(min=EARLIEST, max=LATEST, error="range"))
        super().__init__(format="iso", default_timezone=None, **options)

    def _serialize(self, value, attr, obj, **kwargs):
        return None if value is None else value.astimezone(STATION_TIME).isoformat()


def one_of(*codes: str) -> validate.OneOf:
    """Accept these codes only."""
    return validate.OneOf(codes, error="one_of")


class Paging(Call):
    """Which page of a list: the cursor that the page before gave, and how many at most."""

    after = Id(load_default=None, metadata={"description": "cursor: `next` of the page before"})
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=200, error="range"),
        metadata={"description": "how many at most, 1 to 200"},
    )


def page_of(item: type[View]) -> type[View]:
    """Return the schema of a page: {"items": […], "next": cursor or null}."""
    return View.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(required=True, allow_none=True),
        },
        name=item.__name__ + "Page",
    )
