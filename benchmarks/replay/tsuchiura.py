"""Replays sealed first-price auctions of a city: every file row hands one envelope in, every auction is a lot.

Rules: rows whose result says disqualified, invalid, disabled or ineligible, or that have no bid, hand nothing in.
Each row is a bidder of its own. The reserve price is the ceiling, the minimum price the floor; both are for the
exchange to apply when it opens the envelopes. Equal bids are drawn by a seed, so the recorded winner has to be among
those who bid what was awarded.

The exchange is spoken to as its users would: events, keys and results over REST, lots and envelopes over WebSocket.
"""

import asyncio
import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from benchmarks.market import Market, Member
from benchmarks.progress import Bar
from benchmarks.replay.files import BadFile, opened
from benchmarks.server import Server
from exchange_client import Client
from exchange_client.lot_rules import EventRules, LotFormat, LotRules, LotSchedule, TiePolicy
from exchange_client.messages import AddLot, CreateEvent, Disclosure
from exchange_client.sealing import sealed_bid

COLUMNS: Final = ("pid", "reserveprice", "minprice", "bid", "bidresult_details", "winner")
DROPPED: Final = ("disqual", "invalid", "disable", "ineligib")
"""In a row's result, with the slips of the pen that the file has."""
CURRENCY: Final = "JPY"
LOTS_PER_EVENT: Final = 400
DAY_US: Final = 86_400_000_000
LEAD_US: Final = 1_500_000
"""From the publication to the opening."""
LOOK_S: Final = 0.1
TURN_S_MAX: Final = 120.0
"""For the exchange to open or to reveal all lots of an event."""


class Bid(NamedTuple):
    """A row of the file."""

    price: int  # 0: none was made
    valid: bool
    won: bool


class Auction(NamedTuple):
    """All rows of one `pid`."""

    pid: int
    reserve: int
    floor: int  # 0: there is none
    bids: list[Bid]

    @property
    def seed(self) -> str:
        """By which its ties are drawn."""
        return f"auction {self.pid}"


class Awarded(NamedTuple):
    """What the exchange made of an auction; no price where nobody's bid counted."""

    price: int
    bidder: int  # place of its row among the auction's


def read(path: Path) -> list[Auction]:
    """The auctions in the order of their first rows. Raises BadFile, OSError."""
    auctions: dict[int, Auction] = {}
    with opened(path) as file:
        reader = csv.DictReader(file)
        if missing := set(COLUMNS) - set(reader.fieldnames or ()):
            raise BadFile(path, 1, f"the columns {', '.join(sorted(missing))} are expected")
        for number, row in enumerate(reader, 2):
            try:
                pid, reserve, floor = int(row["pid"]), int(row["reserveprice"]), int(row["minprice"] or 0)
                price = int(row["bid"] or 0)
            except (TypeError, ValueError) as error:
                raise BadFile(path, number, f"integers are expected ({error})") from None
            said = (row["bidresult_details"] or "").lower()
            valid = price > 0 and not any(word in said for word in DROPPED)
            auction = auctions.setdefault(pid, Auction(pid, reserve, floor, []))
            auction.bids.append(Bid(price, valid, row["winner"] == "1"))
    if not auctions:
        raise BadFile(path, 1, "at least one auction is expected")
    return list(auctions.values())


def difference(auction: Auction, awarded: Awarded | None) -> str:
    """Why the award isn't the recorded one; empty where it is."""
    recorded = [bid for bid in auction.bids if bid.won]
    if not recorded:
        return "the file names no winner"
    (winner,) = recorded[:1]
    if awarded is None:
        return f"the file names a winner at {winner.price}, of whose bids none counts"
    if winner.price != awarded.price or not winner.valid:
        return f"the file names a winner at {winner.price}, the lowest bid that counts is {awarded.price}"
    if auction.bids[awarded.bidder].price != awarded.price:
        return f"the award went to a bid of {auction.bids[awarded.bidder].price}, for {awarded.price}"
    return ""


