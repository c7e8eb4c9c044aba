"""Giving back (反哺): who received and later gave, honoured where they agree.

It looks back only. Nobody's need is ever tied to it: no need is registered, ranked, matched or refused by what
somebody gave or did not give, and nothing in matching reads what is kept here.
"""
