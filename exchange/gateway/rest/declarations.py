"""REST of scored lots: what a supplier's bids stand for, and how its buyer compares a supplier's price.

Guarantees: whoever isn't shown the lot is told that there is none.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import CRITERIA_MAX, FACTOR_PPM_MAX, PRICE_MAX
from exchange.core.messages.scoring import Amount, OptionNumber, SetTransformation, SubmitDeclaration
from exchange.gateway.notation import Decimals, SignedDecimals, decimal_of, number_of
from exchange.gateway.problems import Scales, field_refused
from exchange.gateway.rest.criteria import FACTOR_SCALE
from exchange.gateway.rest.sourcing import LotSettled, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoQuery, Route


class NewDeclaration(Struct, frozen=True, forbid_unknown_fields=True):
    """The number of an option, from 1, for each feature in order; how much for each cost in order."""

    options: Annotated[list[OptionNumber], Meta(max_length=CRITERIA_MAX)] = []
    amounts: Annotated[list[Amount], Meta(max_length=CRITERIA_MAX)] = []


class NewTransformation(Struct, frozen=True, forbid_unknown_fields=True):
    """The supplier's price compares as factor x price + addend; the factor has up to six decimals."""

    factor: Decimals = "1"
    addend: SignedDecimals = "0"


async def submit_declaration(call: Call[NewDeclaration, NoQuery]) -> LotSettled:
    """Supplier: declare what the own bids stand for, before the first of them."""
    command = SubmitDeclaration(
        lot_id=call.id("lot_id"), options=tuple(call.body.options), amounts=tuple(call.body.amounts)
    )
    event, _, _ = lot_of(call.views, command.lot_id, call.member_id)
    return LotSettled.of(await call.settle(command, Scales(event.price_scale, event.currency)))


async def set_transformation(call: Call[NewTransformation, NoQuery]) -> LotSettled:
    """Buyer: before the lot opens, say how a supplier's price compares."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    command = SetTransformation(
        lot_id=lot.lot_id,
        member_id=call.id("member_id"),
        factor_ppm=_number("factor", call.body.factor, FACTOR_SCALE, 1, FACTOR_PPM_MAX),
        addend=_number("addend", call.body.addend, event.price_scale, -PRICE_MAX, PRICE_MAX),
    )
    return LotSettled.of(await call.settle(command))


def _number(field: str, text: str, scale: int, least: int, most: int) -> int:
    number = number_of(text, scale)
    if number is None:
        raise field_refused(field, f"It can have up to {scale} decimals.")
    if not least <= number <= most:
        raise field_refused(
            field, f"It must be from {decimal_of(least, scale)} to {decimal_of(most, scale)}."
        )
    return number


_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "PUT", f"{_LOT}/declaration", "Declare what bids stand for", submit_declaration,
        NewDeclaration, NoQuery, LotSettled, SubmitDeclaration,
    ),
    Route(
        "PUT", f"{_LOT}/transformations/{{member_id}}", "Set how a supplier's price compares", set_transformation,
        NewTransformation, NoQuery, LotSettled, SetTransformation,
    ),
)  # fmt: skip
