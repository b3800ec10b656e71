"""What a member is told of its bid bonds, of defaults, of the success fee, of complaints and standstills, and of sales of
surplus lots.
"""

from msgspec import Struct

from exchange.core.messages.base import Side
from exchange.core.messages.lifecycles import AwardState, BondState, ComplaintState
from exchange.core.messages.lot_sales import SaleState


class OwnBond(Struct, frozen=True, gc=False, tag_field="type", tag="bond_moved", omit_defaults=True):
    """To its supplier: where the bond is, and why."""

    event_id: str
    state: BondState
    currency: str
    amount_minor: int
    reason: str = ""


class OwnDefault(Struct, frozen=True, gc=False, tag_field="type", tag="winner_defaulted", omit_defaults=True):
    """To the winner that defaulted: the award is no more."""

    lot_id: str
    reason: str


class OwnSuccessFee(Struct, frozen=True, gc=False, tag_field="type", tag="success_fee", omit_defaults=True):
    """To whoever owes it, or owes it no more (`returned`): the fee of an award, and the tax on it."""

    lot_id: str
    fee_minor: int
    tax_minor: int
    returned: bool = False
    currency: str = ""


class OwnComplaint(Struct, frozen=True, gc=False, tag_field="type", tag="complaint_moved"):
    """To who has complained of an award: where the complaint is."""

    lot_id: str
    state: ComplaintState


class OwnStandstillEnded(Struct, frozen=True, gc=False, tag_field="type", tag="standstill_ended"):
    """To the buyer and all who bid for a lot: its award is final, or withdrawn."""

    lot_id: str
    state: AwardState


class OwnPracticeAward(
    Struct, frozen=True, gc=False, tag_field="type", tag="practice_awarded", omit_defaults=True
):
    """To a winner in a practice event, who would have sold this; it binds nobody."""

    lot_id: str
    price: int
    quantity: int
    amount_minor: int
    currency: str = ""  # of the amount
    price_scale: int = 0  # decimals of the price
    bid_currency: str = ""  # of the price, where it isn't that of the amount


class OwnSale(Struct, frozen=True, gc=False, tag_field="type", tag="lot_sale_moved", omit_defaults=True):
    """To each side of the sale of a surplus lot: where it stands.

    `amount_minor` is what the buyer pays at most, with tax and commission, or to the seller the price alone; `due_us` is
    when that is due, while it is waited for; `contract_id` the own contract, once it is paid.
    """

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
