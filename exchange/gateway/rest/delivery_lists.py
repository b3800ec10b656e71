"""REST that tells where goods are: own lines and boxes, what a seller must send, what waits at the hub.

Guarantees: a member's lists hold its own lines alone, as `visibility` shows them; the hub's queues name members,
and are for inspectors and operators.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from exchange.core.messages.base import Side
from exchange.core.messages.lifecycles import ConsignmentState, DealState, ShipmentState
from exchange.core.messages.shown_deals import DealStage, OwnDeal
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.deals import show_deal
from exchange.gateway.notation import Decimals, Id, InstantText, decimal_of, instant_of, scale_of_unit
from exchange.gateway.paging import IdKey, Number, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused
from exchange.gateway.rest.instruments import instrument_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route
from exchange.gateway.stored import history
from exchange.views.views import Views


class DealQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose deals, and where they are; only an operator may name another member."""

    member_id: Id | None = None
    state: DealStage | None = None


class DealKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which line."""

    contract_id: Id
    line: Number


class Deal(Struct, frozen=True):
    """A line of an own contract: where its goods are, and until when the viewer has something to do or to know.

    `quantity` and `amount` are what still counts. `due` is: sold, dispatch by; conditional, decide by; delivered,
    accept or object by; accepted, guaranteed until.
    """

    contract_id: str
    line: int
    side: Side
    instrument_id: str
    state: DealStage
    quantity: int
    conditional_quantity: int
    amount: Decimals
    goods_tax: Decimals
    currency: str
    consignment_id: str | UnsetType = UNSET
    shipment_id: str | UnsetType = UNSET
    due: InstantText | UnsetType = UNSET


class DealPage(Struct, frozen=True):
    """Own deals that go on, by contract and line."""

    deals: list[Deal]
    next: str


class DealStep(Struct, frozen=True):
    """A step that the viewer could see."""

    line: int
    state: str
    quantity: int
    amount: Decimals
    at: InstantText


class DealSteps(Struct, frozen=True):
    """The steps of all deals of an own contract, in their order."""

    contract_id: str
    steps: list[DealStep]


class Consignment(Struct, frozen=True):
    """Goods on their way to the hub; they count as lost at `due`."""

    consignment_id: str
    instrument_id: str
    state: ConsignmentState
    quantity: int
    due: InstantText
    tracking: str
    seller_id: str


class ConsignmentPage(Struct, frozen=True):
    """Consignments on their way: a seller's own; all, for the hub."""

    consignments: list[Consignment]
    next: str


class HubLot(Struct, frozen=True):
    """Goods that wait for inspection."""

    hub_lot_id: str
    instrument_id: str
    quantity: int
    seller_id: str
    due: InstantText
    overdue: bool


class HubLotPage(Struct, frozen=True):
    """Hub lots that wait, by id."""

    hub_lots: list[HubLot]
    next: str


class ReadyLine(Struct, frozen=True):
    """Passed goods that wait for their shipment."""

    buyer_id: str
    contract_id: str
    line: int
    instrument_id: str
    hub_lot_id: str
    quantity: int
    due: InstantText
    overdue: bool


class ReadyPage(Struct, frozen=True):
    """What is ready to be shipped, by contract and line."""

    lines: list[ReadyLine]
    next: str


class Shipment(Struct, frozen=True):
    """Goods on their way to a buyer; they count as received in full at `due`."""

    shipment_id: str
    instrument_id: str
    state: ShipmentState
    quantity: int
    due: InstantText
    tracking: str
    buyer_id: str


class ShipmentPage(Struct, frozen=True):
    """Shipments on their way: a buyer's own; all, for the hub."""

    shipments: list[Shipment]
    next: str


async def list_deals(call: Call[NoBody, DealQuery]) -> DealPage:
    """Where own goods are: both sides of the member's contracts, until the guarantee is over."""
    query, member_id = call.query, call.subject(call.query.member_id)
    key = key_of(query.cursor, DealKey)
    shown = [
        deal
        for fact in call.views.delivery.deals.of_member(member_id)
        for deal in show_deal(fact, member_id)
        if query.state in {None, deal.state}
        and (key is None or (deal.contract_id, deal.line) > (key.contract_id, key.line))
    ]
    shown.sort(key=lambda deal: (deal.contract_id, deal.line))
    page, following = page_of(shown, query.limit, lambda deal: (deal.contract_id, deal.line))
    return DealPage([_deal(call.views, deal) for deal in page], following)


async def list_deal_steps(call: Call[NoBody, NoQuery]) -> DealSteps:
    """What became of an own contract's goods, from the records."""
    contract_id = call.id("contract_id")
    rows = await history.deal_steps(call.ports.records, call.member_id, contract_id)
    if not rows and call.views.contracts.get(call.member_id, contract_id) is None:
        raise Refused(Reject(RejectCode.CONTRACT_UNKNOWN, field="contract_id"))
    steps = [
        DealStep(
            row["line"],
            row["state"],
            row["quantity"],
            decimal_of(
                row["amount_minor"], scale_of_unit(instrument_of(call.views, row["instrument_id"]).currency)
            ),
            instant_of(row["at_us"]),
        )
        for row in rows
    ]
    return DealSteps(contract_id, steps)


