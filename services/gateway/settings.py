"""The gateway's configuration: from the environment only, every mistake reported at once at the start."""

from dataclasses import dataclass

import environs
from marshmallow import validate

from chassis import settings

THREADS = 32


@dataclass(frozen=True)
class GatewaySettings:
    """What the gateway needs to know beyond what every process does."""

    common: settings.Settings
    host: str
    port: int
    secret_key: str
    demo_password: str | None
    proxies: int = 0


def load() -> GatewaySettings:
    """Return the settings. Raises environs.EnvValidationError, which names what is missing or wrong."""
    env = environs.Env(eager=False)
    with env.prefixed("JINLIN_"):
        host, port = env.str("HTTP_HOST", "127.0.0.1"), env.int("HTTP_PORT", 8080)
        secret_key = env.str("SECRET_KEY", validate=validate.Length(min=12))
        env.str("DATA_KEYS", validate=validate.Length(min=1))
        proxies = env.int("PROXIES", 0, validate=validate.Range(min=0, max=5))
        demo = env.bool("DEMO", False)
        demo_password = env.str("DEMO_PASSWORD", validate=validate.Length(min=1)) if demo else None
    mistakes = {}
    try:
        env.seal()
    except environs.EnvValidationError as error:
        mistakes |= error.error_messages
    try:
        common = settings.load()
    except environs.EnvValidationError as error:
        mistakes |= error.error_messages
    if mistakes:
        raise environs.EnvValidationError("the environment is not complete", mistakes)
    return GatewaySettings(common, host, port, secret_key, demo_password, proxies)
