"""What follows a close: bid bonds, an award in parts or for a reason, a winner's default, and the success fee.

A lot that is awarded whole by AwardLot is told by LotAwarded, as ever; what is here comes where more is asked.
"""

from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import QUANTITY_MAX, SUPPLIERS_PER_LOT_MAX, SYMBOL_LENGTH_MAX
from exchange.core.messages.base import BasisPoints, Command, Event, PublicId, Symbol
from exchange.core.messages.ledger import Payer
from exchange.core.messages.lifecycles import BondState

Alias = Annotated[int, Meta(ge=1, le=SUPPLIERS_PER_LOT_MAX)]
AnyQuantity = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
OptionalReason = Annotated[str, Meta(max_length=SYMBOL_LENGTH_MAX)]

# --- bid bonds ------------------------------------------------------------------------------------------


class PlaceBond(Command, frozen=True, tag="place_bond"):
    """Supplier: put the bond that an event asks for from the own wallet into the deposit, before the first bid."""

    event_id: PublicId


class ReturnBond(Command, frozen=True, tag="return_bond"):
    """Buyer or operator: a winner's contract stands; its bond is free."""

    event_id: PublicId
    member_id: PublicId


class BondMoved(Event, frozen=True, tag="bond_moved"):
    """A bond was placed, returned, used for the fee or forfeited; it is settled by the transfers beside it."""

    event_id: str
    member_id: str
    state: BondState
    currency: str
    amount_minor: int
    reason: str


# --- awards -----------------------------------------------------------------------------------------------


class AwardPart(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What of a lot goes to the supplier behind an alias: a quantity, or basis points of the lot's."""

    alias: Alias
    quantity: AnyQuantity = 0
    share_bps: BasisPoints = 0


class SplitLot(Command, frozen=True, tag="split_lot"):
    """Buyer: award a closed lot to one alias or several, each at its own price.

    Quantities add up to the lot's, or shares to 10000; the largest remainders round up, equal ones in the order of
    the parts. Unless all of it goes to the best bid, a reason is needed.
    """

    lot_id: PublicId
    parts: Annotated[tuple[AwardPart, ...], Meta(min_length=1, max_length=SUPPLIERS_PER_LOT_MAX)]
    reason: OptionalReason = ""


class AwardBest(Command, frozen=True, tag="award_best"):
    """Buyer: award a closed lot to the best bid; where it has units, one to each of as many of the best.

    Whoever has defaulted on the lot is passed over. Without a bid it is awarded to nobody.
    """

    lot_id: PublicId


class WonPart(Struct, frozen=True, array_like=True, gc=False):
    """What of a lot one supplier has won; `amount_minor` is rounded once."""

    alias: int
    winner_id: str
    price: int
    quantity: int
    amount_minor: int


class LotSplit(Event, frozen=True, tag="lot_split"):
    """The lot is awarded in these parts; the buyer and each winner now learn each other."""

    lot_id: str
    event_id: str
    buyer_id: str
    parts: tuple[WonPart, ...]
    reason: str


class DeclareDefault(Command, frozen=True, tag="declare_default"):
    """Buyer or operator: a winner does not perform. Its bond is forfeited, and the lot, where it was won whole, goes
    to the next-best bid, and where it has units, to the best that are left; otherwise it waits for another award.
    """

    lot_id: PublicId
    alias: Alias
    reason: Symbol
    award_next: bool = True


class WinnerDefaulted(Event, frozen=True, tag="winner_defaulted"):
    """The lot is closed again, and this alias is out of it."""

    lot_id: str
    event_id: str
    member_id: str
    alias: int
    reason: str


# --- success fee ------------------------------------------------------------------------------------------


class SuccessFeeCharged(Event, frozen=True, tag="success_fee_charged"):
    """A side of an award owes this for it; `base_minor` is the award or the savings, as the version says."""

    lot_id: str
    payer: str
    side: Payer
    schedule_version: int
    base_minor: int
    fee_minor: int
    tax_minor: int


class SuccessFeeReturned(Event, frozen=True, tag="success_fee_returned"):
    """The award is no more, and its fee is not owed."""

    lot_id: str
    payer: str
    fee_minor: int
    tax_minor: int


AwardCommand = PlaceBond | ReturnBond | SplitLot | AwardBest | DeclareDefault
AwardEvent = BondMoved | LotSplit | WinnerDefaulted | SuccessFeeCharged | SuccessFeeReturned
