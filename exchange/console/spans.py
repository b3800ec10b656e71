"""Instants and durations as people type them: `20m`, `1h30m`, `+5m`, `2026-11-30T10:00Z`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from exchange.console import WrongUsage

_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SPAN: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
SECOND_US: Final = 1_000_000


def microseconds(text: str) -> int:
    """A duration such as 90s, 20m or 1d2h. Raises WrongUsage."""
    found = _SPAN.fullmatch(text)
    if not text or found is None:
        raise WrongUsage(f"{text!r} is no duration: write 90s, 20m, 1h30m or 2d.")
    counts = zip(_UNITS.values(), found.groups(default="0"), strict=True)
    return SECOND_US * sum(seconds * int(count) for seconds, count in counts)


def instant(text: str, now: datetime) -> str:
    """RFC 3339 of an instant, or of one that lies `+` a duration ahead. Raises WrongUsage."""
    at = now + timedelta(microseconds=microseconds(text[1:])) if text.startswith("+") else _read(text)
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_the_second(text: str) -> str:
    """An instant as REST writes it, without its fraction of a second."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(f"{text!r} is no instant: write 2026-11-30T10:00Z, or +5m from now.") from error
    if at.tzinfo is None:
        raise WrongUsage(f"{text!r} has no time zone: write {text}Z, or {text}+01:00.")
    return at


def countdown(us: int) -> str:
    """Time left, for people: 1:02:03, 4:05, 9.3 s; nothing below zero."""
    left_us = max(0, us)
    seconds = left_us // SECOND_US
    if seconds < 10:
        return f"{left_us / SECOND_US:.1f} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"
