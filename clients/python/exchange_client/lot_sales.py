"""Surplus lots: the terms of their event, their payment, and what each side is told of a sale."""

from enum import StrEnum

from msgspec import Struct

from exchange_client.command import Command

PAYMENT_TERM_US = 3 * 24 * 3_600 * 1_000_000


class SaleTerms(Struct, frozen=True, omit_defaults=True):
    """How long a winner has to pay, and whether the next-best bid follows by itself if it doesn't."""

    payment_us: int = PAYMENT_TERM_US
    award_next: bool = True


class PaySale(Command, frozen=True, tag="pay_sale"):
    """Winner: pay for a surplus lot from the wallet, before the payment is due."""

    lot_id: str


class SaleState(StrEnum):
    """Where a sale stands."""

    WAITS = "waits"
    PAID = "paid"
    DEFAULTED = "defaulted"
