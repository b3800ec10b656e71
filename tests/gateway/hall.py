"""A market whose buyers and sellers are each at a desk; operator and inspector speak REST. Its books are read as the
worked cases of the money write them.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from exchange.core.messages import Role
from exchange.core.values import CURRENCY_EXPONENT, instant_of
from exchange_client.messages import Side
from tests.gateway.desks import Counter, Desk, Socket, a_client
from tests.gateway.house import Holder, House

MINUTE = 60_000_000
DETAILS = {"name": "Seller & Co", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}


class Transfer(NamedTuple):
    """A row of the records."""

    number: int
    debit: str
    credit: str
    amount: int
    linked: int


class Sale(NamedTuple):
    """Two orders that met: each side's contract, and what was sold."""

    bought: str
    sold: str
    quantity: int
    buyer: str
    seller: str


class Hall:
    """Members go by the names that the cases give them: B1 buys, S1 sells."""

    def __init__(self, house: House, operator: Holder, inspector: Holder) -> None:
        self.house = house
        self.operator = operator
        self.inspector = inspector
        self.holders: dict[str, Holder] = {}
        self.desks: dict[str, Desk] = {}
        self.instrument = ""
        self.currency = "USD"
        self._names: dict[str, str] = {}
        self._read = 0
        self._entries = 0

    # --- who takes part ----------------------------------------------------------------------------

    async def admit(self, name: str, door: str, stack: AsyncExitStack) -> None:
        """A member with a desk of its own."""
        holder = await self.house.member(Role.BUYER if name.startswith("B") else Role.SELLER)
        self.holders[name] = holder
        self._names[holder.member_id] = name
        self.desks[name] = (
            Socket(await stack.enter_async_context(a_client(self.house, holder)))
            if door == "websocket"
            else Counter(self.house, holder)
        )

    async def post(self, holder: Holder, path: str, body: object, status: int = 201) -> Any:
        answer = await self.house.call(holder, "POST", path, body)
        assert answer.status == status, answer
        return answer.body

    async def describe(self, symbol: str = "KIT", tax_bps: int = 2_100, **terms: object) -> None:
        """An instrument that goes through the hub, and a commission of 8 %."""
        body = {"rate_bps": 800, "tax_bps": tax_bps}
        assert (await self.house.call(self.operator, "PUT", "/v1/commission", body)).status == 200
        described: dict[str, object] = {
            "symbol": symbol, "currency": "USD", "price_scale": 3, "lot_multiple": 10, "delivery": "hub",
            "guarantee_bps": 50, "tax_regime": "disclosed_agent",
        }  # fmt: skip
        described |= terms
        self.instrument = (await self.post(self.operator, "/v1/instruments", described))["instrument_id"]
        self.currency = str(described["currency"])

    async def top_up(self, name: str, amount: str) -> None:
        body = {"member_id": self.holders[name].member_id, "currency": self.currency, "amount": amount}
        await self.post(self.operator, "/v1/top-ups", {"transfer_id": f"{name} {amount}", **body})

    # --- a deal, step by step ----------------------------------------------------------------------

    async def order(self, name: str, price: str, quantity: int, contract: str = "") -> str:
        """An order, and in the books the name of the contract that comes of it."""
        side = Side.BUY if name.startswith("B") else Side.SELL
        order_id = await self.desks[name].order(self.instrument, side, price, quantity)
        self._names[order_id] = contract
        return order_id

    async def sale(
        self, price: str, quantity: int = 1_000, contract: str = "C1", buyer: str = "B1", seller: str = "S1"
    ) -> Sale:
        """A buy order that rests, and the sell order that meets it."""
        bought = await self.order(buyer, price, quantity, contract)
        await self.desks[seller].declare_stock(self.instrument, quantity)
        return Sale(bought, await self.order(seller, price, quantity), quantity, buyer, seller)

    async def at_hub(self, sale: Sale) -> str:
        """Sent and counted; the hub lot."""
        consignment = await self.desks[sale.seller].dispatch(self.instrument, sale.sold, sale.quantity)
        body = {"counted_quantity": sale.quantity}
        received = await self.post(self.inspector, f"/v1/consignments/{consignment}/receipt", body, 200)
        return str(received["hub_lot_id"])

    async def inspect(self, hub_lot: str, cost: str | None = "35.00", **found: int) -> None:
        body = {
            "plan": "fixed_sample", "sample_quantity": 1, "evidence": "e" * 64, "cost": cost,
            "checks": [{"method": "visual", "result": "passed"}], **found,
        }  # fmt: skip
        await self.post(self.inspector, f"/v1/hub/lots/{hub_lot}/inspection", body, 200)

    async def deliver(self, sale: Sale) -> None:
        """Sent on, and received."""
        body = {"lines": [{"contract_id": sale.bought, "line": 1}]}
        shipment = (await self.post(self.inspector, "/v1/shipments", body))["shipment_id"]
        await self.desks[sale.buyer].confirm(shipment, sale.quantity)

    async def accept(self, sale: Sale) -> None:
        await self.desks[sale.buyer].accept(sale.bought)

    async def ready(self, sale: Sale, cost: str | None = None) -> None:
        """All the way to where only the acceptance is missing."""
        hub_lot = await self.at_hub(sale)
        await self.inspect(hub_lot, cost, passed_quantity=sale.quantity)
        await self.deliver(sale)

    # --- an auction --------------------------------------------------------------------------------

    async def auctioned(self, schedule: object, rules: dict[str, object]) -> str:
        """A lot that BUY has closed: bonds of 2,500 are placed, SUP1 leads at 125,000, SUP2 has bid 130,000."""
        await self.post(self.operator, "/v1/schedules", schedule)
        buyer, opens_us = self.holders["BUY"], self.house.clock.wall + MINUTE
        draft = {
            "title": "Housings", "currency": "USD", "price_scale": 2, "open_at": instant_of(opens_us),
            "duration_us": 60 * MINUTE, "rules": rules,
        }  # fmt: skip
        event = (await self.post(buyer, "/v1/events", draft))["event_id"]
        drafted = {"title": "All", "quantity": 1, "ceiling_price": "200000.00", "min_step": "0.01"}
        lot = str((await self.post(buyer, f"/v1/events/{event}/lots", drafted))["lot_id"])
        for name in ("SUP1", "SUP2"):
            invited = {"member_id": self.holders[name].member_id}
            await self.post(buyer, f"/v1/events/{event}/invitations", invited, 200)
        await self.post(buyer, f"/v1/events/{event}/publication", None, 200)
        for name in ("SUP1", "SUP2"):
            await self.top_up(name, "2500.00")
            await self.desks[name].place_bond(event)
        self.house.clock.pass_us(2 * MINUTE)
        await self.describe("CLOCK")
        await self.desks["SUP1"].bid(lot, "125000.00")
        await self.desks["SUP2"].bid(lot, "130000.00")
        self.house.clock.pass_us(120 * MINUTE)
        await self.describe("TICK")
        await self.booked()
        return lot

    # --- the bank ----------------------------------------------------------------------------------

    async def withdraw(self, name: str, amount: str) -> str:
        """What is payable, to the member's bank; the payout."""
        details = await self.house.call(self.holders[name], "PUT", "/v1/bank-details", DETAILS)
        assert details.status == 200
        return await self.desks[name].withdraw_payable(amount)

    async def bank_says(self, direction: str, amount: str, reference: str) -> str:
        """An entry of a statement; its id."""
        self._entries += 1
        entry = {"entry_id": f"e-{self._entries}", "direction": direction, "currency": self.currency}
        body = {**entry, "amount": amount, "reference": reference}
        await self.post(self.operator, "/v1/bank-entries", body)
        return entry["entry_id"]

    # --- the books ---------------------------------------------------------------------------------

    async def booked(self) -> list[str]:
        """All money that moved since the last time, an entry a line; `linked` to the one above it, or by itself."""
        await self.house.archive()
        query = "select number, debit, credit, amount, linked from transfers where number > $1 and unit = $2"
        rows = [
            Transfer(*row)
            for row in await self.house.records.fetch(f"{query} order by number", self._read, self.currency)
        ]
        self._read = rows[-1].number if rows else self._read
        chains = groupby(rows, lambda each: each.linked or each.number)
        return [entry for _, chain in chains for entry in self._told(list(chain))]

    def _told(self, chain: list[Transfer]) -> list[str]:
        """Transfers that share an account on one side are one entry."""
        entries = [[chain[0]]]
        for last, transfer in pairwise(chain):
            if transfer.debit == last.debit or transfer.credit == last.credit:
                entries[-1].append(transfer)
            else:
                entries.append([transfer])
        first, *others = [self._entry(entry) for entry in entries]
        return [first, *(f"linked {other}" for other in others)]

    def _entry(self, entry: Sequence[Transfer]) -> str:
        """Debits by + before, credits by - behind the stroke."""
        debited: dict[str, int] = {}
        credited: dict[str, int] = {}
        for transfer in entry:
            debited[transfer.debit] = debited.get(transfer.debit, 0) + transfer.amount
            credited[transfer.credit] = credited.get(transfer.credit, 0) - transfer.amount
        sides = [
            ", ".join(f"{self._named(account)} {self._amount(amount)}" for account, amount in side.items())
            for side in (debited, credited)
        ]
        return " / ".join(sides)

    def _named(self, account: str) -> str:
        kind, _, owner = account.rpartition(":")
        return f"{kind}:{self._names[owner]}" if owner in self._names else account

    def _amount(self, minor: int) -> str:
        return f"{Decimal(minor).scaleb(-CURRENCY_EXPONENT[self.currency]):+}"

    async def read(self, name: str) -> list[str]:
        """The member's own postings as the operator reads them; what it gained has a plus."""
        path = f"/v1/postings?member_id={self.holders[name].member_id}&unit={self.currency}"
        page = await self.house.get(self.operator, path)
        return [f"{each['kind']} {Decimal(each['amount']):+}" for each in page["postings"]]


@asynccontextmanager
async def a_hall(house: House, door: str, *names: str) -> AsyncIterator[Hall]:
    """Open as long as the block lasts; members come by `websocket` or by `rest`."""
    hall = Hall(house, await house.member(Role.OPERATOR), await house.member(Role.INSPECTOR))
    async with AsyncExitStack() as stack:
        for name in names:
            await hall.admit(name, door, stack)
        yield hall
