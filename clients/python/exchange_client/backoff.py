"""Pauses between attempts."""

from collections.abc import Callable

Draw = Callable[[int], int]
"""Chance, handed in: `draw(n)` is an integer from 0 to n - 1, each as likely."""

_DOUBLINGS_MAX = 30


class Backoff:
    """Growing pauses with full jitter: from nothing up to a bound that doubles with every attempt."""

    __slots__ = ("_attempts", "_draw", "_first_us", "_last_us")

    def __init__(self, first_us: int, last_us: int, draw: Draw) -> None:
        self._first_us = first_us
        self._last_us = last_us
        self._draw = draw
        self._attempts = 0

    def pause_us(self) -> int:
        """How long to wait before the next attempt."""
        bound_us = min(self._first_us << self._attempts, self._last_us)
        self._attempts = min(self._attempts + 1, _DOUBLINGS_MAX)
        return self._draw(bound_us + 1)

    def reset(self) -> None:
        """It worked: begin anew with short pauses."""
        self._attempts = 0
