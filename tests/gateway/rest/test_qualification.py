"""Qualification over REST: asked by the buyer, answered by suppliers, decided lot by lot."""

from typing import Any

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import LOT, Market, draft, published

QUESTIONS: list[dict[str, Any]] = [
    {"kind": "yes_no", "text": "Are you certified?"},
    {"kind": "choice", "text": "From where do you deliver?", "choices": ["Hub", "Plant"]},
    {"kind": "number", "text": "How many presses?", "number_min": 1, "number_max": 50},
    {"kind": "text", "text": "What else should we know?", "required": False},
    {"kind": "document", "text": "Your certificate", "required": False},
]
ANSWERS = [
    {"place": 1, "yes_no": True},
    {"place": 2, "choice": "Plant"},
    {"place": 3, "number": 12},
    {"place": 4, "text": "We run two shifts."},
    {"place": 5, "document": "b" * 64},
]


class Asking(Market):
    """An event that asks, of two lots, and two suppliers."""

    lots: list[str]

    async def answer(self, supplier: int, answers: object = None) -> Answer:
        path = f"/v1/events/{self.event}/questionnaire/answers"
        given = ANSWERS if answers is None else answers
        return await self.house.call(self.suppliers[supplier], "PUT", path, {"answers": given})

    async def decide(self, supplier: int, by: Holder | None = None, **decision: Any) -> Answer:
        member_id = self.suppliers[supplier].member_id
        path = f"/v1/events/{self.event}/participants/{member_id}/qualification"
        return await self.house.call(by or self.buyer, "PUT", path, decision)

    async def bid_in(self, lot: int, supplier: int = 0, price: str = "80.00") -> Answer:
        path = f"/v1/lots/{self.lots[lot]}/bids"
        return await self.house.call(self.suppliers[supplier], "POST", path, {"price": price})


