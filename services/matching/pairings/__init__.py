"""Pairings: somebody keeps coming to a person, by a plan."""
