"""What a member is told of its bid bonds, of defaults, of the success fee, and of standstills and sales."""

from enum import StrEnum

from msgspec import Struct

from exchange_client.lot_sales import SaleState
from exchange_client.messages import Side


class BondState(StrEnum):
    """Where a bid bond is."""

    PLACED = "placed"
    RETURNED = "returned"
    APPLIED = "applied"
    FORFEITED = "forfeited"


class OwnBond(Struct, frozen=True, gc=False, tag_field="type", tag="bond_moved"):
    """Where the own bond is, and why."""

    event_id: str
    state: BondState
    currency: str
    amount_minor: int
    reason: str = ""


class OwnDefault(Struct, frozen=True, gc=False, tag_field="type", tag="winner_defaulted"):
    """The award is no more."""

    lot_id: str
    reason: str


class OwnSuccessFee(Struct, frozen=True, gc=False, tag_field="type", tag="success_fee"):
    """The fee of an award and the tax on it, owed, or owed no more."""

    lot_id: str
    fee_minor: int
    tax_minor: int
    returned: bool = False
    currency: str = ""


class ComplaintState(StrEnum):
    """Where a complaint stands."""

    FILED = "filed"
    UPHELD = "upheld"
    REJECTED = "rejected"
    MOOT = "moot"


class OwnComplaint(Struct, frozen=True, gc=False, tag_field="type", tag="complaint_moved"):
    """Where the own complaint of an award is."""

    lot_id: str
    state: ComplaintState


class AwardState(StrEnum):
    """Where an award stands between its begin and its end."""

    PROVISIONAL = "provisional"
    CONTESTED = "contested"
    WITHDRAWN = "withdrawn"
    FINAL = "final"


class OwnStandstillEnded(Struct, frozen=True, gc=False, tag_field="type", tag="standstill_ended"):
    """The award of a lot that this member bought or bid for is final, or withdrawn."""

    lot_id: str
    state: AwardState


class OwnPracticeAward(Struct, frozen=True, gc=False, tag_field="type", tag="practice_awarded"):
    """What would have been won in a practice event; it binds nobody."""

    lot_id: str
    price: int
    quantity: int
    amount_minor: int
    currency: str = ""  # of the amount
    price_scale: int = 0  # decimals of the price
    bid_currency: str = ""  # of the price, where it isn't that of the amount


class OwnSale(Struct, frozen=True, gc=False, tag_field="type", tag="lot_sale_moved"):
    """Where the sale of a surplus lot stands: what to pay at most, or to get before fees, and when that is due."""

    lot_id: str
    state: SaleState
    price: int
    quantity: int
    side: Side
    amount_minor: int
    due_us: int = 0
    contract_id: str = ""
    currency: str = ""
    price_scale: int = 0  # decimals of the price


AwardNews = (
    OwnBond | OwnDefault | OwnSuccessFee | OwnComplaint | OwnStandstillEnded | OwnPracticeAward | OwnSale
)
