"""The local copy of level 3: every order that shows in a book, and the market's phase.

Guarantees: the copy is the exchange's after every frame, as long as frames come without a gap (`channels` sees
to that); an order's number is the book's own and says nothing of who placed it.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from exchange_client.channels import Update
from exchange_client.feeds import Feed, Hub, StateFeed
from exchange_client.messages import Side
from exchange_client.money import decimal_price
from exchange_client.phases import Phase
from exchange_client.shown_queues import (
    MarketPhase,
    OrdersDelta,
    OrdersSnapshot,
    QueueChange,
    Queued,
    QueueStep,
)


class QueuedOrder(NamedTuple):
    """An order in its queue."""

    number: int
    price: Decimal
    quantity: int


class Queues:
    """All orders that show. It changes in place as deltas come; `price_scale` and `currency` don't."""

    def __init__(self, snapshot: OrdersSnapshot) -> None:
        self.currency = snapshot.currency
        self.price_scale = snapshot.price_scale
        self._sides: dict[Side, dict[int, Queued]] = {
            Side.BUY: {each.number: each for each in snapshot.bids},
            Side.SELL: {each.number: each for each in snapshot.asks},
        }

    def bids(self) -> list[QueuedOrder]:
        """Highest price first, then first come first."""
        return self._queue(Side.BUY, -1)

    def asks(self) -> list[QueuedOrder]:
        """Lowest price first, then first come first."""
        return self._queue(Side.SELL, 1)

    def apply(self, delta: OrdersDelta) -> None:
        """Take the changes in."""
        for change in delta.changes:
            side, number, quantity = self._sides[change.side], change.number, change.quantity
            if change.step is QueueStep.TRADE:
                quantity = side[number].quantity - quantity
            if change.step is QueueStep.DELETE or not quantity:
                del side[number]
            else:
                side[number] = Queued(number, change.price, quantity)

    def _queue(self, side: Side, sign: int) -> list[QueuedOrder]:
        orders = sorted(self._sides[side].values(), key=lambda each: (sign * each.price, each.number))
        scale = self.price_scale
        return [QueuedOrder(each.number, decimal_price(each.price, scale), each.quantity) for each in orders]


class QueuesUpdate(NamedTuple):
    """The queues after a change; after a snapshot `changes` is empty. Prices in it are as the wire has them."""

    queues: Queues
    changes: list[QueueChange]
    snapshot: bool
    offset: int


class QueuesFeed(Feed[QueuesUpdate]):
    """Level 3 of a book; `queues` is the local copy, nothing before the first update."""

    def __init__(self, hub: Hub, instrument_id: str) -> None:
        super().__init__(hub, f"orders:{instrument_id}")
        self.queues: Queues | None = None

    def _show(self, update: Update) -> Iterable[QueuesUpdate]:
        frame = update.frame
        if isinstance(frame, OrdersSnapshot):
            self.queues = Queues(frame)
            return (QueuesUpdate(self.queues, [], snapshot=True, offset=frame.offset),)
        assert isinstance(frame, OrdersDelta)
        assert self.queues is not None, "a snapshot came first"
        self.queues.apply(frame)
        return (QueuesUpdate(self.queues, frame.changes, snapshot=False, offset=frame.offset),)


class PhaseState(NamedTuple):
    """The phase of a market; the last four tell what a call would come to now, if anything would trade."""

    phase: Phase
    at_us: int
    ends_at_us: int
    extensions: int
    price: Decimal | None
    paired: int
    imbalance: int
    imbalance_side: Side | None


class PhaseFeed(StateFeed[PhaseState]):
    """The phase of an instrument's market, and the indicative price of a call."""

    def __init__(self, hub: Hub, instrument_id: str) -> None:
        super().__init__(hub, f"phase:{instrument_id}")
        self._instrument_id = instrument_id
        self._price_scale = 0

    async def _prepare(self) -> None:
        self._price_scale = (await self._hub.instrument(self._instrument_id)).price_scale

    def _show(self, update: Update) -> Iterable[PhaseState]:
        frame = update.frame
        assert isinstance(frame, MarketPhase)
        price = decimal_price(frame.price, self._price_scale) if frame.price else None
        now = frame.phase, frame.at_us, frame.ends_at_us, frame.extensions
        return (PhaseState(*now, price, frame.paired, frame.imbalance, frame.imbalance_side),)
