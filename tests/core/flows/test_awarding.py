"""After a close: bonds, fees and awards come out to the cent, defaults go on to the next, refusals change nothing."""

from random import Random
from typing import Any

import pytest

from exchange.core.kernel import Exchange
from exchange.core.market.sourcing import EventState, LotState
from exchange.core.messages import (
    AnyCommand,
    AwardLot,
    CancelEvent,
    ForfeitDeposit,
    Outcome,
    PublishSchedule,
    SubmitBid,
    TakeDepositBack,
)
from exchange.core.messages.awards import (
    AwardPart,
    BondMoved,
    DeclareDefault,
    LotSplit,
    PlaceBond,
    ReturnBond,
    SplitLot,
    SuccessFeeCharged,
    WonPart,
)
from exchange.core.messages.ledger import ChargedBase, InvoiceIssued, IssueInvoices, Payer, Tier
from exchange.core.messages.lifecycles import BondState
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules
from exchange.core.rejects import RejectCode
from tests.core.auctioneer import Auctioneer
from tests.core.venue import legs, refusal
from tests.models import awards as naive

CASE_3 = PublishSchedule(
    rate_bps=100, tax_bps=2_100, tiers=(Tier(50_000_00, 200),), minimum_minor=250_00, cap_minor=5_000_00,
    market="sourcing", base=ChargedBase.AWARD, currency="USD",
)  # fmt: skip
BOND = EventRules(bid_bond_minor=2_500_00)
BEARING = EventRules(bid_bond_minor=2_500_00, bond_bears_fee=True)
DAY = 24 * 3_600 * 1_000_000


def closed(
    rules: EventRules = BEARING, schedule: PublishSchedule | None = CASE_3, **fields: Any
) -> Auctioneer:
    """SUP1 leads at 125,000, SUP2 follows."""
    house = Auctioneer(rules=rules, **fields)
    if schedule is not None:
        house.done("operator", schedule)
    if rules.bid_bond_minor:
        house.bonds("SUP1", "SUP2")
    house.open()
    house.bid("SUP1", 125_000_00)
    house.bid("SUP2", 130_000_00)
    house.close()
    return house


def moves(outcome: Outcome) -> list[tuple[str, BondState]]:
    return [(event.member_id, event.state) for event in outcome.events if isinstance(event, BondMoved)]


def test_worked_case_3_the_fee_is_settled_from_the_bond_and_the_losers_is_returned() -> None:
    house = closed()

    awarded = house.award(1)

    assert legs(awarded.events) == [
        ("receivable:fees:SUP1", "success_fee", 1_750_00),
        ("receivable:fees:SUP1", "tax:output", 367_50),
        ("deposit:SUP1", "float:house", 2_117_50),
        ("deposit:SUP1", "payable:SUP1", 382_50),
        ("house:float", "receivable:fees:SUP1", 2_117_50),
        ("deposit:SUP2", "payable:SUP2", 2_500_00),
    ]
    assert moves(awarded) == [("SUP1", BondState.APPLIED), ("SUP2", BondState.RETURNED)]
    assert house.kernel.bonds.dump() == []


def test_worked_case_10_a_bond_is_forfeited_and_the_next_best_wins() -> None:
    house = closed(BOND)
    house.award(1)

    defaulted = house.done("BUY", DeclareDefault(lot_id="L1", alias=1, reason="No delivery"))

    assert legs(defaulted.events)[:4] == [
        ("success_fee", "receivable:fees:SUP1", 1_750_00),
        ("tax:output", "receivable:fees:SUP1", 367_50),
        ("deposit:SUP1", "float:house", 2_500_00),
        ("house:float", "bond_forfeit", 2_500_00),
    ]
    assert moves(defaulted) == [("SUP1", BondState.FORFEITED)]
    assert defaulted.reply.number == 2
    assert [part.winner_id for part in house.kernel.awards.of("L1").parts] == ["SUP2"]
    assert house.balance("receivable:fees:SUP1") == 0
    assert house.balance("receivable:fees:SUP2") == (1_800_00 + 378_00)