async def list_consignments(call: Call[NoBody, PageQuery]) -> ConsignmentPage:
    """On their way to the hub: own ones, or for inspectors and operators all."""
    key, facts = key_of(call.query.cursor, IdKey), call.views.delivery.consignments
    own = facts.by_id.values() if _is_hub(call) else facts.of_member(call.member_id)
    visible = sorted(
        (each for each in own if key is None or each.consignment_id > key.id),
        key=lambda each: each.consignment_id,
    )
    page, following = page_of(visible, call.query.limit, lambda each: (each.consignment_id,))
    words = await call.ports.deal_texts.read(each.tracking_hash for each in page)
    return ConsignmentPage(
        [
            Consignment(
                each.consignment_id,
                each.instrument_id,
                each.state,
                each.quantity,
                instant_of(each.due_us),
                words.get(each.tracking_hash, ""),
                each.member_id,
            )
            for each in page
        ],
        following,
    )


async def list_hub_lots(call: Call[NoBody, PageQuery]) -> HubLotPage:
    """Inspector and operator: what waits for inspection."""
    key, now_us = key_of(call.query.cursor, IdKey), call.ports.engine.now_us()
    lots = call.views.delivery.hub_lots.by_id
    ids = sorted(each for each in lots if key is None or each > key.id)
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    return HubLotPage(
        [
            HubLot(
                lot.hub_lot_id,
                lot.instrument_id,
                lot.quantity,
                lot.member_id,
                instant_of(lot.due_us),
                lot.due_us < now_us,
            )
            for lot in (lots[each] for each in page)
        ],
        following,
    )


async def list_ready_lines(call: Call[NoBody, PageQuery]) -> ReadyPage:
    """Inspector and operator: passed goods that wait for their shipment."""
    key, now_us = key_of(call.query.cursor, DealKey), call.ports.engine.now_us()
    ready = [
        (fact.sides.buyer_contract_id, fact.sides.buyer_line, fact)
        for fact in call.views.delivery.deals.by_id.values()
        if fact.state is DealState.PASSED
    ]
    ready.sort(key=lambda each: each[:2])
    behind = [each for each in ready if key is None or each[:2] > (key.contract_id, key.line)]
    page, following = page_of(behind, call.query.limit, lambda each: each[:2])
    return ReadyPage(
        [
            ReadyLine(
                fact.sides.buyer_id,
                contract_id,
                line,
                fact.sides.instrument_id,
                fact.hub_lot_id,
                fact.quantity,
                instant_of(fact.due_us),
                fact.due_us < now_us,
            )
            for contract_id, line, fact in page
        ],
        following,
    )


async def list_shipments(call: Call[NoBody, PageQuery]) -> ShipmentPage:
    """On their way from the hub: own ones, or for inspectors and operators all."""
    key, facts = key_of(call.query.cursor, IdKey), call.views.delivery.shipments
    own = facts.by_id.values() if _is_hub(call) else facts.of_member(call.member_id)
    visible = sorted(
        (each for each in own if key is None or each.shipment_id > key.id), key=lambda each: each.shipment_id
    )
    page, following = page_of(visible, call.query.limit, lambda each: (each.shipment_id,))
    words = await call.ports.deal_texts.read(each.tracking_hash for each in page)
    return ShipmentPage(
        [
            Shipment(
                each.shipment_id,
                each.instrument_id,
                each.state,
                each.quantity,
                instant_of(each.due_us),
                words.get(each.tracking_hash, ""),
                each.member_id,
            )
            for each in page
        ],
        following,
    )


def _is_hub(call: Call[NoBody, PageQuery]) -> bool:
    """Whether the asking member works for the hub or the exchange, in good standing."""
    return call.views.works_at_hub(call.member_id)


def _deal(views: Views, deal: OwnDeal) -> Deal:
    currency = instrument_of(views, deal.instrument_id).currency
    scale = scale_of_unit(currency)
    return Deal(
        deal.contract_id,
        deal.line,
        deal.side,
        deal.instrument_id,
        deal.state,
        deal.quantity,
        deal.conditional_quantity,
        decimal_of(deal.amount_minor, scale),
        decimal_of(deal.goods_tax_minor, scale),
        currency,
        deal.consignment_id or UNSET,
        deal.shipment_id or UNSET,
        instant_of(deal.due_us) if deal.due_us else UNSET,
    )


ROUTES: Final[Sequence[AnyRoute]] = (
    Route("GET", "/v1/deals", "List own deals", list_deals, NoBody, DealQuery, DealPage),
    Route(
        "GET", "/v1/contracts/{contract_id}/steps", "List steps of own deals", list_deal_steps,
        NoBody, NoQuery, DealSteps,
    ),
    Route(
        "GET", "/v1/consignments", "List consignments", list_consignments, NoBody, PageQuery, ConsignmentPage
    ),
    Route("GET", "/v1/hub/lots", "List hub lots", list_hub_lots, NoBody, PageQuery, HubLotPage),
    Route("GET", "/v1/hub/ready", "List what can be shipped", list_ready_lines, NoBody, PageQuery, ReadyPage),
    Route("GET", "/v1/shipments", "List shipments", list_shipments, NoBody, PageQuery, ShipmentPage),
)  # fmt: skip
