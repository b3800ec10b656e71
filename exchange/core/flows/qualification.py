"""Before a supplier bids: terms, addenda, the questionnaire, and who decides on the answers.

The room of parties keeps what was asked, accepted and decided; the market knows whose the event is, who is invited and
what is published. Whoever may not see an event is told that there is none.
"""

from exchange.core.flows.invitations import Invitations
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.sides import hidden_refusal, role_in_draft
from exchange.core.market.auction import Auctions
from exchange.core.market.drafting import begun, bidding_over, draft_refusal
from exchange.core.market.proxies import end
from exchange.core.market.sourcing import EventState, SourcingEvent
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.bids import ProxyEnd
from exchange.core.messages.lifecycles import QualificationState
from exchange.core.messages.qualification import (
    AcceptTerms,
    AddendumPublished,
    AnswerQuestionnaire,
    DecideQualification,
    PublishAddendum,
    QualificationDecided,
    QualificationEvent,
    QuestionnaireAnswered,
    QuestionnaireSet,
    SetQuestionnaire,
    SetTerms,
    Terms,
    TermsAccepted,
    TermsSet,
)
from exchange.core.parties.members import Members
from exchange.core.parties.qualification import Qualification
from exchange.core.rejects import Reject, RejectCode

_UNKNOWN = Reject(RejectCode.EVENT_UNKNOWN, field="event_id")