def test_a_fee_that_a_bond_has_borne_stays() -> None:
    house = closed()
    house.award(1)

    defaulted = house.done(
        "BUY", DeclareDefault(lot_id="L1", alias=1, reason="No delivery", award_next=False)
    )

    assert legs(defaulted.events) == []
    assert defaulted.reply.number == 0
    assert house.kernel.auctions.event_of("E").state is EventState.PUBLISHED


def test_a_bond_smaller_than_the_fee_leaves_the_rest_owed() -> None:
    house = closed(EventRules(bid_bond_minor=2_000_00, bond_bears_fee=True))

    house.award(1)

    assert house.balance("receivable:fees:SUP1") == 117_50
    assert house.balance("payable:SUP1") == 0


@pytest.mark.parametrize(
    "payer, share, owed",
    [
        (Payer.SELLER, 0, {"SUP1": 1_500_00}),
        (Payer.BUYER, 0, {"BUY": 1_500_00}),
        (Payer.SPLIT, 2_500, {"SUP1": 1_125_00, "BUY": 375_00}),
    ],
)
def test_a_fee_on_savings_is_a_part_of_what_the_historic_price_was_more(
    payer: Payer, share: int, owed: dict[str, int]
) -> None:
    schedule = PublishSchedule(
        rate_bps=1_000, market="sourcing", base=ChargedBase.SAVINGS, payer=payer, buyer_share_bps=share
    )
    house = closed(EventRules(), schedule, lot_rules=LotRules(historic_price=140_000_00))

    awarded = house.award(1)

    charged = [event for event in awarded.events if isinstance(event, SuccessFeeCharged)]
    assert {event.payer: event.fee_minor for event in charged} == owed
    assert {event.base_minor for event in charged} == {15_000_00}


@pytest.mark.parametrize("historic", [0, 125_000_00, 100_000_00])
def test_what_saves_nothing_costs_nothing(historic: int) -> None:
    schedule = PublishSchedule(rate_bps=1_000, market="sourcing", base=ChargedBase.SAVINGS)
    house = closed(EventRules(), schedule, lot_rules=LotRules(historic_price=historic))

    assert legs(house.award(1).events) == []


def test_without_a_schedule_an_award_costs_nothing_and_nobody_owes_anything() -> None:
    house = closed(EventRules(), None)

    assert legs(house.award(1).events) == []


def test_success_fees_of_a_month_are_charged_as_their_sum_and_invoiced() -> None:
    house = closed(EventRules(), lots=2)
    house.award(1)

    invoiced = house.send("operator", IssueInvoices(period=202601), after_us=31 * DAY)

    (invoice,) = [event for event in invoiced.events if isinstance(event, InvoiceIssued)]
    (line,) = invoice.lines
    assert (invoice.payer, line.base_minor, line.fee_minor, line.tax_minor) == (
        "SUP1",
        125_000_00,
        1_750_00,
        367_50,
    )
    assert (line.owed_fee_minor, line.owed_tax_minor) == (0, 0)


# --- bonds -------------------------------------------------------------------------------------------


def test_a_bid_without_its_bond_is_refused_with_the_bond_as_bound() -> None:
    house = Auctioneer(rules=BOND)
    house.open()
    bid = SubmitBid(lot_id="L1", price=100)

    assert refusal(house.send("SUP1", bid)) == (RejectCode.BOND_MISSING, 2_500_00)
    house.bonds("SUP1")
    assert not house.send("SUP1", bid).reply.code
    assert refusal(house.send("BUY", bid))[0] is RejectCode.ROLE_MISSING


def test_strangers_are_told_that_there_is_no_lot_and_not_that_it_asks_for_a_bond() -> None:
    house = Auctioneer(rules=BOND)
    house.member("SUP9")
    house.open()

    assert refusal(house.send("SUP9", SubmitBid(lot_id="L1", price=100)))[0] is RejectCode.LOT_UNKNOWN
    assert refusal(house.send("SUP9", PlaceBond(event_id="E")))[0] is RejectCode.EVENT_UNKNOWN


