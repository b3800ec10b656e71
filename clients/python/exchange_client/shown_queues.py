"""Frames of two channels of a book, its phase and level 3; and what every frame is. See `shown`."""

from enum import StrEnum

from msgspec import Struct

from exchange_client.messages import Side
from exchange_client.phases import Phase


class Shown(Struct, frozen=True, gc=False, tag_field="type"):
    """A frame from the exchange."""


class MarketPhase(Shown, frozen=True, tag="phase"):
    """The phase of an instrument's market, and what a call would come to now; 0 where nothing meets."""

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
    """An order as everybody sees it, by the book's own count."""

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

    ADD = "add"
    MODIFY = "modify"
    DELETE = "delete"
    TRADE = "trade"


class QueueChange(Struct, frozen=True, array_like=True, gc=False):
    """One step of the book, at the price where the order rests."""

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
