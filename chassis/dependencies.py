"""What a service declares: its database, and the keys to private data.

    db = Database(MatchingStore)
    keyring = Keys()

Commands and listeners get an open `store`; `with self.db.transaction() as store:` opens one by hand.
"""

from nameko.extensions import DependencyProvider

from chassis.database import Transactions, connect
from chassis.privacy import Keyring
from chassis.relay import Relay


class Database(DependencyProvider):
    """The service's database, as a nameko dependency."""

    relay = Relay()

    def __init__(self, store_class):
        self.store_class = store_class

    def setup(self):
        config = self.container.config["settings"]
        engine = connect(
            config.database_url, name=f"jinlin-{self.container.service_name}", pool_size=config.max_workers + 5
        )
        self.transactions = Transactions(engine, self.store_class, on_published=self.relay.wake)
        self.relay.engine = engine

    def get_dependency(self, worker_ctx):
        return BoundDatabase(self.transactions, worker_ctx.data)


class BoundDatabase:
    """The database as one call sees it: what it publishes carries the call's correlation id."""

    def __init__(self, transactions: Transactions, context: dict):
        self.transactions, self.context = transactions, context

    def transaction(self, **options):
        """Open a store; see Transactions.transaction."""
        return self.transactions.transaction(**options)


class Keys(DependencyProvider):
    """The keyring of a service that keeps or passes on private data; with `index`, it also finds such data again."""

    def __init__(self, *, index: bool = False):
        self.index = index

    def setup(self):
        config = self.container.config["settings"]
        self.keyring = Keyring(config.data_keys, config.index_key)

    def get_dependency(self, worker_ctx):
        return self.keyring
