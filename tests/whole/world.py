"""The whole exchange in one process, on frames: real engine, sessions and feeds; clock and chance from the test.

Actors have a part in a script; who plays which part is the world's choice. What every actor is sent is
kept with its instant, byte for byte.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from msgspec import to_builtins

from exchange.core.messages import MemberCommand, RegisterMember, Reply, Role
from exchange.engine.sequencer import Engine
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.websocket.feed import Feed
from exchange.gateway.websocket.outlet import Post
from exchange.gateway.websocket.seats import Seats
from exchange.gateway.websocket.session import Session
from exchange.journal.memory import MemoryJournal, MemoryStore
from tests.engine.venue import HandClock, an_engine, ask, running


class Line:
    """A connection that keeps what was written to it."""

    def __init__(self, clock: HandClock) -> None:
        self.sent: list[tuple[int, bytes]] = []
        self.closed: tuple[int, str] | None = None
        self._clock = clock

    def write(self, frames: bytes) -> None:
        """Keep the frames, with the instant."""
        self.sent.append((self._clock.monotonic, frames))

    def buffered(self) -> int:
        """A fast reader."""
        return 0

    def close(self, code: int, reason: str) -> None:
        """Keep why."""
        self.closed = (code, reason)

    @property
    def text(self) -> bytes:
        """Everything that was sent."""
        return b"".join(frames for _, frames in self.sent)


class KnownKeys:
    """A key is the name of its member."""

    def find(self, key: str) -> Identity | None:
        """Every scope for everybody."""
        return Identity(key, f"key of {key}", frozenset(Scope))


class World:
    """Actors at their connections. `members` tells the member id of each actor."""

    def __init__(self, engine: Engine, clock: HandClock, members: Mapping[str, str]) -> None:
        self.engine = engine
        self.clock = clock
        self.members = members
        self.lines = {actor: Line(clock) for actor in members}
        post = Post(engine.now_us, asyncio.get_running_loop().call_soon)
        self.feed = Feed(engine.views, engine.epoch, engine.now_us, post)
        engine.on_release = self.feed.release
        seats, keys = Seats(), KnownKeys()
        self._sessions = {
            actor: Session(line, engine, keys, self.feed, seats) for actor, line in self.lines.items()
        }
        self._refs = dict.fromkeys(members, 0)

    async def quiet(self) -> None:
        """Until nothing is under way any more."""
        for _ in range(30):
            await asyncio.sleep(0)
        assert self.engine.waiting == 0

    async def say(self, actor: str, frame: Mapping[str, object]) -> None:
        """One frame from the actor, and everything that follows from it."""
        self._sessions[actor].receive(json.dumps(frame).encode())
        await self.quiet()

    async def do(self, actor: str, command: MemberCommand) -> None:
        """A command with the actor's next ref."""
        self._refs[actor] += 1
        await self.say(actor, to_builtins(command) | {"ref": self._refs[actor]})

    async def all_say(self, frame: Mapping[str, object], *but: str) -> None:
        """The same frame from everybody, in one order."""
        for actor in self.members:
            if actor not in but:
                await self.say(actor, frame)

    def heard(self, actor: str) -> list[tuple[int, bytes]]:
        """Instants and bytes of what the actor was sent."""
        return self.lines[actor].sent


@asynccontextmanager
async def a_world(roles: Mapping[str, tuple[Role, ...]], parts: Mapping[str, str]) -> AsyncIterator[World]:
    """An exchange whose members are admitted in the order of `roles`.

    `parts` tells for some of the names in `roles` which actor the member plays; the others play themselves.
    """
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock)
    async with running(engine):
        members: dict[str, str] = {}
        for name, given in roles.items():
            reply = await ask(engine, "", RegisterMember(roles=given))
            assert isinstance(reply, Reply)
            members[parts.get(name, name)] = reply.id
        world = World(engine, clock, {actor: members[actor] for actor in sorted(members)})
        for actor, member_id in world.members.items():
            await world.say(actor, {"type": "hello", "key": member_id})
        yield world
