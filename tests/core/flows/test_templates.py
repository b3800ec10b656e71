"""A clone is the draft that its buyer would have made by hand, or nothing."""

import pytest
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.messages import Role, Standing
from exchange.core.messages.cloning import CloneEvent
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import EventRules, LotRules, LotSchedule, Overtime, TiePolicy
from exchange.core.messages.parties import SetStanding
from exchange.core.messages.qualification import SetQuestionnaire, SetTerms
from exchange.core.messages.sourcing import (
    AddLot,
    BidSubmitted,
    CreateEvent,
    InviteSupplier,
    PublishEvent,
)
from exchange.core.rejects import RejectCode
from exchange.engine.base import Released
from exchange.views.views import Views
from tests.core.venue import SECOND, Venue

HOUR = 3_600 * SECOND
SEED, OTHER = "a" * 64, "b" * 64


def a_template(**rules: object) -> Venue:
    """Two lots, terms, a questionnaire, two suppliers, a bid."""
    venue = Venue()
    for buyer in ("B", "C"):
        venue.member(buyer, Role.BUYER)
    for supplier in ("S1", "S2"):
        venue.member(supplier, Role.SELLER)
    venue.send(
        "B",
        CreateEvent(
            title="Chairs",
            currency="EUR",
            open_at_us=venue.at_us + HOUR,
            duration_us=HOUR,
            overtime=Overtime(hard_deadline_us=venue.at_us + 9 * HOUR),
            rules=EventRules(schedule=LotSchedule.STAGGERED),
        ),
        new_id="E",
    )
    for name, price in (("L1", 900), ("L2", 800)):
        lot = AddLot(
            event_id="E",
            title=name,
            quantity=1 if "lines" in rules else 10,
            ceiling_price=price,
            min_step=5,
            rules=LotRules(**rules),  # type: ignore[arg-type]
        )
        venue.send("B", lot, new_id=name)
    venue.send("B", SetTerms(event_id="E", text_hash="t"))
    venue.send("B", SetQuestionnaire(event_id="E", needed=True))
    for supplier in ("S1", "S2"):
        venue.send("B", InviteSupplier(event_id="E", member_id=supplier))
    assert venue.send("B", PublishEvent(event_id="E")).reply.code == 0
    return venue


def clone(venue: Venue, member_id: str = "B", after_us: int = 24 * HOUR, **fields: object) -> int:
    command = CloneEvent(event_id="E", open_at_us=venue.at_us + after_us, **fields)  # type: ignore[arg-type]
    return venue.send(member_id, command, new_id="N").reply.code


def test_a_clone_has_the_rules_and_lots_of_its_template_and_another_timetable() -> None:
    venue = a_template(historic_price=700)
    assert clone(venue, title="Chairs again") == 0

    old, new = (venue.kernel.auctions.event_of(each) for each in ("E", "N"))
    assert (new.title, new.state, new.invited) == ("Chairs again", "draft", {})
    assert (new.duration_us, new.disclosure, new.rules) == (old.duration_us, old.disclosure, old.rules)
    later_us = new.open_at_us - old.open_at_us
    assert new.overtime == replace(old.overtime, hard_deadline_us=old.overtime.hard_deadline_us + later_us)
    assert [lot.lot_id for lot in new.lots] == ["N-1", "N-2"]
    for was, lot in zip(old.lots, new.lots, strict=True):
        assert (lot.title, lot.quantity, lot.ceiling_price, lot.min_step, lot.tick, lot.rules) == (
            was.title, was.quantity, was.ceiling_price, was.min_step, was.tick, was.rules,
        )  # fmt: skip
        assert (lot.state, lot.open_at_us, lot.close_at_us) == ("draft", 0, 0)


def test_delivery_windows_of_lines_move_as_far_as_the_opening() -> None:
    lines = [LotLine("A", 3, deliver_from_us=50 * HOUR), LotLine("B", 1, deliver_until_us=60 * HOUR)]
    venue = a_template(lines=lines)
    assert clone(venue) == 0

    old, new = (venue.kernel.auctions.event_of(each) for each in ("E", "N"))
    later_us = new.open_at_us - old.open_at_us
    assert later_us > 22 * HOUR
    for lot in new.lots:
        assert lot.rules.lines == [
            LotLine("A", 3, deliver_from_us=50 * HOUR + later_us),
            LotLine("B", 1, deliver_until_us=60 * HOUR + later_us),
        ]


def test_terms_and_questions_go_along_and_nothing_that_was_answered() -> None:
    venue = a_template()
    clone(venue)

    asked = venue.kernel.qualification.of_event("N")

    assert asked is not None and asked.needed and asked.participants == {}
    assert [(terms.version, terms.text_hash) for terms in asked.terms] == [(1, "t")]


def test_whom_the_template_invited_is_invited_only_where_asked_and_where_it_still_may_be() -> None:
    venue = a_template()
    venue.send("operator", SetStanding(member_id="S1", standing=Standing.SUSPENDED))

    outcome = venue.send(
        "B", CloneEvent(event_id="E", open_at_us=venue.at_us + HOUR, invitations=True), new_id="N"
    )

    assert (outcome.reply.code, outcome.reply.number) == (0, 1)
    assert list(venue.kernel.auctions.event_of("N").invited) == ["S2"]


def test_bids_of_the_template_stay_with_it() -> None:
    venue = a_template()
    clone(venue)

    assert all(lot.board.bidders == 0 for lot in venue.kernel.auctions.event_of("N").lots)
    assert not any(isinstance(each, BidSubmitted) for each in venue.outcomes[-1].events)


@pytest.mark.parametrize(
    "member_id,after_us,fields,code",
    [
        ("S1", HOUR, {}, RejectCode.ROLE_MISSING),
        ("C", HOUR, {}, RejectCode.EVENT_UNKNOWN),
        ("B", -1, {}, RejectCode.OPENS_IN_THE_PAST),
        ("B", HOUR, {}, RejectCode.RULES_CONTRADICT),
        ("B", HOUR, {"lottery_sha256": SEED}, RejectCode.RULES_CONTRADICT),
        ("B", HOUR, {"lottery_sha256": OTHER}, 0),
    ],
)
def test_a_clone_is_refused_as_a_draft_would_be_and_leaves_nothing(
    member_id: str, after_us: int, fields: dict[str, object], code: int
) -> None:
    """A seed that was revealed once would tell how ties are drawn."""
    venue = a_template(tie_policy=TiePolicy.LOTTERY, lottery_sha256=SEED)

    assert clone(venue, member_id, after_us, **fields) == code
    assert (venue.kernel.auctions.event("N") is None) == (code != 0)


def test_read_models_and_a_replay_know_the_clone_as_the_kernel_does() -> None:
    venue = a_template()
    clone(venue, invitations=True)
    views, again = Views(), Exchange()
    pairs = zip(venue.log, venue.outcomes, strict=True)
    views.apply([Released(seq, *pair, None) for seq, pair in enumerate(pairs, 1)])
    for sequenced in venue.log:
        again.execute(sequenced)

    seen, new = views.sourcing.events["N"], venue.kernel.auctions.event_of("N")
    assert [lot.dump() for lot in seen.lots] == [lot.dump() for lot in new.lots]
    assert list(seen.invited) == list(new.invited)
    assert again.auctions.dump() == venue.kernel.auctions.dump()
