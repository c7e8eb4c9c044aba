"""The community fund: who asks for money, and who gets it.

Owns: funds and what is left of them, applications and what was decided on them.
Hears: nothing.
Says: fund.opened, grant.submitted, grant.approved, grant.rejected.
"""
