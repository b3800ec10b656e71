"""The rules of an event as REST writes them: the bid bond as decimals of the event's currency.

Guarantees: exact both ways; an event without a bond leaves its amount out.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from exchange.core.limits import SUPPLIERS_PER_LOT_MAX
from exchange.core.messages.base import DurationUs
from exchange.core.messages.lot_rules import (
    EventRules,
    LotDirection,
    LotSchedule,
    Prebid,
    ResultDisclosure,
    TooFew,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT
from exchange.gateway.decoding import amount_of
from exchange.gateway.notation import Decimals, decimal_of, scale_of_unit
from exchange.gateway.problems import Refused


class EventRulesBody(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rules of all lots of an event; durations are in microseconds.

    `bid_bond_amount` is placed before the first bid; `fee_from_bond` lets it bear a winner's success fee.
    """

    direction: LotDirection = LotDirection.REVERSE
    min_participants: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 0  # admitted when it opens
    if_too_few: TooFew = TooFew.CANCEL
    postpone_us: DurationUs = 0
    schedule: LotSchedule = LotSchedule.SINGLE
    lot_gap_us: DurationUs = 0
    min_lot_gap_us: DurationUs = 0  # a later close moves if it comes nearer than this to the one before
    bid_bond_amount: Decimals | UnsetType = UNSET
    fee_from_bond: bool = False
    results: ResultDisclosure = ResultDisclosure.OWN
    review_us: DurationUs = 0  # how long after its close a lot can be reopened, until its award
    standstill_us: DurationUs = 0  # how long an award is provisional, and bidders can complain
    reasons_asked: bool = False  # awards to others than the best bid need a reason
    prebid: Prebid = Prebid.NONE  # whether bids are taken, or asked for, before a lot opens
    public: bool = (
        False  # anybody may read its release once it is published; asks for a standstill and reasons
    )


_PLAIN: Final = (
    "direction",
    "min_participants",
    "if_too_few",
    "postpone_us",
    "schedule",
    "lot_gap_us",
    "min_lot_gap_us",
    "results",
    "review_us",
    "standstill_us",
    "reasons_asked",
    "prebid",
    "public",
)


def event_rules_of(body: EventRulesBody, currency: str) -> EventRules:
    """The rules in integers; refuses a bond that the currency can't have, by its name."""
    if currency not in CURRENCY_EXPONENT:
        raise Refused(Reject(RejectCode.CURRENCY_UNKNOWN, field="currency"))
    bond_minor = 0
    if body.bid_bond_amount is not UNSET:
        bond_minor = amount_of("rules.bid_bond_amount", body.bid_bond_amount, scale_of_unit(currency))
    plain = {name: getattr(body, name) for name in _PLAIN}
    return replace(
        EventRules(bid_bond_minor=bond_minor, bond_bears_fee=body.fee_from_bond),
        **plain,
    )


def event_rules_body(rules: EventRules, currency: str) -> EventRulesBody:
    """The rules as they are shown."""
    bond_minor = rules.bid_bond_minor
    body = EventRulesBody(
        bid_bond_amount=decimal_of(bond_minor, scale_of_unit(currency)) if bond_minor else UNSET,
        fee_from_bond=rules.bond_bears_fee,
    )
    return replace(body, **{name: getattr(rules, name) for name in _PLAIN})
