"""Two worlds that differ in what the others bid: who has not bid hears, reads and is answered the same bytes in both."""

from typing import Any

import pytest

from exchange.core.messages import SubmitBid, shown
from exchange.core.messages.bids import SetProxy
from exchange.core.messages.lot_rules import LightLimits, LotRules, ReserveVisibility
from exchange.core.messages.sourcing import Disclosure
from tests.gateway.floor import Caller, Floor
from tests.gateway.house import House, a_house
from tests.gateway.rest.test_sourcing import Market, published
from tests.gateway.test_feed_lots import LOT as CHANNEL
from tests.gateway.test_feed_lots import an_open_lot, bid

EVERYTHING = Disclosure(
    prices_by_alias=True, gap=True, light=LightLimits(100, 500), lead_visible_after_valid_bid=True
)
RULES = LotRules(reserve_price=700, reserve_visibility=ReserveVisibility.MET_FLAG, proxies=True)
WORLDS = ((910, 820, 690), (880, 750, 600))
"""What rivals bid; the reserve is met by the last."""


def live(prices: tuple[int, ...], rules: LotRules) -> tuple[Floor, Caller, list[bytes]]:
    """A newcomer follows, two others bid; what it heard."""
    floor = an_open_lot(EVERYTHING, rules)
    newcomer = floor.caller("s3")
    newcomer.say(shown.Subscribe(CHANNEL))
    for place, price in enumerate(prices):
        bid(floor, f"s{place % 2 + 1}", price)
    return floor, newcomer, newcomer.line.heard_bytes()


def test_snapshot_and_deltas_tell_a_newcomer_nothing_of_the_lead() -> None:
    worlds = [live(prices, RULES) for prices in WORLDS]

    assert worlds[0][2] == worlds[1][2]
    again = []
    for floor, _, _ in worlds:
        late = floor.caller("s3")
        late.say(shown.Subscribe(CHANNEL))
        again.append(late.line.heard_bytes())
    assert again[0] == again[1]
    told = b"".join(worlds[0][2] + again[0])
    assert b"participants" in told and b'"bid_max":1000' in told
    assert not any(word in told for word in (b"lead_price", b'"prices"', b"reserve_met", b"gap", b"light"))


@pytest.mark.parametrize("price", [1, 590, 600, 605, 685, 690, 695, 745, 820, 999, 1_000, 1_001])
def test_a_first_bid_and_a_proxy_are_answered_alike_whatever_the_lead(price: int) -> None:
    answers = []
    for prices in WORLDS:
        _, newcomer, _ = live(prices, RULES)
        for command in (SetProxy(ref=1, lot_id="L", price=price), SubmitBid(ref=2, lot_id="L", price=price)):
            newcomer.say(command)
            newcomer.floor.commit()
        heard = newcomer.line.heard_bytes()
        answers.append([frame for frame in heard if b'"channel":"lot:L"' not in frame])

    assert answers[0] == answers[1]


def test_with_its_first_bid_a_bidder_is_shown_the_lead_prices_gap_and_light() -> None:
    floor, newcomer, _ = live(WORLDS[0], RULES)

    bid(floor, "s3", 800)

    (whole,) = newcomer.line.heard_bytes()
    for told in (b'"lead_price":690', b'"reserve_met":true', b'"gap":110', b'"light":"red"', b'"own_rank":2'):
        assert told in whole
    assert b'"prices":[[1,690,false],' in whole


async def test_a_newcomer_reads_nothing_of_the_lead_over_rest(database_url: str) -> None:
    seen: list[list[bytes]] = []
    for price in ("80.00", "70.00"):
        async with a_house(database_url) as house:
            market = await published(
                house,
                disclosure={"prices_by_alias": True, "lead_visible_after_valid_bid": True},
            )
            await market.pass_until_open()
            assert (await market.bid(0, price)).status == 201
            seen.append(await looks(house, market))
            assert (await market.bid(1, "89.00")).status == 201
            lot = await house.get(market.suppliers[1], f"/v1/lots/{market.lot}")
            assert lot["lead_price"] == price
            await house.records.fetch("truncate follower_position, bids, event_steps, api_keys cascade")

    assert seen[0] == seen[1]
    assert b'"bid_max":"90.00"' in seen[0][0] and b"lead_price" not in seen[0][0]


async def looks(house: House, market: Market) -> list[bytes]:
    """At the lot, its event and what follows a close, and bids that are refused."""
    newcomer = market.suppliers[1]
    paths = (
        f"/v1/lots/{market.lot}", f"/v1/events/{market.event}", "/v1/events", f"/v1/lots/{market.lot}/bids",
        f"/v1/lots/{market.lot}/result",
    )  # fmt: skip
    answers: list[Any] = [await house.call(newcomer, "GET", path) for path in paths]
    answers += [await market.bid(1, price) for price in ("90.10", "80.05", "0.00")]
    return [str(each.status).encode() + each.raw for each in answers]
