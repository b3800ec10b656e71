"""A closed lot is reopened within its review and before its award, and then goes on as if it had never closed."""

from random import Random

import pytest
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.market.lots.formats import FORMATS
from exchange.core.market.sourcing import LotState
from exchange.core.messages import AwardLot, EndLot, Outcome, PauseEvent, RevealSeed, SubmitBid
from exchange.core.messages.awards import DeclareDefault
from exchange.core.messages.lot_rules import EventRules, LotFormat, LotRules, TiePolicy
from exchange.core.messages.review import AwardReasoned, LotReopened, ReopenLot, ReviewBegan
from exchange.core.messages.sourcing import CancelEvent, LotAwarded, LotClosed
from exchange.core.rejects import RejectCode
from tests.core.auctioneer import MINUTE, Auctioneer
from tests.core.venue import refusal
from tests.models import review as naive

REVIEWED = EventRules(review_us=600 * MINUTE)
REASONED = EventRules(reasons_asked=True)
SEED_HASH = "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b"


def closed(rules: EventRules = REVIEWED, lot_rules: LotRules | None = None, lots: int = 1) -> Auctioneer:
    """SUP1 leads at 100, SUP2 follows."""
    house = Auctioneer(rules=rules, lot_rules=lot_rules or LotRules(), lots=lots)
    house.open()
    house.bid("SUP1", 100)
    house.bid("SUP2", 120)
    house.close()
    return house


def reopen(house: Auctioneer, after_us: int = 30 * MINUTE, who: str = "BUY") -> Outcome:
    return house.send(who, ReopenLot(lot_id="L1", close_at_us=house.at_us + after_us, reason="A question"))


@pytest.mark.parametrize("who", ["BUY", "operator"])
def test_a_reopened_lot_keeps_its_bids_takes_more_and_is_won_by_the_best_of_all(who: str) -> None:
    house = closed()
    close_at_us = house.at_us + 30 * MINUTE

    reopened = reopen(house, who=who)

    assert reopened.events == [LotReopened("L1", "E", close_at_us, "A question")]
    assert refusal(house.send("SUP1", SubmitBid(lot_id="L1", price=100)))[0] is RejectCode.STEP_TOO_SMALL
    house.bid("SUP2", 90)
    house.close()
    awarded = house.award(2)
    assert any(isinstance(event, LotAwarded) and event.price == 90 for event in awarded.events)


def test_overtime_of_a_reopened_lot_counts_from_nothing() -> None:
    house = Auctioneer(rules=REVIEWED)
    house.open()
    lot = house.kernel.auctions.lot_of("L1")
    house.wait(lot.close_at_us - MINUTE - house.at_us)
    house.bid("SUP1", 100)
    assert lot.overtime_us > 0
    house.close()

    reopen(house)

    assert (lot.overtime_us, lot.extensions) == (0, 0)
    house.wait(lot.close_at_us - MINUTE - house.at_us)
    house.bid("SUP2", 90)
    assert lot.overtime_us > 0


def test_a_close_tells_until_when_it_is_reviewed_and_the_next_close_anew() -> None:
    house = Auctioneer(rules=REVIEWED)
    house.open()
    ended = house.send("BUY", EndLot(lot_id="L1", reason="Enough"))
    assert [type(event) for event in ended.events][1:] == [LotClosed, ReviewBegan]
    assert ended.events[-1] == ReviewBegan("L1", house.at_us + REVIEWED.review_us)
    reopen(house)
    house.close()

    lot = house.kernel.auctions.lot_of("L1")
    assert lot.review_until_us == lot.close_at_us + REVIEWED.review_us


def test_without_a_review_period_a_close_says_nothing_new() -> None:
    house = Auctioneer()
    house.open()

    ended = house.send("BUY", EndLot(lot_id="L1", reason="Enough"))

    assert isinstance(ended.events[-1], LotClosed)
    assert refusal(reopen(house)) == (RejectCode.REVIEW_OVER, 0)


def that_stays(case: str) -> Auctioneer:
    """A lot that is not reopened."""
    lottery = LotRules(tie_policy=TiePolicy.LOTTERY, lottery_sha256=SEED_HASH)
    dutch = LotRules(format=LotFormat.DUTCH, floor_price=199_999_90)
    if case == "a clock":
        house = Auctioneer(rules=REVIEWED, lot_rules=dutch)
        house.open()
        house.close()
    elif case == "still open":
        house = Auctioneer(rules=REVIEWED)
        house.open()
    else:
        house = closed(replace(REVIEWED, review_us=1) if case == "too late" else REVIEWED,
                       lottery if case == "drawn" else None)  # fmt: skip
    if case == "drawn":
        house.done("BUY", RevealSeed(lot_id="L1", seed="seed"))
    if case in ("awarded", "defaulted"):
        house.award(1)
    if case == "defaulted":
        house.done("BUY", DeclareDefault(lot_id="L1", alias=1, reason="x", award_next=False))
    if case == "cancelled":
        house.done("BUY", CancelEvent(event_id="E", reason="x"))
    return house