async def asking(
    house: House, questions: list[dict[str, Any]] = QUESTIONS, publish: bool = True, **rules: object
) -> Asking:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer, rules={"schedule": "parallel"})
    lot = LOT | {"rules": rules}
    lots = [(await house.call(buyer, "POST", f"/v1/events/{event}/lots", lot)).body["lot_id"] for _ in "12"]
    made = await house.call(buyer, "PUT", f"/v1/events/{event}/questionnaire", {"questions": questions})
    assert made.status == 200, made
    suppliers = [await house.member(Role.SELLER) for _ in range(2)]
    for each in suppliers:
        body = {"member_id": each.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/invitations", body)).status == 200
    if publish:
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/publication")).status == 200
    market = Asking(house, buyer, suppliers, event, lots[0])
    market.lots = lots
    return market


async def test_a_supplier_bids_once_it_is_qualified_and_only_where_it_was_admitted(house: House) -> None:
    market = await asking(house)
    await market.pass_until_open()

    unasked = await market.bid_in(0)
    answered = await market.answer(0)
    waiting = await market.bid_in(0)
    decided = await market.decide(0, approve=True, lots=[market.lots[0]])
    bids = [await market.bid_in(lot) for lot in (0, 1)]

    assert (unasked.status, unasked.body["reason"]) == (409, "NOT_QUALIFIED")
    assert waiting.body["reason"] == "NOT_QUALIFIED"
    assert [each.status for each in (answered, decided, bids[0])] == [200, 200, 201]
    assert bids[1].body["reason"] == "NOT_QUALIFIED"


async def test_a_refused_supplier_reads_why_and_may_answer_again(house: House) -> None:
    market = await asking(house)
    path = f"/v1/events/{market.event}/questionnaire"
    await market.answer(0, [*ANSWERS[:2], {"place": 3, "number": 1}])
    await market.decide(0, approve=False, reason="One press is too few.")
    refused = (await house.get(market.suppliers[0], path))["own"]
    await market.answer(0)
    await market.decide(0, approve=True)

    own = (await house.get(market.suppliers[0], path))["own"]

    assert (refused["state"], refused["reason"]) == ("refused", "One press is too few.")
    assert (own["state"], own["reason"], own["lots"]) == ("qualified", "", [])
    assert own["answers"] == ANSWERS
    assert (await market.answer(0)).body["reason"] == "ALREADY_QUALIFIED"


async def test_each_side_reads_the_questions_and_no_supplier_reads_anothers_answers(house: House) -> None:
    market = await asking(house)
    await market.answer(0)
    path, people = f"/v1/events/{market.event}/questionnaire", f"/v1/events/{market.event}/participants"
    operator = await house.member(Role.OPERATOR)

    other = await house.get(market.suppliers[1], path)
    to_buyer, to_operator = await house.get(market.buyer, people), await house.get(operator, people)

    assert [(each["kind"], each["text"], each["required"]) for each in other["questions"]] == [
        (each["kind"], each["text"], each.get("required", True)) for each in QUESTIONS
    ]
    assert other["own"] == {"state": "awaited", "lots": [], "answers": [], "reason": ""}
    states = {each["member_id"]: each["qualification"]["state"] for each in to_buyer["participants"]}
    assert states == {
        market.suppliers[0].member_id: "answered",
        market.suppliers[1].member_id: "awaited",
    }
    assert all("accepted" not in each for each in to_buyer["participants"])
    assert [each["accepted"] for each in to_operator["participants"]] == [0, 0]
    for supplier in market.suppliers:
        assert (await house.call(supplier, "GET", people)).status == 403
    both = await house.member(Role.BUYER, Role.SELLER)
    assert (await house.call(both, "GET", people)).status == 404


@pytest.mark.parametrize(
    "answers,reason,place",
    [
        ([], "ANSWER_MISSING", "1"),
        (ANSWERS[:2], "ANSWER_MISSING", "3"),
        ([{"place": 1, "number": 1}, *ANSWERS[1:]], "ANSWER_UNFIT", "1"),
        ([{"place": 1}, *ANSWERS[1:]], "ANSWER_UNFIT", "1"),
        ([{"place": 2, "choice": "Moon"}], "ANSWER_UNFIT", "2"),
        ([{"place": 2, "choice": "Hub", "number": 3}], "ANSWER_UNFIT", "2"),
        ([{"place": 3, "number": 51}], "ANSWER_UNFIT", "3"),
        ([{"place": 6, "text": "More"}], "ANSWER_UNFIT", "6"),
        ([ANSWERS[0], ANSWERS[0]], "ANSWER_UNFIT", "1"),
    ],
)
async def test_answers_that_do_not_fit_are_refused_by_the_place_of_the_question(
    house: House, answers: list[object], reason: str, place: str
) -> None:
    market = await asking(house)

    answer = await market.answer(0, answers)

    assert (answer.status, answer.body["reason"], answer.body["bound"]) == (422, reason, place)


@pytest.mark.parametrize(
    "question,reason",
    [
        ({"kind": "choice", "text": "?", "choices": ["One"]}, "QUESTION_UNFIT"),
        ({"kind": "choice", "text": "?", "choices": ["One", "One"]}, "QUESTION_UNFIT"),
        ({"kind": "yes_no", "text": "?", "choices": ["One", "Two"]}, "QUESTION_UNFIT"),
        ({"kind": "number", "text": "?", "number_min": 2, "number_max": 1}, "QUESTION_UNFIT"),
        ({"kind": "essay", "text": "?"}, "MALFORMED"),
        ({"kind": "text", "text": ""}, "MALFORMED"),
    ],
)
async def test_a_question_that_nobody_could_answer_is_refused(
    house: House, question: object, reason: str
) -> None:
    buyer = await house.member(Role.BUYER)
    path = f"/v1/events/{await draft(house, buyer)}/questionnaire"

    answer = await house.call(buyer, "PUT", path, {"questions": [question]})

    assert (answer.status, answer.body["reason"]) == (422, reason)


async def test_a_decision_needs_an_invited_supplier_known_lots_and_a_reason_to_refuse(house: House) -> None:
    market, plain = await asking(house), await published(house)
    stranger = await house.member(Role.SELLER)
    event = f"/v1/events/{market.event}/participants"

    refused = [
        await market.decide(0, approve=False),
        await market.decide(0, approve=True, lots=["nothing"]),
        await house.call(
            market.buyer, "PUT", f"{event}/{stranger.member_id}/qualification", {"approve": True}
        ),
        await house.call(
            plain.buyer,
            "PUT",
            f"/v1/events/{plain.event}/participants/{plain.suppliers[0].member_id}/qualification",
            {"approve": True},
        ),
    ]

    assert [(each.status, each.body["reason"]) for each in refused] == [
        (422, "REASON_MISSING"),
        (404, "LOT_UNKNOWN"),
        (409, "NOT_INVITED"),
        (409, "NO_QUESTIONNAIRE"),
    ]


async def test_once_a_lot_has_opened_only_the_operator_takes_a_qualification_back(house: House) -> None:
    market, operator = await asking(house), await house.member(Role.OPERATOR)
    await market.decide(0, approve=True)
    await market.pass_until_open()
    assert (await market.bid_in(0)).status == 201

    by_buyer = await market.decide(0, approve=False, reason="I guess it is alias 1.")
    late = await market.decide(1, approve=True)
    by_operator = await market.decide(0, operator, approve=False, reason="Its certificate is forged.")

    assert (by_buyer.status, by_buyer.body["reason"]) == (409, "RULES_FIXED")
    assert (late.status, by_operator.status) == (200, 200)
    assert (await market.bid_in(0, price="79.00")).body["reason"] == "NOT_QUALIFIED"
    assert (await market.bid_in(0, 1, "78.00")).status == 201


async def test_no_lot_bids_for_a_bidder_whose_qualification_was_taken_back(house: House) -> None:
    market, operator = await asking(house, proxies=True), await house.member(Role.OPERATOR)
    for who in (0, 1):
        await market.decide(who, approve=True)
    await market.pass_until_open()
    for lot in market.lots:
        path = f"/v1/lots/{lot}/proxy"
        assert (await house.call(market.suppliers[0], "PUT", path, {"price": "70.00"})).status == 200

    kept = await market.decide(0, operator, approve=True, lots=market.lots[1:])
    answered = [(await market.bid_in(lot, 1)).status for lot in (0, 1)]

    assert (kept.status, answered) == (200, [201, 201])
    leads = [(await house.get(market.buyer, f"/v1/lots/{lot}"))["lead_price"] for lot in market.lots]
    assert leads == ["80.00", "79.50"], "where it is still admitted, its proxy answers"


async def test_suppliers_who_are_not_qualified_do_not_count_as_participants(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    rules = {"min_participants": 2, "if_too_few": "cancel"}
    event = await draft(house, buyer, rules=rules)
    await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT)
    await house.call(buyer, "PUT", f"/v1/events/{event}/questionnaire", {})
    for _ in range(2):
        body = {"member_id": (await house.member(Role.SELLER)).member_id}
        await house.call(buyer, "POST", f"/v1/events/{event}/invitations", body)
    await house.call(buyer, "POST", f"/v1/events/{event}/publication")

    await Market(house, buyer, [], event, "").pass_until_open()

    assert (await house.get(buyer, f"/v1/events/{event}"))["state"] == "cancelled"


async def test_a_questionnaire_that_is_taken_back_asks_nobody(house: House) -> None:
    market = await asking(house, publish=False)
    path = f"/v1/events/{market.event}/questionnaire"
    assert (await house.call(market.buyer, "PUT", path, {"needed": False})).status == 200
    assert (await house.call(market.buyer, "POST", f"/v1/events/{market.event}/publication")).status == 200
    await market.pass_until_open()

    assert (await market.bid_in(1)).status == 201
    assert (await market.answer(0, [])).body["reason"] == "NO_QUESTIONNAIRE"
    assert (await house.call(market.buyer, "PUT", path, {})).body["reason"] == "RULES_FIXED"
