"""What is said between the services and to the outside: events, calls and refusals.

Standard library, marshmallow and uuid-utils only; imports nothing else of ours, so that another
system can take this package alone.
"""
