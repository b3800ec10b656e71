"""What calls may be told beside the usual: conditions, dry runs, and what a lost connection means; on the exchange itself."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import get_args

import pytest

from exchange.core.messages import Role
from exchange_client import EventRules, LotPrices, LotRules, Rejected, order_version
from exchange_client.command import ConditionalCommand
from exchange_client.lot_rules import LotDirection
from exchange_client.messages import AnyCommand, Delivery, Side, Standing
from exchange_client.parts import Condition, Part
from exchange_client.results import Done
from tests.client.desk import EVENT, Desk
from tests.client.test_against_exchange import a_client
from tests.gateway.house import House

D = Decimal
SECOND = 1_000_000

CONDITIONAL: list[Callable[[Desk], Awaitable[Done]]] = [
    lambda desk: desk.cancel_order("o-1", expected_version=7),
    lambda desk: desk.amend_order("o-1", quantity=5, expected_version=7),
    lambda desk: desk.add_lot(EVENT, "K", quantity=1, ceiling_price=D(3), min_step=D(1), expected_version=7),
    lambda desk: desk.change_event("e-1", title="T", expected_version=7),
    lambda desk: desk.set_currencies("e-1", [], expected_version=7),
    lambda desk: desk.change_lot("l-1", price_scale=2, title="T", expected_version=7),
    lambda desk: desk.remove_lot("l-1", expected_version=7),
    lambda desk: desk.invite_supplier(EVENT, "m-1", expected_version=7),
    lambda desk: desk.invite_suppliers("e-1", ["m-1"], expected_version=7),
    lambda desk: desk.publish_event(EVENT, expected_version=7),
    lambda desk: desk.pause_event(EVENT, "r", expected_version=7),
    lambda desk: desk.resume_event(EVENT, expected_version=7),
    lambda desk: desk.cancel_event(EVENT, "r", expected_version=7),
    lambda desk: desk.extend_lot("l-1", close_at_us=9, expected_version=7),
    lambda desk: desk.end_lot("l-1", "r", expected_version=7),
    lambda desk: desk.reopen_lot("l-1", close_at_us=9, reason="r", expected_version=7),
    lambda desk: desk.reveal_seed("l-1", "s", expected_version=7),
    lambda desk: desk.award_lot("l-1", 1, expected_version=7),
    lambda desk: desk.set_standing("m-1", Standing.GOOD, expected_version=7),
]


async def test_every_command_that_takes_a_condition_can_be_called_under_one() -> None:
    desk = Desk()

    for call in CONDITIONAL:
        await call(desk)

    assert [sent["expected_version"] for sent in desk.sent] == [7] * len(CONDITIONAL)
    conditional = {
        str(kind.__struct_config__.tag)
        for kind in get_args(AnyCommand)
        if issubclass(kind, ConditionalCommand)
    }
    assert {sent["type"] for sent in desk.sent} == conditional


async def test_an_order_is_amended_only_as_it_was_read(house: House) -> None:
    symbol, buyer = "NE555P", await house.buyer()
    await house.instrument()
    async with a_client(house, buyer) as client:
        placed = await client.buy(symbol, price=D("2.50"), quantity=10)
        read = order_version(250, 10, 10)
        await client.amend_order(placed.order_id, quantity=8, expected_version=read)
        with pytest.raises(Rejected) as refused:
            await client.cancel_order(placed.order_id, expected_version=read)
        await client.cancel_order(placed.order_id, expected_version=refused.value.bound)

    assert refused.value.reason == "VERSION_OTHER"
    assert refused.value.bound == order_version(250, 8, 8) != read


async def test_an_order_that_is_only_validated_tells_what_it_would_hold(house: House) -> None:
    await house.instrument()
    async with a_client(house, await house.buyer()) as client:
        checked = await client.place_order(
            "NE555P", Side.BUY, price=D("2.50"), quantity=10, validate_only=True
        )
        with pytest.raises(Rejected) as refused:
            await client.place_order(
                "NE555P", Side.BUY, price=D("2.50"), quantity=10_000_000, validate_only=True
            )
        cancelled = await client.cancel_all()

    assert (checked.order_id, checked.would_hold, cancelled.number) == ("", 2_500, 0)
    assert refused.value.reason == "MONEY_SHORT"


@pytest.mark.parametrize("cancels", [True, False])
async def test_orders_end_with_the_connection_where_that_was_asked_for(house: House, cancels: bool) -> None:
    instrument = await house.instrument()
    buyer, watcher = await house.buyer(), await house.member(Role.BUYER)
    async with a_client(house, watcher) as watching, watching.book(instrument) as book:
        await book.next()
        async with a_client(house, buyer, cancel_on_disconnect=cancels) as client:
            await client.buy("NE555P", price=D("2.50"), quantity=10)
            await book.next()
        if cancels:
            await book.next()

        assert bool(house.engine.views.market.orders[buyer.member_id]) is not cancels


async def test_goods_and_lots_are_described_with_all_their_terms(house: House) -> None:
    async with (
        a_client(house, await house.member(Role.OPERATOR)) as desk,
        a_client(house, await house.member(Role.BUYER)) as buyer,
    ):
        made = await desk.create_instrument(
            "",
            "USD",
            price_scale=2,
            part=Part("Texas Instruments", "LM358P", Condition.NOS),
            delivery=Delivery.HUB,
            guarantee_bps=200,
            reference_price=D("0.25"),
            min_amount=D("5.00"),
        )
        event = await buyer.create_event(
            "Chairs",
            "USD",
            open_at_us=house.engine.now_us() + 60 * SECOND,
            duration_us=60 * SECOND,
            price_scale=2,
            rules=EventRules(direction=LotDirection.FORWARD),
        )
        lot = await buyer.add_lot(
            event,
            "Chairs",
            quantity=5,
            ceiling_price=D("90.00"),
            min_step=D("0.50"),
            rules=LotRules(step_bps=10),
            prices=LotPrices(floor_price=D("10.00"), buy_now_price=D("80.00")),
        )

    instrument = house.engine.views.instruments[made.id]
    assert (instrument.delivery, instrument.guarantee_bps) == ("hub", 200)
    assert instrument.part and instrument.part.part_number == "LM358P"
    rules = house.engine.views.sourcing.lots[lot.id].rules
    assert (rules.floor_price, rules.buy_now_price, rules.step_bps) == (1_000, 8_000, 10)
