"""Queries about what was delivered, and how it flows between communities."""

from datetime import UTC, datetime, timedelta

from chassis.rpc import query
from contracts.calls.matching import flows as calls
from contracts.fields import STATION_TIME
from services.matching.access import READERS
from services.matching.flows import domain


class Flows:
    """What was delivered, from where to where."""

    @query(takes=calls.FlowFilter, returns=calls.FlowPage, roles=READERS)
    def list_flows(self, store, since, until, **filters):
        """Return the matrix of communities by category and month; flows within a community are part of it."""
        first, after = domain.months(since, until, datetime.now(UTC).astimezone(STATION_TIME).date())
        page = store.flows(first, after, communities=store.caller.communities, **filters)
        return page | {"since": f"{first:%Y-%m}", "until": f"{after - timedelta(days=1):%Y-%m}"}

    @query(takes=calls.DeliveryFilter, returns=calls.DeliveryPage, roles=READERS)
    def list_deliveries(self, store, **filters):
        return store.deliveries(communities=store.caller.communities, **filters)
