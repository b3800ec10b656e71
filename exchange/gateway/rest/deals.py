"""REST of goods and promises: a seller's stock, and a member's own contracts with the exchange."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import LEAD_DAYS_MAX
from exchange.core.messages import ConfirmReceipt, DeclareStock, Side, WithdrawStock
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.notation import Decimals, Id, InstantText, decimal_of, instant_of, scale_of_unit
from exchange.gateway.paging import IdKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused
from exchange.gateway.rest.instruments import Pieces, instrument_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored import history
from exchange.gateway.stored.records import Row
from exchange.views.contracts import ContractView, LineView
from exchange.views.views import Views

# --- stock -------------------------------------------------------------------------------------------


class StockChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Pieces of an instrument."""

    instrument_id: Id
    quantity: Pieces


class NewStock(StockChange, frozen=True, forbid_unknown_fields=True):
    """Pieces of an instrument that come to the market; an advert tells all members, but not whose they are."""

    advertise: bool = False
    lead_days: Annotated[
        int, Meta(ge=0, le=LEAD_DAYS_MAX, description="Of the advert: until the goods can leave.")
    ] = 0


class StockSettled(Settled, frozen=True):
    """What the seller has now."""

    instrument_id: str


class Stock(Struct, frozen=True):
    """What the seller can still offer, and what its open orders reserve."""

    instrument_id: str
    available: int
    reserved: int


class StockPage(Struct, frozen=True):
    """Stock by instrument."""

    stock: list[Stock]
    next: str


async def declare_stock(call: Call[NewStock, NoQuery]) -> StockSettled:
    """Seller: bring a quantity to the market; sell orders draw on it."""
    body = call.body
    command = DeclareStock(
        instrument_id=body.instrument_id,
        quantity=body.quantity,
        advertise=body.advertise,
        lead_days=body.lead_days,
    )
    reply = await call.settle(command)
    return StockSettled(reply.sequence, instant_of(reply.at_us), body.instrument_id)


async def withdraw_stock(call: Call[StockChange, NoQuery]) -> StockSettled:
    """Seller: take back what no order reserves."""
    body = call.body
    reply = await call.settle(WithdrawStock(instrument_id=body.instrument_id, quantity=body.quantity))
    return StockSettled(reply.sequence, instant_of(reply.at_us), body.instrument_id)


async def list_stock(call: Call[NoBody, PageQuery]) -> StockPage:
    """Own stock after the last commit."""
    after, balances = key_of(call.query.cursor, IdKey), call.views.accounts.balances
    free, reserved = (balances.get(f"{kind}:{call.member_id}", {}) for kind in ("stock", "reserved"))
    ids = sorted(each for each in free | reserved if after is None or each > after.id)
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    return StockPage([Stock(each, -free.get(each, 0), -reserved.get(each, 0)) for each in page], following)


# --- contracts ---------------------------------------------------------------------------------------


class Line(Struct, frozen=True):
    """A fill under the contract; fee and tax are those of the viewer, once the line is settled.

    `struck` tells that its trade was busted, or that a correction put another line in its place.
    """

    line: int
    trade_number: int
    price: Decimals
    quantity: int
    amount: Decimals
    settled: bool
    fee: Decimals | UnsetType = UNSET
    fee_tax: Decimals | UnsetType = UNSET
    at: InstantText | UnsetType = UNSET
    struck: Literal["busted", "corrected"] | UnsetType = UNSET


class Contract(Struct, frozen=True):
    """An own contract with the exchange; it has the id of the order that made it."""

    contract_id: str
    side: Side
    instrument_id: str
    currency: str
    state: Literal["in_force", "performed"]
    lines: list[Line]


class ContractPage(Struct, frozen=True):
    """Contracts in force with their open lines, by id."""

    contracts: list[Contract]
    next: str


class ReceiptConfirmed(Settled, frozen=True):
    """So many lines were settled; their price is released to the sellers."""

    contract_id: str
    lines: int


