"""Many sockets in a process of their own that are told one thing: `python -m benchmarks.arena.crowd CORE`.

Reads one task a line of JSON on stdin and answers each with a line on stdout. `Gather` connects, says hello and
subscribes; `Bid` lets one connection bid and waits until every connection was told of it; `Watch` waits until every
channel was told something with a word in it. `Stand` connects to the bare peer, `Poke` asks it for one round.
CORE is the processor it stays on, -1 for any.

Known limits: many connections come from many addresses of 127.0.0.0/8, which Linux has and others have not.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Callable
from time import perf_counter_ns, time_ns
from typing import Final, cast

import msgspec
import uvloop
from msgspec import Struct

from benchmarks.load import frames
from benchmarks.load.connection import LoadError

PATH: Final = "/v1/ws"
PER_ADDRESS: Final = 200
AT_ONCE: Final = 100
PATIENCE_S: Final = 60.0
TELLS: Final = b'{"type":"lot'
"""How a payload begins that tells of a lot."""


class Gather(Struct, frozen=True, tag="gather"):
    """A connection for each key, which follows its channels. With a bid, it bids before it subscribes."""

    host: str
    port: int
    keys: list[str]
    channels: list[list[str]]
    first_bids: list[int] = []
    lot_id: str = ""


class Bid(Struct, frozen=True, tag="bid"):
    """Let connection `number` bid."""

    number: int
    lot_id: str
    price: int


class Watch(Struct, frozen=True, tag="watch"):
    """Wait until so many frames have the word in them."""

    word: str
    count: int
    patience_s: float


class Stand(Struct, frozen=True, tag="stand"):
    """So many connections to the bare peer."""

    host: str
    port: int
    count: int


class Poke(Struct, frozen=True, tag="poke"):
    """Ask the bare peer to send one frame to everybody."""


Task = Gather | Bid | Watch | Stand | Poke


class Told(Struct, frozen=True):
    """How long it took until each connection was told, and how much all were told; or when each frame came."""

    first_ms: float = 0.0
    median_ms: float = 0.0
    last_ms: float = 0.0
    frame_bytes: int = 0
    came_us: list[int] = []


class Listener(asyncio.Protocol):
    """One connection, to the exchange or to the bare peer: what comes in is read the same way, frame by frame."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        self._reader = frames.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """To the bare peer nothing is said before it is poked."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Frames."""
        for first, payload in self._reader.frames(data):
            if payload.startswith(TELLS):
                self._hear(payload)
            else:
                self._read(first, payload)

    def _read(self, first: int, payload: bytes) -> None:
        raise LoadError(f"the peer says {payload!r}")


class Member(Listener):
    """One connection to the exchange. `hear` is called with each payload that tells of a lot."""

    def __init__(self, hello: bytes, upgrade: bytes, hear: Callable[[bytes], None]) -> None:
        super().__init__(hear)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.acked: asyncio.Future[None] | None = None
        self._hello, self._upgrade = hello, upgrade
        self._head = b""
        self._upgraded = False
        self.ref = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        super().connection_made(transport)
        self.transport.write(self._upgrade)

    def data_received(self, data: bytes) -> None:
        """The head of the answer; then frames."""
        if not self._upgraded:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._upgraded = True
            self.transport.write(self._hello)
        super().data_received(data)

    def _read(self, first: int, payload: bytes) -> None:
        if first == frames.PING:
            self.transport.write(frames.frame(frames.PONG, payload))
        elif first == frames.CLOSE:
            raise LoadError(f"the server closed a connection: {payload!r}")
        elif payload.startswith(b'{"type":"ack"'):
            if self.acked is not None:
                self.acked.set_result(None)
                self.acked = None
        elif payload.startswith(b'{"type":"welcome"'):
            self.ready.set_result(None)
        elif payload.startswith((b'{"type":"rejected"', b'{"type":"error"')):
            raise LoadError(f"refused: {payload!r}")

    def say(self, message: dict[str, object]) -> None:
        """Send one message."""
        self.transport.write(frames.text_frame(msgspec.json.encode(message)))

    def bid(self, lot_id: str, price: int) -> None:
        """Send one bid."""
        self.ref += 1
        self.say({"type": "submit_bid", "ref": self.ref, "lot_id": lot_id, "price": price})