def test_what_a_bond_holds_is_neither_taken_back_nor_forfeited_otherwise() -> None:
    house = closed(BOND)

    back = TakeDepositBack(currency="USD", amount_minor=1)
    forfeit = ForfeitDeposit(member_id="SUP1", currency="USD")

    assert refusal(house.send("SUP1", back)) == (RejectCode.MONEY_SHORT, 0)
    assert refusal(house.send("operator", forfeit)) == (RejectCode.MONEY_SHORT, 0)


def test_a_winners_bond_that_bears_no_fee_stays_until_its_contract_stands() -> None:
    house = closed(BOND)
    command = ReturnBond(event_id="E", member_id="SUP1")
    assert refusal(house.send("BUY", command))[0] is RejectCode.BOND_UNKNOWN
    house.award(1)

    returned = house.done("BUY", command)

    assert legs(returned.events) == [("deposit:SUP1", "payable:SUP1", 2_500_00)]
    assert refusal(house.send("BUY", command))[0] is RejectCode.BOND_UNKNOWN
    assert refusal(house.send("SUP2", command))[0] is RejectCode.EVENT_UNKNOWN


def test_a_cancelled_event_returns_every_bond_and_says_why() -> None:
    house = closed(BOND)

    cancelled = house.done("BUY", CancelEvent(event_id="E", reason="Budget cut"))

    told = [
        (event.member_id, event.state, event.reason)
        for event in cancelled.events
        if isinstance(event, BondMoved)
    ]
    assert told == [("SUP1", BondState.RETURNED, "Budget cut"), ("SUP2", BondState.RETURNED, "Budget cut")]
    assert house.balance("payable:SUP1") == house.balance("payable:SUP2") == -2_500_00


def test_an_event_with_too_few_suppliers_returns_their_bonds() -> None:
    house = Auctioneer(rules=EventRules(bid_bond_minor=1_00, min_participants=3))
    house.bonds("SUP1")

    house.open()

    assert house.kernel.auctions.event_of("E").state is EventState.CANCELLED
    assert house.balance("payable:SUP1") == -1_00


def test_bonds_of_an_event_with_lots_wait_for_its_last_award() -> None:
    house = closed(BEARING, lots=2)

    assert moves(house.award(1, "L1")) == []
    assert moves(house.award(0, "L2")) == [("SUP1", BondState.APPLIED), ("SUP2", BondState.RETURNED)]


@pytest.mark.parametrize(
    "case, code, bound",
    [
        ("no bond asked", RejectCode.BOND_NOT_ASKED, 0),
        ("over", RejectCode.EVENT_ENDED, 0),
        ("twice", RejectCode.BOND_PLACED, 0),
        ("poor", RejectCode.MONEY_SHORT, 1_00),
    ],
)
def test_a_bond_that_cannot_be_placed_is_refused_by_name(case: str, code: RejectCode, bound: int) -> None:
    rules = EventRules() if case == "no bond asked" else BOND
    house = Auctioneer(rules=rules, money=1_00 if case == "poor" else 10_000_00)
    if case == "twice":
        house.bonds("SUP1")
    if case == "over":
        house.done("BUY", CancelEvent(event_id="E", reason="x"))

    refused = house.send("SUP1", PlaceBond(event_id="E"))

    assert (refusal(refused), refused.events) == ((code, bound), [])


# --- awards in parts -----------------------------------------------------------------------------------


def test_a_lot_is_split_by_shares_with_the_largest_remainder_and_each_pays_its_own_fee() -> None:
    house = closed(
        EventRules(), PublishSchedule(rate_bps=100, market="sourcing", base=ChargedBase.AWARD), quantity=7
    )
    parts = (AwardPart(2, share_bps=5_000), AwardPart(1, share_bps=5_000))

    split = house.done("BUY", SplitLot(lot_id="L1", parts=parts, reason="Two plants"))

    won = (
        WonPart(2, "SUP2", 130_000_00, 4, 520_000_00),
        WonPart(1, "SUP1", 125_000_00, 3, 375_000_00),
    )
    assert split.events[0] == LotSplit("L1", "E", "BUY", won, "Two plants")
    assert legs(split.events) == [
        ("receivable:fees:SUP2", "success_fee", 5_200_00),
        ("receivable:fees:SUP1", "success_fee", 3_750_00),
    ]
    assert house.kernel.auctions.event_of("E").state is EventState.ENDED