@pytest.mark.parametrize(
    "case, code",
    [
        ("a stranger", RejectCode.LOT_UNKNOWN),
        ("still open", RejectCode.LOT_NOT_CLOSED),
        ("awarded", RejectCode.LOT_ALREADY_AWARDED),
        ("cancelled", RejectCode.EVENT_ENDED),
        ("a clock", RejectCode.NOT_REOPENED),
        ("too late", RejectCode.REVIEW_OVER),
        ("defaulted", RejectCode.REVIEW_OVER),
        ("drawn", RejectCode.SEED_REVEALED),
        ("a close in the past", RejectCode.CLOSE_NOT_LATER),
        ("a close far away", RejectCode.CLOSE_TOO_LATE),
    ],
)
def test_a_lot_that_stays_closed_says_why_and_nothing_changes(case: str, code: RejectCode) -> None:
    house = that_stays(case)
    before = house.kernel.auctions.dump()
    after_us = {"a close in the past": -1, "a close far away": 999 * 24 * 60 * MINUTE}.get(case, MINUTE)

    outcome = reopen(house, after_us, "SUP1" if case == "a stranger" else "BUY")

    assert (refusal(outcome)[0], outcome.events) == (code, [])
    assert house.kernel.auctions.dump() == before


def test_a_lot_of_a_paused_event_waits_until_it_goes_on() -> None:
    house = Auctioneer(rules=REVIEWED, lots=2)
    house.open()
    house.done("BUY", EndLot(lot_id="L1", reason="x"))
    house.done("BUY", PauseEvent(event_id="E", reason="x"))

    assert refusal(reopen(house))[0] is RejectCode.EVENT_PAUSED


def test_only_open_bids_go_on_neither_envelopes_nor_clocks_do() -> None:
    assert [each for each in FORMATS if FORMATS[each].reopens] == [LotFormat.ENGLISH]


# --- reasons -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules, alias, reason, code",
    [
        (REASONED, 2, "", RejectCode.AWARD_UNREASONED),
        (REASONED, 0, "", RejectCode.AWARD_UNREASONED),
        (REASONED, 2, "Nearer", 0),
        (REASONED, 1, "", 0),
        (EventRules(), 2, "", 0),
        (REASONED, 3, "", RejectCode.ALIAS_UNKNOWN),
    ],
)
def test_who_is_not_the_best_is_awarded_with_a_reason_where_the_event_asks(
    rules: EventRules, alias: int, reason: str, code: int
) -> None:
    house = closed(rules)

    outcome = house.send("BUY", AwardLot(lot_id="L1", alias=alias, reason=reason))

    assert outcome.reply.code == code
    told = [event.reason for event in outcome.events if isinstance(event, AwardReasoned)]
    assert told == ([reason] if reason else [])


def test_nobody_has_bid_so_nobody_needs_a_reason() -> None:
    house = Auctioneer(rules=REASONED)
    house.open()
    house.close()

    assert not house.send("BUY", AwardLot(lot_id="L1", alias=0)).reply.code


# --- random lives ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_random_reviews_end_as_the_twin_says(hundred: int) -> None:
    for seed in range(hundred * 100, hundred * 100 + 100):
        a_random_review(Random(seed))


def a_random_review(chance: Random) -> None:
    rules = EventRules(review_us=chance.choice((0, 5, 40, 90)) * MINUTE)
    house = Auctioneer(rules=rules)
    house.open()
    lot, acts, price = house.kernel.auctions.lot_of("L1"), list[naive.Act](), 1_000
    first_close = lot.close_at_us

    def twin() -> naive.Lot:
        return naive.stands(acts, house.at_us, first_close, rules.review_us, 2 * MINUTE)

    for _ in range(chance.randint(3, 12)):
        house.wait(chance.choice((0, 1, 10, 30, 70)) * MINUTE)
        before, price = twin(), price - 2
        kind = chance.choice(("bid", "bid", "end", "award", "default", "reopen", "reopen"))
        close = house.at_us + chance.randint(1, 60) * MINUTE
        winner = lot.awarded_alias
        taken = not act(house, kind, price, close).reply.code
        can = {
            "bid": before.open,
            "end": before.open,
            "award": not before.open and not before.awarded,
            "default": before.awarded and winner > 0,
            "reopen": not before.open and not before.awarded and house.at_us < before.reviewed_until_us,
        }[kind]
        assert taken == can, (kind, before)
        if taken:
            acts.append(naive.Act(house.at_us, kind, close))
        check(house, twin())


def act(house: Auctioneer, kind: str, price: int, close_at_us: int) -> Outcome:
    """Two suppliers take turns, so that every late bid takes the lead; the best that is not out is awarded."""
    lot = house.kernel.auctions.lot_of("L1")
    lead, best = lot.board.lead, next(iter(house.kernel.awards.best(lot)), None)
    supplier = "SUP2" if lead is not None and lead.member_id == "SUP1" else "SUP1"
    match kind:
        case "bid":
            return house.send(supplier, SubmitBid(lot_id="L1", price=price), after_us=0)
        case "end":
            return house.send("BUY", EndLot(lot_id="L1", reason="x"), after_us=0)
        case "award":
            return house.send("BUY", AwardLot(lot_id="L1", alias=best.alias if best else 0), after_us=0)
        case "default":
            said = DeclareDefault(lot_id="L1", alias=max(1, lot.awarded_alias), reason="x", award_next=False)
            return house.send("BUY", said, after_us=0)
        case _:
            wish = ReopenLot(lot_id="L1", close_at_us=close_at_us, reason="x")
            return house.send("operator", wish, after_us=0)


def check(house: Auctioneer, expected: naive.Lot) -> None:
    lot = house.kernel.auctions.lot_of("L1")
    assert (lot.state is LotState.OPEN) == expected.open
    assert (lot.state is LotState.AWARDED) == expected.awarded
    assert lot.review_until_us == (0 if expected.open else expected.reviewed_until_us)
    if expected.open:
        assert (lot.close_at_us, lot.overtime_us) == (expected.close_at_us, expected.extended_us)
    dumped = house.kernel.dump()
    assert Exchange.load(dumped).dump() == dumped
