"""Busts and corrections as the client gives them, against the exchange itself."""

from decimal import Decimal

import pytest

from exchange.core.messages import Role
from exchange_client import BustCause, OwnUpdate, Rejected, Trade, TradeStatus
from exchange_client.shown_trades import OwnBusted, OwnCorrected
from tests.client.test_against_exchange import a_client
from tests.gateway.house import House

D = Decimal


async def test_an_operator_corrects_and_busts_and_all_who_follow_are_told(house: House) -> None:
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
    buyer, seller = await house.buyer(1_500), await house.seller(instrument)
    async with (
        a_client(house, operator) as desk,
        a_client(house, buyer) as buys,
        a_client(house, seller) as sells,
        sells.own() as own,
        buys.trades(instrument) as trades,
    ):
        bought = await buys.buy(instrument, price=D("1.00"), quantity=10)
        sold = await sells.sell(instrument, price=D("1.00"), quantity=10)
        assert isinstance(made := await trades.next(), Trade)
        assert (made.number, made.status) == (1, TradeStatus.STANDING)

        with pytest.raises(Rejected) as refused:
            await desk.correct_trade(instrument, 1, price=D("1.51"))
        assert refused.value.reason == "MONEY_SHORT"
        await desk.correct_trade(instrument, 1, price=D("0.90"), quantity=8, cause=BustCause.CONSENT)
        await desk.bust_trade(instrument, 1)

        corrected, busted = await trades.next(), await trades.next()
        assert isinstance(corrected, Trade) and isinstance(busted, Trade)
        assert (corrected.number, corrected.price, corrected.quantity) == (1, D("0.9"), 8)
        assert [corrected.status, busted.status] == [TradeStatus.CORRECTED, TradeStatus.BUSTED]
        told: list[object] = []
        while not any(isinstance(each, OwnBusted) for each in told):
            update = await own.next()
            assert isinstance(update, OwnUpdate)
            told += update.events
    (correction,) = [each for each in told if isinstance(each, OwnCorrected)]
    assert (correction.contract_id, correction.line, correction.new_line) == (sold.order_id, 1, 2)
    assert (correction.old_price, correction.price, correction.amount_minor) == (100, 90, 720)
    assert bought.order_id not in repr(told), "the other side's contract is not told"


async def test_a_reader_who_comes_later_sees_how_trades_stand(house: House) -> None:
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
    buyer, seller = await house.buyer(), await house.seller(instrument)
    async with (
        a_client(house, operator) as desk,
        a_client(house, buyer) as buys,
        a_client(house, seller) as sells,
    ):
        for price in (D("1.00"), D("1.10")):
            await buys.buy(instrument, price=price, quantity=10)
            await sells.sell(instrument, price=price, quantity=10)
        await desk.bust_trade(instrument, 2)

        async with buys.trades(instrument) as trades, buys.ticker(instrument) as ticker:
            first, second = await trades.next(), await trades.next()
            quote = await ticker.next()

    assert isinstance(first, Trade) and isinstance(second, Trade)
    assert [first.status, second.status] == [TradeStatus.STANDING, TradeStatus.BUSTED]
    assert getattr(quote, "last_price", None) == D("1.00"), "the last trade that stands"
    assert getattr(quote, "volume", None) == 10
