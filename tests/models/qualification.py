"""Qualification as a chronicle: whatever is asked is answered by reading all that happened, from the beginning.

One event of two lots, in whose clock nothing moves; who may bid there, and why not.
"""

from dataclasses import dataclass, field

from exchange.core.messages.qualification import Answer, Question, QuestionKind
from exchange.core.rejects import RejectCode as Code


@dataclass
class NaiveQualification:
    """`facts` are tuples of a word, a member and what belongs to it."""

    buyer: str
    operator: str
    lots: tuple[str, ...]
    open_at_us: int
    close_at_us: int
    facts: list[tuple[str, str, object]] = field(default_factory=list)

    # --- what the chronicle says -----------------------------------------------------------------

    def of(self, member: str) -> list[tuple[str, str, object]]:
        """What happened to the member since it was invited last."""
        own = [each for each in self.facts if each[1] == member]
        ends = [nth for nth, (word, _, _) in enumerate(own) if word == "withdraw"]
        return own[ends[-1] + 1 :] if ends else own

    def last(self, word: str, member: str = "") -> object:
        facts = self.of(member) if member else self.facts
        found = [what for each, _, what in facts if each == word]
        return found[-1] if found else None

    def published(self) -> bool:
        return any(word == "publish" for word, _, _ in self.facts)

    def over(self, now_us: int) -> bool:
        return self.published() and now_us >= self.close_at_us

    def invited(self, member: str) -> bool:
        return any(word == "invite" for word, _, _ in self.of(member))

    def has_bid(self, member: str) -> bool:
        return any(word == "bid" for word, _, _ in self.of(member))

    def said(self, member: str) -> str:
        words = [word for word, _, _ in self.of(member) if word in {"join", "decline"}]
        return words[-1] if words else ""

    def begun(self, now_us: int) -> bool:
        return self.published() and now_us >= self.open_at_us

    def version(self) -> int:
        addenda = sum(word == "addendum" for word, _, _ in self.facts)
        return addenda + bool(self.last("terms"))

    def needed(self) -> bool:
        asked = self.last("questionnaire")
        return asked is not None and asked is not False

    def state(self, member: str) -> str:
        words = [word for word, _, _ in self.of(member) if word in {"answer", "approve", "refuse"}]
        return words[-1] if words else "awaited"

    # --- who is refused why ----------------------------------------------------------------------

    def draft_refusal(self, actor: str, now_us: int) -> Code | None:
        if actor != self.buyer:
            return Code.ROLE_MISSING
        if not self.published():
            return None
        return Code.RULES_FIXED

    def set_questionnaire(self, actor: str, questions: tuple[Question, ...], now_us: int) -> Code | None:
        if refused := self.draft_refusal(actor, now_us):
            return refused
        return None if all(fits(each) for each in questions) else Code.QUESTION_UNFIT

    def addendum(self, actor: str, now_us: int) -> Code | None:
        if actor != self.buyer:
            return Code.ROLE_MISSING
        if not self.published():
            return Code.EVENT_NOT_PUBLISHED
        return Code.EVENT_ENDED if self.over(now_us) else None

    def supplier_refusal(self, actor: str, now_us: int) -> Code | None:
        if actor in (self.buyer, self.operator):
            return Code.ROLE_MISSING
        if not self.invited(actor) or not self.published():
            return Code.EVENT_UNKNOWN
        return Code.EVENT_ENDED if self.over(now_us) else None

    def accept(self, actor: str, version: int, now_us: int) -> Code | None:
        if refused := self.supplier_refusal(actor, now_us):
            return refused
        if self.version() == 0:
            return Code.NO_TERMS
        return None if version == self.version() else Code.TERMS_OTHER_VERSION

    def answer(self, actor: str, answers: tuple[Answer, ...], now_us: int) -> Code | None:
        if refused := self.supplier_refusal(actor, now_us):
            return refused
        if not self.needed():
            return Code.NO_QUESTIONNAIRE
        if self.state(actor) == "approve":
            return Code.ALREADY_QUALIFIED
        questions = self.last("questionnaire")
        assert isinstance(questions, tuple)
        places = [each.place for each in answers]
        for nth, each in enumerate(answers):
            if each.place > len(questions) or each.place in places[:nth]:
                return Code.ANSWER_UNFIT
            if not answers_it(questions[each.place - 1], each):
                return Code.ANSWER_UNFIT
        missing = [n for n, each in enumerate(questions, 1) if each.required and n not in places]
        return Code.ANSWER_MISSING if missing else None

    def decide(
        self, actor: str, member: str, *, approve: bool, lots: tuple[str, ...], reason: str, now_us: int
    ) -> Code | None:
        if actor not in (self.buyer, self.operator):
            return Code.EVENT_UNKNOWN
        if self.over(now_us):
            return Code.EVENT_ENDED
        if not self.invited(member):
            return Code.NOT_INVITED
        if any(each not in self.lots for each in lots):
            return Code.LOT_UNKNOWN
        if not self.needed():
            return Code.NO_QUESTIONNAIRE
        if not approve and not reason:
            return Code.REASON_MISSING
        if self.begun(now_us) and actor == self.buyer and self.state(member) == "approve":
            return Code.RULES_FIXED
        return None

    def reply(self, actor: str, *, accept: bool, now_us: int) -> Code | None:
        if refused := self.supplier_refusal(actor, now_us):
            return refused
        if self.said(actor) == ("join" if accept else "decline"):
            return Code.INVITATION_ANSWERED
        return Code.SUPPLIER_HAS_BID if self.has_bid(actor) and not accept else None

    def withdraw(self, actor: str, member: str, now_us: int) -> Code | None:
        if actor not in (self.buyer, self.operator):
            return Code.EVENT_UNKNOWN
        if self.over(now_us):
            return Code.EVENT_ENDED
        if not self.invited(member):
            return Code.NOT_INVITED
        if actor == self.buyer and self.begun(now_us):
            return Code.RULES_FIXED
        return Code.SUPPLIER_HAS_BID if self.has_bid(member) else None

    def inquire(self, actor: str, now_us: int, most: int) -> Code | None:
        if refused := self.supplier_refusal(actor, now_us):
            return refused
        answered = [what for word, _, what in self.facts if word == "told"]
        mine = [what for word, who, what in self.facts if (word, who) == ("inquire", actor)]
        return (
            Code.TOO_MANY_INQUIRIES if len([each for each in mine if each not in answered]) >= most else None
        )

    def tell(self, actor: str, inquiry: str, now_us: int) -> Code | None:
        known = any((word, what) == ("inquire", inquiry) for word, _, what in self.facts)
        if not known or actor not in (self.buyer, self.operator):
            return Code.INQUIRY_UNKNOWN
        if self.over(now_us):
            return Code.EVENT_ENDED
        told = any((word, what) == ("told", inquiry) for word, _, what in self.facts)
        return Code.INQUIRY_ANSWERED if told else None

    def bid(self, actor: str, lot: str, now_us: int) -> Code | None:
        if actor in (self.buyer, self.operator):
            return Code.ROLE_MISSING
        if not self.invited(actor) or not self.published():
            return Code.LOT_UNKNOWN
        if self.said(actor) == "decline":
            return Code.INVITATION_DECLINED
        if self.version():
            accepted = self.last("accept", actor)
            if accepted != self.version():
                return Code.TERMS_NOT_ACCEPTED
        if self.needed():
            lots = self.last("approve", actor)
            if self.state(actor) != "approve" or not isinstance(lots, tuple):
                return Code.NOT_QUALIFIED
            if lots != () and lot not in lots:
                return Code.NOT_QUALIFIED
        if now_us < self.open_at_us:
            return Code.LOT_NOT_OPEN_YET
        return None if now_us < self.close_at_us else Code.LOT_NOT_OPEN


def fits(question: Question) -> bool:
    """Whether somebody can answer it."""
    if question.number_min > question.number_max:
        return False
    if question.kind == QuestionKind.CHOICE:
        return len(question.choices) > 1 and len(set(question.choices)) == len(question.choices)
    return question.choices == ()


def answers_it(question: Question, answer: Answer) -> bool:
    """Whether the answer is of the question's kind and within its bounds."""
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.DOCUMENT:
            return answer.value == 0 and answer.hash != ""
        case QuestionKind.YES_NO:
            return answer.hash == "" and answer.value in (0, 1)
        case QuestionKind.CHOICE:
            return answer.hash == "" and 1 <= answer.value <= len(question.choices)
        case QuestionKind.NUMBER:
            return answer.hash == "" and question.number_min <= answer.value <= question.number_max