class Crowd:
    """All connections, and what they have heard since the last mark."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.bare: list[Listener] = []
        self._came_ns: list[int] = []
        self._bytes = 0
        self._wanted = 0
        self._full: asyncio.Future[None] | None = None
        self._word = b""
        self._watched_us: list[int] = []

    def hear(self, payload: bytes) -> None:
        """A frame came in."""
        if self._word:
            if self._word not in payload:
                return
            self._watched_us.append(time_ns() // 1_000)
        self._came_ns.append(perf_counter_ns())
        self._bytes += len(payload)
        if len(self._came_ns) == self._wanted and self._full is not None:
            self._full.set_result(None)

    async def _until(self, count: int, act: Callable[[], None], patience_s: float = PATIENCE_S) -> int:
        """Act, and wait until so many frames have come; when it acted."""
        self._came_ns, self._bytes, self._wanted = [], 0, count
        self._full = asyncio.get_running_loop().create_future()
        began = perf_counter_ns()
        act()
        async with asyncio.timeout(patience_s):
            await self._full
        self._full = None
        return began

    def _told(self, began: int) -> Told:
        came = [(at - began) / 1e6 for at in self._came_ns]
        return Told(came[0], came[len(came) // 2], came[-1], self._bytes // len(came))

    # --- tasks -----------------------------------------------------------------------------------

    async def gather(self, task: Gather) -> Told:
        """Connect, bid where that is wanted, and follow."""
        upgrade = frames.upgrade_request(task.host, task.port, PATH)
        for first in range(0, len(task.keys), AT_ONCE):
            await asyncio.gather(*(
                self._join(task, number, upgrade) for number in range(first, min(first + AT_ONCE, len(task.keys)))
            ))  # fmt: skip
        for number, price in enumerate(task.first_bids):
            member = self.members[number]
            member.acked = asyncio.get_running_loop().create_future()
            acked = member.acked
            member.bid(task.lot_id, price)
            await acked
        pictures = sum(len(channels) for channels in task.channels)
        await self._until(pictures, lambda: self._follow(task))
        return Told()

    async def _join(self, task: Gather, number: int, upgrade: bytes) -> None:
        hello = frames.text_frame(msgspec.json.encode({"type": "hello", "key": task.keys[number]}))
        member = Member(hello, upgrade, self.hear)
        here = f"127.0.0.{1 + number // PER_ADDRESS}", 0
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: member, task.host, task.port, local_addr=here)
        await member.ready
        self.members.append(member)

    def _follow(self, task: Gather) -> None:
        for member, channels in zip(self.members, task.channels, strict=True):
            for channel in channels:
                member.say({"type": "subscribe", "channel": channel})

    async def bid(self, task: Bid) -> Told:
        """Everybody is told of one bid."""
        member = self.members[task.number]
        return self._told(await self._until(len(self.members), lambda: member.bid(task.lot_id, task.price)))

    async def watch(self, task: Watch) -> Told:
        """Everybody is told of one thing."""
        self._word, self._watched_us = task.word.encode(), []
        await self._until(task.count, lambda: None, task.patience_s)
        self._word = b""
        return Told(came_us=self._watched_us)

    async def stand(self, task: Stand) -> Told:
        """Connect to the bare peer."""
        loop = asyncio.get_running_loop()
        for _ in range(task.count):
            bare = Listener(self.hear)
            await loop.create_connection(lambda made=bare: made, task.host, task.port)  # type: ignore[misc]
            self.bare.append(bare)
        return Told()

    async def poke(self) -> Told:
        """One round of the bare peer."""
        return self._told(await self._until(len(self.bare), lambda: self.bare[0].transport.write(b"x")))

    async def do(self, task: Task) -> Told:
        """Any of them."""
        if isinstance(task, Gather):
            return await self.gather(task)
        if isinstance(task, Bid):
            return await self.bid(task)
        if isinstance(task, Watch):
            return await self.watch(task)
        return await (self.stand(task) if isinstance(task, Stand) else self.poke())


async def _serve() -> None:
    crowd, loop = Crowd(), asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        told = await crowd.do(msgspec.json.decode(line, type=Task))
        print(msgspec.json.encode(told).decode(), flush=True)


if __name__ == "__main__":
    if (core := int(sys.argv[1])) >= 0:
        os.sched_setaffinity(0, {core})
    gc.disable()  # nothing here makes cycles, and a pause would count as the server's
    uvloop.run(_serve())
