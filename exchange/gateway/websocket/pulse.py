"""Which connections still have somebody at their other end: silent ones are pinged, and cut if they stay silent.

Guarantees: nobody is cut before a ping to it has waited for a whole SILENCE_S, however long this process stood
still; pings never come in a flood, however many connections spoke last in the same moment, because each has a place
of its own on a wheel. (With a timer of its own for each, ten thousand bidders who subscribed at the opening were
pinged in one second, every fifteen seconds: for half a second no bid got through.)
Doesn't know what a message is.
"""

from collections import OrderedDict
from itertools import islice
from typing import Final, Protocol

from exchange.gateway.limits import PULSE_S, SILENCE_S

TURN: Final = round(SILENCE_S / PULSE_S)
"""Beats in which all connections are looked at."""


class Beating(Protocol):
    """A connection. `heard`: whether anything came in since this was last set to false."""

    heard: bool

    def ping(self) -> None:
        """Ask for an answer, which counts as heard."""
        ...

    def cut(self) -> None:
        """End it without a word."""
        ...


class Pulse:
    """All connections on a wheel that turns once in SILENCE_S. `beat` is called every PULSE_S."""

    def __init__(self) -> None:
        self.cut = 0
        self._wheel: OrderedDict[Beating, int] = OrderedDict()
        """The beat at which each was pinged, while it has not been heard since; else 0."""
        self._beats = 0
        self._due = 0

    def join(self, connection: Beating) -> None:
        """It was heard just now."""
        connection.heard = True
        self._wheel[connection] = 0

    def leave(self, connection: Beating) -> None:
        """It has ended."""
        self._wheel.pop(connection, None)

    def beat(self) -> None:
        """Look at those whose turn it is: ping who was silent for a turn, cut who left a ping unanswered for one."""
        self._beats += 1
        due, self._due = divmod(self._due + len(self._wheel), TURN)
        for connection in list(islice(self._wheel, due)):
            self._look_at(connection)

    def _look_at(self, connection: Beating) -> None:
        """Others may have come since, and its turn with them: a ping is given its time all the same."""
        pinged_at = self._wheel[connection]
        if connection.heard:
            connection.heard = False
            self._wheel[connection] = 0
        elif not pinged_at:
            self._wheel[connection] = self._beats
            connection.ping()
        elif self._beats - pinged_at >= TURN:
            self.cut += 1
            self.leave(connection)
            connection.cut()
            return
        self._wheel.move_to_end(connection)
