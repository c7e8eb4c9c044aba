"""The stock of offers: what came in, what went out, and whether the books agree."""

from marshmallow import fields

from contracts.fields import Call, Count, Id, Moment, PublicText, View, one_of, page_of


class _Noted(Call):
    note = PublicText(least=0, most=200, load_default="")


class StockReceived(_Noted):
    quantity = Count(required=True)
    kind = fields.String(load_default="received", validate=one_of("received", "returned"))


class StockCounted(_Noted):
    found = Count(required=True, least=0, metadata={"description": "how much is there, counted"})


class StockWrittenOff(_Noted):
    quantity = Count(required=True)


class MovementView(View):
    id = Id(required=True)
    offer_id = Id(required=True)
    kind = fields.String(
        required=True, metadata={"description": "received, given, returned, corrected, written_off or expired"}
    )
    quantity = fields.Integer(required=True, metadata={"description": "what came in; negative what went out"})
    source = Id(required=True, allow_none=True, metadata={"description": "the match that it follows from"})
    note = fields.String(required=True)
    moved_by = fields.String(required=True)
    moved_at = Moment(required=True)


class Reconciliation(View):
    """The ledger, replayed, beside what the offer says."""

    offer_id = Id(required=True)
    agrees = fields.Boolean(required=True)
    movements = fields.Integer(required=True)
    received = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    corrected = fields.Integer(required=True)
    written_off = fields.Integer(required=True)
    expired = fields.Integer(required=True)
    given = fields.Integer(required=True)
    on_hand = fields.Integer(required=True)
    said_given = fields.Integer(required=True, metadata={"description": "what the offer says"})
    said_on_hand = fields.Integer(required=True, metadata={"description": "what the offer says"})


MovementPage = page_of(MovementView)
