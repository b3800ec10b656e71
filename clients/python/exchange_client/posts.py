"""Commands and questions on their way, as asyncio sees them."""

import asyncio
from collections.abc import Callable, Generator

from exchange_client.errors import ExchangeError
from exchange_client.inflight import NEVER, Posted
from exchange_client.messages import AnyCommand
from exchange_client.resolving import Resolution
from exchange_client.shown import Ack


class Post(Posted):
    """A posted command. `await` it for its Ack, or for Rejected or Unknown raised; as often as you like.

    `outcome` is one of the three, and nothing before it is final. `then` is called with the post when it is, which
    costs less than a task that awaits it.
    """

    __slots__ = ("_waiting", "then")

    def __init__(
        self, command: AnyCommand, deadline_us: int = NEVER, then: "Callable[[Post], object] | None" = None
    ) -> None:
        super().__init__(command, deadline_us)
        self.then = then
        self._waiting: list[asyncio.Future[None]] = []

    def __await__(self) -> Generator[object, None, Ack]:
        if self.outcome is None:
            yield from _turn(self._waiting)
        return _ack(self.outcome)

    def wake(self) -> None:
        """The outcome is there; the client calls this once."""
        _wake(self._waiting)
        if self.then:
            self.then(self)


class Question(Resolution):
    """A question about a ref, awaited by any number of callers."""

    __slots__ = ("_waiting",)

    def __init__(self, ref: int, deadline_us: int) -> None:
        super().__init__(ref, deadline_us)
        self._waiting: list[asyncio.Future[None]] = []

    def __await__(self) -> Generator[object, None, Ack]:
        if self.outcome is None:
            yield from _turn(self._waiting)
        return _ack(self.outcome)

    def wake(self) -> None:
        """The outcome is there; the client calls this once."""
        _wake(self._waiting)


def _turn(waiting: list[asyncio.Future[None]]) -> Generator[object, None, None]:
    """Wait in line; each has a future of its own, so that one who gives up disturbs nobody."""
    future = asyncio.get_running_loop().create_future()
    waiting.append(future)
    yield from future


def _wake(waiting: list[asyncio.Future[None]]) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(None)


def _ack(outcome: Ack | ExchangeError | None) -> Ack:
    assert outcome is not None, "nobody is woken before the outcome is there"
    if isinstance(outcome, ExchangeError):
        raise outcome
    return outcome
