"""The desk beside the engine: what it asks for again until the exchange has taken it, and how it reads a bid."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import reduce
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox

from exchange.core.market.lots.envelopes import Envelope
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import (
    AddLot,
    CreateEvent,
    InviteSupplier,
    PublishEvent,
    RegisterMember,
    Reply,
    Role,
)
from exchange.core.messages.lot_rules import LotFormat, LotRules
from exchange.core.messages.sealed import (
    OpenedBid,
    OpenedTechnical,
    RetryReveal,
    SubmitEnvelope,
    VoidReason,
)
from exchange.engine.sequencer import Engine
from exchange.journal.base import JournalUnavailable
from exchange.journal.memory import MemoryJournal, MemoryStore, Step
from exchange.outbound import unsealing
from exchange.outbound.lot_keys import FileLotKeys, KeyMissing
from exchange.outbound.unsealing import KeyDesk, opened_bid, opened_technical
from exchange_client.sealing import sealed_bid
from tests.engine.venue import NOON, HandClock, an_engine, an_operator, ask, running

HOUR = 3_600_000_000


class Failing(FileLotKeys):
    """Has no room on its disk at first."""

    def __init__(self, folder: Path, failures: int) -> None:
        super().__init__((folder,))
        self.failures = failures

    async def drawn(self, lot_ids: Sequence[str]) -> list[str]:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        return await super().drawn(lot_ids)


class Hall:
    """An engine with one sealed lot and one bidder."""

    def __init__(self, engine: Engine, clock: HandClock) -> None:
        self.engine, self.clock = engine, clock
        self.event_id = self.lot_id = self.supplier_id = ""

    async def do(self, member_id: str, command: object) -> str:
        reply = await ask(self.engine, member_id, command)  # type: ignore[arg-type]
        assert isinstance(reply, Reply) and not reply.code, reply
        return reply.id

    async def open(self) -> None:
        buyer = await an_operator(self.engine)
        self.supplier_id = await self.do(buyer, RegisterMember(roles=(Role.SELLER,)))
        create = CreateEvent(title="Bolts", currency="EUR", open_at_us=NOON + HOUR, duration_us=HOUR)
        self.event_id = event_id = await self.do(buyer, create)
        rules = LotRules(format=LotFormat.SEALED_FIRST_PRICE)
        lot = AddLot(event_id=event_id, title="M6", quantity=1, ceiling_price=1_000, min_step=1, rules=rules)
        self.lot_id = await self.do(buyer, lot)
        await self.do(buyer, InviteSupplier(event_id=event_id, member_id=self.supplier_id))
        await self.do(buyer, PublishEvent(event_id=event_id))

    async def rival(self) -> str:
        """Another bidder, invited by an operator."""
        operator = await an_operator(self.engine)
        rival = await self.do(operator, RegisterMember(roles=(Role.SELLER,)))
        await self.do(operator, InviteSupplier(event_id=self.event_id, member_id=rival))
        return rival

    @property
    def lot(self) -> Lot:
        return self.engine.views.sourcing.lots[self.lot_id]

    @property
    def key(self) -> str:
        assert self.lot.sealed is not None
        return self.lot.sealed.public_key

    @property
    def is_open(self) -> bool:
        assert self.lot.sealed is not None
        return self.lot.sealed.is_open

    async def pass_us(self, us: int) -> None:
        """Let time pass, and somebody send a command."""
        self.clock.pass_us(us)
        await an_operator(self.engine)

    async def seal(self, price: int) -> None:
        envelope = sealed_bid(self.key, lot_id=self.lot_id, member_id=self.supplier_id, price=price)
        await self.do(self.supplier_id, SubmitEnvelope(lot_id=self.lot_id, envelope=envelope))


@asynccontextmanager
async def a_hall(store: MemoryStore, clock: HandClock, hall: Hall | None = None) -> AsyncIterator[Hall]:
    """A new hall, or the old one after a restart."""
    engine = an_engine(MemoryJournal(store), clock)
    async with running(engine):
        hall = hall or Hall(engine, clock)
        hall.engine = engine
        if not hall.lot_id:
            await hall.open()
        yield hall


@asynccontextmanager
async def at_work(desk: KeyDesk) -> AsyncIterator[None]:
    task = asyncio.create_task(desk.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(hall: Hall, *, opened: bool = False) -> None:
    async with asyncio.timeout(10):
        while not (hall.is_open if opened else hall.key):
            await hall.pass_us(0)


async def test_nothing_is_told_of_a_key_that_could_not_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsealing, "AGAIN_S", 0.0)
    async with a_hall(MemoryStore(), HandClock()) as hall:
        keys = Failing(tmp_path, failures=2)
        desk = KeyDesk(hall.engine, keys)

        assert not await desk.work()
        assert not hall.key
        async with at_work(desk):
            await until(hall)

    assert keys.failures == 0
    assert [path.name for path in tmp_path.iterdir()] == [f"{hall.lot_id}.key"]


async def test_after_a_restart_the_same_key_is_told_and_what_is_closed_is_opened(tmp_path: Path) -> None:
    store, clock, keys = MemoryStore(), HandClock(), FileLotKeys((tmp_path,))
    async with a_hall(store, clock) as hall:
        (stored,) = await keys.drawn([hall.lot_id])  # and then it died
    async with a_hall(store, clock, hall) as hall:
        assert await KeyDesk(hall.engine, keys).work()
        assert hall.key == stored
        await hall.pass_us(HOUR)
        await hall.seal(900)
        await hall.pass_us(HOUR)
        assert hall.lot.state is LotState.CLOSED
    async with a_hall(store, clock, hall) as hall:
        assert not hall.is_open
        assert await KeyDesk(hall.engine, keys).work()

        assert [bid.price for bid in hall.lot.board.ranking()] == [900]


class Holders:
    """Keep a share of each key, all of which together give it back; `agreed` hand theirs over."""

    def __init__(self, number: int) -> None:
        self.shares: list[dict[str, bytes]] = [{} for _ in range(number)]
        self.agreed = 0

    async def drawn(self, lot_ids: Sequence[str]) -> list[str]:
        keys = [PrivateKey.generate() for _ in lot_ids]
        for lot_id, key in zip(lot_ids, keys, strict=True):
            rest = bytes(key)
            for holder in self.shares[1:]:
                holder[lot_id] = PrivateKey.generate().encode()
                rest = _xor(rest, holder[lot_id])
            self.shares[0][lot_id] = rest
        return [bytes(key.public_key).hex() for key in keys]

    async def opened(self, lot_id: str, public_key: str, envelopes: Sequence[bytes]) -> list[bytes | None]:
        if self.agreed < len(self.shares):
            raise KeyMissing(f"{self.agreed} of {len(self.shares)} holders agreed")
        key = PrivateKey(reduce(_xor, (holder[lot_id] for holder in self.shares)))
        assert bytes(key.public_key).hex() == public_key
        return [SealedBox(key).decrypt(each) for each in envelopes]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


async def test_a_key_that_is_split_among_holders_opens_when_all_of_them_agree() -> None:
    """The port is the seam: exchange, journal and bidders know of no share."""
    holders = Holders(3)
    async with a_hall(MemoryStore(), HandClock()) as hall:
        desk = KeyDesk(hall.engine, holders)
        assert await desk.work()
        await hall.pass_us(HOUR)
        await hall.seal(900)
        await hall.pass_us(HOUR)
        for holders.agreed in (0, 2):
            await desk.work()
            assert not hall.is_open
            operator = await an_operator(hall.engine)
            await hall.do(operator, RetryReveal(lot_id=hall.lot_id))

        holders.agreed = 3
        assert await desk.work()

        assert [bid.price for bid in hall.lot.board.ranking()] == [900]


@pytest.mark.parametrize("text", ["", "A" * 383 + "\n", "A" * 383, "A" * 384, "=" * 384, "é" * 384])
async def test_an_envelope_that_holds_no_box_spoils_no_bid_but_its_own(tmp_path: Path, text: str) -> None:
    async with a_hall(MemoryStore(), HandClock()) as hall:
        async with at_work(KeyDesk(hall.engine, FileLotKeys((tmp_path,)))):
            await until(hall)
            await hall.pass_us(HOUR)
            await hall.seal(900)
            rogue = await hall.rival()
            await hall.do(rogue, SubmitEnvelope(lot_id=hall.lot_id, envelope=text))
            await hall.pass_us(HOUR)
            await until(hall, opened=True)

        assert hall.lot.sealed is not None
        assert [bid.price for bid in hall.lot.board.ranking()] == [900]
        assert {rogue: VoidReason.UNREADABLE} == {
            member_id: void.reason for member_id, void in hall.lot.sealed.voids.items()
        }


async def test_a_halt_in_between_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsealing, "AGAIN_S", 0.0)
    broken = False

    async def disk(step: Step) -> None:
        if broken and step in {"append", "open"}:
            raise JournalUnavailable("the disk is full")

    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore(), disk), clock)
    async with running(engine):
        hall = Hall(engine, clock)
        await hall.open()
        desk = KeyDesk(engine, FileLotKeys((tmp_path,)))
        broken = True
        assert not await desk.work()
        broken = False
        async with asyncio.timeout(10):
            while not await desk.work():
                await asyncio.sleep(0.01)

    assert hall.key


HASH = "ab" * 32


@pytest.mark.parametrize(
    "text,offer",
    [
        (
            f'{{"form":"technical/1","lot_id":"l","member_id":"m","documents":["{HASH}"]}}'.encode(),
            OpenedTechnical(3, "l", "m", [HASH]),
        ),
        (b'{"form":"technical/1","lot_id":"l","member_id":"m","documents":["ab"]}', OpenedTechnical(3)),
        (b'{"form":"bid/1","lot_id":"l","member_id":"m","price":7}', OpenedTechnical(3)),
        (b'{"later":' + b"[" * 1_400, OpenedTechnical(3)),
        (b"\xff", OpenedTechnical(3)),
        (None, OpenedTechnical(3)),
    ],
)
def test_a_technical_offer_that_cannot_be_read_names_no_lot(
    text: bytes | None, offer: OpenedTechnical
) -> None:
    assert opened_technical(Envelope(3, 0, ""), text) == offer


@pytest.mark.parametrize(
    "text,bid",
    [
        (
            b'{"form":"bid/1","lot_id":"l","member_id":"m","price":7,"nonce":"x"}   ',
            OpenedBid(3, "l", "m", 7),
        ),
        (b'{"form":"bid/1","lot_id":"l","member_id":"m","price":7,"later":1}', OpenedBid(3, "l", "m", 7)),
        (b'{"form":"bid/2","lot_id":"l","member_id":"m","price":7}', OpenedBid(3)),
        (b'{"form":"bid/1","lot_id":"l","member_id":"m","price":0}', OpenedBid(3)),
        (b'{"form":"bid/1","lot_id":"l","member_id":"m","price":7.5}', OpenedBid(3)),
        (b'{"form":"bid/1","lot_id":"l","member_id":"m","price":10000000000001}', OpenedBid(3)),
        (b'{"form":"bid/1","lot_id":"l","price":7}', OpenedBid(3)),
        (b'{"later":' + b"[" * 10_000, OpenedBid(3)),
        (b"\xff" * 240, OpenedBid(3)),
        (b" " * 240, OpenedBid(3)),
        (None, OpenedBid(3)),
    ],
)
def test_what_holds_no_bid_is_told_without_a_price(text: bytes | None, bid: OpenedBid) -> None:
    assert opened_bid(Envelope(3, 0, ""), text) == bid
