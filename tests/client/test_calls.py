"""Every call sends its command and gives its result, or sends nothing and says why."""

from decimal import Decimal
from inspect import getmembers, iscoroutinefunction
from typing import Any

import msgspec
import pytest

from exchange_client import shown
from exchange_client.calls import Calls
from exchange_client.errors import Invalid, Rejected
from exchange_client.lot_prices import LotPrices
from exchange_client.lot_rules import EventRules, LotDirection, LotRules, Overtime, TiePolicy
from exchange_client.messages import (
    AnyCommand,
    Delivery,
    Disclosure,
    Role,
    Side,
    Standing,
    TaxRegime,
    TimeInForce,
)
from exchange_client.parts import Condition, Part
from exchange_client.results import Done, EventMade, Placed
from tests.client import (
    calls_of_awards,
    calls_of_bids,
    calls_of_events,
    calls_of_goods_and_money,
    calls_of_sealed_lots,
)
from tests.client.desk import DONE, EVENT, INSTRUMENT, MADE, NUMBERED, PLACED, Call, Desk, Rows

REFUSED = shown.Rejected(3, 343, "STEP_TOO_SMALL", "fix", "Too little.", "Bid lower.", 1, 1, 1_240, "price")
D = Decimal
ORDERS_AND_LOTS: Rows = [
    (
        lambda desk: desk.buy("NE555P", price=D("12.5"), quantity=10),
        {"type": "place_order", "instrument_id": "i-1", "side": "buy", "price": 125_000, "quantity": 10},
        PLACED,
    ),
    (
        lambda desk: desk.sell(INSTRUMENT, price=D("12.5"), quantity=10),
        {"type": "place_order", "instrument_id": "i-1", "side": "sell", "price": 125_000, "quantity": 10},
        PLACED,
    ),
    (
        lambda desk: desk.place_order(
            "i-1", Side.BUY, price=D(1), quantity=1, time_in_force=TimeInForce.FOK, post_only=True
        ),
        {
            "type": "place_order",
            "instrument_id": "i-1",
            "side": "buy",
            "price": 10_000,
            "quantity": 1,
            "time_in_force": "fok",
            "post_only": True,
        },
        PLACED,
    ),
    (
        lambda desk: desk.buy_now("l-1", price=D("12.5")),
        {"type": "buy_now", "lot_id": "l-1", "price": 1_250},
        NUMBERED,
    ),
    (
        lambda desk: desk.accept_level("l-1", price=D("12.5")),
        {"type": "accept_level", "lot_id": "l-1", "price": 1_250},
        NUMBERED,
    ),
    (
        lambda desk: desk.reveal_seed("l-1", "seed"),
        {"type": "reveal_seed", "lot_id": "l-1", "seed": "seed"},
        DONE,
    ),
    (
        lambda desk: desk.pause_event(EVENT, "A question"),
        {"type": "pause_event", "event_id": "e-1", "reason": "A question"},
        DONE,
    ),
    (lambda desk: desk.resume_event(EVENT), {"type": "resume_event", "event_id": "e-1"}, DONE),
    (
        lambda desk: desk.extend_lot("l-1", close_at_us=9),
        {"type": "extend_lot", "lot_id": "l-1", "close_at_us": 9},
        DONE,
    ),
    (
        lambda desk: desk.end_lot("l-1", "Done"),
        {"type": "end_lot", "lot_id": "l-1", "reason": "Done"},
        DONE,
    ),
    (
        lambda desk: desk.place_order("i-1", Side.SELL, price=D(1), quantity=5, validate_only=True),
        {
            "type": "place_order",
            "instrument_id": "i-1",
            "side": "sell",
            "price": 10_000,
            "quantity": 5,
            "validate_only": True,
        },
        Placed(3, 2, 1, "x-1", 4, 6, would_hold=8),
    ),
    (
        lambda desk: desk.declare_stock("NE555P", 100, advertise=True, lead_days=3),
        {"type": "declare_stock", "instrument_id": "i-1", "quantity": 100, "advertise": True, "lead_days": 3},
        DONE,
    ),
    (
        lambda desk: desk.submit_declaration("l-1", options=[2, 1], amounts=[10]),
        {"type": "submit_declaration", "lot_id": "l-1", "options": [2, 1], "amounts": [10]},
        DONE,
    ),
    (
        lambda desk: desk.set_transformation("l-1", "m-1", price_scale=2, factor=D("1.05"), addend=D("-1.5")),
        {
            "type": "set_transformation",
            "lot_id": "l-1",
            "member_id": "m-1",
            "factor_ppm": 1_050_000,
            "addend": -150,
        },
        DONE,
    ),
    (lambda desk: desk.cancel_order("o-1"), {"type": "cancel_order", "order_id": "o-1"}, PLACED),
    (lambda desk: desk.cancel_order(order_ref=7), {"type": "cancel_order", "order_ref": 7}, PLACED),
    (
        lambda desk: desk.amend_order("o-1", quantity=5),
        {"type": "amend_order", "order_id": "o-1", "quantity": 5},
        PLACED,
    ),
    (
        lambda desk: desk.amend_order(order_ref=7, instrument="NE555P", price=D("0.5")),
        {"type": "amend_order", "order_ref": 7, "price": 5_000},
        PLACED,
    ),
    (lambda desk: desk.confirm_receipt("c-1"), {"type": "confirm_receipt", "contract_id": "c-1"}, NUMBERED),
    (
        lambda desk: desk.declare_stock("NE555P", 100),
        {"type": "declare_stock", "instrument_id": "i-1", "quantity": 100},
        DONE,
    ),
    (
        lambda desk: desk.withdraw_stock(INSTRUMENT, 100),
        {"type": "withdraw_stock", "instrument_id": "i-1", "quantity": 100},
        DONE,
    ),
    (
        lambda desk: desk.submit_bid("l-1", price=D("12.45")),
        {"type": "submit_bid", "lot_id": "l-1", "price": 1_245},
        NUMBERED,
    ),
    (
        lambda desk: desk.submit_bid("l-1", price=D("12.45"), lines=[D("0.15"), D(0)], price_scale=2),
        {"type": "submit_bid", "lot_id": "l-1", "price": 1_245, "lines": [15, 0]},
        NUMBERED,
    ),
    (
        lambda desk: desk.submit_bid("l-1", price=D("12.45"), price_scale=4),
        {"type": "submit_bid", "lot_id": "l-1", "price": 124_500},
        NUMBERED,
    ),
    (
        lambda desk: desk.create_event("Relays", "EUR", open_at_us=5, duration_us=6, price_scale=2),
        {
            "type": "create_event",
            "title": "Relays",
            "currency": "EUR",
            "open_at_us": 5,
            "duration_us": 6,
            "price_scale": 2,
            "overtime": {},
            "disclosure": {},
        },
        EventMade(3, 2, 1, "x-1", 2),
    ),
    (
        lambda desk: desk.create_event(
            "Relays",
            "EUR",
            open_at_us=5,
            duration_us=6,
            overtime=Overtime(window_us=0),
            disclosure=Disclosure(lead_price=False),
        ),
        {
            "type": "create_event",
            "title": "Relays",
            "currency": "EUR",
            "open_at_us": 5,
            "duration_us": 6,
            "overtime": {"window_us": 0},
            "disclosure": {"lead_price": False},
        },
        EventMade(3, 2, 1, "x-1", 4),
    ),
    (
        lambda desk: desk.add_lot(
            EVENT, "K1", quantity=9, ceiling_price=D(3), min_step=D("0.5"), tick=D("0.05")
        ),
        {
            "type": "add_lot",
            "event_id": "e-1",
            "title": "K1",
            "quantity": 9,
            "ceiling_price": 300,
            "min_step": 50,
            "tick": 5,
        },
        MADE,
    ),
    (
        lambda desk: desk.add_lot("e-2", "K1", quantity=9, ceiling_price=D(3), min_step=D(1), price_scale=0),
        {
            "type": "add_lot",
            "event_id": "e-2",
            "title": "K1",
            "quantity": 9,
            "ceiling_price": 3,
            "min_step": 1,
        },
        MADE,
    ),
    (
        lambda desk: desk.create_event(
            "Relays",
            "EUR",
            open_at_us=5,
            duration_us=6,
            rules=EventRules(direction=LotDirection.FORWARD, min_participants=2),
        ),
        {
            "type": "create_event",
            "title": "Relays",
            "currency": "EUR",
            "open_at_us": 5,
            "duration_us": 6,
            "overtime": {},
            "disclosure": {},
            "rules": {"direction": "forward", "min_participants": 2},
        },
        EventMade(3, 2, 1, "x-1", 4),
    ),
    (
        lambda desk: desk.add_lot(
            EVENT,
            "K1",
            quantity=9,
            ceiling_price=D(3),
            min_step=D("0.5"),
            rules=LotRules(tie_policy=TiePolicy.FORBID_ANY),
            prices=LotPrices(
                reserve_price=D("2.5"), front_buffer=D(0), step_bands=[(D(2), D("0.5")), (D(1), D("0.25"))]
            ),
        ),
        {
            "type": "add_lot",
            "event_id": "e-1",
            "title": "K1",
            "quantity": 9,
            "ceiling_price": 300,
            "min_step": 50,
            "rules": {
                "tie_policy": "forbid_any",
                "reserve_price": 250,
                "front_buffer": 0,
                "step_bands": [{"from_price": 200, "step": 50}, {"from_price": 100, "step": 25}],
            },
        },
        MADE,
    ),
    (
        lambda desk: desk.invite_supplier(EVENT, "m-1"),
        {"type": "invite_supplier", "event_id": "e-1", "member_id": "m-1"},
        DONE,
    ),
    (lambda desk: desk.publish_event("e-1"), {"type": "publish_event", "event_id": "e-1"}, DONE),
    (lambda desk: desk.award_lot("l-1", 2), {"type": "award_lot", "lot_id": "l-1", "alias": 2}, DONE),
    (
        lambda desk: desk.cancel_event(EVENT, "no need"),
        {"type": "cancel_event", "event_id": "e-1", "reason": "no need"},
        DONE,
    ),
    (
        lambda desk: desk.register_member([Role.BUYER, Role.SELLER], owner="o", profile_hash="h"),
        {"type": "register_member", "roles": ["buyer", "seller"], "owner": "o", "profile_hash": "h"},
        MADE,
    ),
    (
        lambda desk: desk.set_standing("m-1", Standing.SUSPENDED),
        {"type": "set_standing", "member_id": "m-1", "standing": "suspended"},
        DONE,
    ),
    (
        lambda desk: desk.create_instrument("NE555P", "EUR"),
        {"type": "create_instrument", "symbol": "NE555P", "currency": "EUR"},
        MADE,
    ),
    (
        lambda desk: desk.create_instrument(
            "NE555P", "EUR", price_scale=2, tick=D("0.05"), lot_multiple=10, price_min=D(1), price_max=D(90)
        ),
        {
            "type": "create_instrument",
            "symbol": "NE555P",
            "currency": "EUR",
            "price_scale": 2,
            "tick": 5,
            "lot_multiple": 10,
            "price_min": 100,
            "price_max": 9_000,
        },
        MADE,
    ),
    (
        lambda desk: desk.create_instrument(
            "",
            "EUR",
            price_scale=3,
            reference_price=D("0.25"),
            min_amount=D("50.00"),
            delivery=Delivery.HUB,
            guarantee_bps=200,
            tax_regime=TaxRegime.OWN_NAME,
            goods_tax_bps=2_100,
            part=Part("TI", "LM358P", Condition.NOS),
            text_hash="h",
            dynamic_band_bps=500,
            call_s=90,
        ),
        {
            "type": "create_instrument",
            "currency": "EUR",
            "price_scale": 3,
            "reference_price": 250,
            "min_amount_minor": 5_000,
            "delivery": "hub",
            "guarantee_bps": 200,
            "tax_regime": "own_name",
            "goods_tax_bps": 2_100,
            "part": {"manufacturer": "TI", "part_number": "LM358P", "condition": "NOS"},
            "text_hash": "h",
            "dynamic_band_bps": 500,
            "call_us": 90_000_000,
        },
        MADE,
    ),
    (
        lambda desk: desk.top_up("m-1", D("19.99"), "EUR", transfer_id="bank-1"),
        {
            "type": "top_up",
            "transfer_id": "bank-1",
            "member_id": "m-1",
            "currency": "EUR",
            "amount_minor": 1_999,
        },
        NUMBERED,
    ),
    (
        lambda desk: desk.cancel_all("i-1", side=Side.BUY),
        {"type": "cancel_all", "instrument_id": "i-1", "side": "buy"},
        NUMBERED,
    ),
    (
        lambda desk: desk.cancel_after(1.5),
        {"type": "cancel_after", "after_us": 1_500_000},
        NUMBERED,
    ),
    (
        lambda desk: desk.set_commission(800, tax_bps=1_900),
        {"type": "set_commission", "rate_bps": 800, "tax_bps": 1_900},
        NUMBERED,
    ),
]


