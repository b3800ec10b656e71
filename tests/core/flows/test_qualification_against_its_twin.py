"""Whatever is asked, answered, decided and bid in whatever order, the exchange does what the chronicle says."""

from random import Random

import pytest
from msgspec import msgpack

from exchange.core.limits import OPEN_INQUIRIES_MAX
from exchange.core.messages import AnyCommand, Outcome, Overtime, Role
from exchange.core.messages.inquiries import AnswerInquiry, Inquire
from exchange.core.messages.invitations import AnswerInvitation, WithdrawInvitation
from exchange.core.messages.lot_rules import EventRules, LotSchedule
from exchange.core.messages.qualification import (
    AcceptTerms,
    Answer,
    AnswerQuestionnaire,
    DecideQualification,
    PublishAddendum,
    Question,
    QuestionKind,
    SetQuestionnaire,
    SetTerms,
)
from exchange.core.messages.sourcing import AddLot, CreateEvent, InviteSupplier, PublishEvent, SubmitBid
from exchange.core.messages.system import FireDeadlines
from exchange.core.parties.inquiries import Inquiries
from exchange.core.parties.qualification import Qualification
from exchange.views.qualification import QualificationView
from tests.core.venue import SECOND, Venue
from tests.models.qualification import NaiveQualification

SCHEDULES = 1_000
STEPS = 100
EVENT, LOTS = "E", ("L1", "L2")
INVITED, STRANGER = ("S1", "S2"), "S3"
ACTORS = ("B", "operator", *INVITED, STRANGER)


