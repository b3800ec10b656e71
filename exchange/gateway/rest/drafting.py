"""REST of changing a draft: what the body has replaces what was; of the rules and the overtime, as a whole.

Guarantees: as of all conditional routes, If-Match lets the change happen only to what was read. Whoever isn't shown
the event or lot is told that there is none.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import EVENT_DURATION_US_MAX
from exchange.core.messages import Disclosure
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.messages.currencies import SetCurrencies
from exchange.core.messages.lot_sales import SaleTerms
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import Decimals, InstantInput, ShortText, microseconds_of
from exchange.gateway.problems import Scales
from exchange.gateway.rest.currencies import NewCurrencies, currencies_of
from exchange.gateway.rest.event_rules import EventRulesBody, event_rules_of
from exchange.gateway.rest.instruments import Pieces
from exchange.gateway.rest.lot_rules import OvertimeBody, RulesBody, overtime_of, rules_of
from exchange.gateway.rest.sourcing import INSTANTS, EventSettled, LotSettled, event_of, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route


class EventChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of a draft."""

    title: ShortText | UnsetType = UNSET
    open_at: InstantInput | UnsetType = UNSET
    duration_us: Annotated[int, Meta(ge=1_000_000, le=EVENT_DURATION_US_MAX)] | UnsetType = UNSET
    overtime: OvertimeBody | UnsetType = UNSET
    disclosure: Disclosure | UnsetType = UNSET
    rules: EventRulesBody | UnsetType = UNSET
    sale: SaleTerms | UnsetType = UNSET


class LotChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of a draft's lot."""

    title: ShortText | UnsetType = UNSET
    quantity: Pieces | UnsetType = UNSET
    ceiling_price: Decimals | UnsetType = UNSET
    min_step: Decimals | UnsetType = UNSET
    tick: Decimals | UnsetType = UNSET
    rules: RulesBody | UnsetType = UNSET


async def change_event(call: Call[EventChange, NoQuery]) -> EventSettled:
    """Buyer: change the terms or the timetable of a draft."""
    event, _ = event_of(call.views, call.id("event_id"), call.member_id)
    body = call.body
    command = ChangeEvent(
        event_id=event.event_id,
        title=body.title or None,
        open_at_us=None if body.open_at is UNSET else microseconds_of(body.open_at),
        duration_us=body.duration_us or None,
        overtime=None if body.overtime is UNSET else overtime_of(body.overtime),
        disclosure=None if body.disclosure is UNSET else body.disclosure,
        rules=None if body.rules is UNSET else event_rules_of(body.rules, event.currency),
        sale=None if body.sale is UNSET else body.sale,
    )
    return EventSettled.of(await call.settle(command, names=INSTANTS))


async def set_currencies(call: Call[NewCurrencies, NoQuery]) -> EventSettled:
    """Buyer: name the currencies that a draft may be bid in beside its own, and their rates."""
    event, _ = event_of(call.views, call.id("event_id"), call.member_id)
    allowed = currencies_of(call.body.currencies, event.price_scale)
    command = SetCurrencies(event_id=event.event_id, currencies=allowed)
    return EventSettled.of(await call.settle(command, Scales(event.price_scale, event.currency)))


async def change_lot(call: Call[LotChange, NoQuery]) -> LotSettled:
    """Buyer: change a lot of a draft."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    body, scale = call.body, event.price_scale

    def price(name: str, text: str | UnsetType) -> int | None:
        return None if text is UNSET else price_of(name, text, scale)

    command = ChangeLot(
        lot_id=lot.lot_id,
        title=body.title or None,
        quantity=body.quantity or None,
        ceiling_price=price("ceiling_price", body.ceiling_price),
        min_step=price("min_step", body.min_step),
        tick=price("tick", body.tick),
        rules=None if body.rules is UNSET else rules_of(body.rules, scale),
    )
    return LotSettled.of(await call.settle(command, Scales(scale, event.currency)))


async def remove_lot(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Buyer: take a lot out of a draft."""
    return LotSettled.of(await call.settle(RemoveLot(lot_id=call.id("lot_id"))))


_EVENT: Final = "/v1/events/{event_id}"
_LOT: Final = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("PATCH", _EVENT, "Change a draft", change_event, EventChange, NoQuery, EventSettled, ChangeEvent),
    Route(
        "PUT", f"{_EVENT}/currencies", "Set the currencies of a draft", set_currencies,
        NewCurrencies, NoQuery, EventSettled, SetCurrencies,
    ),
    Route("PATCH", _LOT, "Change a lot of a draft", change_lot, LotChange, NoQuery, LotSettled, ChangeLot),
    Route("DELETE", _LOT, "Remove a lot of a draft", remove_lot, NoBody, NoQuery, LotSettled, RemoveLot),
)  # fmt: skip
