"""Between invitation and bid: a supplier accepts, declines or asks; buyer and operator answer all, or take it back.

Whoever may not see an event is told that there is none. A buyer can't find out by an attempt who has bid: once a lot
has opened it takes no invitation back, whoever's it is.
"""

from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.sides import hidden_refusal, role_in_event
from exchange.core.market.auction import Auctions
from exchange.core.market.drafting import begun, bidding_over
from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.inquiries import AnswerInquiry, Inquire, InquiryAnswered, InquiryMade
from exchange.core.messages.invitations import (
    AnswerInvitation,
    InvitationAnswered,
    InvitationWithdrawn,
    WithdrawInvitation,
)
from exchange.core.parties.inquiries import Inquiries
from exchange.core.parties.members import Members
from exchange.core.parties.qualification import Qualification
from exchange.core.rejects import Reject, RejectCode

_UNKNOWN = Reject(RejectCode.EVENT_UNKNOWN, field="event_id")


class Invitations:
    """The commands of invitations and inquiries."""

    def __init__(
        self, members: Members, auctions: Auctions, qualification: Qualification, inquiries: Inquiries
    ) -> None:
        self._members = members
        self._auctions = auctions
        self._qualification = qualification
        self._inquiries = inquiries

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            AnswerInvitation: self.answer_invitation,
            WithdrawInvitation: self.withdraw,
            Inquire: self.inquire,
            AnswerInquiry: self.answer_inquiry,
        }

    def answer_invitation(
        self, sent: Sequenced, command: AnswerInvitation, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, the event as a supplier sees it, INVITATION_ANSWERED (it said so before),
        SUPPLIER_HAS_BID: to decline takes no bid back.
        """
        if refused := self.supplier_refusal(sent.member_id, command.event_id):
            return refused
        if refused := self._qualification.invitation_refusal(
            sent.member_id, command.event_id, accept=command.accept
        ):
            return refused
        event = self._auctions.event_of(command.event_id)
        if not command.accept and _has_bid(event, sent.member_id):
            return Reject(RejectCode.SUPPLIER_HAS_BID)
        answered = InvitationAnswered(command.event_id, sent.member_id, command.accept)
        self._qualification.invitation_answered(answered)
        events.append(answered)
        return Done(command.event_id)

    def withdraw(self, sent: Sequenced, command: WithdrawInvitation, events: list[AnyEvent]) -> Done | Reject:
        """Checks: EVENT_UNKNOWN, BIDDERS_HIDDEN, EVENT_ENDED, NOT_INVITED; of a buyer RULES_FIXED, once a lot has opened or any bid
        stands; of an operator SUPPLIER_HAS_BID.
        """
        is_operator = self._members.is_operator(sent.member_id)
        event = self._auctions.governed_event(sent.member_id, is_operator, command.event_id)
        if event is None:
            return _UNKNOWN
        if refused := hidden_refusal(event, is_operator=is_operator):
            return refused
        if bidding_over(event):
            return Reject(RejectCode.EVENT_ENDED)
        if command.member_id not in event.invited:
            return Reject(RejectCode.NOT_INVITED, field="member_id")
        if not is_operator and begun(event):
            return Reject(RejectCode.RULES_FIXED)
        if _has_bid(event, command.member_id):
            return Reject(RejectCode.SUPPLIER_HAS_BID)
        withdrawn = InvitationWithdrawn(event.event_id, command.member_id)
        event.disinvite(command.member_id)
        self._qualification.invitation_withdrawn(withdrawn)
        events.append(withdrawn)
        return Done(event.event_id)

    def inquire(self, sent: Sequenced, command: Inquire, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, the event as a supplier sees it, TOO_MANY_INQUIRIES."""
        refused = self.supplier_refusal(sent.member_id, command.event_id)
        if refused := refused or self._inquiries.inquire_refusal(sent.member_id, command.event_id):
            return refused
        made = InquiryMade(sent.new_id, command.event_id, sent.member_id, command.text_hash, sent.at_us)
        self._inquiries.made(made)
        events.append(made)
        return Done(sent.new_id)

    def answer_inquiry(
        self, sent: Sequenced, command: AnswerInquiry, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: INQUIRY_UNKNOWN (of an event that isn't the sender's too), EVENT_ENDED, INQUIRY_ANSWERED."""
        inquiry = self._inquiries.get(command.inquiry_id)
        is_operator = self._members.is_operator(sent.member_id)
        event = (
            self._auctions.governed_event(sent.member_id, is_operator, inquiry.event_id) if inquiry else None
        )
        if inquiry is None or event is None:
            return Reject(RejectCode.INQUIRY_UNKNOWN, field="inquiry_id")
        if bidding_over(event):
            return Reject(RejectCode.EVENT_ENDED)
        if refused := self._inquiries.answer_refusal(inquiry):
            return refused
        answered = InquiryAnswered(inquiry.inquiry_id, inquiry.event_id, command.text_hash, sent.at_us)
        self._inquiries.answered(answered)
        events.append(answered)
        return Done(inquiry.inquiry_id)

    def supplier_refusal(self, member_id: str, event_id: str) -> Reject | None:
        """Role and standing, EVENT_UNKNOWN (not invited, or not published yet), EVENT_ENDED."""
        role = role_in_event(self._auctions, member_id, event_id)
        if refused := self._members.refusal(member_id, role):
            return refused
        event = self._auctions.event(event_id)
        if event is None or member_id not in event.invited or not any(lot.published for lot in event.lots):
            return _UNKNOWN
        return Reject(RejectCode.EVENT_ENDED) if bidding_over(event) else None


def _has_bid(event: SourcingEvent, member_id: str) -> bool:
    return any(
        lot.board.of(member_id) is not None or (lot.sealed is not None and member_id in lot.sealed.sent)
        for lot in event.lots
    )
