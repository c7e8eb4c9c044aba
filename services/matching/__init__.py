"""Which offer may serve which need.

Owns: projections of needs and offers, the matches between them, what was set aside of each.
Hears: need.created/changed/withdrawn, offer.published/changed/withdrawn.
Says: match.proposed, need.matched, match.confirmed, match.declined, match.lapsed.
"""