class Schedule:
    """One event, driven step by step beside its twin."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.venue = Venue()
        self.view = QualificationView()
        self.price = 1_000_000
        self.asked = 0  # inquiries, by which they are named
        for member, role in (("B", Role.BUYER), *((each, Role.SELLER) for each in (*INVITED, STRANGER))):
            self.venue.member(member, role)
        opens = self.venue.at_us + 30 * SECOND
        rules = EventRules(schedule=LotSchedule.PARALLEL)
        self.must("B", CreateEvent(title="Bearings", currency="EUR", open_at_us=opens, duration_us=30 * SECOND,
                                   overtime=Overtime(0, 0, 0), rules=rules), EVENT)  # fmt: skip
        for lot in LOTS:
            self.must(
                "B", AddLot(event_id=EVENT, title=lot, quantity=1, ceiling_price=10**6, min_step=1), lot
            )
        self.twin = NaiveQualification("B", "operator", LOTS, opens, opens + 30 * SECOND)
        for member in INVITED:
            self.must("B", InviteSupplier(event_id=EVENT, member_id=member))
            self.twin.facts.append(("invite", member, None))

    def must(self, actor: str, command: AnyCommand, new_id: str = "") -> None:
        assert not self.venue.send(actor, command, new_id=new_id, after_us=0).reply.code

    def run(self) -> None:
        for _ in range(STEPS):
            self.venue.at_us += self.draw.choice((0, 0, SECOND, 2 * SECOND))
            self.venue.send("", FireDeadlines(), after_us=0)
            self.step()
        room = self.venue.kernel.qualification
        assert msgpack.encode(self.view.room.dump()) == msgpack.encode(room.dump())
        assert Qualification.load(room.dump()).dump() == room.dump()
        inquiries = self.venue.kernel.inquiries
        assert self.view.inquiries.dump() == inquiries.dump() == Inquiries.load(inquiries.dump()).dump()

    def step(self) -> None:
        """One command of somebody: refused as the twin says, or taken down by it."""
        actor = self.draw.choice(ACTORS)
        kinds = [
            self.terms,
            self.addendum,
            self.accept,
            self.ask,
            self.answer,
            self.decide,
            self.bid,
            self.bid,
            self.reply,
            self.withdraw,
            self.inquire,
            self.inquire,
            self.tell,
        ]
        again = self.draw.choice(INVITED)
        if not self.twin.invited(again) and not self.twin.over(self.venue.at_us):
            self.follow(self.venue.send("B", InviteSupplier(event_id=EVENT, member_id=again), after_us=0))
            self.twin.facts.append(("invite", again, None))
            return
        if self.draw.random() < 0.1 and not self.twin.published() and self.before_opening():
            self.must("B", PublishEvent(event_id=EVENT))
            self.twin.facts.append(("publish", "B", None))
            return
        command, expected, fact = self.draw.choice(kinds)(actor)
        new_id = f"id-{self.asked}" if isinstance(command, Inquire) else ""
        outcome = self.venue.send(actor, command, new_id=new_id, after_us=0)
        assert outcome.reply.code == (expected or 0), (actor, command, outcome.reply, self.twin.facts)
        if not expected:
            self.twin.facts.append(fact)
        self.follow(outcome)

    def follow(self, outcome: Outcome) -> None:
        """Let the read model take it over."""
        for event in outcome.events:
            if type(event) in (handlers := self.view.handlers()):
                handlers[type(event)](event)

    def before_opening(self) -> bool:
        return self.venue.at_us <= self.twin.open_at_us

    # --- commands --------------------------------------------------------------------------------

    def terms(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        text = self.draw.choice(("", "h"))
        refused = self.twin.draft_refusal(actor, self.venue.at_us)
        return SetTerms(event_id=EVENT, text_hash=text), refused, ("terms", actor, text)

    def addendum(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        refused = self.twin.addendum(actor, self.venue.at_us)
        return PublishAddendum(event_id=EVENT, text_hash="h"), refused, ("addendum", actor, "h")

    def accept(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        version = max(1, self.twin.version() - self.draw.choice((0, 0, 0, 1)))
        refused = self.twin.accept(actor, version, self.venue.at_us)
        return AcceptTerms(event_id=EVENT, version=version), refused, ("accept", actor, version)

    def ask(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        questions = tuple(self.question() for _ in range(self.draw.randrange(4)))
        needed = self.draw.random() < 0.8
        refused = self.twin.set_questionnaire(actor, questions, self.venue.at_us)
        command = SetQuestionnaire(event_id=EVENT, questions=questions, needed=needed)
        return command, refused, ("questionnaire", actor, questions if needed else False)

    def question(self) -> Question:
        kind = self.draw.choice(list(QuestionKind))
        chooses = kind is QuestionKind.CHOICE
        choices = ("A", "B", "C")[: self.draw.choice((3, 2, 1) if chooses else (0, 0, 0, 0, 2))]
        least = self.draw.choice((0, 0, 0, 5)) if kind is QuestionKind.NUMBER else 0
        return Question(kind, "q", self.draw.random() < 0.7, choices, least, self.draw.choice((9, 9, 4)))

    def answer(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        questions = self.twin.last("questionnaire")
        count = len(questions) if isinstance(questions, tuple) else 1
        places = [place for place in range(1, count + 1) if self.draw.random() < 0.9]
        if self.draw.random() < 0.1:
            places.append(self.draw.randrange(1, 6))
        answers = tuple(self.given(place, questions) for place in places)
        refused = self.twin.answer(actor, answers, self.venue.at_us)
        return AnswerQuestionnaire(event_id=EVENT, answers=answers), refused, ("answer", actor, answers)

    def given(self, place: int, questions: object) -> Answer:
        known = isinstance(questions, tuple) and place <= len(questions)
        kind = questions[place - 1].kind if known else QuestionKind.NUMBER  # type: ignore[index]
        if self.draw.random() < 0.05:
            return Answer(place, self.draw.randrange(8), self.draw.choice(("", "h")))
        words = kind in (QuestionKind.TEXT, QuestionKind.DOCUMENT)
        return Answer(place, hash="h") if words else Answer(place, self.draw.choice((1, 1, 1, 5, 9)))

    def decide(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        member = self.draw.choice((*INVITED, *INVITED, STRANGER))
        approve, reason = self.draw.random() < 0.7, self.draw.choice(("", "h"))
        lots = self.draw.choice(((), (), LOTS, ("L1",), ("L2", "L2"), ("L9",)))
        refused = self.twin.decide(
            actor, member, approve=approve, lots=lots, reason=reason, now_us=self.venue.at_us
        )
        command = DecideQualification(
            event_id=EVENT, member_id=member, approve=approve, lots=lots, reason_hash=reason
        )
        return command, refused, ("approve" if approve else "refuse", member, lots)

    def reply(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        accept = self.draw.random() < 0.6
        refused = self.twin.reply(actor, accept=accept, now_us=self.venue.at_us)
        command = AnswerInvitation(event_id=EVENT, accept=accept)
        return command, refused, ("join" if accept else "decline", actor, None)

    def withdraw(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        member = self.draw.choice((*INVITED, STRANGER))
        refused = self.twin.withdraw(actor, member, self.venue.at_us)
        return WithdrawInvitation(event_id=EVENT, member_id=member), refused, ("withdraw", member, None)

    def inquire(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        self.asked += 1
        refused = self.twin.inquire(actor, self.venue.at_us, OPEN_INQUIRIES_MAX)
        fact = ("inquire", actor, f"id-{self.asked}")
        return Inquire(event_id=EVENT, text_hash="h"), refused, fact

    def tell(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        inquiry = f"id-{self.draw.randrange(max(1, self.asked - 2), self.asked + 2)}"
        refused = self.twin.tell(actor, inquiry, self.venue.at_us)
        return AnswerInquiry(inquiry_id=inquiry, text_hash="h"), refused, ("told", actor, inquiry)

    def bid(self, actor: str) -> tuple[AnyCommand, int | None, tuple[str, str, object]]:
        lot, self.price = self.draw.choice(LOTS), self.price - 10
        refused = self.twin.bid(actor, lot, self.venue.at_us)
        return SubmitBid(lot_id=lot, price=self.price), refused, ("bid", actor, lot)


@pytest.mark.parametrize("part", range(10))
def test_a_thousand_random_schedules_go_as_the_chronicle_says(part: int) -> None:
    met: dict[int, int] = {}
    for seed in range(part * SCHEDULES // 10, (part + 1) * SCHEDULES // 10):
        schedule = Schedule(seed)
        schedule.run()
        for outcome in schedule.venue.outcomes:
            met[outcome.reply.code] = met.get(outcome.reply.code, 0) + 1

    assert len(met) > 20, "the schedules reach hardly anything"
