"""The services: each owns a database, says events of its own, and knows the others only by theirs."""
