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

SHARE: Final = PULSE_S / SILENCE_S
"""Of all connections, how many are looked at in one beat."""


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
        self._wheel: OrderedDict[Beating, bool] = OrderedDict()
        """Whether it was pinged and has not been heard since."""
        self._due = 0.0

    def join(self, connection: Beating) -> None:
        """It was heard just now."""
        connection.heard = True
        self._wheel[connection] = False

    def leave(self, connection: Beating) -> None:
        """It has ended."""
        self._wheel.pop(connection, None)

    def beat(self) -> None:
        """Look at those whose turn it is: ping who was silent for a turn, cut who left a ping unanswered for one."""
        self._due += len(self._wheel) * SHARE
        due, self._due = divmod(self._due, 1)
        for connection in list(islice(self._wheel, int(due))):
            self._look_at(connection)

    def _look_at(self, connection: Beating) -> None:
        pinged = self._wheel[connection]
        if connection.heard:
            connection.heard = False
            self._wheel[connection] = False
        elif pinged:
            self.cut += 1
            self.leave(connection)
            connection.cut()
            return
        else:
            self._wheel[connection] = True
            connection.ping()
        self._wheel.move_to_end(connection)
