"""Events that contradict themselves, one row each: refused by the field that spoils them, with its border, over REST."""

from hashlib import sha256
from typing import Any, NamedTuple

import pytest

from exchange.core.messages import Role
from tests.gateway.bad_input import everything, live, posted
from tests.gateway.house import Answer, House
from tests.gateway.rest.test_sourcing import EVENT, LOT, MINUTE, draft, published

SEED = sha256(b"seed").hexdigest()


class Draft(NamedTuple):
    """What is added to a good draft, and the refusal of it; the lot's rules go with the lot."""

    what: str
    added: dict[str, Any]
    field: str
    bound: str = ""
    reason: str = "RULES_CONTRADICT"
    event: dict[str, Any] | None = None


def named(row: Draft) -> str:
    return row.what


def border(bound: str) -> str:
    return f"Change one of them; the border is {bound}." if bound else "Change one of them."


TIMETABLES = [
    Draft("opens in the past", {"open_at": "2026-01-01T11:59:59Z"}, "open_at", "2026-01-01T12:00:00.000000Z", "OPENS_IN_THE_PAST"),
    Draft("hard deadline before the close", {"overtime": {"hard_deadline": "2026-01-01T13:59:59Z"}}, "overtime.hard_deadline", "2026-01-01T14:00:00.000000Z"),
    Draft("hard deadline of a series", {"overtime": {"hard_deadline": "2026-01-01T15:00:00Z"}, "rules": {"schedule": "serial"}}, "overtime.hard_deadline"),
    Draft("preview after the opening", {"preview_at": "2026-01-01T13:00:01Z"}, "preview_at", "2026-01-01T13:00:00.000000Z"),
    Draft("preview at the opening where bids come before", {"preview_at": "2026-01-01T13:00:00Z", "rules": {"prebid": "required"}}, "preview_at", "2026-01-01T12:59:59.999999Z"),
    Draft("gap between lots that close together", {"rules": {"schedule": "parallel", "lot_gap_us": MINUTE}}, "rules.lot_gap_us"),
    Draft("staggered nearer than they may close", {"rules": {"schedule": "staggered", "lot_gap_us": MINUTE, "min_lot_gap_us": 2 * MINUTE}}, "rules.min_lot_gap_us", str(MINUTE)),
    Draft("postponed by no time", {"rules": {"min_participants": 2, "if_too_few": "postpone"}}, "rules.postpone_us"),
    Draft("yellow nearer than green", {"disclosure": {"light": {"green_bps": 200, "yellow_bps": 100}}}, "disclosure.light", "200"),
    Draft("a lead after a bid that nobody is shown", {"disclosure": {"lead_price": False, "lead_visible_after_valid_bid": True}}, "disclosure.lead_visible_after_valid_bid"),
]  # fmt: skip


def says_what_contradicts(answer: Answer, row: Draft) -> None:
    told = answer.status, answer.body["reason"], answer.body.get("bound", "")
    assert told == (422, row.reason, row.bound)
    assert [each["field"] for each in answer.body["errors"]] == [row.field]
    if row.reason == "RULES_CONTRADICT":
        assert answer.body["remedy"] == border(row.bound)


@pytest.mark.parametrize("row", TIMETABLES, ids=named)
async def test_an_event_that_contradicts_itself_is_refused_by_field(house: House, row: Draft) -> None:
    buyer = await house.member(Role.BUYER)

    answer = await house.call(buyer, "POST", "/v1/events", EVENT | row.added)

    says_what_contradicts(answer, row)
    assert (await house.get(buyer, "/v1/events"))["events"] == []


def band(from_price: str, step: str) -> dict[str, str]:
    return {"from_price": from_price, "step": step}


def weighing(*weights: int) -> dict[str, Any]:
    """Features of which the better option weighs so much."""
    return {
        "features": [
            {
                "name": f"f{number}",
                "options": [{"name": "no", "weight_bps": 0}, {"name": "yes", "weight_bps": weight}],
            }
            for number, weight in enumerate(weights)
        ]
    }