CALLS = [
    *ORDERS_AND_LOTS,
    *calls_of_awards.CALLS,
    *calls_of_bids.CALLS,
    *calls_of_events.CALLS,
    *calls_of_goods_and_money.CALLS,
    *calls_of_sealed_lots.CALLS,
]


@pytest.mark.parametrize("call,sent,result", CALLS)
async def test_a_call_sends_its_command_and_gives_its_result(
    call: Call, sent: dict[str, Any], result: Done
) -> None:
    desk = Desk()

    got = await call(desk)

    assert (desk.sent, type(got), got) == ([sent], type(result), result)


def test_every_command_is_sent_by_a_call() -> None:
    sent = {command["type"] for _, command, _ in CALLS}

    assert sent == {kind.__struct_config__.tag for kind in AnyCommand.__args__}


def test_every_call_is_here() -> None:
    named = {name for call, _, _ in CALLS for name in call.__code__.co_names}
    calls = {name for name, _ in getmembers(Calls, iscoroutinefunction) if not name.startswith("_")}

    assert calls - vars(Desk).keys() <= named


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda desk: desk.buy("i-1", price=D("1.00001"), quantity=1), "price 1.00001 is finer"),
        (lambda desk: desk.buy("i-1", price=1.5, quantity=1), "price must be a Decimal"),
        (lambda desk: desk.amend_order("o-1", price=D(1)), "name the instrument too"),
        (
            lambda desk: desk.add_lot("e-1", "K1", quantity=9, ceiling_price=D(3), min_step=D(1)),
            "give price_scale",
        ),
        (
            lambda desk: desk.add_lot(EVENT, "K1", quantity=9, ceiling_price=D("3.001"), min_step=D(1)),
            "ceiling_price 3.001 is finer",
        ),
        (
            lambda desk: desk.add_lot(
                EVENT,
                "K1",
                quantity=9,
                ceiling_price=D(3),
                min_step=D(1),
                prices=LotPrices(floor_price=D("1.001")),
            ),
            "floor_price 1.001 is finer",
        ),
        (
            lambda desk: desk.create_instrument("S", "EUR", reference_price=D("0.00001")),
            "reference_price 0.00001 is finer",
        ),
        (lambda desk: desk.top_up("m-1", D("0.001"), "EUR", transfer_id="b"), "amount 0.001 is finer"),
    ],
)
async def test_a_call_that_makes_no_sense_sends_nothing(call: Call, message: str) -> None:
    desk = Desk()

    with pytest.raises(Invalid, match=message):
        await call(desk)

    assert desk.sent == []


async def test_an_amount_finer_than_its_currency_is_not_sent() -> None:
    desk = Desk()

    with pytest.raises(Invalid, match="finer"):
        await desk.pay_deposit(D("0.001"), "USD")

    assert desk.sent == []


async def test_the_bound_of_a_price_is_told_as_a_price() -> None:
    desk = Desk()
    desk.refusal = Rejected.of(REFUSED)

    with pytest.raises(Rejected) as caught:
        await desk.submit_bid("l-1", price=D("12.45"))

    assert caught.value.bound_price == D("12.40")


async def test_a_bound_that_is_no_price_is_told_as_it_is() -> None:
    desk = Desk()
    desk.refusal = Rejected.of(msgspec.structs.replace(REFUSED, field="quantity"))

    with pytest.raises(Rejected) as caught:
        await desk.submit_bid("l-1", price=D("12.45"))

    assert (caught.value.bound, caught.value.bound_price) == (1_240, None)
