"""Which offer may serve which need, who claims what nobody has offered, and who keeps coming to whom.

Owns: projections of needs, offers, providers, clients and words; what was set aside of each; suggestions, matches,
    deliveries, plans of the whole board; the claim board: listings, claims, their rules; pairings and their visits.
Hears: need.created/changed/withdrawn/met, offer.published/changed/withdrawn/used_up, provider.registered/changed/
    withdrawn, client.registered/changed/forgotten, category.changed, community.changed.
Says: match.proposed/confirmed/declined/lapsed/scheduled/delivered/cancelled/rated, need.matched, board.planned,
    need.opened_for_claim, need.closed_for_claim, claim.made/approved/rejected/reminded/released/lapsed/fulfilled,
    pairing.begun/changed/alerted/ended, visit.recorded/rescheduled/cancelled/missed.
"""