FORWARD = {"rules": {"direction": "forward"}}
TIMED = {"format": "dutch", "floor_price": "50.00", "clock": {"level_us": 60 * MINUTE}}
LOTS = [
    Draft("ceiling off the tick", {"ceiling_price": "90.05"}, "ceiling_price", "0.10", "STEP_OFF_TICK"),
    Draft("step off the tick", {"min_step": "0.55"}, "min_step", "0.10", "STEP_OFF_TICK"),
    Draft("band off the tick", {"rules": {"step_bands": [band("0.00", "0.55")]}}, "rules.step_bands", "0.10", "STEP_OFF_TICK"),
    Draft("bands that do not rise", {"rules": {"step_bands": [band("70.00", "1.00"), band("60.00", "0.50")]}}, "rules.step_bands", "70.00"),
    Draft("bands and shares", {"rules": {"step_bands": [band("70.00", "1.00")], "step_bps": 100}}, "rules.step_bands"),
    Draft("floor above the ceiling", {"rules": {"floor_price": "95.00"}}, "rules.floor_price", "90.00"),
    Draft("reserve above the ceiling", {"rules": {"reserve_price": "95.00"}}, "rules.reserve_price", "90.00"),
    Draft("reserve below the floor", {"rules": {"floor_price": "50.00", "reserve_price": "40.00"}}, "rules.reserve_price", "50.00"),
    Draft("qualification below the floor", {"rules": {"floor_price": "50.00", "qualification_price": "40.00"}}, "rules.qualification_price", "50.00"),
    Draft("qualification that no first bid reaches", {"rules": {"max_step": "15.00", "qualification_price": "60.00"}}, "rules.qualification_price", "75.00"),
    Draft("largest step below a band's", {"rules": {"step_bands": [band("0.00", "2.00")], "max_step": "1.00"}}, "rules.max_step", "2.00"),
    Draft("largest step below a share", {"rules": {"step_bps": 1_000, "max_step": "5.00"}}, "rules.max_step", "9.00"),
    Draft("largest step below the buffer", {"rules": {"front_buffer": "2.00", "max_step": "1.00"}}, "rules.max_step", "2.00"),
    Draft("buffers where all improve on the lead", {"rules": {"improve_on": "market_lead", "front_buffer": "1.00"}}, "rules.front_buffer"),
    Draft("lottery without a seed", {"rules": {"tie_policy": "lottery"}}, "rules.lottery_sha256"),
    Draft("seed without a lottery", {"rules": {"lottery_sha256": SEED}}, "rules.lottery_sha256"),
    Draft("ties forbidden where bids are sealed", {"rules": {"format": "sealed_first_price", "tie_policy": "forbid_any"}}, "rules.tie_policy"),
    Draft("ties forbidden where the lead is hidden", {"rules": {"tie_policy": "forbid_any"}}, "rules.tie_policy", event={"disclosure": {"lead_visible_after_valid_bid": True}}),
    Draft("ties of a Dutch lot", {"rules": TIMED | {"tie_policy": "equal_best"}}, "rules.tie_policy"),
    Draft("bought at once in reverse", {"rules": {"buy_now_price": "80.00"}}, "rules.buy_now_price"),
    Draft("bought at once below the reserve", {"rules": {"buy_now_price": "50.00", "reserve_price": "60.00"}}, "rules.buy_now_price", "60.00", event=FORWARD),
    Draft("weights of a hundred per cent", {"rules": {"scoring": weighing(6_000, 4_000)}}, "rules.scoring.features", "9000", "SCORING_CONTRADICTS"),
    Draft("a feature that weighs nothing", {"rules": {"scoring": weighing(0)}}, "rules.scoring.features", "", "SCORING_CONTRADICTS"),
    Draft("levels that do not fit in time", {"rules": TIMED}, "rules.clock"),
    Draft("rounds where nobody is counted", {"rules": {"format": "rounds"}}, "rules.format"),
    Draft("units that do not divide the quantity", {"rules": {"format": "sealed_first_price", "winners": 3}}, "rules.winners"),
    Draft("lines in a lot of many", {"rules": {"lines": [{"title": "A", "quantity": 1}]}}, "quantity", "1"),
]  # fmt: skip


@pytest.mark.parametrize("row", LOTS, ids=named)
async def test_a_lot_that_contradicts_itself_is_refused_by_field(house: House, row: Draft) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer, **(row.event or {}))
    before = await house.get(buyer, f"/v1/events/{event}")

    answer = await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT | row.added)

    says_what_contradicts(answer, row)
    assert await house.get(buyer, f"/v1/events/{event}") == before


