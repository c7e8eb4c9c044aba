"""Configuration: from the environment only, every mistake reported at once at the start."""

import base64
from dataclasses import dataclass

import environs
import marshmallow

from chassis import broker

PREFETCH = 400
BATCH = 200


@dataclass(frozen=True)
class Settings:
    """What a service process needs to know."""

    broker_url: str
    database_url: str
    health_host: str
    health_port: int
    log_level: str
    data_keys: tuple[tuple[str, bytes], ...]
    index_key: bytes
    max_workers: int


def load(*, seals: bool = False, looks_up: bool = False) -> Settings:
    """Return the settings of a service process; one that seals private data, or looks it up, needs the keys for that.

    Raises environs.EnvValidationError, which names every variable that is missing or wrong.
    """
    env = environs.Env(eager=False)
    with env.prefixed("JINLIN_"):
        settings = Settings(
            broker_url=env.str("BROKER_URL", validate=_broker_address),
            database_url=env.str("DATABASE_URL", validate=_starts_with("postgresql+psycopg2://")),
            health_host=env.str("HEALTH_HOST", "127.0.0.1"),
            health_port=env.int("HEALTH_PORT", 0),
            log_level=env.log_level("LOG_LEVEL", "INFO"),
            data_keys=_data_keys(env, needed=seals),
            index_key=_index_key(env, needed=looks_up),
            max_workers=env.int("MAX_WORKERS", 10),
        )
    env.seal()
    return settings


def _data_keys(env, needed) -> tuple[tuple[str, bytes], ...]:
    def check(text):
        if needed and not text:
            raise marshmallow.ValidationError("is needed where private data are kept")
        for part in filter(None, text.split(",")):
            name, _, key = part.partition(":")
            if not name.isalnum() or len(_key(key)) not in (16, 24, 32):
                raise marshmallow.ValidationError("must be id:base64 of 16, 24 or 32 bytes, separated by commas")

    text = env.str("DATA_KEYS", *([] if needed else [""]), validate=check) or ""
    return tuple(
        (name, _key(key)) for name, _, key in (part.partition(":") for part in text.split(",")) if name and key
    )


def _index_key(env, needed) -> bytes:
    def check(text):
        # Numbers of telephones are few: without a key, or with a short one, their hashes are soon guessed.
        if (text or needed) and len(_key(text)) < 16:
            raise marshmallow.ValidationError("must be base64 of at least 16 bytes")

    return _key(env.str("INDEX_KEY", *([] if needed else [""]), validate=check))


def _key(text) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except ValueError:
        return b""


def _broker_address(text):
    try:
        broker.Address.read(text)
    except ValueError as error:
        raise marshmallow.ValidationError(str(error)) from error


def _starts_with(prefix):
    def check(text):
        if not text.startswith(prefix):
            raise marshmallow.ValidationError(f"must start with {prefix}")

    return check
