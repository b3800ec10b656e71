"""What mails say of awards: the winner its figures and when to pay, others what the event discloses."""

import pytest

from exchange.core.messages import Role, SetCommission
from tests.gateway.rest.test_lot_sales import DAY, EVENT, FORWARD, Auction
from tests.gateway.rest.test_sourcing import Market
from tests.outbound.mailing import Post

ANN, BOB = "ann@example.org", "bob@example.org"
AWARDED = "Awarded: 500 at 79.00 EUR, 39500.00 EUR in all.\n"


async def awarded(post: Post, **fields: object) -> Market:
    """Bob has won at 79.00, before Ann at 80.00."""
    market = await post.market(ANN, BOB, **fields)
    await market.pass_until_open()
    assert (await market.bid(0, "80.00")).status == (await market.bid(1, "79.00")).status == 201
    await market.pass_until_closed()
    done = await post.house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 2})
    assert done.status == 200
    await post.deliver()
    return market


@pytest.mark.parametrize(
    "results,said",
    [
        ("own", "You ranked 2.\n"),
        ("price", "You ranked 2.\n" + AWARDED),
        ("winner", "You ranked 2.\n" + AWARDED),
    ],
)
async def test_a_winner_reads_what_it_won_and_a_loser_what_the_event_discloses(
    post: Post, results: str, said: str
) -> None:
    await awarded(post, rules={"results": results})

    assert "was awarded to you.\n" + AWARDED + "\n" in post.text_to(BOB, "Awarded to you: Chairs")
    assert "Thank you for bidding.\n" + said + "\n" in post.text_to(ANN, "Decided: Chairs")


async def test_whoever_only_listens_by_webhook_is_mailed_nothing(post: Post) -> None:
    operator = await post.member(Role.OPERATOR, "ops@example.org")
    market = await post.market(ANN, BOB)
    for each in (operator, market.buyer, *market.suppliers):
        hook = {"url": "https://hooks.example.org/exchange", "kinds": []}
        assert (await post.house.call(each, "POST", "/v1/webhooks", hook)).status == 201
    await post.deliver()
    await market.pass_until_open()
    assert (await market.bid(0, "80.00")).status == 201
    pause = f"/v1/events/{market.event}/pause"
    assert (await post.house.call(market.buyer, "POST", pause, {"reason": "Drill"})).status == 200
    assert await post.deliver() == [
        (each, "Paused: Office chairs") for each in (ANN, BOB, "buyer@example.org")
    ]
    await post.house.call(market.buyer, "POST", f"/v1/events/{market.event}/resumption")
    await market.pass_until_closed()
    await post.deliver()
    await post.house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 1})

    assert await post.deliver() == [(ANN, "Awarded to you: Chairs")]


async def test_a_practice_award_says_its_figures_and_that_nothing_was_sold(post: Post) -> None:
    await awarded(post, practice=True)

    text = post.text_to(BOB, "You would have won: Practice: Chairs")
    assert "no contract\nor fee follows.\n" + AWARDED in text


async def test_both_read_until_when_an_award_is_provisional_and_how_it_ended(post: Post) -> None:
    await awarded(post, rules={"standstill_us": 10 * DAY})
    until = "The award is provisional until 2026-01-11 at 15:01:00 UTC; a bidder that did not win can complain of it"

    assert AWARDED + until in post.text_to(BOB, "Awarded to you: Chairs")
    assert "You ranked 2.\n" + until in post.text_to(ANN, "Decided: Chairs")
    post.house.clock.pass_us(10 * DAY)
    await post.house.instrument()
    assert await post.deliver() == [(each, "Award: Chairs") for each in (ANN, BOB)]
    said = [post.text_to(each, "Award: Chairs") for each in (ANN, BOB)]
    assert said[0] == said[1] and "It is final now.\n" in said[0]


async def test_the_winner_of_a_surplus_lot_reads_what_to_pay_and_when(post: Post) -> None:
    auction = Auction(post.house)
    await auction.draft(0, **EVENT | {"rules": FORWARD})
    await post.house.do(auction.operator.member_id, SetCommission(rate_bps=800, tax_bps=0))
    auction.bidders = [await post.member(Role.BUYER, each) for each in (ANN, BOB)]
    for each in auction.bidders:
        path = f"/v1/events/{auction.event}/invitations"
        await auction.post(auction.operator, path, {"member_id": each.member_id})
    await auction.closed("12.00", "11.00")
    await auction.award(1)
    await post.deliver()

    figures = "100 at 12.00 USD; with tax and commission at most 1200.00 USD.\n"
    assert "Awarded: 100 at 12.00 USD, 1200.00 USD in all.\n" in post.text_to(ANN, "Awarded to you: A lot")
    pay = "Pay from your wallet before 2026-01-04 at 15:02:00 UTC, or the award is no more.\n"
    assert f"You buy {figures}{pay}" in post.text_to(ANN, "Payment: A lot")

    post.server.mails.clear()
    await auction.pass_us(3 * DAY)
    await auction.pay_in(auction.bidders[1], 2_000_00)
    await auction.post(auction.bidders[1], f"/v1/lots/{auction.lot}/payment")
    await post.deliver()

    assert "It was not paid in time: the award is no more.\n" in post.text_to(ANN, "Payment: A lot")
    paid = [
        str(mail) for mail in post.server.mails if (mail["To"], mail["Subject"]) == (BOB, "Payment: A lot")
    ]
    assert len(paid) == 2 and "It is paid: you buy 100 at 11.00 USD" in paid[1]
    assert not any(
        mail["Subject"].startswith("Payment") for mail in post.server.mails if mail["To"] not in (ANN, BOB)
    )
