"""The resource library: who provides, what they offer, and what residents need.

Owns: communities, categories, providers, offers, needs, their private data, and the record of who was shown it.
Hears: nothing.
Says: provider.registered/changed/withdrawn, offer.published/changed/withdrawn, need.created/changed/withdrawn.
"""
