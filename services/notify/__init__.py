"""Who is told what, in their inbox and on the channels that they chose.

Owns: messages, channels (the addresses sealed), what is still to be sent out.
Hears: need.matched, match.confirmed, grant.approved/rejected, booking.approved/rejected/cancelled.
Says: message.sent.
"""
