"""Lots of several units after their close: one command awards the best, other awards keep to units, defaults go on."""

import pytest
from msgspec.structs import replace

from exchange.core.market.sourcing import EventState, LotState
from exchange.core.messages import SYSTEM, AnyCommand, AwardLot, PublishSchedule
from exchange.core.messages.awards import AwardBest, AwardPart, DeclareDefault, LotSplit, SplitLot, WonPart
from exchange.core.messages.ledger import ChargedBase
from exchange.core.messages.lot_rules import EventRules, LotFormat, LotRules
from exchange.core.messages.sealed import ENVELOPE_CHARS, OpenedBid, RevealBids, SetLotKey, SubmitEnvelope
from exchange.core.messages.sourcing import LotAwarded
from exchange.core.rejects import RejectCode
from tests.core.auctioneer import USUAL_EVENT, Auctioneer
from tests.core.venue import legs, refusal

UNITS = LotRules(format=LotFormat.SEALED_SECOND_PRICE, winners=2)
PRICES = (100_00, 120_00, 130_00, 150_00)
FEE = PublishSchedule(rate_bps=100, market="sourcing", base=ChargedBase.AWARD)


class Sealed(Auctioneer):
    """The lot is sealed; suppliers' prices are opened at its close."""

    def opened(self, *prices: int) -> None:
        """SUP1, SUP2 and so on have sealed these."""
        self.done(SYSTEM, SetLotKey(lot_id="L1", public_key="ab" * 32))
        self.open()
        bidders = [f"SUP{number}" for number in range(1, len(prices) + 1)]
        for bidder in bidders:
            self.done(bidder, SubmitEnvelope(lot_id="L1", envelope="A" * ENVELOPE_CHARS))
        self.close()
        if prices:
            bids = [OpenedBid(place, "L1", who, price) for place, (who, price) in enumerate(zip(bidders, prices, strict=True), 1)]  # fmt: skip
            self.done(SYSTEM, RevealBids(lot_id="L1", bids=bids))


def closed(
    *prices: int, rules: LotRules = UNITS, quantity: int = 6, event_rules: EventRules = USUAL_EVENT
) -> Sealed:
    house = Sealed(tuple(f"SUP{number}" for number in range(1, 5)), event_rules, rules, quantity=quantity)
    house.done("operator", FEE)
    house.opened(*(prices or PRICES))
    return house


def test_one_command_awards_the_units_to_the_best_who_each_pay_a_fee() -> None:
    house = closed()

    awarded = house.done("BUY", AwardBest(lot_id="L1"))

    won = (WonPart(1, "SUP1", 130_00, 3, 390_00), WonPart(2, "SUP2", 130_00, 3, 390_00))
    assert awarded.events[0] == LotSplit("L1", "E", "BUY", won, "")
    assert awarded.reply.number == 2
    assert legs(awarded.events) == [
        ("receivable:fees:SUP1", "success_fee", 3_90),
        ("receivable:fees:SUP2", "success_fee", 3_90),
    ]
    assert house.kernel.auctions.event_of("E").state is EventState.ENDED


@pytest.mark.parametrize("bids,winner", [(2, "SUP1"), (0, "")])
def test_of_a_lot_for_one_the_same_command_awards_all_to_the_best_or_to_nobody(
    bids: int, winner: str
) -> None:
    house = Sealed(("SUP1", "SUP2"), lot_rules=replace(UNITS, winners=1))
    house.opened(*PRICES[:bids])

    awarded = house.done("BUY", AwardBest(lot_id="L1"))

    event = awarded.events[0]
    assert isinstance(event, LotAwarded)
    assert (event.winner_id, event.price) == (winner, 120_00 if winner else 0)


def test_a_chosen_split_keeps_to_units_and_pays_what_comes_after_the_last_that_wins() -> None:
    house = closed()
    parts = (AwardPart(3, quantity=3), AwardPart(1, quantity=3))

    split = house.done("BUY", SplitLot(lot_id="L1", parts=parts, reason="Two plants"))

    won = (WonPart(3, "SUP3", 150_00, 3, 450_00), WonPart(1, "SUP1", 150_00, 3, 450_00))
    assert split.events[0] == LotSplit("L1", "E", "BUY", won, "Two plants")


def a_split(*parts: AwardPart, reason: str = "") -> SplitLot:
    return SplitLot(lot_id="L1", parts=parts, reason=reason)


REFUSED: dict[str, tuple[str, AnyCommand, RejectCode, int]] = {
    "all to one": ("BUY", AwardLot(lot_id="L1", alias=1), RejectCode.LOT_IN_UNITS, 3),
    "a part of a unit": ("BUY", a_split(AwardPart(1, 4), AwardPart(2, 2)), RejectCode.LOT_IN_UNITS, 3),
    "a share": (
        "BUY",
        a_split(AwardPart(1, share_bps=5_000), AwardPart(2, share_bps=5_000)),
        RejectCode.LOT_IN_UNITS,
        3,
    ),
    "too few units": ("BUY", a_split(AwardPart(1, 3)), RejectCode.PARTS_OFF, 6),
    "not the best": ("BUY", a_split(AwardPart(1, 3), AwardPart(3, 3)), RejectCode.AWARD_UNREASONED, 0),
    "another's lot": ("SUP1", AwardBest(lot_id="L1"), RejectCode.LOT_UNKNOWN, 0),
    "no lot": ("BUY", AwardBest(lot_id="L9"), RejectCode.LOT_UNKNOWN, 0),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_award_that_divides_units_is_refused_and_nothing_changes(case: str) -> None:
    who, command, code, bound = REFUSED[case]
    house = closed()
    before = house.kernel.dump()

    refused = house.send(who, command)

    assert (refusal(refused), refused.events) == ((code, bound), [])
    assert house.kernel.auctions.lot_of("L1").state is LotState.CLOSED
    assert house.kernel.awards.of("L1").parts == ()
    assert len(before) == len(house.kernel.dump())


@pytest.mark.parametrize("too_early", [True, False])
def test_the_best_are_not_awarded_before_the_bids_are_open_nor_twice(too_early: bool) -> None:
    if too_early:
        house = Sealed(("SUP1",), lot_rules=UNITS, quantity=2)
        house.open()
        code = RejectCode.LOT_NOT_CLOSED
    else:
        house = closed()
        house.done("BUY", AwardBest(lot_id="L1"))
        code = RejectCode.LOT_ALREADY_AWARDED

    assert refusal(house.send("BUY", AwardBest(lot_id="L1")))[0] is code


@pytest.mark.parametrize("on", [True, False])
def test_after_a_default_the_units_go_to_the_best_that_are_left(on: bool) -> None:
    house = closed()
    house.done("BUY", AwardBest(lot_id="L1"))

    told = house.done("BUY", DeclareDefault(lot_id="L1", alias=1, reason="No delivery", award_next=on))

    parts = [(part.winner_id, part.price) for part in house.kernel.awards.of("L1").parts]
    assert (told.reply.number, parts) == ((2, [("SUP2", 150_00), ("SUP3", 150_00)]) if on else (0, []))
    assert house.balance("receivable:fees:SUP1") == 0
    assert house.balance("receivable:fees:SUP3") == (4_50 if on else 0)


def test_with_fewer_bids_than_units_each_bid_wins_one_and_the_rest_stays_unsold() -> None:
    house = closed(100_00, rules=replace(UNITS, reserve_price=180_00))

    house.done("BUY", AwardBest(lot_id="L1"))

    assert house.kernel.awards.of("L1").parts == (WonPart(1, "SUP1", 180_00, 3, 540_00),)
