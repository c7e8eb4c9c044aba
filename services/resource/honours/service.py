"""What is heard of deliveries, and the roll of honour."""

from datetime import UTC, datetime

from chassis.listen import listen
from chassis.rpc import command, query
from contracts.calls.resource import honours as calls
from contracts.matching import ClaimFulfilled, MatchDelivered, VisitRecorded
from services.resource import access
from services.resource.honours import domain
from services.resource.providers.domain import Provider


class Honours:
    """Who received and later gave. Nobody's need is ever tied to it."""

    @listen(MatchDelivered)
    def on_match_given(self, event, store):
        store.keep_service(domain.of_match(event))

    @listen(ClaimFulfilled)
    def on_claim_given(self, event, store):
        store.keep_service(domain.of_claim(event))

    @listen(VisitRecorded)
    def on_visit_given(self, event, store):
        for service in domain.of_visit(event):
            store.keep_service(service)

    @query(takes=calls.GiverFilter, returns=calls.GiverPage, roles=access.STAFF)
    def list_givers_back(self, store, **filters):
        return store.givers_back(communities=store.caller.communities, **filters)

    @query(takes=calls.HonourFilter, returns=calls.HonourPage, roles=access.EVERYBODY)
    def roll_of_honour(self, store, **filters):
        """Return who agreed to be named; who withdraws that is gone from the next look on."""
        return store.honoured(**filters)

    @command(takes=calls.HonourAgreement, returns=calls.HonourAgreementView, roles=access.STAFF)
    def agree_to_honour(self, store, id, agreed):
        """Keep whether somebody agreed to be named as one who received and gives back."""
        provider = access.mine(store, Provider, id)
        domain.check_agreement(agreed, provider.client_id, provider.named)
        return store.agree_to_honour(id, provider.client_id, agreed, store.caller.id, datetime.now(UTC))
