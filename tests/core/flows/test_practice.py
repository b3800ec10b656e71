"""A practice event runs as one in earnest until its award, and nothing of it binds anybody."""

import pytest

from exchange.core.kernel import Exchange
from exchange.core.market.sourcing import EventState
from exchange.core.messages import SYSTEM, AnyCommand, AwardLot, FireDeadlines, Role
from exchange.core.messages.awards import AwardBest, AwardPart, DeclareDefault, PlaceBond, SplitLot
from exchange.core.messages.cloning import CloneEvent
from exchange.core.messages.invitations import AnswerInvitation
from exchange.core.messages.lot_rules import EventRules, ResultDisclosure
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.qualification import SetQuestionnaire, SetTerms
from exchange.core.messages.shown_awards import OwnPracticeAward
from exchange.core.messages.sourcing import AddLot, CreateEvent, InviteSupplier, PublishEvent, SubmitBid
from exchange.core.messages.standstill import FileComplaint
from exchange.core.rejects import RejectCode
from exchange.core.visibility import audience
from exchange.core.visibility.award_news import award_news
from exchange.core.visibility.awards import show_result
from exchange.core.visibility.lots import Relation, lot_face, show_lot
from exchange.engine.base import Released
from exchange.views.views import Views
from tests.core.auctioneer import MINUTE, Auctioneer
from tests.core.flows.test_awarding import CASE_3
from tests.core.venue import Venue, refusal

EVERYTHING = EventRules(
    bid_bond_minor=2_500_00, bond_bears_fee=True, standstill_us=60 * MINUTE, results=ResultDisclosure.WINNER,
)  # fmt: skip
NAMES = ("BUY", "SUP1", "SUP2")


def closed() -> Auctioneer:
    """SUP1 leads at 1,000.00 for each of ten, SUP2 follows; a success fee is due on any award in earnest."""
    house = Auctioneer(rules=EVERYTHING, practice=True, quantity=10)
    house.done("operator", CASE_3)
    house.open()
    house.bid("SUP1", 1_000_00)
    house.bid("SUP2", 1_200_00)
    house.close()
    return house


def a_trial(min_participants: int = 1) -> Venue:
    """`P` asks for terms and answers and is open; S1 and S2 have accepted and answered nothing, S3 has declined."""
    venue = Venue()
    venue.member("B", Role.BUYER)
    commands: list[tuple[AnyCommand, str]] = [
        (
            CreateEvent(
                title="Trial", currency="USD", open_at_us=venue.at_us + MINUTE, duration_us=60 * MINUTE,
                rules=EventRules(min_participants=min_participants), practice=True,
            ),
            "P",
        ),
        (AddLot(event_id="P", title="Lot", quantity=1, ceiling_price=900, min_step=5), "L"),
        (SetTerms(event_id="P", text_hash="t"), ""),
        (SetQuestionnaire(event_id="P", needed=True), ""),
    ]  # fmt: skip
    for supplier in ("S1", "S2", "S3"):
        venue.member(supplier, Role.SELLER)
        commands.append((InviteSupplier(event_id="P", member_id=supplier), ""))
    for command, new_id in (*commands, (PublishEvent(event_id="P"), "")):
        assert venue.send("B", command, new_id=new_id).reply.code == 0
    assert venue.send("S3", AnswerInvitation(event_id="P", accept=False)).reply.code == 0
    venue.send(SYSTEM, FireDeadlines(), after_us=2 * MINUTE)
    return venue


def test_whoever_is_invited_and_has_not_declined_bids_without_terms_or_qualification() -> None:
    venue = a_trial()
    bid = SubmitBid(lot_id="L", price=800)

    assert venue.send("S1", bid).reply.code == 0
    assert refusal(venue.send("S3", bid))[0] is RejectCode.INVITATION_DECLINED


@pytest.mark.parametrize("needed,state", [(2, EventState.PUBLISHED), (3, EventState.CANCELLED)])
def test_those_who_are_not_qualified_count_as_able_to_bid_and_those_who_declined_do_not(
    needed: int, state: EventState
) -> None:
    venue = a_trial(needed)

    assert venue.kernel.auctions.event_of("P").state is state


