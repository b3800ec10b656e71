"""Where a replay trades: makers' orders rest, a taker meets them, and the feed shows what became of the book.

Guarantees: commands reach the exchange in the order in which they are given; every one that changes the book is
paired with the one frame of the book's feed that shows it, which needs a server that commits each command by
itself (`--batch-max 1`). A gap, an unknown outcome or a frame too few ends the replay: nothing is guessed.
Commands of one maker are sent without waiting for each other; where another member's follows, it waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Final, NamedTuple, Self

from benchmarks.replay.depth import Depth
from benchmarks.replay.tapes import ReplayBroken, Tape
from exchange_client import Ack, Client, Post, Rejected, Side, TimeInForce, shown
from exchange_client.messages import AmendOrder, AnyCommand, CancelOrder, PlaceOrder

ORDERS_PER_MAKER: Final = 9_500
"""Of the 10,000 that a member may have open."""
WINDOW: Final = 64
"""Commands that are under way at once."""
PATIENCE_S: Final = 30.0

Key = Hashable
"""What a replay calls an order."""


class Hit(NamedTuple):
    """A maker that a taker met."""

    key: Key
    price: int
    quantity: int
    trade_number: int


class Seat:
    """A maker: a member with its client."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.orders = 0


class Resting:
    """An order as the replay believes it to be once all that was sent is done."""

    __slots__ = ("key", "open", "order_id", "post", "price", "seat", "side", "total")

    def __init__(self, key: Key, seat: Seat, side: Side, price: int, quantity: int) -> None:
        self.key = key
        self.seat = seat
        self.side = side
        self.price = price
        self.total = quantity
        self.open = quantity
        self.post: Post | None = None
        self.order_id = ""


class _Step(NamedTuple):
    """A command under way, or something that is to be done between two of them."""

    post: Post | None
    resting: Resting | None = None  # what it places
    takes: bool = False  # it changes the book only as far as it trades
    then: Callable[[], None] | None = None


