"""How the services speak, keep and survive: nameko, RabbitMQ and PostgreSQL. Knows no word of the domain.

Read in this order: database, outbox, inbox, listen, rpc; then broker, health, redrive.
"""