def test_no_bond_is_asked_nor_taken() -> None:
    house = Auctioneer(rules=EVERYTHING, practice=True)

    assert refusal(house.send("SUP1", PlaceBond(event_id="E")))[0] is RejectCode.BOND_NOT_ASKED


@pytest.mark.parametrize(
    "command,aliases,best",
    [
        (AwardLot(lot_id="L1", alias=1), [1], 1),
        (AwardLot(lot_id="L1", alias=0), [], 0),
        (AwardBest(lot_id="L1"), [1], 1),
        (SplitLot(lot_id="L1", parts=(AwardPart(2, 4), AwardPart(1, 6)), reason="Two plants"), [2, 1], 0),
    ],
    ids=["whole", "nobody", "best", "split"],
)
def test_an_award_is_one_event_and_nothing_follows(
    command: AwardLot | AwardBest | SplitLot, aliases: list[int], best: int
) -> None:
    house = closed()
    before, waits = house.kernel.ledger.dump(), house.kernel.deadlines.next_us()

    (event,) = house.done("BUY", command).events

    assert isinstance(event, PracticeAwarded)
    assert ([part.alias for part in event.parts], event.alias) == (aliases, best)
    assert house.kernel.auctions.event_of("E").state is EventState.ENDED
    assert house.kernel.ledger.dump() == before and house.kernel.bonds.dump() == []
    assert house.kernel.standstills.dump() == [] and house.kernel.deadlines.next_us() == waits


def test_a_practice_award_has_no_default_and_no_complaint() -> None:
    house = closed()
    house.award(1)

    default = DeclareDefault(lot_id="L1", alias=1, reason="No delivery")
    complaint = FileComplaint(lot_id="L1", text_hash="t")

    assert refusal(house.send("BUY", default))[0] is RejectCode.PRACTICE_ONLY
    assert refusal(house.send("SUP2", complaint))[0] is RejectCode.NO_STANDSTILL
    assert refusal(house.send("SUP2", default))[0] is RejectCode.LOT_UNKNOWN


def test_nobody_learns_anybody_by_the_award() -> None:
    house = closed()
    (event,) = house.done("BUY", AwardLot(lot_id="L1", alias=1)).events
    sourcing, lot = house.kernel.auctions.event_of("E"), house.kernel.auctions.lot_of("L1")
    award = house.kernel.awards.of("L1")

    assert [(member_id, type(told)) for member_id, told in award_news(event, sourcing, lot)] == [
        ("SUP1", OwnPracticeAward)
    ]
    assert audience(event) == ()
    for viewer, seen_as in (
        ("BUY", Relation.BUYER),
        ("operator", Relation.OPERATOR),
        ("SUP1", Relation.SUPPLIER),
        ("SUP2", Relation.SUPPLIER),
    ):
        face = lot_face(sourcing, lot, seen_as)
        told = repr(show_lot(face, viewer))
        told += repr(show_result(sourcing, lot, award, viewer, seen_as))
        assert not any(name in told for name in NAMES if name != viewer), viewer


def test_read_models_and_snapshots_keep_what_practice_left() -> None:
    house = closed()
    house.award(1)
    views = Views.from_kernel(Exchange())
    pairs = zip(house.log, house.outcomes, strict=True)
    views.apply([Released(seq, *pair, None) for seq, pair in enumerate(pairs, 1)])

    fresh = Views.from_kernel(Exchange.load(house.kernel.dump()))

    assert views.sourcing.lots["L1"].dump() == fresh.sourcing.lots["L1"].dump()
    assert views.sourcing.awards.dump() == fresh.sourcing.awards.dump() != []


@pytest.mark.parametrize("practice,then", [(None, True), (True, True), (False, False)])
def test_a_practice_is_cloned_as_another_round_or_in_earnest(practice: bool | None, then: bool) -> None:
    house = closed()
    clone = CloneEvent(event_id="E", open_at_us=house.at_us + MINUTE, invitations=True, practice=practice)

    house.done("BUY", clone, "N")

    new = house.kernel.auctions.event_of("N")
    assert (new.practice, new.bond_minor) == (then, 0 if then else 2_500_00)
    assert list(new.invited) == ["SUP1", "SUP2"]
