"""Visits of pairings: planned, recorded, missed, and what staff are alerted to."""
