"""JSON lines on standard output; the correlation id is on every line that has one."""

import logging
import sys

import structlog


def configure(service: str, level: int | str = logging.INFO) -> None:
    """Send everything that is logged, also by libraries, to standard output as one JSON object a line."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _, __, line: {"service": service, **line},
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("amqp", "kombu", "nameko", "pika", "sqlalchemy", "alembic"):
        logging.getLogger(chatty).setLevel(
            max(logging.WARNING, logging.getLevelName(level) if isinstance(level, str) else level)
        )


log = structlog.get_logger
