"""REST of qualification: the buyer asks, a supplier answers, buyer or operator decides for all lots or for some.

Guarantees: words are on disk before the command that carries their hash. A supplier reads its own answers and the
decision on them; the buyer and operators read everybody's, since the invited are the buyer's own choice. Which terms
a supplier accepted is shown to operators alone: it comes right before a first bid, and would name whose it is.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import CHOICES_MAX, LOTS_PER_EVENT_MAX, QUESTIONS_MAX
from exchange.core.messages.lifecycles import InvitationState, QualificationState
from exchange.core.messages.qualification import (
    Answer,
    AnswerQuestionnaire,
    DecideQualification,
    Number,
    Place,
    Question,
    QuestionKind,
    SetQuestionnaire,
)
from exchange.core.parties.qualification import Asked, Participant
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.lots import Relation
from exchange.gateway.notation import END, Id, ShortText
from exchange.gateway.paging import IdKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused
from exchange.gateway.rest.sourcing import EventSettled, event_of
from exchange.gateway.rest.terms import SOME_LINES, written
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route

WORDS_LENGTH_MAX: Final = 4_000
Words = Annotated[str, Meta(pattern=SOME_LINES, max_length=WORDS_LENGTH_MAX)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}" + END)]


class NewQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """Choices are there for a choice, bounds count for a number."""

    kind: QuestionKind
    text: Annotated[str, Meta(pattern=SOME_LINES, min_length=1, max_length=1_000)]
    required: bool = True
    choices: Annotated[list[ShortText], Meta(max_length=CHOICES_MAX)] = []
    number_min: Number | None = None
    number_max: Number | None = None


class NewQuestionnaire(Struct, frozen=True, forbid_unknown_fields=True):
    """Only qualified suppliers bid; without questions they are approved by hand. Not `needed`: everybody invited may."""

    questions: Annotated[list[NewQuestion], Meta(max_length=QUESTIONS_MAX)] = []
    needed: bool = True


class GivenAnswer(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """To the question at this place, from 1: exactly one of the others, as its kind says."""

    place: Place
    yes_no: bool | UnsetType = UNSET
    choice: ShortText | UnsetType = UNSET
    number: Number | UnsetType = UNSET
    text: Annotated[str, Meta(pattern=SOME_LINES, min_length=1, max_length=WORDS_LENGTH_MAX)] | UnsetType = (
        UNSET
    )
    document: Sha256 | UnsetType = UNSET


class NewAnswers(Struct, frozen=True, forbid_unknown_fields=True):
    """All answers at once, in place of those before."""

    answers: Annotated[list[GivenAnswer], Meta(max_length=QUESTIONS_MAX)] = []


class NewDecision(Struct, frozen=True, forbid_unknown_fields=True):
    """Approved for these lots, for all where none is named; or refused with a reason."""

    approve: bool
    lots: Annotated[list[Id], Meta(max_length=LOTS_PER_EVENT_MAX)] = []
    reason: Words = ""


class QuestionShown(Struct, frozen=True):
    """A question as it was asked."""

    place: int
    kind: QuestionKind
    text: str
    required: bool
    choices: list[str]
    number_min: int | UnsetType = UNSET
    number_max: int | UnsetType = UNSET


class QualificationShown(Struct, frozen=True):
    """Where a supplier stands, with what it answered and why it was refused. No lots: all of them."""

    state: QualificationState
    lots: list[str]
    answers: list[GivenAnswer]
    reason: str


class Questionnaire(Struct, frozen=True):
    """What is asked; `own` is the asking supplier's."""

    event_id: str
    needed: bool
    questions: list[QuestionShown]
    own: QualificationShown | UnsetType = UNSET


class EventParticipant(Struct, frozen=True):
    """An invited supplier; `accepted` is the version of the terms, for operators."""

    member_id: str
    invitation: InvitationState
    qualification: QualificationShown
    accepted: int | UnsetType = UNSET


