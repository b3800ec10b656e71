"""Surplus lots: lots of a seller's own stock, and what becomes of a lot between its award and its sale.

A lot that is paid for is sold as in the surplus market: what follows is told by its two contracts.
"""

from enum import StrEnum

from msgspec import Struct

from exchange.core.limits import PAYMENT_TERM_US
from exchange.core.messages.base import Command, DurationUs, Event, PublicId


class SaleTerms(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Of an event whose lots are stock of its seller's, sold as in the surplus market: neither side learns the other.

    A winner has `payment_us` for what its wallet doesn't cover at once; if it defaults, the next-best bid that meets the
    reserve follows by itself, or the lot waits for its seller.
    """

    payment_us: DurationUs = PAYMENT_TERM_US
    award_next: bool = True


class SaleState(StrEnum):
    """Where the sale of an awarded surplus lot stands."""

    WAITS = "waits"  # for the winner's money
    PAID = "paid"  # both contracts are in force
    DEFAULTED = "defaulted"  # the winner has not paid in time


class PaySale(Command, frozen=True, tag="pay_sale"):
    """Winner: pay for a surplus lot from the wallet, before the payment is due."""

    lot_id: PublicId


class SaleTermsSet(Event, frozen=True, tag="sale_terms_set"):
    """The event's lots are from stock; comes after its EventCreated, and after the EventChanged that changed them."""

    event_id: str
    sale: SaleTerms


class LotStocked(Event, frozen=True, tag="lot_stocked"):
    """The lot is stock of its seller's; comes after its LotAdded and its LotRulesSet."""

    lot_id: str
    instrument_id: str


class LotSaleMoved(Event, frozen=True, tag="lot_sale_moved"):
    """Where a sale stands. `amount_minor` is the price of the whole lot; `need_minor` what its winner pays, with the
    tax on the goods and the most that its commission can be. `due_us` is 0 where nothing is to be waited for, the
    contract empty before the payment.
    """

    lot_id: str
    event_id: str
    seller_id: str
    winner_id: str
    alias: int
    state: SaleState
    price: int
    quantity: int
    amount_minor: int
    need_minor: int
    due_us: int
    contract_id: str  # of the buyer; the seller's has the lot's id


LotSaleEvent = SaleTermsSet | LotStocked | LotSaleMoved