class House:
    """A buyer and as many bidders as the longest auction has rows, each with a connection."""

    def __init__(self, market: Market, buyer: Member, bidders: Sequence[Member]) -> None:
        self._market = market
        self._members = bidders
        self._buyer = buyer
        self._stack = AsyncExitStack()
        self._clients: list[Client] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def connect(self, url: str) -> None:
        """A connection for everybody, the buyer first."""
        for member in (self._buyer, *self._members):
            self._clients.append(await self._stack.enter_async_context(Client(url, key=member.key)))

    @property
    def _desk(self) -> Client:
        return self._clients[0]

    async def play(self, auctions: Sequence[Auction], progress: Bar) -> list[Awarded | None]:
        """All of them at once, as lots of one event; the awards in their order."""
        event_id, lot_ids = await self._draft(auctions)
        await self._desk.change_event(event_id, open_at_us=self._desk.clock.now_us() + LEAD_US)
        await self._desk.publish_event(event_id)
        lots = await self._until(event_id, lambda lot: lot["state"] == "open")
        await self._hand_in(auctions, lot_ids, lots)
        await asyncio.gather(*(self._desk.end_lot(lot_id, "All have bid") for lot_id in lot_ids))
        lots = await self._until(event_id, lambda lot: lot["sealed"]["opened"])
        await asyncio.gather(*map(self._award, auctions, lot_ids, [lots[each] for each in lot_ids]))
        lots = await self._until(event_id, lambda lot: lot["state"] == "awarded")
        progress.advance(len(auctions))
        return [self._awarded(lots[lot_id]) for lot_id in lot_ids]

    async def _draft(self, auctions: Sequence[Auction]) -> tuple[str, list[str]]:
        create = CreateEvent(
            title="Public works",
            currency=CURRENCY,
            open_at_us=self._desk.clock.now_us() + DAY_US,
            duration_us=DAY_US,
            price_scale=0,
            disclosure=Disclosure(lead_price=False),
            rules=EventRules(schedule=LotSchedule.PARALLEL),
        )
        event_id = (await self._desk.send(create)).id
        added = await asyncio.gather(*(self._desk.send(_lot(event_id, each)) for each in auctions))
        for bidder in self._members:
            await self._desk.invite_supplier(event_id, bidder.member_id)
        return event_id, [ack.id for ack in added]

    async def _hand_in(
        self, auctions: Sequence[Auction], lot_ids: Sequence[str], lots: dict[str, Any]
    ) -> None:
        envelopes = []
        for auction, lot_id in zip(auctions, lot_ids, strict=True):
            key = lots[lot_id]["sealed"]["public_key"]
            for place, bid in enumerate(auction.bids):
                if not bid.valid:
                    continue
                member_id = self._members[place].member_id
                sealed = sealed_bid(key, lot_id=lot_id, member_id=member_id, price=bid.price)
                envelopes.append(self._clients[1 + place].submit_envelope(lot_id, envelope=sealed))
        await asyncio.gather(*envelopes)

    async def _award(self, auction: Auction, lot_id: str, lot: dict[str, Any]) -> None:
        await self._desk.reveal_seed(lot_id, auction.seed)
        drawn = await self._market.read(f"/v1/lots/{lot_id}", self._buyer.key) if lot["prices"] else lot
        await self._desk.award_lot(lot_id, drawn["prices"][0]["alias"] if drawn["prices"] else 0)

    async def _until(self, event_id: str, reached: Callable[[Any], bool]) -> dict[str, Any]:
        """The event's lots by id, once all have come so far."""
        async with asyncio.timeout(TURN_S_MAX):
            while True:
                event = await self._market.read(f"/v1/events/{event_id}", self._buyer.key)
                if all(map(reached, event["lots"])):
                    return {lot["lot_id"]: lot for lot in event["lots"]}
                await asyncio.sleep(LOOK_S)

    def _awarded(self, lot: dict[str, Any]) -> Awarded | None:
        if "winner_id" not in lot:
            return None
        places = [member.member_id for member in self._members]
        return Awarded(int(Decimal(lot["sealed"]["awarded_price"])), places.index(lot["winner_id"]))


def _lot(event_id: str, auction: Auction) -> AddLot:
    rules = LotRules(
        format=LotFormat.SEALED_FIRST_PRICE,
        floor_price=auction.floor,
        tie_policy=TiePolicy.LOTTERY,
        lottery_sha256=sha256(auction.seed.encode()).hexdigest(),
    )
    return AddLot(
        event_id=event_id,
        title=f"Auction {auction.pid}",
        quantity=1,
        ceiling_price=auction.reserve,
        min_step=1,
        rules=rules,
    )


async def play_all(server: Server, auctions: Sequence[Auction], progress: Bar) -> list[Awarded | None]:
    """The awards of all auctions, in their order."""
    rows_max = max(len(auction.bids) for auction in auctions)
    awards: list[Awarded | None] = []
    async with Market(server) as market:
        buyer = await market.member("City", [], money_minor=0)
        bidders = [await market.member(f"Bidder {number}", [], money_minor=0) for number in range(rows_max)]
        async with House(market, buyer, bidders) as house:
            await house.connect(server.websocket_url)
            for part in _parts(auctions):
                awards += await house.play(part, progress)
    return awards


def _parts(auctions: Sequence[Auction]) -> Iterator[Sequence[Auction]]:
    for start in range(0, len(auctions), LOTS_PER_EVENT):
        yield auctions[start : start + LOTS_PER_EVENT]