class ParticipantPage(Struct, frozen=True):
    """All who are invited, by id."""

    participants: list[EventParticipant]
    next: str


# --- commands ----------------------------------------------------------------------------------------


async def set_questionnaire(call: Call[NewQuestionnaire, NoQuery]) -> EventSettled:
    """Buyer: what suppliers answer before they may bid, while the event is a draft."""
    questions = [
        Question(
            kind=each.kind,
            text_hash=await written(call, each.text),
            required=each.required,
            choices=tuple(each.choices),
            **_bounds(each),
        )
        for each in call.body.questions
    ]
    command = SetQuestionnaire(
        event_id=call.id("event_id"), questions=tuple(questions), needed=call.body.needed
    )
    return EventSettled.of(await call.settle(command))


async def answer_questionnaire(call: Call[NewAnswers, NoQuery]) -> EventSettled:
    """Supplier: answer all questions; they wait for the decision of the buyer or the operator."""
    event, _ = event_of(call.views, call.id("event_id"), call.member_id)
    asked = call.views.qualification.room.of_event(event.event_id)
    questions = asked.questions if asked else ()
    answers = [await _answer(call, questions, each) for each in call.body.answers]
    command = AnswerQuestionnaire(event_id=event.event_id, answers=tuple(answers))
    return EventSettled.of(await call.settle(command))


async def decide_qualification(call: Call[NewDecision, NoQuery]) -> EventSettled:
    """Buyer or operator: let an invited supplier bid, or refuse it; its proxy ends where it may not bid any more."""
    body = call.body
    command = DecideQualification(
        event_id=call.id("event_id"),
        member_id=call.id("member_id"),
        approve=body.approve,
        lots=tuple(body.lots),
        reason_hash=await written(call, body.reason),
        ends_proxies=True,
    )
    return EventSettled.of(await call.settle(command, names={"reason_hash": "reason"}))


def _bounds(question: NewQuestion) -> dict[str, int]:
    named = {"number_min": question.number_min, "number_max": question.number_max}
    return {name: bound for name, bound in named.items() if bound is not None}


async def _answer(
    call: Call[NewAnswers, NoQuery], questions: Sequence[Question], given: GivenAnswer
) -> Answer:
    """The answer as the core takes it; refused where it is of another kind than its question."""
    said = {
        QuestionKind.YES_NO: given.yes_no,
        QuestionKind.CHOICE: given.choice,
        QuestionKind.NUMBER: given.number,
        QuestionKind.TEXT: given.text,
        QuestionKind.DOCUMENT: given.document,
    }
    kinds = [kind for kind, value in said.items() if value is not UNSET]
    question = questions[given.place - 1] if given.place <= len(questions) else None
    if question is None or kinds != [question.kind]:
        raise Refused(Reject(RejectCode.ANSWER_UNFIT, given.place, "answers"))
    value = said[question.kind]
    match question.kind:
        case QuestionKind.TEXT:
            return Answer(place=given.place, hash=await written(call, str(value)))
        case QuestionKind.DOCUMENT:
            return Answer(place=given.place, hash=str(value))
        case QuestionKind.CHOICE:
            number = question.choices.index(str(value)) + 1 if value in question.choices else 0
            return Answer(place=given.place, value=number)
        case _:
            assert isinstance(value, int)
            return Answer(place=given.place, value=int(value))


# --- reads -------------------------------------------------------------------------------------------


async def get_questionnaire(call: Call[NoBody, NoQuery]) -> Questionnaire:
    """What is asked, to whoever may see the event; to a supplier where it stands."""
    event, seen_as = event_of(call.views, call.id("event_id"), call.member_id)
    asked = call.views.qualification.room.of_event(event.event_id)
    if asked is None:
        return Questionnaire(event.event_id, needed=False, questions=[])
    own = asked.of(call.member_id) if seen_as is Relation.SUPPLIER else None
    hashes = [each.text_hash for each in asked.questions] + (_hashes(own) if own else [])
    words = await call.ports.deal_texts.read(hashes)
    return Questionnaire(
        event.event_id,
        asked.needed,
        [_question(place, each, words) for place, each in enumerate(asked.questions, 1)],
        _standing(asked, own, words) if own else UNSET,
    )


