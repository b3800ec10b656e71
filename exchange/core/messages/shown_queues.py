"""Frames of two channels of a book: its market's phase, and every order that shows (level 3)."""

from enum import StrEnum

from msgspec import Struct

from exchange.core.messages.base import Side
from exchange.core.messages.phases import Phase
from exchange.core.messages.shown_base import Shown


class MarketPhase(Shown, frozen=True, tag="phase"):
    """The phase of an instrument's market, and what a call would come to now; sent whenever one of them changes.

    While orders are collected `price` is where most would trade, `paired` how much, `imbalance` what would be left
    over on which side; all 0 where nothing meets. A call ends at a random instant after `ends_at_us`.
    """

    channel: str
    epoch: int
    offset: int
    phase: Phase
    at_us: int
    ends_at_us: int = 0
    extensions: int = 0
    price: int = 0
    paired: int = 0
    imbalance: int = 0
    imbalance_side: Side | None = None


class Queued(Struct, frozen=True, array_like=True, gc=False):
    """An order as everybody sees it. Its `number` is the book's own count of what came to rest and shows.

    It isn't an order's id: each slice of an iceberg, and an order that loses its place, gets a new one.
    """

    number: int
    price: int
    quantity: int


class OrdersSnapshot(Shown, frozen=True, tag="orders_snapshot"):
    """Every order that shows, best price first and at one price first come first."""

    channel: str
    epoch: int
    offset: int
    currency: str
    price_scale: int
    bids: list[Queued]
    asks: list[Queued]


class QueueStep(StrEnum):
    """What happened to a shown order."""

    ADD = "add"  # at the back of its level
    MODIFY = "modify"  # a new quantity in the same place
    DELETE = "delete"
    TRADE = "trade"  # `quantity` less in the same place; gone when nothing is left


class QueueChange(Struct, frozen=True, array_like=True, gc=False):
    """One step of the book; `price` is that at which the order rests, `trade_number` is 0 but for a trade."""

    step: QueueStep
    number: int
    side: Side
    price: int
    quantity: int
    trade_number: int


class OrdersDelta(Shown, frozen=True, tag="orders_delta"):
    """What one commit did to the shown orders, in its order."""

    channel: str
    epoch: int
    offset: int
    at_us: int
    changes: list[QueueChange]


QueueFrame = MarketPhase | OrdersSnapshot | OrdersDelta