WHOLE, OTHER = (AwardPart(1, quantity=7),), (AwardPart(2, quantity=7),)
REFUSED: dict[str, tuple[str, AnyCommand, RejectCode, int]] = {
    "another's lot": ("SUP1", SplitLot(lot_id="L1", parts=WHOLE), RejectCode.LOT_UNKNOWN, 0),
    "nobody's alias": (
        "BUY",
        SplitLot(lot_id="L1", parts=(AwardPart(3, quantity=7),)),
        RejectCode.ALIAS_UNKNOWN,
        2,
    ),
    "twice": ("BUY", SplitLot(lot_id="L1", parts=(*WHOLE, *WHOLE)), RejectCode.ALIAS_TWICE, 0),
    "quantity and share": (
        "BUY",
        SplitLot(lot_id="L1", parts=(AwardPart(1, quantity=7), AwardPart(2, share_bps=1))),
        RejectCode.PARTS_MIXED,
        0,
    ),
    "neither": ("BUY", SplitLot(lot_id="L1", parts=(AwardPart(1),)), RejectCode.PARTS_MIXED, 0),
    "both": ("BUY", SplitLot(lot_id="L1", parts=(AwardPart(1, 7, 10_000),)), RejectCode.PARTS_MIXED, 0),
    "too little": ("BUY", SplitLot(lot_id="L1", parts=(AwardPart(1, quantity=6),)), RejectCode.PARTS_OFF, 7),
    "too much": (
        "BUY",
        SplitLot(lot_id="L1", parts=(AwardPart(1, share_bps=9_999),)),
        RejectCode.PARTS_OFF,
        10_000,
    ),
    "a share of nothing": (
        "BUY",
        SplitLot(lot_id="L1", parts=(AwardPart(1, share_bps=9_999), AwardPart(2, share_bps=1)), reason="x"),
        RejectCode.PARTS_OFF,
        10_000,
    ),
    "not the best": ("BUY", SplitLot(lot_id="L1", parts=OTHER), RejectCode.AWARD_UNREASONED, 0),
    "default of a loser": (
        "BUY",
        DeclareDefault(lot_id="L1", alias=1, reason="x"),
        RejectCode.NOT_THE_WINNER,
        0,
    ),
    "default by a stranger": (
        "SUP1",
        DeclareDefault(lot_id="L1", alias=1, reason="x"),
        RejectCode.LOT_UNKNOWN,
        0,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_award_that_does_not_fit_is_refused_and_nothing_changes(case: str) -> None:
    who, command, code, bound = REFUSED[case]
    house = closed(EventRules(), quantity=7)
    before = house.kernel.awards.dump(), house.kernel.auctions.dump()

    refused = house.send(who, command)

    assert (refusal(refused), refused.events) == ((code, bound), [])
    assert (house.kernel.awards.dump(), house.kernel.auctions.dump()) == before


def test_whoever_has_defaulted_wins_nothing_more_of_the_lot() -> None:
    house = closed(EventRules())
    house.award(1)
    house.done("operator", DeclareDefault(lot_id="L1", alias=1, reason="x", award_next=False))

    again = SplitLot(lot_id="L1", parts=(AwardPart(1, quantity=1),))
    assert refusal(house.send("BUY", AwardLot(lot_id="L1", alias=1)))[0] is RejectCode.ALIAS_BARRED
    assert refusal(house.send("BUY", again))[0] is RejectCode.ALIAS_BARRED
    assert refusal(house.send("SUP1", AwardLot(lot_id="L1", alias=1)))[0] is RejectCode.LOT_UNKNOWN
    best = SplitLot(lot_id="L1", parts=(AwardPart(2, quantity=1),))
    assert not house.send("BUY", best).reply.code


def test_in_a_forward_lot_the_next_highest_follows_and_the_owner_is_the_seller() -> None:
    schedule = PublishSchedule(rate_bps=100, market="sourcing", base=ChargedBase.AWARD)
    house = Auctioneer(rules=EventRules(direction=LotDirection.FORWARD), lot_rules=LotRules(floor_price=1))
    house.done("operator", schedule)
    house.open()
    house.bid("SUP1", 130_000_00)
    house.bid("SUP2", 140_000_00)
    house.close()
    house.award(2)
    assert house.balance("receivable:fees:BUY") == 1_400_00

    house.done("BUY", DeclareDefault(lot_id="L1", alias=2, reason="Did not pay"))

    assert [part.winner_id for part in house.kernel.awards.of("L1").parts] == ["SUP1"]
    assert house.balance("receivable:fees:BUY") == 1_300_00


# --- random lives ----------------------------------------------------------------------------------------


def random_award(chance: Random, house: Auctioneer, quantity: int) -> tuple[AnyCommand, naive.Said]:
    barred = house.kernel.awards.of("L1").barred
    free = [
        bid.alias for bid in house.kernel.auctions.lot_of("L1").board.ranking() if bid.alias not in barred
    ]
    if chance.random() < 0.3 and free:
        alias = chance.choice(free)
        return AwardLot(lot_id="L1", alias=alias), naive.Said({alias: quantity})
    chosen = chance.sample(free, chance.randint(1, len(free)))
    cuts = sorted(chance.sample(range(1, 10_000), len(chosen) - 1))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    parts = tuple(AwardPart(alias, share_bps=share) for alias, share in zip(chosen, shares, strict=True))
    pieces = naive.apportioned(quantity, shares)
    return SplitLot(lot_id="L1", parts=parts, reason="because"), naive.Said(
        dict(zip(chosen, pieces, strict=True))
    )


@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_random_awards_and_defaults_leave_what_the_twin_says(hundred: int) -> None:
    for seed in range(hundred * 100, hundred * 100 + 100):
        a_random_life(Random(seed))


def a_random_life(chance: Random) -> None:
    rules = EventRules(bid_bond_minor=chance.choice((0, 3_00)), bond_bears_fee=chance.random() < 0.5)
    suppliers, quantity = tuple(f"SUP{number}" for number in range(1, 5)), chance.randint(20_000, 90_000)
    house = Auctioneer(suppliers, rules, quantity=quantity)
    if chance.random() < 0.7:
        house.done(
            "operator", PublishSchedule(rate_bps=1, tax_bps=2_100, market="sourcing", base=ChargedBase.AWARD)
        )
    if rules.bid_bond_minor:
        house.bonds(*suppliers)
    house.open()
    bids, said = list[tuple[int, int]](), list[naive.Said]()
    for supplier, price in zip(chance.sample(suppliers, 4), chance.sample(range(10, 99), 4), strict=True):
        house.bid(supplier, price)
        bids.append((len(bids) + 1, price))
    house.close()
    for _ in range(chance.randint(1, 6)):
        won, barred = naive.outcome(bids, quantity, said)
        if won:
            alias, next_too = chance.choice(sorted(won)), chance.random() < 0.5
            house.done("BUY", DeclareDefault(lot_id="L1", alias=alias, reason="x", award_next=next_too))
            said.append(naive.Said({}, alias, next_too))
        elif len(barred) < 4:
            command, meant = random_award(chance, house, quantity)
            outcome = house.send("BUY", command)
            if all(meant.awarded.values()):
                assert not outcome.reply.code
                said.append(meant)
            else:
                assert refusal(outcome)[0] is RejectCode.PARTS_OFF
    check(house, bids, quantity, said)


def check(house: Auctioneer, bids: list[tuple[int, int]], quantity: int, said: list[naive.Said]) -> None:
    won, barred = naive.outcome(bids, quantity, said)
    award, lot = house.kernel.awards.of("L1"), house.kernel.auctions.lot_of("L1")
    assert {part.alias: part.quantity for part in award.parts} == won
    assert set(award.barred) == barred
    assert lot.state is (LotState.AWARDED if won else LotState.CLOSED)
    prices = dict(naive.standing(bids))
    assert all(part.amount_minor == prices[part.alias] * part.quantity for part in award.parts)
    dumped = house.kernel.dump()
    assert Exchange.load(dumped).dump() == dumped