async def list_participants(call: Call[NoBody, PageQuery]) -> ParticipantPage:
    """Buyer or operator: all who are invited, with their answers."""
    event, seen_as = event_of(call.views, call.id("event_id"), call.member_id)
    if seen_as is Relation.SUPPLIER:
        raise Refused(Reject(RejectCode.EVENT_UNKNOWN, field="event_id"))
    if seen_as is Relation.SELLER:
        raise Refused(Reject(RejectCode.BIDDERS_HIDDEN))
    after = key_of(call.query.cursor, IdKey)
    asked = call.views.qualification.room.of_event(event.event_id)
    asked = asked or Asked(event.event_id, [], False, (), {})
    ids = sorted(each for each in event.invited if after is None or each > after.id)
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    words = await call.ports.deal_texts.read(each for one in page for each in _hashes(asked.of(one)))
    operates = seen_as is Relation.OPERATOR
    participants = [
        EventParticipant(
            each,
            asked.of(each).invitation,
            _standing(asked, asked.of(each), words),
            asked.of(each).accepted if operates else UNSET,
        )
        for each in page
    ]
    return ParticipantPage(participants, following)


def _hashes(participant: Participant) -> list[str]:
    return [each.hash for each in participant.answers] + [participant.reason_hash]


def _question(place: int, question: Question, words: dict[str, str]) -> QuestionShown:
    counts = question.kind is QuestionKind.NUMBER
    return QuestionShown(
        place,
        question.kind,
        words.get(question.text_hash, ""),
        question.required,
        list(question.choices),
        question.number_min if counts else UNSET,
        question.number_max if counts else UNSET,
    )


def _standing(asked: Asked, participant: Participant, words: dict[str, str]) -> QualificationShown:
    return QualificationShown(
        participant.state,
        list(participant.lots),
        [_given(asked.questions[each.place - 1], each, words) for each in participant.answers],
        words.get(participant.reason_hash, ""),
    )


def _given(question: Question, answer: Answer, words: dict[str, str]) -> GivenAnswer:
    match question.kind:
        case QuestionKind.YES_NO:
            return GivenAnswer(answer.place, yes_no=bool(answer.value))
        case QuestionKind.CHOICE:
            return GivenAnswer(answer.place, choice=question.choices[answer.value - 1])
        case QuestionKind.NUMBER:
            return GivenAnswer(answer.place, number=answer.value)
        case QuestionKind.TEXT:
            return GivenAnswer(answer.place, text=words.get(answer.hash, ""))
        case QuestionKind.DOCUMENT:
            return GivenAnswer(answer.place, document=answer.hash)


_EVENT: Final = "/v1/events/{event_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "PUT", f"{_EVENT}/questionnaire", "Set the questionnaire", set_questionnaire,
        NewQuestionnaire, NoQuery, EventSettled, SetQuestionnaire,
    ),
    Route(
        "GET", f"{_EVENT}/questionnaire", "Read the questionnaire", get_questionnaire,
        NoBody, NoQuery, Questionnaire,
    ),
    Route(
        "PUT", f"{_EVENT}/questionnaire/answers", "Answer the questionnaire", answer_questionnaire,
        NewAnswers, NoQuery, EventSettled, AnswerQuestionnaire,
    ),
    Route(
        "GET", f"{_EVENT}/participants", "List invited suppliers", list_participants,
        NoBody, PageQuery, ParticipantPage,
    ),
    Route(
        "PUT", f"{_EVENT}/participants/{{member_id}}/qualification", "Decide on a qualification",
        decide_qualification, NewDecision, NoQuery, EventSettled, DecideQualification,
    ),
)  # fmt: skip
