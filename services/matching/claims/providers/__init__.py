"""Providers as matching knows them."""
