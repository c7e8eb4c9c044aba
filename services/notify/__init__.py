"""Who is told what, in their inbox and on the channels that they chose.

Owns: messages, channels (the addresses sealed), what is still to be sent out; what providers agreed to be told.
Hears: need.matched/met, match.confirmed/scheduled/delivered/cancelled, claim.made/approved/rejected/reminded/lapsed/
    released/fulfilled, pairing.begun/changed/ended/alerted, visit.rescheduled/cancelled/missed,
    need.opened_for_claim, provider.registered/changed/withdrawn/verification_due, offer.used_up,
    grant.approved/rejected, booking.approved/rejected/cancelled.
Says: message.sent.
"""
