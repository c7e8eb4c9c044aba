"""Calls of the resource service, filed by what they are about."""
