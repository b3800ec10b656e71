"""Inquiries over REST: who asked is nobody's to know but the operator's, the answer is for all."""

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import Market, published


async def ask(market: Market, supplier: int, text: str = "Are black chairs fine too?") -> Answer:
    path = f"/v1/events/{market.event}/inquiries"
    return await market.house.call(market.suppliers[supplier], "POST", path, {"text": text})


async def answer(market: Market, inquiry: str, by: Holder | None = None, text: str = "Yes.") -> Answer:
    path = f"/v1/inquiries/{inquiry}/answer"
    return await market.house.call(by or market.buyer, "PUT", path, {"text": text})


async def test_an_inquiry_is_read_by_all_once_it_is_answered_and_by_nobody_with_its_author(
    house: House,
) -> None:
    market, operator = await published(house, suppliers=3), await house.member(Role.OPERATOR)
    path = f"/v1/events/{market.event}/inquiries"
    inquiry = (await ask(market, 0)).body["inquiry_id"]
    before = [(await house.get(each, path))["inquiries"] for each in (*market.suppliers, market.buyer)]
    assert (await answer(market, inquiry)).status == 200

    after = [await house.get(each, path) for each in (*market.suppliers, market.buyer, operator)]

    (own,), (to_buyer,) = before[0], before[3]
    assert own == {
        "inquiry_id": inquiry,
        "text": "Are black chairs fine too?",
        "asked_at": own["asked_at"],
        "own": True,
    }
    assert before[1:3] == [[], []]
    assert to_buyer == {name: value for name, value in own.items() if name != "own"}
    answered = {"answer": "Yes.", "answered_at": after[0]["inquiries"][0]["answered_at"]}
    assert after[0]["inquiries"] == [own | answered]
    for each in after[1:3]:
        assert each["inquiries"] == [
            {"inquiry_id": inquiry, "text": own["text"], "own": False, **answered},
        ]
    assert after[3]["inquiries"] == [to_buyer | answered]
    assert after[4]["inquiries"] == [
        to_buyer | answered | {"member_id": market.suppliers[0].member_id},
    ]


async def test_inquiries_come_in_pages_that_neither_skip_nor_repeat(house: House) -> None:
    market = await published(house)
    path = f"/v1/events/{market.event}/inquiries"
    asked = []
    for number in range(5):
        house.clock.pass_us(1_000)
        asked.append((await ask(market, number % 2, f"Question {number}?")).body["inquiry_id"])
    await answer(market, asked[0])

    read: list[str] = []
    cursor = ""
    while cursor or not read:
        page = await house.get(market.buyer, f"{path}?limit=2&cursor={cursor}")
        read += [each["inquiry_id"] for each in page["inquiries"]]
        cursor = page["next"]

    assert read == [*asked[1:], asked[0]]


async def test_buyer_or_operator_answers_once(house: House) -> None:
    market, operator = await published(house), await house.member(Role.OPERATOR)
    stranger = await house.member(Role.BUYER)
    inquiry = (await ask(market, 1)).body["inquiry_id"]

    foreign = await answer(market, inquiry, stranger)
    unknown = await answer(market, "nothing", stranger)
    first = await answer(market, inquiry, operator)
    second = await answer(market, inquiry)

    assert foreign.raw == unknown.raw
    assert (foreign.status, foreign.body["reason"]) == (404, "INQUIRY_UNKNOWN")
    assert first.status == 200
    assert (second.status, second.body["reason"]) == (409, "INQUIRY_ANSWERED")


@pytest.mark.parametrize(
    "roles,status,reason",
    [((Role.SELLER,), 404, "EVENT_UNKNOWN"), ((Role.BUYER,), 403, "ROLE_MISSING")],
)
async def test_who_is_not_invited_asks_nothing(
    house: House, roles: tuple[Role, ...], status: int, reason: str
) -> None:
    market, stranger = await published(house), await house.member(*roles)

    path = f"/v1/events/{market.event}/inquiries"
    answered = await house.call(stranger, "POST", path, {"text": "Who bids?"})

    assert (answered.status, answered.body["reason"]) == (status, reason)


async def test_a_supplier_has_so_many_unanswered_inquiries_and_nobody_asks_after_the_end(
    house: House,
) -> None:
    market = await published(house)
    asked = [await ask(market, 0) for _ in range(21)]
    await answer(market, asked[0].body["inquiry_id"])
    again = await ask(market, 0)
    await market.pass_until_open()
    await market.pass_until_closed()
    late = [await ask(market, 1), await answer(market, asked[1].body["inquiry_id"])]

    assert [each.status for each in asked] == [201] * 20 + [409]
    assert (asked[-1].body["reason"], asked[-1].body["bound"]) == ("TOO_MANY_INQUIRIES", "20")
    assert again.status == 201
    assert [(each.status, each.body["reason"]) for each in late] == [(409, "EVENT_ENDED")] * 2
