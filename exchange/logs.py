"""Logs: one JSON object a line on stderr, made by structlog and orjson. Secrets and names never go in."""

import sys
from typing import Any

import orjson
import structlog


def _as_json(event: dict[str, Any], **_: object) -> str:
    return orjson.dumps(event, default=str).decode()


def log_as_json(level: int = 20) -> None:
    """Set logging up for this process; `level` as in the standard library (20: info, 30: warnings)."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
