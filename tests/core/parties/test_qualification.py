"""What an event asks before a bid, without the event: versions, questionnaires, admissions."""

import pytest
from msgspec import msgpack

from exchange.core.limits import ADDENDA_MAX
from exchange.core.messages.qualification import (
    AddendumPublished,
    QualificationDecided,
    QuestionnaireSet,
    Terms,
    TermsAccepted,
    TermsSet,
)
from exchange.core.parties.qualification import Qualification, QualificationDump
from exchange.core.rejects import Reject, RejectCode

EVENT, SUPPLIER = "e", "s"


def told(*events: object) -> Qualification:
    """A room to which this happened."""
    room = Qualification()
    followers = room.followers()
    for event in events:
        followers[type(event)](event)  # type: ignore[index]
    return room


def terms(version: int, text_hash: str = "h") -> Terms:
    return Terms(version, text_hash, (), 0)


ASKED = QuestionnaireSet(EVENT, needed=True, questions=())


def approved(*lots: str) -> QualificationDecided:
    return QualificationDecided(EVENT, SUPPLIER, "b", approved=True, lots=lots, reason_hash="")


REFUSED = QualificationDecided(EVENT, SUPPLIER, "b", approved=False, lots=(), reason_hash="h")
NOT_ACCEPTED = RejectCode.TERMS_NOT_ACCEPTED


@pytest.mark.parametrize(
    "events,refused",
    [
        ([], None),
        ([TermsSet("another", terms(1))], None),
        ([TermsSet(EVENT, terms(1))], Reject(NOT_ACCEPTED, 1)),
        ([TermsSet(EVENT, terms(1)), TermsSet(EVENT, terms(1, ""))], None),
        ([TermsSet(EVENT, terms(1)), TermsAccepted(EVENT, SUPPLIER, 1)], None),
        ([TermsSet(EVENT, terms(1)), TermsAccepted(EVENT, "another", 1)], Reject(NOT_ACCEPTED, 1)),
        (
            [
                TermsSet(EVENT, terms(1)),
                TermsAccepted(EVENT, SUPPLIER, 1),
                AddendumPublished(EVENT, terms(2)),
            ],
            Reject(NOT_ACCEPTED, 2),
        ),
        ([ASKED], Reject(RejectCode.NOT_QUALIFIED)),
        ([ASKED, TermsSet(EVENT, terms(1))], Reject(NOT_ACCEPTED, 1)),
        ([ASKED, approved()], None),
        ([ASKED, approved("l", "m")], None),
        ([ASKED, approved("m")], Reject(RejectCode.NOT_QUALIFIED)),
        ([ASKED, approved(), approved("m")], Reject(RejectCode.NOT_QUALIFIED)),
        ([ASKED, approved(), REFUSED], Reject(RejectCode.NOT_QUALIFIED)),
        ([ASKED, QuestionnaireSet(EVENT, needed=False, questions=())], None),
    ],
)
def test_a_bid_is_let_through_or_refused(events: list[object], refused: Reject | None) -> None:
    assert told(*events).bid_refusal(SUPPLIER, EVENT, "l") == refused


def test_an_event_has_so_many_addenda_and_no_more() -> None:
    added = [AddendumPublished(EVENT, terms(version)) for version in range(2, ADDENDA_MAX + 2)]
    full = told(TermsSet(EVENT, terms(1)), *added)

    assert told(TermsSet(EVENT, terms(1)), *added[:-1]).addendum_refusal(EVENT) is None
    assert full.addendum_refusal(EVENT) == Reject(RejectCode.TOO_MANY_ADDENDA, ADDENDA_MAX)


def test_a_dump_is_the_room_again_and_neither_changes_the_other() -> None:
    room = told(TermsSet(EVENT, terms(1)), ASKED, approved("l"))
    plain = msgpack.encode(room.dump())

    again = Qualification.load(msgpack.decode(plain, type=QualificationDump))
    again.followers()[TermsAccepted](TermsAccepted(EVENT, SUPPLIER, 1))

    assert msgpack.encode(room.dump()) == plain
    assert again.bid_refusal(SUPPLIER, EVENT, "l") is None
    assert room.bid_refusal(SUPPLIER, EVENT, "l") == Reject(NOT_ACCEPTED, 1)
