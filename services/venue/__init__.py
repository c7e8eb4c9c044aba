"""Rooms, and who may use them when.

Owns: sites, the spaces in them, and the bookings of each space, of which no two overlap.
Hears: nothing.
Says: booking.requested, booking.approved, booking.rejected, booking.cancelled.
"""
