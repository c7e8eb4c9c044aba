"""The HTTP door: who is calling, in what words, and what answer they get. No rule of the domain.

Owns: users, their roles and communities, their sessions.
Hears: every event, for the people who are watching at that moment; it keeps none.
Says: nothing.
"""
