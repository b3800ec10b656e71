"""Level 3 and phases as the client gives them, against the exchange itself."""

from decimal import Decimal

from exchange.core.messages import Role
from exchange.core.messages.phases import Phase as ServerPhase
from exchange.core.messages.phases import SetPhase, StartCall
from exchange_client import Phase, PhaseState, QueuedOrder, QueuesUpdate, Trade
from exchange_client.messages import Side
from exchange_client.queues import Queues
from exchange_client.shown_queues import OrdersDelta, OrdersSnapshot, QueueChange, Queued, QueueStep
from tests.client.test_against_exchange import a_client
from tests.gateway.house import House

D = Decimal


async def test_a_call_is_followed_from_its_queues_to_its_trades(house: House) -> None:
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
    buyer, seller = await house.buyer(), await house.seller(instrument)
    for phase in (ServerPhase.CLOSED, ServerPhase.PRE_OPEN):
        await house.do(operator.member_id, SetPhase(instrument_id=instrument, phase=phase))
    async with (
        a_client(house, buyer) as buys,
        a_client(house, seller) as sells,
        buys.queues(instrument) as queues,
        buys.phase(instrument) as phases,
        buys.trades(instrument) as trades,
    ):
        assert isinstance(first := await queues.next(), QueuesUpdate)
        assert (first.snapshot, first.queues.bids()) == (True, [])
        assert isinstance(opened := await phases.next(), PhaseState)
        assert (opened.phase, opened.price) == (Phase.PRE_OPEN, None)

        await buys.buy(instrument, price=D("1.05"), quantity=5)
        await sells.sell(instrument, price=D("0.99"), quantity=3)
        await queues.next()
        assert isinstance(await queues.next(), QueuesUpdate)
        assert first.queues.bids() == [QueuedOrder(1, D("1.05"), 5)]
        assert first.queues.asks() == [QueuedOrder(2, D("0.99"), 3)]
        assert isinstance(told := await phases.next(), PhaseState)
        assert (told.price, told.paired, told.imbalance, told.imbalance_side) == (D("1.05"), 3, 2, Side.BUY)

        await house.do(operator.member_id, StartCall(instrument_id=instrument, duration_us=0, random_us=0))
        assert isinstance(trade := await trades.next(), Trade)
        assert (trade.price, trade.quantity, trade.in_call) == (D("1.05"), 3, True)
        await queues.next()
        assert (first.queues.bids(), first.queues.asks()) == ([QueuedOrder(1, D("1.05"), 2)], [])


def test_the_copy_follows_every_step() -> None:
    snapshot = OrdersSnapshot("orders:i", 1, 0, "USD", 2, [Queued(4, 100, 5), Queued(2, 99, 1)], [])
    queues = Queues(snapshot)

    queues.apply(
        OrdersDelta(
            "orders:i",
            1,
            1,
            7,
            [
                QueueChange(QueueStep.ADD, 5, Side.BUY, 100, 9, 0),
                QueueChange(QueueStep.TRADE, 4, Side.BUY, 100, 5, 1),
                QueueChange(QueueStep.MODIFY, 5, Side.BUY, 100, 6, 0),
                QueueChange(QueueStep.TRADE, 5, Side.BUY, 100, 2, 2),
                QueueChange(QueueStep.DELETE, 2, Side.BUY, 99, 0, 0),
            ],
        )
    )

    assert queues.bids() == [QueuedOrder(5, D("1"), 4)]
    assert (queues.currency, queues.price_scale) == ("USD", 2)
