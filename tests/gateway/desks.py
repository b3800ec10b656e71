"""Where members do the same things: at a WebSocket with the Python client, or over REST."""

from decimal import Decimal
from typing import Protocol

from exchange_client import Client, Settings
from exchange_client.deal_commands import (
    AcceptGoods,
    AnswerClaim,
    ConfirmShipment,
    DispatchConsignment,
    FileClaim,
)
from exchange_client.deal_words import ClaimReason, ConsignedLine
from exchange_client.messages import PayDeposit, PayoutSource, Side, WithdrawMoney
from tests.gateway.house import Holder, House

QUICK = Settings(reconnect_us_first=1_000, reconnect_us_last=10_000)


def a_client(house: House, holder: Holder) -> Client:
    """At the house's own socket."""
    return Client(f"{house.url.replace('http', 'ws', 1)}/v1/ws", key=holder.key, settings=QUICK)


class Desk(Protocol):
    """What a member does; what is new is told by its id. Amounts and prices are decimals as people write them."""

    async def declare_stock(self, instrument: str, quantity: int) -> None: ...

    async def order(self, instrument: str, side: Side, price: str, quantity: int) -> str: ...

    async def dispatch(self, instrument: str, contract: str, quantity: int) -> str: ...

    async def confirm(self, shipment: str, quantity: int) -> None: ...

    async def accept(self, contract: str) -> None: ...

    async def claim(self, contract: str) -> str: ...

    async def admit(self, contract: str) -> None: ...

    async def pay_deposit(self, amount: str) -> None: ...

    async def withdraw_payable(self, amount: str) -> str: ...

    async def place_bond(self, event: str) -> None: ...

    async def bid(self, lot: str, price: str) -> None: ...

    async def award(self, lot: str, alias: int) -> None: ...

    async def declare_default(self, lot: str, alias: int) -> None: ...


class Socket:
    """A desk with a connection; its money is dollars."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def declare_stock(self, instrument: str, quantity: int) -> None:
        await self.client.declare_stock(instrument, quantity)

    async def order(self, instrument: str, side: Side, price: str, quantity: int) -> str:
        placed = await self.client.place_order(instrument, side, price=Decimal(price), quantity=quantity)
        return placed.order_id

    async def dispatch(self, instrument: str, contract: str, quantity: int) -> str:
        lines = (ConsignedLine(contract, 1, quantity),)
        return (await self.client.send(DispatchConsignment(instrument_id=instrument, lines=lines))).id

    async def confirm(self, shipment: str, quantity: int) -> None:
        await self.client.send(ConfirmShipment(shipment_id=shipment, received_quantity=quantity))

    async def accept(self, contract: str) -> None:
        await self.client.send(AcceptGoods(contract_id=contract))

    async def claim(self, contract: str) -> str:
        claim = FileClaim(contract_id=contract, line=1, reason=ClaimReason.NOT_AS_DESCRIBED)
        return (await self.client.send(claim)).id

    async def admit(self, contract: str) -> None:
        await self.client.send(AnswerClaim(contract_id=contract, line=1, admit=True))

    async def pay_deposit(self, amount: str) -> None:
        await self.client.send(PayDeposit(currency="USD", amount_minor=_cents(amount)))

    async def withdraw_payable(self, amount: str) -> str:
        wish = WithdrawMoney(currency="USD", amount_minor=_cents(amount), source=PayoutSource.PAYABLE)
        return (await self.client.send(wish)).id

    async def place_bond(self, event: str) -> None:
        await self.client.place_bond(event)

    async def bid(self, lot: str, price: str) -> None:
        await self.client.submit_bid(lot, price=Decimal(price), price_scale=2)

    async def award(self, lot: str, alias: int) -> None:
        await self.client.award_lot(lot, alias)

    async def declare_default(self, lot: str, alias: int) -> None:
        await self.client.declare_default(lot, alias, reason="No delivery")


class Counter:
    """A desk without a connection: one request each time; its money is dollars."""

    def __init__(self, house: House, holder: Holder) -> None:
        self.house = house
        self.holder = holder

    async def declare_stock(self, instrument: str, quantity: int) -> None:
        await self._post("/v1/stock", instrument_id=instrument, quantity=quantity)

    async def order(self, instrument: str, side: Side, price: str, quantity: int) -> str:
        return await self._post(
            "/v1/orders", "order_id", instrument_id=instrument, side=side, price=price, quantity=quantity
        )

    async def dispatch(self, instrument: str, contract: str, quantity: int) -> str:
        line = {"contract_id": contract, "line": 1, "quantity": quantity}
        return await self._post("/v1/consignments", "consignment_id", instrument_id=instrument, lines=[line])

    async def confirm(self, shipment: str, quantity: int) -> None:
        await self._post(f"/v1/shipments/{shipment}/receipt", received_quantity=quantity)

    async def accept(self, contract: str) -> None:
        await self._post(f"/v1/contracts/{contract}/acceptance")

    async def claim(self, contract: str) -> str:
        reason = ClaimReason.NOT_AS_DESCRIBED
        return await self._post("/v1/claims", "claim_id", contract_id=contract, line=1, reason=reason)

    async def admit(self, contract: str) -> None:
        await self._post("/v1/claims/answers", contract_id=contract, line=1, admit=True)

    async def pay_deposit(self, amount: str) -> None:
        await self._post("/v1/deposits", currency="USD", amount=amount)

    async def withdraw_payable(self, amount: str) -> str:
        return await self._post(
            "/v1/withdrawals", "payout_id", currency="USD", amount=amount, source="payable"
        )

    async def place_bond(self, event: str) -> None:
        await self._post(f"/v1/events/{event}/bond")

    async def bid(self, lot: str, price: str) -> None:
        await self._post(f"/v1/lots/{lot}/bids", price=price)

    async def award(self, lot: str, alias: int) -> None:
        await self._post(f"/v1/lots/{lot}/award", alias=alias)

    async def declare_default(self, lot: str, alias: int) -> None:
        await self._post(f"/v1/lots/{lot}/default", alias=alias, reason="No delivery")

    async def _post(self, path: str, made: str = "", **body: object) -> str:
        """What the answer names the new thing by."""
        answer = await self.house.call(self.holder, "POST", path, body)
        assert answer.status in {200, 201}, answer
        return str(answer.body[made]) if made else ""


def _cents(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))
