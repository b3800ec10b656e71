"""REST of lots in bulk: a buyer drafts the lots of a spreadsheet into its event.

Guarantees: every row is checked as the exchange would check it before the first one is submitted; the lots stand
in the order of the rows. Otherwise those of the other loads.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from exchange.core.limits import LOTS_PER_EVENT_MAX
from exchange.core.market.drafting import NOT_DRAFT, lot_refusal
from exchange.core.market.lots.sales import instrument_refusal
from exchange.core.market.sourcing import EventState, SourcingEvent
from exchange.core.messages import AddLot, Role
from exchange.core.messages.lot_rules import LotSchedule
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.decoding import converted
from exchange.gateway.loading.columns import LotRow, Reading
from exchange.gateway.loading.loads import STRETCH, told
from exchange.gateway.loading.lot_columns import RULE_CODES, RULE_PRICES
from exchange.gateway.loading.reading import LOTS
from exchange.gateway.loading.sheets import MEDIA, Fault
from exchange.gateway.problems import Refused, Scales, bound_of
from exchange.gateway.rest.loads import LOAD_BYTES_MAX, LoadReport, LotLoadQuery, Lots, load_sheet
from exchange.gateway.rest.sourcing import NewLot, lot_command
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route
from exchange.views.catalogue import Catalogue


async def load_lots(call: Call[NoBody, LotLoadQuery]) -> LoadReport:
    """Buyer: draft the lots of a spreadsheet. 202: ask for the load until it is done."""
    event = call.views.sourcing.events.get(call.query.event_id)
    if event is None or event.buyer_id != call.member_id:
        raise Refused(Reject(RejectCode.EVENT_UNKNOWN, field="event_id"))
    if event.state is not EventState.DRAFT:
        raise Refused(Reject(NOT_DRAFT[event.state]))

    async def check(reading: Reading) -> tuple[list[Fault], Lots]:
        return await _checked(reading, event, call.views.catalogue)

    role = Role.SELLER if event.from_stock else Role.BUYER
    return await load_sheet(call, LOTS, role, f"{LOTS}\0{event.event_id}", check)


async def _checked(reading: Reading, event: SourcingEvent, catalogue: Catalogue) -> tuple[list[Fault], Lots]:
    lots_max = 1 if event.rules.schedule is LotSchedule.SINGLE else LOTS_PER_EVENT_MAX
    if len(event.lots) + len(reading.lots) > lots_max:
        return [Fault(0, "title", told(Reject(RejectCode.TOO_MANY_LOTS)))], []
    faults, lots = list[Fault](), Lots()
    for count, row in enumerate(reading.lots):
        if count % STRETCH == 0:
            await asyncio.sleep(0)
        try:
            command = _command(row, event, catalogue)
        except Refused as refused:
            faults += [Fault(row.row, _column(each.field, row), each.detail) for each in refused.errors]
            continue
        faults += _faults(row, event, command, catalogue)
        lots.append((row.row, command))
    return faults, lots


def _command(row: LotRow, event: SourcingEvent, catalogue: Catalogue) -> AddLot:
    """What names no instrument stays as it is, to be refused. Raises Refused with what is wrong by field."""
    texts = row.texts
    document: dict[str, Any] = {
        name: texts[name] for name in ("title", "ceiling_price", "min_step", "tick") if name in texts
    }
    document["quantity"] = int(texts["quantity"])
    document["rules"] = {name: texts[name] for name in (*RULE_PRICES, *RULE_CODES) if name in texts}
    if name := texts.get("instrument_id") or texts.get("symbol"):
        found = catalogue.find(name)
        document["instrument_id"] = found.instrument_id if found else name
    return lot_command(event, converted(document, NewLot, strict=True))


def _faults(row: LotRow, event: SourcingEvent, command: AddLot, catalogue: Catalogue) -> Iterator[Fault]:
    refused = lot_refusal(event, command)
    if refused is None and event.from_stock:
        refused = instrument_refusal(event, command, catalogue.find(command.instrument_id))
    if refused is not None:
        bound = bound_of(refused, Scales(event.price_scale, event.currency))
        yield Fault(row.row, _column(refused.field, row), told(refused, bound))


def _column(field: str, row: LotRow) -> str:
    if field == "instrument_id" and "symbol" in row.texts:
        return "symbol"
    return field.removeprefix("rules.").partition(".")[0]


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/lots/bulk", "Draft lots from a spreadsheet", load_lots,
        NoBody, LotLoadQuery, LoadReport, status=202, takes=MEDIA, bytes_max=LOAD_BYTES_MAX,
    ),
)  # fmt: skip
