"""What members are told, on their own channel, of events that ask something of them: each its own."""

import msgspec

from exchange.core.messages import AnyCommand, shown
from exchange.core.messages.inquiries import AnswerInquiry, Inquire
from exchange.core.messages.invitations import AnswerInvitation, WithdrawInvitation
from exchange.core.messages.lifecycles import QualificationState
from exchange.core.messages.qualification import (
    AcceptTerms,
    AnswerQuestionnaire,
    DecideQualification,
    PublishAddendum,
    SetQuestionnaire,
    SetTerms,
)
from exchange.core.messages.shown_qualification import (
    OwnAddendum,
    OwnAnswers,
    OwnInquiry,
    OwnInquiryAnswered,
    OwnInvitationAnswer,
    OwnQualification,
    OwnWithdrawal,
)
from exchange.core.messages.sourcing import PublishEvent
from tests.gateway.floor import Floor
from tests.gateway.test_feed_lots import a_draft

EVERYBODY = ("b", "s1", "s2", "s3", "x", "op")


class Ears:
    """A connection of each member, which follows its own channel."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.lines = {each: floor.caller(each) for each in EVERYBODY}
        for line in self.lines.values():
            line.follow("own")

    def told(self, member_id: str, command: AnyCommand) -> dict[str, list[shown.OwnEvent]]:
        """Who is told what of the command, which must take effect."""
        assert not self.floor.venue.send(member_id, command).reply.code
        self.floor.commit()
        heard = {each: line.hear() for each, line in self.lines.items()}
        events = {
            each: [event for frame in frames if isinstance(frame, shown.Own) for event in frame.events]
            for each, frames in heard.items()
        }
        return {each: told for each, told in events.items() if told}


def an_asking_draft() -> Floor:
    floor = a_draft()
    for command in (SetTerms(event_id="E", text_hash="h"), SetQuestionnaire(event_id="E")):
        assert not floor.venue.send("b", command).reply.code
    floor.commit()
    return floor


def published() -> Ears:
    floor = an_asking_draft()
    floor.venue.send("b", PublishEvent(event_id="E"))
    floor.commit()
    return Ears(floor)


def test_an_addendum_is_told_to_all_who_are_invited_and_to_nobody_else() -> None:
    ears = published()

    told = ears.told("b", PublishAddendum(event_id="E", text_hash="h"))

    assert told == {each: [OwnAddendum("E", 2)] for each in ("s1", "s2", "s3")}


def test_nobody_is_told_that_somebody_accepted() -> None:
    assert published().told("s1", AcceptTerms(event_id="E", version=1)) == {}


def test_answers_are_told_to_their_supplier_and_without_its_name_to_the_buyer() -> None:
    told = published().told("s1", AnswerQuestionnaire(event_id="E"))

    assert told == {
        "s1": [OwnQualification("E", QualificationState.ANSWERED)],
        "b": [OwnAnswers("E")],
    }


def test_a_decision_is_told_to_its_supplier_alone() -> None:
    ears = published()
    approve = DecideQualification(event_id="E", member_id="s1", approve=True, lots=("L",))
    refuse = DecideQualification(event_id="E", member_id="s2", approve=False, reason_hash="h")

    assert ears.told("b", approve) == {"s1": [OwnQualification("E", QualificationState.QUALIFIED, ("L",))]}
    assert ears.told("op", refuse) == {"s2": [OwnQualification("E", QualificationState.REFUSED)]}


def test_of_a_draft_no_supplier_is_told_anything() -> None:
    ears = Ears(an_asking_draft())

    assert ears.told("b", DecideQualification(event_id="E", member_id="s1", approve=True)) == {}


def test_an_inquiry_is_told_to_the_buyer_without_its_author_and_its_answer_to_all() -> None:
    ears = published()

    asked = ears.told("s2", Inquire(event_id="E", text_hash="h"))
    (news,) = asked.pop("b")
    assert isinstance(news, OwnInquiry)
    answered = ears.told("b", AnswerInquiry(inquiry_id=news.inquiry_id, text_hash="h"))

    assert asked == {}
    everybody = ("s1", "s2", "s3")
    assert answered == {each: [OwnInquiryAnswered("E", news.inquiry_id)] for each in everybody}


def test_an_answer_to_an_invitation_is_told_to_the_buyer_without_its_author() -> None:
    told = published().told("s2", AnswerInvitation(event_id="E", accept=False))

    assert told == {"b": [OwnInvitationAnswer("E")]}


def test_a_withdrawal_is_told_to_its_supplier_who_hears_nothing_of_the_event_any_more() -> None:
    ears = published()

    withdrawn = ears.told("b", WithdrawInvitation(event_id="E", member_id="s2"))
    addendum = ears.told("b", PublishAddendum(event_id="E", text_hash="h"))

    assert withdrawn == {"s2": [OwnWithdrawal("E")]}
    assert list(addendum) == ["s1", "s3"]
    assert [type(each).__name__ for each in ears.lines["s2"].follow("lot:L")] == ["Error"]


def test_a_withdrawal_from_a_draft_is_told_to_nobody() -> None:
    assert Ears(an_asking_draft()).told("b", WithdrawInvitation(event_id="E", member_id="s2")) == {}


def heard_in(first: str, second: str) -> dict[str, bytes]:
    """Every frame that others than the two are sent, where these two do this and that."""
    floor = an_asking_draft()
    floor.venue.send("b", PublishEvent(event_id="E"))
    floor.commit()
    ears = Ears(floor)
    heard = dict.fromkeys(EVERYBODY, b"")
    for member_id, command in (
        (first, AnswerInvitation(event_id="E", accept=False)),
        (second, AnswerInvitation(event_id="E", accept=True)),
        (first, Inquire(event_id="E", text_hash="h")),
        (second, Inquire(event_id="E", text_hash="h")),
        (first, AnswerQuestionnaire(event_id="E")),
        ("b", DecideQualification(event_id="E", member_id=first, approve=False, reason_hash="h")),
        (second, AnswerQuestionnaire(event_id="E")),
        ("b", DecideQualification(event_id="E", member_id=second, approve=True)),
        ("b", PublishAddendum(event_id="E", text_hash="h")),
        (second, AcceptTerms(event_id="E", version=2)),
    ):
        assert not floor.venue.send(member_id, command).reply.code
        floor.commit()
        for each, line in ears.lines.items():
            heard[each] += msgspec.json.encode(line.hear())
    return {each: frames for each, frames in heard.items() if each not in {first, second}}


def test_no_frame_tells_a_third_party_which_of_two_suppliers_it_was() -> None:
    plain, swapped = heard_in("s1", "s2"), heard_in("s2", "s1")

    assert plain == swapped
    assert plain["s3"] and plain["b"]
    assert not any(name in plain["b"] + plain["s3"] for name in (b'"s1"', b'"s2"'))
