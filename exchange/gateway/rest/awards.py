"""REST of what follows a close: bid bonds, awards in parts, defaults, and the results as each may see them.

Guarantees: what is told of a result comes from `visibility.awards` alone; whoever isn't shown the lot is told that
there is none.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import SUPPLIERS_PER_LOT_MAX
from exchange.core.market.sourcing import LotState
from exchange.core.messages.awards import (
    Alias,
    AwardBest,
    AwardPart,
    DeclareDefault,
    PlaceBond,
    ReturnBond,
    SplitLot,
)
from exchange.core.values import scale_of_unit
from exchange.core.visibility.awards import show_result
from exchange.gateway.notation import Decimals, ShortText, decimal_of
from exchange.gateway.problems import Scales
from exchange.gateway.rest.sourcing import EventSettled, LotSettled, event_of, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route


class NewSplit(Struct, frozen=True, forbid_unknown_fields=True):
    """Quantities that add up to the lot's, or shares to 10000; a reason unless all goes to the best bid."""

    parts: Annotated[list[AwardPart], Meta(min_length=1, max_length=SUPPLIERS_PER_LOT_MAX)]
    reason: ShortText | None = None


class NewDefault(Struct, frozen=True, forbid_unknown_fields=True):
    """Which winner does not perform, and why; the next-best bid gets the lot unless `award_next` is false."""

    alias: Alias
    reason: ShortText
    award_next: bool = True


class ResultPart(Struct, frozen=True):
    """What one supplier has won; who it was is left out where it is not disclosed."""

    price: Decimals
    quantity: int
    amount: Decimals
    alias: int | UnsetType = UNSET
    winner_id: str | UnsetType = UNSET
    currency: str | UnsetType = (
        UNSET  # of the price, where it isn't the event's; the amount is always in the event's
    )


class LotResult(Struct, frozen=True):
    """How the lot ended for this viewer: `own_rank` is a bidder's own, `parts` those that it may see."""

    lot_id: str
    state: LotState
    parts: list[ResultPart]
    own_rank: int | UnsetType = UNSET


async def place_bond(call: Call[NoBody, NoQuery]) -> EventSettled:
    """Supplier: put the event's bid bond from the wallet into the deposit."""
    event, _ = event_of(call.views, call.id("event_id"), call.member_id)
    return EventSettled.of(
        await call.settle(PlaceBond(event_id=event.event_id), Scales(currency=event.currency))
    )


async def return_bond(call: Call[NoBody, NoQuery]) -> EventSettled:
    """Buyer or operator: a winner's contract stands; its bond is free."""
    command = ReturnBond(event_id=call.id("event_id"), member_id=call.id("member_id"))
    return EventSettled.of(await call.settle(command))


async def split_lot(call: Call[NewSplit, NoQuery]) -> LotSettled:
    """Buyer: award a closed lot in parts, or to another than the best bid."""
    body = call.body
    command = SplitLot(lot_id=call.id("lot_id"), parts=tuple(body.parts), reason=body.reason or "")
    return LotSettled.of(await call.settle(command))


async def award_best(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Buyer: award a closed lot to its best bid, or a unit to each of as many of the best as it has winners."""
    return LotSettled.of(await call.settle(AwardBest(lot_id=call.id("lot_id"))))


async def declare_default(call: Call[NewDefault, NoQuery]) -> LotSettled:
    """Buyer or operator: a winner does not perform; its bond is forfeited."""
    body = call.body
    command = DeclareDefault(
        lot_id=call.id("lot_id"), alias=body.alias, reason=body.reason, award_next=body.award_next
    )
    return LotSettled.of(await call.settle(command))


async def get_result(call: Call[NoBody, NoQuery]) -> LotResult:
    """How a lot ended, as far as the viewer may know."""
    event, lot, seen_as = lot_of(call.views, call.id("lot_id"), call.member_id)
    award = call.views.sourcing.awards.of(lot.lot_id)
    told = show_result(event, lot, award, call.member_id, seen_as)
    scale = scale_of_unit(event.currency)
    parts = [
        ResultPart(
            decimal_of(part.price, event.price_scale),
            part.quantity,
            decimal_of(part.amount_minor, scale),
            part.alias or UNSET,
            part.winner_id or UNSET,
            UNSET if currency == event.currency else currency,
        )
        for part, currency in zip(told.parts, told.currencies, strict=True)
    ]
    return LotResult(lot.lot_id, lot.state, parts, told.own_rank or UNSET)


_EVENT = "/v1/events/{event_id}"
_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", f"{_EVENT}/bond", "Place a bid bond", place_bond, NoBody, NoQuery, EventSettled, PlaceBond, 201),
    Route(
        "POST", f"{_EVENT}/bonds/{{member_id}}/return", "Return a bid bond", return_bond,
        NoBody, NoQuery, EventSettled, ReturnBond,
    ),
    Route("POST", f"{_LOT}/split", "Award a lot in parts", split_lot, NewSplit, NoQuery, LotSettled, SplitLot),
    Route(
        "POST", f"{_LOT}/award-best", "Award a lot to the best", award_best, NoBody, NoQuery, LotSettled, AwardBest
    ),
    Route(
        "POST", f"{_LOT}/default", "Declare a default", declare_default,
        NewDefault, NoQuery, LotSettled, DeclareDefault,
    ),
    Route("GET", f"{_LOT}/result", "Read a result", get_result, NoBody, NoQuery, LotResult),
)  # fmt: skip
