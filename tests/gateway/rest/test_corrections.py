"""Busts and corrections over REST: what the operator does, and what everybody reads of it afterwards."""

import pytest

from exchange.core.messages import ConfirmReceipt, PlaceOrder, Role, Side
from tests.gateway.house import Answer, Holder, House


class Trade:
    """Ten pieces at 1.00, of which both sides and the operator can speak."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def make(self) -> "Trade":
        house = self.house
        self.operator, self.instrument = await house.member(Role.OPERATOR), await house.instrument(tick=5)
        self.buyer, self.seller = await house.buyer(10_000), await house.seller(self.instrument, 25)
        self.sold, self.bought = [
            await self.order(holder, side, 100, 10)
            for holder, side in ((self.seller, Side.SELL), (self.buyer, Side.BUY))
        ]
        return self

    async def order(self, holder: Holder, side: Side, price: int, quantity: int) -> str:
        order = PlaceOrder(instrument_id=self.instrument, side=side, price=price, quantity=quantity)
        return (await self.house.do(holder.member_id, order)).id

    async def bust(self, number: object = 1, holder: Holder | None = None) -> Answer:
        return await self._post(f"{number}/bust", {"cause": "consent"}, holder)

    async def correct(self, price: str, quantity: int | None = None, holder: Holder | None = None) -> Answer:
        body: dict[str, object] = {"price": price, "cause": "erroneous"}
        return await self._post("1/correction", body | ({"quantity": quantity} if quantity else {}), holder)

    async def _post(self, path: str, body: object, holder: Holder | None) -> Answer:
        path = f"/v1/instruments/{self.instrument}/trades/{path}"
        return await self.house.call(holder or self.operator, "POST", path, body)

    async def wallet(self) -> str:
        accounts = (await self.house.get(self.buyer, "/v1/accounts"))["accounts"]
        return str(next(each["available"] for each in accounts if each["kind"] == "wallet"))

    async def prints(self) -> list[tuple[str, int, str]]:
        page = await self.house.get(self.seller, f"/v1/instruments/{self.instrument}/trades")
        return [(each["price"], each["quantity"], each["status"]) for each in page["trades"]]


async def test_a_bust_is_read_in_money_stock_trades_fills_and_contracts(house: House) -> None:
    trade = await Trade(house).make()

    answer = await trade.bust()

    assert answer.status == 200
    assert (answer.body["instrument_id"], answer.body["trade_number"]) == (trade.instrument, 1)
    assert await trade.wallet() == "100.00"
    (stock,) = (await house.get(trade.seller, "/v1/stock"))["stock"]
    assert (stock["available"], stock["reserved"]) == (25, 0)
    assert (await house.get(trade.buyer, "/v1/contracts"))["contracts"] == []
    assert await trade.prints() == [("1.00", 10, "busted")]
    await house.archive()
    house.engine.views.market.books[trade.instrument].trades.clear()
    assert await trade.prints() == [("1.00", 10, "busted")], "the records say the same"
    for holder, contract in ((trade.buyer, trade.bought), (trade.seller, trade.sold)):
        (fill,) = (await house.get(holder, "/v1/trades"))["trades"]
        assert (fill["status"], fill["quantity"]) == ("busted", 10)
        (line,) = (await house.get(holder, f"/v1/contracts/{contract}"))["lines"]
        assert (line["struck"], line["settled"]) == ("busted", False)
        order = await house.get(holder, f"/v1/orders/{contract}")
        assert (order["status"], order["filled_quantity"]) == ("filled", 10), "the order is not revived"


async def test_a_correction_is_read_at_its_new_terms_with_the_old_line_struck(house: House) -> None:
    trade = await Trade(house).make()

    answer = await trade.correct("0.90", 8)

    assert answer.status == 200
    assert await trade.wallet() == "92.80"
    assert await trade.prints() == [("0.90", 8, "corrected")]
    await house.archive()
    for holder, contract in ((trade.buyer, trade.bought), (trade.seller, trade.sold)):
        lines = (await house.get(holder, f"/v1/contracts/{contract}"))["lines"]
        assert [(each["line"], each["amount"], each.get("struck")) for each in lines] == [
            (1, "10.00", "corrected"),
            (2, "7.20", None),
        ]
        (fill,) = (await house.get(holder, "/v1/trades"))["trades"]
        assert (fill["status"], fill["price"], fill["quantity"]) == ("corrected", "0.90", 8)


async def test_what_is_refused_tells_why_and_until_where(house: House) -> None:
    trade = await Trade(house).make()

    short = await trade.correct("100.00")
    odd = await trade.correct("0.901")
    more = await trade.correct("0.90", 11)
    unknown = [await trade.bust(number) for number in (2, 0, "none", "-1", "9" * 30)]
    await house.do(trade.buyer.member_id, ConfirmReceipt(contract_id=trade.bought))
    over = await trade.bust()

    assert (short.status, short.body["reason"], short.body["bound"]) == (409, "MONEY_SHORT", "100.00")
    assert (odd.status, odd.body["reason"], odd.body["bound"]) == (422, "PRICE_OFF_TICK", "0.05")
    assert (more.status, more.body["reason"], more.body["bound"]) == (422, "QUANTITY_ABOVE_TRADE", "10")
    assert {(each.status, each.body["reason"]) for each in unknown} == {(404, "TRADE_UNKNOWN")}
    assert (over.status, over.body["reason"]) == (409, "TRADE_OVER")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
async def test_nobody_but_an_operator_busts_and_corrects(house: House, role: Role) -> None:
    trade, stranger = await Trade(house).make(), await house.member(role)

    bust, correction = await trade.bust(holder=stranger), await trade.correct("0.90", holder=stranger)

    assert (bust.status, correction.status) == (403, 403)


async def test_a_repeated_request_busts_once(house: House) -> None:
    trade = await Trade(house).make()
    path = f"/v1/instruments/{trade.instrument}/trades/1/bust"
    key = {"Idempotency-Key": "again"}

    first, again = [
        await house.call(trade.operator, "POST", path, {"cause": "supervisory"}, headers=key) for _ in "ab"
    ]

    assert first.raw == again.raw and first.status == 200
