"""Logs: one JSON object a line on stderr, made by structlog and orjson. Secrets and names never go in."""

import sys
from io import TextIOBase
from typing import Any, TextIO, cast

import orjson
import structlog


class _Stderr(TextIOBase):
    """Whatever stderr is when a line is written: it may be redirected after logging was set up."""

    def write(self, text: str, /) -> int:
        """Pass the text on."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Pass it through."""
        sys.stderr.flush()


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
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )
