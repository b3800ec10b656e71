"""Between award and contract: complaints are answered, and neither fee nor bond moves before the award is final."""

from random import Random

import pytest
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.limits import AMOUNT_MINOR_MAX
from exchange.core.messages import AwardLot, Outcome
from exchange.core.messages.awards import BondMoved, DeclareDefault, PlaceBond, ReturnBond
from exchange.core.messages.ledger import ChargedBase, PublishSchedule
from exchange.core.messages.lifecycles import AwardState, BondState, ComplaintState
from exchange.core.messages.lot_rules import EventRules
from exchange.core.messages.standstill import AnswerComplaint, AwardMoved, ComplaintMoved, FileComplaint
from exchange.core.rejects import RejectCode
from tests.core.auctioneer import CEILING, MINUTE, Auctioneer
from tests.core.venue import legs, refusal
from tests.models import standstill as naive

DAY = 24 * 60 * MINUTE
SUPPLIERS = ("SUP1", "SUP2", "SUP3")
RULES = EventRules(standstill_us=10 * DAY, bid_bond_minor=2_500_00, bond_bears_fee=True)
FEE = PublishSchedule(rate_bps=100, market="sourcing", base=ChargedBase.AWARD)


def closed(rules: EventRules = RULES) -> Auctioneer:
    """Three have bid, the first the best, and aliases are as the names; a fourth is invited."""
    house = Auctioneer((*SUPPLIERS, "SUP4"), rules)
    house.done("operator", FEE)
    if rules.bid_bond_minor:
        house.bonds(*SUPPLIERS)
    house.open()
    for place, supplier in enumerate(SUPPLIERS):
        house.bid(supplier, 1_000_00 + place)
    house.close()
    return house


def complain(house: Auctioneer, alias: int) -> Outcome:
    return house.send(f"SUP{alias}", FileComplaint(lot_id="L1", text_hash="a"), after_us=0)


def answer(house: Auctioneer, alias: int, *, uphold: bool, who: str = "BUY") -> Outcome:
    said = AnswerComplaint(lot_id="L1", alias=alias, uphold=uphold, text_hash="b")
    return house.send(who, said, after_us=0)


def state(house: Auctioneer) -> AwardState:
    found = house.kernel.standstills.get("L1")
    assert found is not None
    return found.state


def test_fee_and_bonds_are_booked_when_the_standstill_is_over_and_not_before() -> None:
    house = closed()

    awarded = house.award(1)
    assert legs(awarded.events) == []
    assert awarded.events[-1] == AwardMoved("L1", "E", AwardState.PROVISIONAL, house.at_us + 10 * DAY)
    house.wait(10 * DAY - 1)
    assert (state(house), house.balance("success_fee")) == (AwardState.PROVISIONAL, 0)
    assert len(house.kernel.bonds.dump()) == 3

    house.wait(1)
    assert (state(house), house.balance("success_fee")) == (AwardState.FINAL, -10_00)
    assert house.kernel.bonds.dump() == []


def test_an_award_without_a_standstill_is_final_at_once_and_says_nothing_new() -> None:
    house = closed(EventRules())

    awarded = house.award(1)

    assert not any(isinstance(event, AwardMoved) for event in awarded.events)
    assert house.kernel.standstills.get("L1") is None
    assert house.balance("success_fee") == -10_00


