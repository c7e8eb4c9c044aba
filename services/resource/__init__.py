"""The resource library: who provides, what they offer, who is helped, and what they need.

Owns: categories and communities; providers, offers and the ledger of their stock; clients with their consents and
    assessments; needs; duplicates; lists from outside; private data and the record of who was shown them; honours.
Hears: match.delivered, claim.fulfilled/approved/rejected/released/lapsed, visit.recorded,
    pairing.begun/changed/ended.
Says: provider.registered/changed/withdrawn/verification_due, offer.published/changed/withdrawn/used_up,
    client.registered/changed/forgotten, need.created/changed/withdrawn/partly_met/met, category.changed, community.changed.
"""
