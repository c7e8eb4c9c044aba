"""The JSON API under /api: one table of routes for each area."""
