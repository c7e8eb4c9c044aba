"""Who is told what, in their inbox and on the channels that they chose.

Owns: messages, channels (the addresses sealed), what is still to be sent out.
Hears: need.matched/met, match.confirmed/scheduled/delivered/cancelled, claim.made/approved/rejected/reminded/lapsed/
    released/fulfilled, pairing.begun/changed/ended/alerted, visit.rescheduled/cancelled/missed,
    provider.verification_due, offer.used_up, grant.approved/rejected, booking.approved/rejected/cancelled.
Says: message.sent.
"""