async def list_contracts(call: Call[NoBody, PageQuery]) -> ContractPage:
    """Own contracts in force after the last commit, each with the lines that are not settled."""
    after, mine = key_of(call.query.cursor, IdKey), call.views.contracts.open.get(call.member_id, {})
    ids = sorted(each for each in mine if after is None or each > after.id)
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    return ContractPage([_in_force(call.views, mine[each]) for each in page], following)


async def get_contract(call: Call[NoBody, NoQuery]) -> Contract:
    """One own contract with all its lines: those that are settled or struck come from the records."""
    contract_id, views = call.id("contract_id"), call.views
    rows = await history.contract_lines(call.ports.records, call.member_id, contract_id)
    contract = views.contracts.get(call.member_id, contract_id)
    if contract is None and not rows:
        raise Refused(Reject(RejectCode.CONTRACT_UNKNOWN, field="contract_id"))
    instrument_id = contract.instrument_id if contract else rows[0]["instrument_id"]
    instrument = instrument_of(views, instrument_id)
    open_lines = contract.lines if contract else {}
    lines = {row["line"]: _recorded(row, instrument.price_scale, instrument.currency) for row in rows}
    for number, line in open_lines.items():
        if number not in lines:
            lines[number] = _line(line, instrument.price_scale, instrument.currency)
    return Contract(
        contract_id,
        contract.side if contract else Side(rows[0]["side"]),
        instrument_id,
        instrument.currency,
        "in_force" if contract else "performed",
        [lines[number] for number in sorted(lines)],
    )


async def confirm_receipt(call: Call[NoBody, NoQuery]) -> ReceiptConfirmed:
    """Buyer: the goods of all open lines have arrived."""
    contract_id = call.id("contract_id")
    reply = await call.settle(ConfirmReceipt(contract_id=contract_id))
    return ReceiptConfirmed(reply.sequence, instant_of(reply.at_us), contract_id, reply.number)


def _in_force(views: Views, contract: ContractView) -> Contract:
    instrument = instrument_of(views, contract.instrument_id)
    scale, currency = instrument.price_scale, instrument.currency
    lines = [_line(line, scale, currency) for line in contract.lines.values()]
    return Contract(contract.contract_id, contract.side, contract.instrument_id, currency, "in_force", lines)


def _line(line: LineView, price_scale: int, currency: str) -> Line:
    return Line(
        line.line,
        line.trade_number,
        decimal_of(line.price, price_scale),
        line.quantity,
        decimal_of(line.amount_minor, scale_of_unit(currency)),
        settled=False,
    )


def _recorded(row: Row, price_scale: int, currency: str) -> Line:
    settled, money_scale = bool(row["settled"]), scale_of_unit(currency)
    return Line(
        row["line"],
        row["trade_number"],
        decimal_of(row["price"], price_scale),
        row["quantity"],
        decimal_of(row["amount_minor"], money_scale),
        settled,
        decimal_of(row["fee_minor"], money_scale) if settled else UNSET,
        decimal_of(row["fee_tax_minor"], money_scale) if settled else UNSET,
        instant_of(row["at_us"]),
        row["struck"] or UNSET,
    )


_ONE = "/v1/contracts/{contract_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", "/v1/stock", "Declare stock", declare_stock, NewStock, NoQuery, StockSettled, DeclareStock),
    Route(
        "POST", "/v1/stock/withdrawals", "Withdraw stock", withdraw_stock,
        StockChange, NoQuery, StockSettled, WithdrawStock,
    ),
    Route("GET", "/v1/stock", "List own stock", list_stock, NoBody, PageQuery, StockPage),
    Route("GET", "/v1/contracts", "List own contracts", list_contracts, NoBody, PageQuery, ContractPage),
    Route("GET", _ONE, "Read an own contract", get_contract, NoBody, NoQuery, Contract),
    Route(
        "POST", f"{_ONE}/receipt", "Confirm a receipt", confirm_receipt,
        NoBody, NoQuery, ReceiptConfirmed, ConfirmReceipt,
    ),
)  # fmt: skip