@pytest.mark.parametrize("tax_bps", [0, 2_100])
def test_a_fee_is_booked_as_far_as_amounts_go_and_no_award_is_too_large_to_become_final(tax_bps: int) -> None:
    rules = EventRules(standstill_us=10 * DAY)
    house = Auctioneer(("SUP1", "SUP2"), rules, lots=3, quantity=AMOUNT_MINOR_MAX // CEILING)
    fee = replace(FEE, rate_bps=4_000, tax_bps=tax_bps, currency="USD", minimum_minor=1)
    house.done("operator", fee)
    house.open()
    for lot, supplier in (("L1", "SUP1"), ("L2", "SUP1"), ("L3", "SUP2")):
        house.bid(supplier, CEILING, lot)
    house.close()
    for lot in ("L1", "L2", "L3"):
        house.award(1, lot)

    house.wait(10 * DAY)

    assert {stands.state for stands in house.kernel.standstills.dump()} == {AwardState.FINAL}
    owed = [house.balance(f"receivable:fees:{supplier}") for supplier in ("SUP1", "SUP2")]
    income, tax = house.balance("success_fee"), house.balance("tax:output")
    assert sum(owed) == -income - tax
    assert 0 < max(owed) <= AMOUNT_MINOR_MAX and -AMOUNT_MINOR_MAX <= income < 0


def test_an_open_complaint_keeps_the_award_provisional_until_it_is_rejected() -> None:
    house = closed()
    house.award(1)
    assert not complain(house, 2).reply.code
    house.wait(20 * DAY)
    assert (state(house), house.balance("success_fee")) == (AwardState.CONTESTED, 0)

    answered = answer(house, 2, uphold=False)

    assert [each.state for each in answered.events if isinstance(each, AwardMoved)] == [
        AwardState.PROVISIONAL,
        AwardState.FINAL,
    ]
    assert house.balance("success_fee") == -10_00


def test_an_upheld_complaint_withdraws_the_award_and_the_lot_goes_to_another() -> None:
    house = closed()
    house.award(1)
    complain(house, 2)
    complain(house, 3)

    upheld = answer(house, 2, uphold=True, who="operator")

    moved = [(each.alias, each.state) for each in upheld.events if isinstance(each, ComplaintMoved)]
    assert moved == [(2, ComplaintState.UPHELD), (3, ComplaintState.MOOT)]
    assert (state(house), house.kernel.awards.of("L1").parts) == (AwardState.WITHDRAWN, ())
    house.wait(20 * DAY)
    assert house.balance("success_fee") == 0
    house.award(2)
    house.wait(10 * DAY)
    assert house.balance("receivable:fees:SUP2") == 0
    assert (state(house), house.balance("success_fee")) == (AwardState.FINAL, -10_00)


def test_a_default_in_the_standstill_takes_the_bond_and_begins_another_standstill() -> None:
    house = closed()
    house.award(1)
    complain(house, 3)

    defaulted = house.done("BUY", DeclareDefault(lot_id="L1", alias=1, reason="x"))

    states = [each.state for each in defaulted.events if isinstance(each, AwardMoved)]
    assert states == [AwardState.WITHDRAWN, AwardState.PROVISIONAL]
    bonds = [(each.member_id, each.state) for each in defaulted.events if isinstance(each, BondMoved)]
    assert bonds == [("SUP1", BondState.FORFEITED)]
    house.wait(10 * DAY)
    assert (state(house), house.balance("success_fee")) == (AwardState.FINAL, -10_00)


def test_a_bond_is_not_returned_before_the_award_is_final() -> None:
    house = closed(EventRules(standstill_us=DAY, bid_bond_minor=1_00))
    house.award(1)
    command = ReturnBond(event_id="E", member_id="SUP1")
    assert refusal(house.send("BUY", command))[0] is RejectCode.BOND_UNKNOWN

    house.wait(DAY)

    assert not house.send("BUY", command).reply.code
    assert refusal(house.send("SUP4", PlaceBond(event_id="E")))[0] is RejectCode.EVENT_ENDED


@pytest.mark.parametrize(
    "case, code",
    [
        ("not awarded", RejectCode.NO_STANDSTILL),
        ("too late", RejectCode.NO_STANDSTILL),
        ("the winner", RejectCode.NOT_A_BIDDER),
        ("not a bidder", RejectCode.NOT_A_BIDDER),
        ("twice", RejectCode.COMPLAINT_MADE),
        ("a stranger", RejectCode.LOT_UNKNOWN),
        ("the buyer", RejectCode.ROLE_MISSING),
    ],
)
def test_a_complaint_that_cannot_be_made_is_refused_by_name(case: str, code: RejectCode) -> None:
    house = closed()
    house.member("SUP9")
    if case != "not awarded":
        house.award(1)
    if case == "twice":
        complain(house, 2)
    if case == "too late":
        house.wait(10 * DAY)
    who = {"the winner": "SUP1", "not a bidder": "SUP4", "a stranger": "SUP9", "the buyer": "BUY"}
    before = house.kernel.standstills.dump()

    refused = house.send(who.get(case, "SUP2"), FileComplaint(lot_id="L1", text_hash="a"), after_us=0)

    assert (refusal(refused)[0], refused.events) == (code, [])
    assert house.kernel.standstills.dump() == before


def test_only_an_open_complaint_is_answered_and_only_by_buyer_or_operator() -> None:
    house = closed()
    house.award(1)
    assert refusal(answer(house, 2, uphold=True))[0] is RejectCode.COMPLAINT_UNKNOWN
    complain(house, 2)
    assert refusal(answer(house, 2, uphold=True, who="SUP2"))[0] is RejectCode.LOT_UNKNOWN
    assert not answer(house, 2, uphold=False).reply.code
    assert refusal(answer(house, 2, uphold=True))[0] is RejectCode.COMPLAINT_UNKNOWN


# --- random lives ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_random_standstills_end_as_the_twin_says(hundred: int) -> None:
    for seed in range(hundred * 100, hundred * 100 + 100):
        a_random_standstill(Random(seed))


def a_random_standstill(chance: Random) -> None:
    rules = EventRules(standstill_us=chance.choice((1, 5)) * DAY)
    house, said, barred = closed(rules), list[naive.Said](), set[int]()
    for _ in range(chance.randint(3, 12)):
        house.wait(chance.choice((0, 0, 1, 3)) * DAY)
        before = naive.stands(said, house.at_us, rules.standstill_us)
        kind = chance.choice(
            ("award", "award", "complain", "complain", "uphold", "reject", "reject", "default")
        )
        alias = chance.randint(1, 3)
        can = {
            "award": before.winner == 0 and alias not in barred,
            "default": before.winner == alias,
            "complain": before.waits
            and house.at_us < before.until_us
            and before.winner != alias
            and alias not in before.complaints,
            "uphold": before.complaints.get(alias) == "filed",
            "reject": before.complaints.get(alias) == "filed",
        }[kind]
        taken = not send(house, kind, alias).reply.code
        assert taken == can, (kind, alias, before)
        if taken:
            said.append(naive.Said(house.at_us, kind, alias))
            barred |= {alias} if kind == "default" else set()
        check(house, naive.stands(said, house.at_us, rules.standstill_us))


def send(house: Auctioneer, kind: str, alias: int) -> Outcome:
    match kind:
        case "award":
            return house.send("BUY", AwardLot(lot_id="L1", alias=alias), after_us=0)
        case "default":
            default = DeclareDefault(lot_id="L1", alias=alias, reason="x", award_next=False)
            return house.send("BUY", default, after_us=0)
        case "complain":
            return complain(house, alias)
        case _:
            return answer(house, alias, uphold=kind == "uphold")


def check(house: Auctioneer, expected: naive.Stands) -> None:
    found = house.kernel.standstills.get("L1")
    if found is not None:
        told = {each.alias: str(each.state) for each in found.complaints}
        assert (str(found.state), found.until_us, told) == expected[1:]
    assert [part.alias for part in house.kernel.awards.of("L1").parts] == [expected.winner] * bool(
        expected.winner
    )
    owed = expected.winner > 0 and expected.state == "final"
    assert (house.balance("success_fee") != 0) == owed
    dumped = house.kernel.dump()
    assert Exchange.load(dumped).dump() == dumped
