"""Phases over REST: anybody reads, the operator acts, the history marks what a call traded."""

import pytest

from exchange.core.messages import PlaceOrder, Role, Side
from tests.gateway.house import Holder, House


async def collected(house: House) -> tuple[Holder, Holder, Holder, str]:
    """Operator, buyer, seller and an instrument in pre-open, where 5 bid 1.05 and 3 are offered at 0.99."""
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
    buyer, seller = await house.buyer(), await house.seller(instrument)
    for phase in ("closed", "pre_open"):
        path = f"/v1/instruments/{instrument}/phase"
        assert (await house.call(operator, "PUT", path, {"phase": phase})).status == 200
    for holder, side, price, quantity in ((buyer, Side.BUY, 105, 5), (seller, Side.SELL, 99, 3)):
        order = PlaceOrder(instrument_id=instrument, side=side, price=price, quantity=quantity)
        await house.do(holder.member_id, order)
    return operator, buyer, seller, instrument


async def test_the_phase_and_the_indicative_price_are_read_by_all(house: House) -> None:
    _, buyer, _, instrument = await collected(house)

    assert await house.get(buyer, f"/v1/instruments/{instrument}/phase") == {
        "instrument_id": instrument,
        "phase": "pre_open",
        "ends_at": None,
        "extensions": 0,
        "indication": {"price": "1.05", "paired": 3, "imbalance": 2, "imbalance_side": "buy"},
    }


async def test_a_call_ends_and_its_trades_are_marked(house: House) -> None:
    operator, buyer, seller, instrument = await collected(house)
    body = {"duration_s": 0, "random_s": 0}

    started = await house.call(operator, "POST", f"/v1/instruments/{instrument}/calls", body)

    assert started.status == 201
    read = await house.get(buyer, f"/v1/instruments/{instrument}/phase")
    assert (read["phase"], read["indication"]) == ("continuous", None)
    await house.archive()
    (public,) = (await house.get(buyer, f"/v1/instruments/{instrument}/trades"))["trades"]
    assert (public["price"], public["quantity"], public["in_call"]) == ("1.05", 3, True)
    for holder, side, maker in ((buyer, "buy", False), (seller, "sell", True)):
        (fill,) = (await house.get(holder, "/v1/trades"))["trades"]
        assert (fill["side"], fill["quantity"], fill["maker"], fill["in_call"]) == (side, 3, maker, True)


async def test_an_order_beyond_the_dynamic_band_starts_a_call_in_place_of_a_trade(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    terms = {"reference_price": "1.00", "dynamic_band_bps": 500, "call_s": 60}
    described = {"symbol": "TL431", "currency": "USD", "price_scale": 2, **terms}
    made = await house.call(operator, "POST", "/v1/instruments", described)
    instrument = made.body["instrument_id"]
    buyer, seller = await house.buyer(), await house.seller(instrument)

    for holder, side in ((seller, Side.SELL), (buyer, Side.BUY)):
        order = PlaceOrder(instrument_id=instrument, side=side, price=106, quantity=5)
        await house.do(holder.member_id, order)

    read = await house.get(buyer, f"/v1/instruments/{instrument}/phase")
    assert (read["phase"], read["indication"]["paired"]) == ("call_auction", 5)


@pytest.mark.parametrize(
    "method,path,body,reason",
    [
        ("PUT", "phase", {"phase": "continuous"}, "PHASE_NOT_REACHABLE"),
        ("PUT", "phase", {"phase": "call_auction"}, "PHASE_NOT_REACHABLE"),
        ("PUT", "phase", {"phase": "lunch"}, "MALFORMED"),
        ("POST", "calls", {"duration_s": -1}, "MALFORMED"),
        ("POST", "calls", {"duration_s": 86_401}, "MALFORMED"),
        ("POST", "calls", {"duration_s": 1, "random_s": 31}, "MALFORMED"),
        ("POST", "calls", {"duration_s": 1, "next_phase": "halted"}, "PHASE_NOT_REACHABLE"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    house: House, method: str, path: str, body: dict[str, object], reason: str
) -> None:
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()

    answer = await house.call(operator, method, f"/v1/instruments/{instrument}/{path}", body)

    assert answer.body["reason"] == reason


async def test_only_the_operator_acts(house: House) -> None:
    buyer, instrument = await house.buyer(), await house.instrument()

    halt = await house.call(buyer, "PUT", f"/v1/instruments/{instrument}/phase", {"phase": "halted"})
    start = await house.call(buyer, "POST", f"/v1/instruments/{instrument}/calls", {"duration_s": 1})

    assert (halt.status, start.status) == (403, 403)


async def test_an_order_in_a_halt_is_a_conflict(house: House) -> None:
    operator, buyer, instrument = (
        await house.member(Role.OPERATOR),
        await house.buyer(),
        await house.instrument(),
    )
    await house.call(operator, "PUT", f"/v1/instruments/{instrument}/phase", {"phase": "halted"})

    body = {"instrument_id": instrument, "side": "buy", "price": "1.00", "quantity": 1}
    answer = await house.call(buyer, "POST", "/v1/orders", body)

    assert (answer.status, answer.body["reason"]) == (409, "PHASE_TAKES_NO_ORDERS")
