"""JSON lines on standard output; the correlation id is on every line that has one."""

import json
import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

import msgspec
import structlog

_about: ContextVar[Mapping] = ContextVar("about", default=MappingProxyType({}))


class about:
    """Put facts on every line that is logged inside the block."""

    def __init__(self, **facts):
        self.facts = facts

    def __enter__(self):
        self.before = _about.set({**_about.get(), **self.facts})

    def __exit__(self, *_):
        _about.reset(self.before)


def begin(**facts) -> None:
    """Put facts on every line from now on, instead of those before: where a thread turns to another request."""
    _about.set(facts)


def configure(service: str, level: int | str = logging.INFO) -> None:
    """Send everything that is logged, also by libraries, to standard output as one JSON object a line."""
    level = logging.getLevelName(level) if isinstance(level, str) else level
    ours = [
        lambda _, __, line: {"service": service, **_about.get(), **line},
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered = [structlog.processors.format_exc_info, _as_json]
    structlog.configure(
        processors=[*ours, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *ours],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("amqp", "kombu", "nameko", "pika", "sqlalchemy", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, level))


def _as_json(_, __, line: dict) -> str:
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except (TypeError, ValueError):
        # Half a surrogate pair, a key that is no text: whatever was logged is never lost for its form.
        return json.dumps({str(key): repr(value) for key, value in line.items()})


log = structlog.get_logger
