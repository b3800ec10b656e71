"""A member that speaks REST: no session, but an Idempotency-Key, and the same request again until there is an answer.

The HTTP around it is left out: a request reaches the engine after a while or never, and so does its answer.
"""

from random import Random
from typing import NamedTuple, Protocol

from msgspec.json import encode

from exchange.core.messages import AnyCommand as Command
from exchange.core.messages import MemberCommand, Reply
from exchange.core.rejects import Reject
from exchange.gateway.websocket.wire import decode
from exchange_client.messages import AnyCommand
from tests.simulation.loop import SimLoop
from tests.simulation.net import Weather
from tests.simulation.server import Server
from tests.simulation.temper import SECOND
from tests.simulation.truth import Broken, Truth

LOST = 0.1
"""Share of requests, and of answers, that never arrive."""
PATIENCE_US = SECOND
"""Then the same request is sent again."""


class Letter(NamedTuple):
    """A request; `key` is the hash of its Idempotency-Key."""

    key: str
    command: Command


class Surroundings(Protocol):
    """The world, as the postman sees it."""

    loop: SimLoop
    chance: Random
    weather: Weather
    truth: Truth
    stormy: bool

    def listening(self) -> Server | None:
        """Whoever takes requests now."""
        ...


class Postman:
    """Sends for one member. What it sends survives: it writes it down before."""

    def __init__(self, world: Surroundings, member_id: str) -> None:
        self.world = world
        self.member_id = member_id
        self.open: dict[str, Letter] = {}
        self.answered = 0
        self._sent = 0

    def post(self, wish: AnyCommand) -> None:
        """Send a new request of a client."""
        command = decode(encode(wish))
        assert isinstance(command, MemberCommand)
        self.send(command)

    def send(self, command: Command) -> None:
        """Send a new request."""
        self._sent += 1
        letter = Letter(f"key-{self._sent}", command)
        self.open[letter.key] = letter
        self._send(letter)

    def _send(self, letter: Letter) -> None:
        if letter.key not in self.open:
            return
        world = self.world
        self._later(PATIENCE_US, self._send, letter)
        for _ in range(2 if world.chance.random() < LOST else 1):
            if not self._is_lost():
                self._later(world.weather.latency_us(), self._arrive, letter)

    def _arrive(self, letter: Letter) -> None:
        server = self.world.listening()
        if server is None:
            return
        context = self.world.loop.context_of(server.host)
        self.world.loop.call_soon(self._submit, server, letter, context=context)

    def _submit(self, server: Server, letter: Letter) -> None:
        server.engine.submit(self.member_id, 0, letter.command, _Answer(self, letter), letter.key)

    def answer(self, letter: Letter, reply: Reply) -> None:
        """The exchange answers: that must be durable, and what it always says to this key."""
        self.world.truth.catch_up()
        due = self.world.truth.by_key.get((self.member_id, letter.key))
        if due != reply:
            raise Broken("P6", f"{letter} is answered with {reply}; durable is {due}")
        if not self._is_lost():
            self._later(self.world.weather.latency_us(), self._hear, letter)

    def _hear(self, letter: Letter) -> None:
        self.answered += self.open.pop(letter.key, None) is not None

    def _is_lost(self) -> bool:
        return self.world.stormy and self.world.chance.random() < LOST

    def _later(self, us: int, what: object, letter: Letter) -> None:
        assert callable(what)
        loop = self.world.loop
        loop.call_at_us(loop.now_us + us, what, letter, context=loop.context_of("postman"))


class _Answer:
    """The sink of a request."""

    def __init__(self, postman: Postman, letter: Letter) -> None:
        self._postman = postman
        self._letter = letter

    def settled(self, reply: Reply) -> None:
        """It is on its way."""
        self._postman.answer(self._letter, reply)

    def lost(self, reject: Reject) -> None:
        """Nobody knows: the request will come again."""
