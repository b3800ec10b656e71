"""A deal's whole life through the hub over WebSocket alone: each member sends commands and reads its own channel."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from itertools import groupby
from typing import TypeVar

import pytest

from exchange.core.messages import Delivery, Role, TaxRegime
from exchange_client import Client, OwnUpdate
from exchange_client.deal_commands import (
    AcceptGoods,
    AnswerClaim,
    ConfirmShipment,
    DispatchConsignment,
    DispatchShipment,
    FileClaim,
    InspectHubLot,
    ReceiveConsignment,
    ResolveClaim,
)
from exchange_client.deal_words import (
    Check,
    CheckMethod,
    CheckResult,
    ClaimReason,
    ConsignedLine,
    SamplingPlan,
    ShippedLine,
)
from exchange_client.feeds import OwnFeed
from exchange_client.own_deals import OwnClaim, OwnConsignment, OwnDeal, OwnShipment
from exchange_client.shown import AnyOwnEvent
from tests.gateway.desks import a_client
from tests.gateway.house import House

PIECES = 1_000
Told = TypeVar("Told", OwnDeal, OwnClaim, OwnConsignment, OwnShipment)


class Trader:
    """A member at its WebSocket, and all that its own channel has told it."""

    def __init__(self, client: Client, feed: OwnFeed) -> None:
        self.client = client
        self.told: list[AnyOwnEvent] = []
        self.balances: dict[str, int] = {}
        self._feed = feed

    async def hear(self, kind: type[Told], state: str) -> Told:
        """Listen until something of the kind is in the state."""
        async with asyncio.timeout(30):
            while not (found := [each for each in self._of(kind) if each.state == state]):
                await self._listen()
        return found[0]

    async def _listen(self) -> None:
        update = await self._feed.next()
        assert isinstance(update, OwnUpdate), "nothing was missed"
        self.told += update.events
        self.balances |= {each.kind: each.available for each in update.accounts}

    def _of(self, kind: type[Told]) -> list[Told]:
        return [event for event in self.told if isinstance(event, kind)]

    def states(self, kind: type[Told]) -> list[str]:
        """Of all that it was told of the kind, each once in a row."""
        return [state for state, _ in groupby(event.state.value for event in self._of(kind))]


class Hub:
    """Buyer, seller, inspector and operator, each with a connection, around one instrument."""

    def __init__(self, house: House, instrument: str, stack: AsyncExitStack) -> None:
        self.house = house
        self.instrument = instrument
        self._stack = stack

    async def enter(self, role: Role) -> Trader:
        client = await self._stack.enter_async_context(a_client(self.house, await self.house.member(role)))
        return Trader(client, await self._stack.enter_async_context(client.own()))

    async def open(self) -> None:
        self.buyer, self.seller = await self.enter(Role.BUYER), await self.enter(Role.SELLER)
        self.inspector, self.operator = await self.enter(Role.INSPECTOR), await self.enter(Role.OPERATOR)
        await self.operator.client.set_commission(800, tax_bps=2_100)

    async def sell(self) -> tuple[str, str]:
        """The buyer's contract, the seller's."""
        await self.operator.client.top_up(
            self.buyer.client.member_id, Decimal("2375.00"), "USD", transfer_id="bank-1"
        )
        await self.seller.client.declare_stock(self.instrument, PIECES)
        sold = await self.seller.client.sell(self.instrument, price=Decimal("2.375"), quantity=PIECES)
        bought = await self.buyer.client.buy(self.instrument, price=Decimal("2.375"), quantity=PIECES)
        return bought.order_id, sold.order_id

    async def through(self, sold: str, passed: int = PIECES) -> None:
        """Sent, counted and inspected."""
        lines = (ConsignedLine(sold, 1, PIECES),)
        sent = await self.seller.client.send(DispatchConsignment(instrument_id=self.instrument, lines=lines))
        counted = ReceiveConsignment(consignment_id=sent.id, counted_quantity=PIECES)
        lot = await self.inspector.client.send(counted)
        found = InspectHubLot(
            hub_lot_id=lot.id,
            plan=SamplingPlan.FIXED_SAMPLE,
            sample_quantity=1,
            checks=(Check(CheckMethod.VISUAL, CheckResult.PASSED),),
            evidence_hash="e" * 64,
            passed_quantity=passed,
            rejected_quantity=PIECES - passed,
        )
        await self.inspector.client.send(found)

    async def home(self, bought: str) -> None:
        """Shipped, and received by a buyer who learns the shipment from its own channel."""
        await self.inspector.client.send(DispatchShipment(lines=(ShippedLine(bought, 1),)))
        shipment = await self.buyer.hear(OwnShipment, "dispatched")
        await self.buyer.client.send(
            ConfirmShipment(shipment_id=shipment.shipment_id, received_quantity=shipment.quantity)
        )


@pytest.fixture
async def hub(house: House) -> AsyncIterator[Hub]:
    terms = {"delivery": Delivery.HUB, "guarantee_bps": 50, "tax_regime": TaxRegime.DISCLOSED_AGENT}
    instrument = await house.instrument(price_scale=3, lot_multiple=10, **terms)
    async with AsyncExitStack() as stack:
        hub = Hub(house, instrument, stack)
        await hub.open()
        yield hub


async def test_goods_are_sold_inspected_shipped_accepted_and_paid_over_websocket_alone(hub: Hub) -> None:
    bought, sold = await hub.sell()
    await hub.through(sold)
    await hub.home(bought)
    await hub.buyer.client.send(AcceptGoods(contract_id=bought))
    await hub.buyer.hear(OwnDeal, "accepted")
    await hub.seller.hear(OwnDeal, "accepted")

    assert hub.seller.states(OwnDeal) == ["sold", "dispatched", "at_hub", "passed", "accepted"]
    assert hub.buyer.states(OwnDeal) == ["awaited", "at_hub", "passed", "shipped", "delivered", "accepted"]
    assert (hub.seller.balances["payable"], hub.buyer.balances["wallet"]) == (2145_10, 0)
    assert sold not in repr(hub.buyer.told) and bought not in repr(hub.seller.told)


async def test_a_claim_is_filed_answered_and_paid_over_websocket_alone(hub: Hub) -> None:
    bought, sold = await hub.sell()
    await hub.through(sold)
    await hub.home(bought)
    claim = FileClaim(contract_id=bought, line=1, reason=ClaimReason.DAMAGED, quantity=400)
    filed = await hub.buyer.client.send(claim)
    named = await hub.seller.hear(OwnClaim, "filed")
    await hub.seller.client.send(AnswerClaim(contract_id=named.contract_id, line=named.line, admit=True))
    await hub.operator.client.send(ResolveClaim(claim_id=filed.id, upheld_quantity=400))
    remedied = await hub.buyer.hear(OwnClaim, "remedied")
    await hub.seller.hear(OwnClaim, "remedied")

    assert hub.seller.states(OwnClaim) == hub.buyer.states(OwnClaim) == ["filed", "answered", "remedied"]
    assert (remedied.claim_id, remedied.refund_minor) == (filed.id, 950_00)
    assert named.contract_id == sold and filed.id not in repr(hub.seller.told)
    assert hub.buyer.balances["wallet"] == 950_00


async def test_goods_that_fail_are_refunded_and_the_sellers_again_over_websocket_alone(hub: Hub) -> None:
    _, sold = await hub.sell()
    await hub.through(sold, passed=0)
    await hub.buyer.hear(OwnDeal, "void")
    await hub.seller.hear(OwnDeal, "void")

    assert hub.buyer.states(OwnDeal) == ["awaited", "at_hub", "void"]
    assert (hub.buyer.balances["wallet"], hub.seller.balances["rejected"]) == (2375_00, PIECES)
