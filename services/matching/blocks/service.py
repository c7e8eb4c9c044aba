"""Staff keep a provider and somebody who is helped apart."""

from datetime import UTC, datetime

import uuid_utils

from chassis.rpc import command, query
from contracts.calls.matching.suggestions import BlockFilter, BlockPage, BlockView, NewBlock
from contracts.errors import Conflict, Forbidden, NotFound
from services.matching.access import STAFF
from services.matching.matches.service import lapse


class Blocks:
    """Pairs that are not brought together, whatever else speaks for them."""

    @command(takes=NewBlock, returns=BlockView, roles=STAFF)
    def block_pair(self, store, provider_id, client_id, reason):
        """Keep a provider and a client apart; open suggestions between them lapse, what is confirmed stays."""
        _must_be_known(store, provider_id, client_id)
        _must_see(store, client_id)
        id, now = str(uuid_utils.uuid7()), datetime.now(UTC)
        if not store.block(id, provider_id, client_id, reason, store.caller.id, now):
            raise Conflict("pair_blocked_already")
        need_ids, offer_ids = store.pairs_kept_apart(provider_id, client_id)
        for need_id in need_ids:
            need = store.lock_need(need_id)
            lapse(
                store,
                [m for m in store.proposals(need_id=need_id) if m.offer_id in offer_ids],
                need.community,
                "blocked",
            )
        store.forget_edges_between(need_ids, offer_ids)
        store.look_again(need_ids=need_ids)
        return store.blocked_pair(id)

    @command(returns=BlockView, roles=STAFF)
    def unblock_pair(self, store, id):
        """Keep a pair apart no longer; who did and when stays on record."""
        block = store.blocked_pair(id)
        if block is None:
            raise NotFound("unknown_block", "id")
        _must_see(store, str(block["client_id"]))
        if not store.unblock(id, store.caller.id, datetime.now(UTC)):
            raise Conflict("pair_not_blocked")
        need_ids, _ = store.pairs_kept_apart(str(block["provider_id"]), str(block["client_id"]))
        store.look_again(need_ids=need_ids)
        return store.blocked_pair(id)

    @query(takes=BlockFilter, returns=BlockPage, roles=STAFF)
    def list_blocked_pairs(self, store, **filters):
        return store.blocked_pairs(communities=store.caller.communities, **filters)


def _must_be_known(store, provider_id, client_id):
    """Refuse what is mistyped: somebody would rely on two being kept apart who are not."""
    known = store.who_is_known(provider_id, client_id)
    if not known["provider"]:
        raise NotFound("unknown_provider", "provider_id")
    if not known["client"]:
        raise NotFound("unknown_client", "client_id")


def _must_see(store, client_id):
    """Refuse somebody whose communities are none of those in which the client has needs."""
    if store.caller.communities and not set(store.caller.communities) & set(store.communities_of_client(client_id)):
        raise Forbidden("community_forbidden", "client_id")
