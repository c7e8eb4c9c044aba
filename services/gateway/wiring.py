"""The application on what the settings name: its database, the broker, the services."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis.client import Client
from chassis.database import Transactions, connect
from chassis.logs import log
from chassis.privacy import Keyring
from services.gateway.app import create_app
from services.gateway.calls import Calls
from services.gateway.feed import Feed
from services.gateway.identity import Identity
from services.gateway.seed import seed
from services.gateway.settings import THREADS, GatewaySettings
from services.gateway.store import GatewayStore


def application(config: GatewaySettings) -> Flask:
    """Return the application, listening to the broker, with the demonstration users where they are wanted."""
    common = config.common
    engine = connect(common.database_url, name="jinlin-gateway", pool_size=THREADS // 2)
    secret = config.secret_key.encode()
    identity = Identity(Transactions(engine, GatewayStore), Keyring(common.data_keys), secret)
    if config.demo_password:
        log().info("demo_users_added", users=seed(identity, config.demo_password))
    feed = Feed(common.broker_url)
    feed.start()
    calls = Calls(Client(common.broker_url, common.data_keys))
    app = create_app(identity_of=identity, calls=calls, feed=feed, secret_key=config.secret_key)
    if config.proxies:
        # Only what our own proxies say of the caller is believed: an address for each of them, counted from the end.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)
    return app
