"""The table of weights: seen by staff, changed by operators and the office."""

from datetime import UTC, datetime

import uuid_utils

from chassis.rpc import command, query
from contracts.calls.matching.suggestions import WeightChange, WeightChangePage, WeightPage, WeightView
from contracts.errors import NotFound
from contracts.fields import Paging
from services.matching.access import OPERATORS, READERS
from services.matching.weights import domain


class Weights:
    """How much each part of a score counts."""

    @query(takes=Paging, returns=WeightPage, roles=READERS)
    def list_weights(self, store, after, limit):
        return {"items": store.weights(), "next": None}

    @command(takes=WeightChange, returns=WeightView, roles=OPERATORS)
    def change_weight(self, store, part, points, version):
        """Give a part other points, on record; what is suggested from now on counts with them, and the rest soon does."""
        weights = store.lock_weights()
        before = next((weight for weight in weights if weight.part == part), None)
        if before is None:
            raise NotFound("unknown_weight", "part")
        changed = domain.change(weights, part, points, version)
        store.save_weight(str(uuid_utils.uuid7()), changed, before.points, store.caller.id, datetime.now(UTC))
        store.change_stamp()
        store.all_stale()
        return store.weight(part)

    @query(takes=Paging, returns=WeightChangePage, roles=READERS)
    def list_weight_changes(self, store, after, limit):
        return store.weight_changes(after=after, limit=limit)