class Qualifications:
    """The commands of terms and questionnaires."""

    def __init__(
        self,
        members: Members,
        auctions: Auctions,
        qualification: Qualification,
        invitations: Invitations,
    ) -> None:
        self._invitations = invitations
        self._members = members
        self._auctions = auctions
        self._qualification = qualification
        self._followers = qualification.followers()
        auctions.gate = qualification

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            SetTerms: self.set_terms,
            PublishAddendum: self.publish_addendum,
            AcceptTerms: self.accept_terms,
            SetQuestionnaire: self.set_questionnaire,
            AnswerQuestionnaire: self.answer_questionnaire,
            DecideQualification: self.decide,
        }

    def set_terms(self, sent: Sequenced, command: SetTerms, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, the event, that it is a draft."""
        if refused := self._draft_refusal(sent.member_id, command.event_id):
            return refused
        terms = Terms(1, command.text_hash, command.documents, sent.at_us)
        self._tell(TermsSet(command.event_id, terms), events)
        return Done(command.event_id, number=1)

    def publish_addendum(
        self, sent: Sequenced, command: PublishAddendum, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, EVENT_UNKNOWN, EVENT_NOT_PUBLISHED, EVENT_ENDED, those of the terms."""
        role = role_in_draft(self._auctions, sent.member_id, command.event_id)
        if refused := self._members.refusal(sent.member_id, role):
            return refused
        event = self._auctions.own_event(sent.member_id, command.event_id)
        if event is None:
            return _UNKNOWN
        if event.state is EventState.DRAFT:
            return Reject(RejectCode.EVENT_NOT_PUBLISHED)
        if bidding_over(event):
            return Reject(RejectCode.EVENT_ENDED)
        if refused := self._qualification.addendum_refusal(command.event_id):
            return refused
        version = self._qualification.next_version(command.event_id)
        terms = Terms(version, command.text_hash, command.documents, sent.at_us)
        self._tell(AddendumPublished(command.event_id, terms), events)
        if command.ends_proxies:
            self._end_proxies(event, events)
        return Done(command.event_id, number=version)

    def accept_terms(self, sent: Sequenced, command: AcceptTerms, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, the event as a supplier sees it, the version."""
        refused = self._invitations.supplier_refusal(sent.member_id, command.event_id)
        if refused := refused or self._qualification.accept_refusal(command.event_id, command.version):
            return refused
        self._tell(TermsAccepted(command.event_id, sent.member_id, command.version), events)
        return Done(command.event_id, number=command.version)

    def set_questionnaire(
        self, sent: Sequenced, command: SetQuestionnaire, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, the event, that it is a draft, the questions."""
        refused = self._draft_refusal(sent.member_id, command.event_id)
        if refused := refused or self._qualification.questionnaire_refusal(command.questions):
            return refused
        self._tell(QuestionnaireSet(command.event_id, command.needed, command.questions), events)
        return Done(command.event_id)

    def answer_questionnaire(
        self, sent: Sequenced, command: AnswerQuestionnaire, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, the event as a supplier sees it, the answers."""
        refused = self._invitations.supplier_refusal(sent.member_id, command.event_id)
        if refused := refused or self._qualification.answer_refusal(
            sent.member_id, command.event_id, command.answers
        ):
            return refused
        self._tell(QuestionnaireAnswered(command.event_id, sent.member_id, command.answers), events)
        return Done(command.event_id)

    def decide(self, sent: Sequenced, command: DecideQualification, events: list[AnyEvent]) -> Done | Reject:
        """Checks: EVENT_UNKNOWN, BIDDERS_HIDDEN, EVENT_ENDED, NOT_INVITED, LOT_UNKNOWN, those of the room, RULES_FIXED: once a lot has
        opened, only the operator changes what a qualified supplier may do, else a buyer could silence whom it guesses
        behind a bid.
        """
        is_operator = self._members.is_operator(sent.member_id)
        event = self._auctions.governed_event(sent.member_id, is_operator, command.event_id)
        if event is None:
            return _UNKNOWN
        if refused := self._decide_refusal(event, command, is_operator=is_operator):
            return refused
        lots = tuple(dict.fromkeys(command.lots)) if command.approve else ()
        self._tell(
            QualificationDecided(
                event.event_id,
                command.member_id,
                sent.member_id,
                command.approve,
                lots,
                command.reason_hash,
            ),
            events,
        )
        if command.ends_proxies:
            self._end_proxies(event, events)
        return Done(command.event_id)

    def _end_proxies(self, event: SourcingEvent, events: list[AnyEvent]) -> None:
        """No lot bids for whoever may not bid itself."""
        for lot in event.lots:
            if lot.proxy is None:
                continue
            bidder_id, practice = lot.proxy.member_id, event.practice
            if self._qualification.bid_refusal(bidder_id, event.event_id, lot.lot_id, practice=practice):
                end(lot, ProxyEnd.BARRED, events)

    def _decide_refusal(
        self, event: SourcingEvent, command: DecideQualification, *, is_operator: bool
    ) -> Reject | None:
        if refused := hidden_refusal(event, is_operator=is_operator):
            return refused
        if bidding_over(event):
            return Reject(RejectCode.EVENT_ENDED)
        if command.member_id not in event.invited:
            return Reject(RejectCode.NOT_INVITED, field="member_id")
        if any(each not in {lot.lot_id for lot in event.lots} for each in command.lots):
            return Reject(RejectCode.LOT_UNKNOWN, field="lots")
        if refused := self._qualification.decide_refusal(
            event.event_id, approve=command.approve, reason_hash=command.reason_hash
        ):
            return refused
        qualified = self._qualification.participant(event.event_id, command.member_id).state
        if qualified is QualificationState.QUALIFIED and not is_operator and begun(event):
            return Reject(RejectCode.RULES_FIXED)
        return None

    def _draft_refusal(self, member_id: str, event_id: str) -> Reject | None:
        """Role and standing, EVENT_UNKNOWN, RULES_FIXED or EVENT_ENDED."""
        role = role_in_draft(self._auctions, member_id, event_id)
        if refused := self._members.refusal(member_id, role):
            return refused
        event = self._auctions.own_event(member_id, event_id)
        return _UNKNOWN if event is None else draft_refusal(event)

    def _tell(self, event: QualificationEvent, events: list[AnyEvent]) -> None:
        """Let the room follow what happened."""
        self._followers[type(event)](event)
        events.append(event)
