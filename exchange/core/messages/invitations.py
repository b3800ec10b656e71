"""What becomes of an invitation: its supplier accepts or declines, who invited takes it back."""

from exchange.core.messages.base import Command, Event, PublicId


class AnswerInvitation(Command, frozen=True, tag="answer_invitation"):
    """Supplier: say whether it will take part. Nobody needs to accept before it bids; who declined bids no more."""

    event_id: PublicId
    accept: bool


class InvitationAnswered(Event, frozen=True, tag="invitation_answered"):
    """The buyer and operators read it."""

    event_id: str
    member_id: str
    accepted: bool


class WithdrawInvitation(Command, frozen=True, tag="withdraw_invitation"):
    """Buyer, before a lot opens, or operator: take back the invitation of a supplier that has not bid."""

    event_id: PublicId
    member_id: PublicId


class InvitationWithdrawn(Event, frozen=True, tag="invitation_withdrawn"):
    """There is no such event for the supplier any more; invited again, it begins anew."""

    event_id: str
    member_id: str


InvitationCommand = AnswerInvitation | WithdrawInvitation
InvitationEvent = InvitationAnswered | InvitationWithdrawn