class Desk:
    """`depth` is the book after the last command that is known to be done. `async with` follows the feeds."""

    def __init__(
        self,
        makers: Sequence[Client],
        taker: Client,
        instrument_id: str,
        orders_per_maker: int = ORDERS_PER_MAKER,
    ) -> None:
        self.depth = Depth()
        self.refused: list[Rejected] = []
        self._seats = [Seat(client) for client in makers]
        self._taker = taker
        self._orders_per_maker = orders_per_maker
        self._instrument_id = instrument_id
        self._orders: dict[Key, Resting] = {}
        self._levels: dict[tuple[Side, int], dict[Key, Resting]] = {}
        self._by_id: dict[str, Resting] = {}
        self._steps: deque[_Step] = deque()
        self._deltas: deque[shown.BookDelta] = deque()
        self._hits: list[Hit] = []
        self._speaker: Client = taker  # whose commands are under way
        self._woken = asyncio.Event()
        self._broken = ""
        book = Tape(f"book:{instrument_id}", self._booked, self._wake)
        self._tapes = [
            (makers[0], book),
            *((maker, Tape("own", self._owned, self._wake)) for maker in makers),
        ]
        self._has_book = False

    async def __aenter__(self) -> Self:
        for client, tape in self._tapes:
            client.attach(tape)
        await self._until(lambda: self._has_book)
        return self

    async def __aexit__(self, *_: object) -> None:
        for client, tape in self._tapes:
            client.detach(tape)

    # --- what rests --------------------------------------------------------------------------------

    def open(self, key: Key) -> int:
        """What is left of an order, 0 if there is none."""
        resting = self._orders.get(key)
        return resting.open if resting is not None else 0

    def at(self, side: Side, price: int) -> list[Key]:
        """The orders at a price, oldest first."""
        return list(self._levels.get((side, price), ()))

    @property
    def keys(self) -> list[Key]:
        """All orders."""
        return list(self._orders)

    # --- commands ----------------------------------------------------------------------------------

    async def add(self, key: Key, side: Side, price: int, quantity: int) -> None:
        """Rest an order. It is post-only: one that would trade is refused, since the record says that it rested."""
        seat = next((seat for seat in self._seats if seat.orders < self._orders_per_maker), None)
        if seat is None:
            raise ReplayBroken(f"more than {len(self._seats) * self._orders_per_maker} orders are open")
        resting = Resting(key, seat, side, price, quantity)
        command = PlaceOrder(
            instrument_id=self._instrument_id, side=side, price=price, quantity=quantity, post_only=True
        )
        seat.orders += 1
        self._orders[key] = resting
        self._levels.setdefault((side, price), {})[key] = resting
        _ = await self._send(seat.client, command, resting)

    async def reduce(self, key: Key, quantity: int) -> int:
        """Take that much away from an order, or all that is left of it; how much that was."""
        resting = self._orders.get(key)
        if resting is None or quantity <= 0:
            return 0
        taken = min(quantity, resting.open)
        named = {"order_id": resting.order_id} if resting.order_id else {"order_ref": _ref_of(resting)}
        resting.total -= taken
        resting.open -= taken
        command: AnyCommand
        if resting.open:
            command = AmendOrder(**named, quantity=resting.total)
        else:
            command = CancelOrder(**named)
            self._gone(resting)
        _ = await self._send(resting.seat.client, command)
        return taken

    async def take(self, side: Side, price: int, quantity: int) -> list[Hit]:
        """Send an IOC order; whom it met, in order."""
        self._hits = []
        command = PlaceOrder(
            instrument_id=self._instrument_id,
            side=side,
            price=price,
            quantity=quantity,
            time_in_force=TimeInForce.IOC,
        )
        post = await self._send(self._taker, command, takes=True)
        await self.settled()
        filled = post.outcome.filled_quantity if isinstance(post.outcome, Ack) else 0
        await self._until(lambda: sum(hit.quantity for hit in self._hits) >= filled)
        return sorted(self._hits, key=lambda hit: hit.trade_number)

    def afterwards(self, then: Callable[[], None]) -> None:
        """Call it when everything sent so far is done and `depth` shows it."""
        self._steps.append(_Step(None, then=then))
        self._advance()

    async def settled(self) -> None:
        """Until everything sent so far is done and `depth` shows it. Raises ReplayBroken."""
        await self._until(lambda: not self._steps)

    async def _send(
        self, client: Client, command: AnyCommand, resting: Resting | None = None, *, takes: bool = False
    ) -> Post:
        """In its turn: behind another member's command only when that is done."""
        if client is not self._speaker:
            await self.settled()
            self._speaker = client
        await self._until(lambda: len(self._steps) < WINDOW)
        post = client.post(command, then=self._wake)
        if resting is not None:
            resting.post = post
        self._steps.append(_Step(post, resting, takes))
        return post

    def _gone(self, resting: Resting) -> None:
        """Nothing is left of an order."""
        self._by_id.pop(resting.order_id, None)
        if self._orders.get(resting.key) is not resting:
            return  # it was gone already
        del self._orders[resting.key]
        resting.seat.orders -= 1
        place = resting.side, resting.price
        del self._levels[place][resting.key]
        if not self._levels[place]:
            del self._levels[place]

    # --- what the exchange says --------------------------------------------------------------------

    def _wake(self, _: object = None) -> None:
        self._advance()
        self._woken.set()

    async def _until(self, holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    self._woken.clear()
                    await self._woken.wait()
                    self._look_for_breaks()
        except TimeoutError:
            raise ReplayBroken(f"nothing came for {PATIENCE_S} s") from None

    def _look_for_breaks(self) -> None:
        if self._broken:
            raise ReplayBroken(self._broken)
        for _, tape in self._tapes:
            if tape.broken:
                raise ReplayBroken(tape.broken)
        outcome = self._steps[0].post.outcome if self._steps and self._steps[0].post else None
        if outcome is not None and not isinstance(outcome, (Ack, Rejected)):
            raise ReplayBroken(str(outcome))

    def _booked(self, frame: shown.FeedFrame) -> None:
        if isinstance(frame, shown.BookSnapshot):
            self._has_book = True
            self.depth.clear()
            self.depth.apply(Side.BUY, frame.bids)
            self.depth.apply(Side.SELL, frame.asks)
        else:
            assert isinstance(frame, shown.BookDelta)
            self._deltas.append(frame)

    def _owned(self, frame: shown.FeedFrame) -> None:
        """Makers learn that they were met."""
        if not isinstance(frame, shown.Own):
            return
        for event in shown.own_events(frame):
            if isinstance(event, shown.OwnFill):
                resting = self._by_id[event.order_id]
                resting.open = event.open_quantity
                self._hits.append(Hit(resting.key, event.price, event.quantity, event.trade_number))
                if not resting.open:
                    self._gone(resting)

    def _advance(self) -> None:
        """Finish, in order, what is answered and shown."""
        while self._steps:
            step = self._steps[0]
            if step.post is not None and not self._finished(step, step.post.outcome):
                return
            self._steps.popleft()
            if step.then is not None:
                step.then()

    def _finished(self, step: _Step, outcome: object) -> bool:
        if isinstance(outcome, Rejected):
            self.refused.append(outcome)
            if step.resting is not None:
                self._gone(step.resting)
            return True
        if not isinstance(outcome, Ack) or not self._shown(step, outcome):
            return False
        if step.resting is not None and self._orders.get(step.resting.key) is step.resting:
            step.resting.order_id = outcome.id
            self._by_id[outcome.id] = step.resting
        return True

    def _shown(self, step: _Step, ack: Ack) -> bool:
        """Whether the feed has shown what the command did, if it did anything to the book."""
        if step.takes and not ack.filled_quantity:
            return True
        if not self._deltas:
            return False
        delta = self._deltas.popleft()
        if delta.at_us != ack.at_us:
            self._broken = "a frame of the book's feed shows another command than the one that is next"
        self.depth.apply(Side.BUY, delta.bids)
        self.depth.apply(Side.SELL, delta.asks)
        return True


def _ref_of(resting: Resting) -> int:
    assert resting.post is not None, "it was sent"
    return resting.post.ref
