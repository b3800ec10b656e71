"""What a command that took effect gives its caller."""

from typing import Self

from msgspec import Struct

from exchange_client import shown


class Done(Struct, frozen=True):
    """It took effect and is on disk. `sequence` counts the member's own commands."""

    ref: int
    sequence: int
    at_us: int

    @classmethod
    def of(cls, ack: shown.Ack) -> Self:
        """As the exchange acknowledged it."""
        return cls(ack.ref, ack.sequence, ack.at_us)


class Placed(Done, frozen=True):
    """An order after the command; it rests with what is open, if anything is."""

    order_id: str
    filled_quantity: int
    open_quantity: int
    would_hold: int = 0  # of an order that was only validated: minor units to buy, pieces to sell

    @classmethod
    def of(cls, ack: shown.Ack) -> Self:
        """As the exchange acknowledged it."""
        return cls(ack.ref, ack.sequence, ack.at_us, ack.id, ack.filled_quantity, ack.open_quantity)


class Made(Done, frozen=True):
    """Something new, and its public id."""

    id: str

    @classmethod
    def of(cls, ack: shown.Ack) -> Self:
        """As the exchange acknowledged it."""
        return cls(ack.ref, ack.sequence, ack.at_us, ack.id)


class EventMade(Made, frozen=True):
    """A sourcing event; the prices of its lots are in its scale."""

    price_scale: int = 0


class Numbered(Done, frozen=True):
    """A bid with its number in the lot, a transfer with its number in the ledger, or a count of settled lines."""

    number: int

    @classmethod
    def of(cls, ack: shown.Ack) -> Self:
        """As the exchange acknowledged it."""
        return cls(ack.ref, ack.sequence, ack.at_us, ack.number)
