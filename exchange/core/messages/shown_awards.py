"""What a member is told of its bid bonds, of parts that it won or awarded, of defaults, and of the success fee."""

from msgspec import Struct

from exchange.core.messages.lifecycles import BondState, ComplaintState


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


class OwnComplaint(Struct, frozen=True, gc=False, tag_field="type", tag="complaint_moved"):
    """To who has complained of an award: where the complaint is."""

    lot_id: str
    state: ComplaintState


class OwnPracticeAward(Struct, frozen=True, gc=False, tag_field="type", tag="practice_awarded"):
    """To a winner in a practice event, who would have sold this; it binds nobody."""

    lot_id: str
    price: int
    quantity: int
    amount_minor: int


AwardNews = OwnBond | OwnDefault | OwnSuccessFee | OwnComplaint | OwnPracticeAward