LATE, EARLY = {"close_at": "2026-02-05T13:00:00Z"}, {"close_at": "2026-01-01T13:59:00Z"}
LIVE: list[tuple[str, str, str, Any, int, str, str]] = [
    ("other rules of the event", "PATCH", "/v1/events/{event}", {"duration_us": 60 * MINUTE}, 409, "RULES_FIXED", ""),
    ("other rules of the lot", "PATCH", "/v1/lots/{lot}", {"min_step": "1.00"}, 409, "RULES_FIXED", ""),
    ("a lot less", "DELETE", "/v1/lots/{lot}", None, 409, "RULES_FIXED", ""),
    ("a lot more", "POST", "/v1/events/{event}/lots", LOT, 409, "EVENT_NOT_DRAFT", ""),
    ("other currencies", "PUT", "/v1/events/{event}/currencies", {"currencies": [{"currency": "USD", "rate": "0.9"}]}, 409, "RULES_FIXED", ""),
    ("other questions", "PUT", "/v1/events/{event}/questionnaire", {"questions": [{"kind": "yes_no", "text": "Are you?"}]}, 409, "RULES_FIXED", ""),
    ("other terms", "PUT", "/v1/events/{event}/terms", {"text": "Paid in a year."}, 409, "RULES_FIXED", ""),
    ("published again", "POST", "/v1/events/{event}/publication", None, 409, "EVENT_NOT_DRAFT", ""),
    ("an earlier close", "POST", "/v1/lots/{lot}/extension", EARLY, 422, "CLOSE_NOT_LATER", "Name an instant after 2026-01-01T14:00:00.000000Z."),
    ("too late a close", "POST", "/v1/lots/{lot}/extension", LATE, 422, "CLOSE_TOO_LATE", "Name 2026-02-01T13:00:00.000000Z or an earlier instant."),
    ("an award before the close", "POST", "/v1/lots/{lot}/award", {"alias": 1}, 409, "LOT_NOT_CLOSED", ""),
    ("resumed while it runs", "POST", "/v1/events/{event}/resumption", None, 409, "EVENT_NOT_PAUSED", ""),
]  # fmt: skip


@pytest.mark.parametrize("what,method,path,body,status,reason,remedy", LIVE, ids=[row[0] for row in LIVE])
async def test_a_change_of_rules_while_live_is_refused_by_name_and_changes_nothing(
    house: House, what: str, method: str, path: str, body: Any, status: int, reason: str, remedy: str
) -> None:
    market = await live()(house)
    before = await everything(market)

    where = path.format(event=market.event, lot=market.lot)
    answer = await house.call(market.buyer, method, where, body)

    assert (answer.status, answer.body["reason"]) == (status, reason), what
    assert not remedy or answer.body["remedy"] == remedy
    assert await everything(market) == before


async def test_a_hard_deadline_before_the_close_of_the_last_lot_is_refused_by_its_publication(
    house: House,
) -> None:
    buyer = await house.member(Role.BUYER)
    rules = {"schedule": "staggered", "lot_gap_us": 5 * MINUTE}
    event = await draft(house, buyer, rules=rules, overtime={"hard_deadline": "2026-01-01T14:01:00Z"})
    for _ in range(2):
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT)).status == 201
    supplier = await house.member(Role.SELLER)
    invited = {"member_id": supplier.member_id}
    assert (await house.call(buyer, "POST", f"/v1/events/{event}/invitations", invited)).status == 200

    answer = await house.call(buyer, "POST", f"/v1/events/{event}/publication")

    assert (answer.status, answer.body["reason"]) == (422, "RULES_CONTRADICT")
    assert answer.body["bound"] == "2026-01-01T14:05:00.000000Z"
    assert (await house.get(buyer, f"/v1/events/{event}"))["state"] == "draft"


async def test_of_the_buyers_own_owner_nobody_is_invited(house: House) -> None:
    market = await published(house, suppliers=1)
    operator = await house.member(Role.OPERATOR)
    owner = {
        "name": "n",
        "country": "GB",
        "contact": "c",
        "roles": ["seller"],
        "owner": market.buyer.member_id,
    }
    sister = (await house.call(operator, "POST", "/v1/members", owner)).body["member_id"]

    path = f"/v1/events/{market.event}/invitations"
    answer = await house.call(market.buyer, "POST", path, {"member_id": sister})

    assert (answer.status, answer.body["reason"]) == (409, "OWN_EVENT")
    assert (await house.get(market.buyer, f"/v1/events/{market.event}"))["invited"] == [
        market.suppliers[0].member_id
    ]


HOUR = 60 * MINUTE


@pytest.mark.parametrize("by_us", [HOUR, -HOUR])
async def test_a_clock_step_of_an_hour_opens_closes_and_takes_no_chance_away(
    house: House, by_us: int
) -> None:
    market = await live()(house)
    shown = await house.get(market.buyer, f"/v1/lots/{market.lot}")

    house.clock.step_wall(by_us)
    taken = await market.bid(1, "84.00")
    after = await house.get(market.buyer, f"/v1/lots/{market.lot}")

    assert taken.status == 201 and taken.body["at"] < "2026-01-01T13:02:00"
    changing = {"lead_price", "prices"}
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in shown.items() if k not in changing
    }
    house.clock.pass_us(HOUR)
    late = await market.bid(0, "80.00")
    assert (late.body["reason"], late.body["bound"]) == ("LOT_NOT_OPEN", "2026-01-01T14:00:00.000000Z")


async def test_to_pause_what_is_paused_is_refused_by_name(house: House) -> None:
    market = await live(None, posted("/v1/events/{event}/pause", {"reason": "A question"}))(house)

    again = await house.call(
        market.buyer, "POST", f"/v1/events/{market.event}/pause", {"reason": "A question"}
    )

    assert (again.status, again.body["reason"]) == (409, "EVENT_PAUSED")
