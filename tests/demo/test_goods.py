"""A member does with its goods what is due, and each thing once."""

from random import Random

import pytest

from exchange.demo.goods import Goods
from exchange.demo.tally import Tally
from exchange_client.deal_commands import AcceptGoods, ConfirmShipment, DecideConditional, DispatchConsignment
from exchange_client.deal_words import DealStage, Refunding, ShipmentState
from exchange_client.messages import AnyCommand, Side
from exchange_client.own_deals import OwnDeal, OwnRefund, OwnShipment
from exchange_client.shown import Ack


class Steady(Random):
    """Nothing out of the ordinary ever happens."""

    def random(self) -> float:
        """The end of every chance."""
        return 0.999


class Desk:
    """A member's goods, and what it sent."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.sent: list[AnyCommand] = []
        self.tally = Tally()
        self.goods = Goods(self.send, side, Steady(), self.tally)

    async def send(self, command: AnyCommand) -> Ack | None:
        self.sent.append(command)
        return Ack(1, 1, 1)

    def deal(self, line: int, state: DealStage, instrument_id: str = "I") -> None:
        self.goods.note(OwnDeal("C", line, self.side, instrument_id, state, 100 * line, 5_00))


async def test_a_seller_sends_one_consignment_an_instrument_and_each_line_once() -> None:
    seller = Desk(Side.SELL)
    seller.deal(1, DealStage.SOLD)
    seller.deal(2, DealStage.SOLD)
    seller.deal(3, DealStage.SOLD, "J")

    await seller.goods.work()
    await seller.goods.work()

    boxes = [each for each in seller.sent if isinstance(each, DispatchConsignment)]
    assert len(boxes) == len(seller.sent) == seller.tally.consigned == 2
    assert [(box.instrument_id, [line.quantity for line in box.lines]) for box in boxes] == [
        ("I", [100, 200]),
        ("J", [300]),
    ]


async def test_a_buyer_decides_receives_and_accepts() -> None:
    buyer = Desk(Side.BUY)
    buyer.deal(1, DealStage.CONDITIONAL)
    await buyer.goods.work()
    buyer.deal(1, DealStage.SHIPPED)
    buyer.goods.note(OwnShipment("P", "I", ShipmentState.DISPATCHED, 100))
    await buyer.goods.work()
    buyer.deal(1, DealStage.DELIVERED)
    await buyer.goods.work()
    buyer.deal(1, DealStage.ACCEPTED)
    await buyer.goods.work()

    assert [type(each) for each in buyer.sent] == [DecideConditional, ConfirmShipment, AcceptGoods]
    assert (buyer.tally.delivered, buyer.tally.accepted, buyer.goods.left) == (1, 1, 0)


@pytest.mark.parametrize(
    "state, left",
    [(state, state not in {"accepted", "closed", "void"}) for state in DealStage if state != "dispatched"],
)
def test_a_line_is_left_until_it_is_paid_or_void(state: DealStage, left: bool) -> None:
    buyer = Desk(Side.BUY)
    buyer.deal(1, state)

    assert buyer.goods.left == left


def test_an_older_answer_takes_no_line_back() -> None:
    buyer = Desk(Side.BUY)
    buyer.deal(1, DealStage.ACCEPTED)
    buyer.deal(1, DealStage.PASSED)
    buyer.deal(1, DealStage.ACCEPTED)

    assert (buyer.goods.left, buyer.tally.accepted) == (0, 1)


@pytest.mark.parametrize("state, escrow", [(DealStage.AT_HUB, -2_00), (DealStage.ACCEPTED, 0)])
def test_a_refund_is_of_escrow_until_the_line_is_paid(state: DealStage, escrow: int) -> None:
    buyer = Desk(Side.BUY)
    buyer.deal(1, state)
    buyer.goods.note(OwnRefund("C", 1, Side.BUY, Refunding.CLAIM, 40, 2_00))

    assert (buyer.tally.refunded_minor, buyer.tally.escrow_minor) == (2_00, escrow)
