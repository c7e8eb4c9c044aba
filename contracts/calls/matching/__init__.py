"""Calls of the matching service, filed by what they are about."""
