"""What connections asked to be done when they are lost: the orders of their session are cancelled.

Guarantees: a wish that the engine can't take now (it is halted or busy) is submitted again every second until it
does. A session in which another connection speaks has not been lost.
Known limits: a crash of the exchange loses no connection that it could still see; `cancel_after` covers that too.
"""

from collections.abc import Iterable

from exchange.core.messages import CancelAll
from exchange.core.rejects import RejectCode
from exchange.gateway.websocket.session import Engine, Session

_LATER = (RejectCode.HALTED, RejectCode.BUSY)


class Farewells:
    """Wishes by member and session; each is kept until the engine has taken it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.waiting: dict[tuple[str, int], CancelAll] = {}

    def say(self, lost: Session, others: Iterable[Session]) -> None:
        """The connection is gone; `others` are those still there."""
        wish = lost.last_wish()
        if wish is None:
            return
        speaker = lost.member_id, lost.number
        if any(other.identity and (other.member_id, other.number) == speaker for other in others):
            return
        self.waiting[speaker] = wish
        self.retry()

    def retry(self) -> None:
        """Submit what waits."""
        for (member_id, number), wish in list(self.waiting.items()):
            refused = self._engine.submit(member_id, 0, wish, None)
            if refused is None or refused.code not in _LATER:
                del self.waiting[member_id, number]
