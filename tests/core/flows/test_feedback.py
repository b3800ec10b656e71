"""Deals become ratable when they are settled, on both sides, and tell nobody who stood there."""

from exchange.core.kernel import Exchange
from exchange.core.messages import ConfirmReceipt, GiveFeedback, Side
from exchange.core.messages.feedback import FeedbackGiven
from exchange.core.rejects import RejectCode
from tests.core.venue import Venue, refusal


def a_sale() -> tuple[Venue, str, list[str]]:
    """Two sellers fill one buyer's order; the contracts of the buyer and of the sellers."""
    venue = Venue()
    venue.instrument()
    venue.member("b")
    venue.money("b", 100_000)
    sold = []
    for seller in ("s1", "s2"):
        venue.member(seller)
        venue.stock(seller, 10)
        sold.append(venue.order(seller, Side.SELL, 100, 10).reply.id)
    return venue, venue.order("b", Side.BUY, 100, 20).reply.id, sold


def rating(contract_id: str, choice: int = 4) -> GiveFeedback:
    return GiveFeedback(contract_id=contract_id, as_described=choice, delivery=choice, communication=choice)


def test_a_buyers_rating_counts_for_every_seller_of_the_contract() -> None:
    venue, bought, sold = a_sale()
    early = venue.send("b", rating(bought))
    venue.send("b", ConfirmReceipt(contract_id=bought))
    outcome = venue.send("b", rating(bought))
    from_seller = venue.send("s1", rating(sold[0]))

    assert refusal(early)[0] is RejectCode.DEAL_NOT_FINISHED
    assert (outcome.reply.code, outcome.reply.id, outcome.reply.number) == (0, bought, 202_601)
    assert [type(event) for event in outcome.events] == [FeedbackGiven]
    rated = [
        event.rated for event in (*outcome.events, *from_seller.events) if isinstance(event, FeedbackGiven)
    ]
    assert rated == [("s1", "s2"), ("b",)]


def test_another_members_deal_is_as_unknown_as_none() -> None:
    venue, bought, _ = a_sale()
    answers = [venue.send("s1", rating(bought)), venue.send("s1", rating("none"))]
    venue.send("b", ConfirmReceipt(contract_id=bought))
    answers += [venue.send("s1", rating(bought)), venue.send("operator", rating(bought))]

    assert {refusal(each) for each in answers} == {(RejectCode.NO_DEAL_TO_RATE, 0)}


def test_the_other_sides_rating_changes_no_answer() -> None:
    """Two worlds, in one of which the sellers rated: the buyer is told the same, and may change its mind."""
    replies = []
    for sellers_rate in (False, True):
        venue, bought, sold = a_sale()
        venue.send("b", ConfirmReceipt(contract_id=bought))
        if sellers_rate:
            venue.send("s1", rating(sold[0]))
        venue.at_us = 2_000_000_000_000_000
        replies.append([venue.send("b", rating(bought, choice)).reply for choice in (1, 5)])
        assert Exchange.load(venue.kernel.dump()).dump() == venue.kernel.dump()

    assert replies[0] == replies[1]
