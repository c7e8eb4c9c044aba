"""Needs on the claim board."""
