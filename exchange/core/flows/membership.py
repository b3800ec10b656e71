"""Who belongs to the exchange, in which standing, and in which sessions its commands come."""

from exchange.core.flows.outcome import DONE, Done, Handlers
from exchange.core.messages import (
    SYSTEM,
    AnyEvent,
    OpenSession,
    RegisterMember,
    Role,
    Sequenced,
    SessionOpened,
    SetStanding,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.sessions import Sessions


class Membership:
    """The commands of membership."""

    def __init__(self, members: Members, sessions: Sessions) -> None:
        self.members = members
        self.sessions = sessions

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            RegisterMember: self.register_member,
            SetStanding: self.set_standing,
            OpenSession: self.open_session,
        }

    def register_member(
        self, sent: Sequenced, command: RegisterMember, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role. The exchange itself admits the first operator."""
        if refused := self._operator_refusal(sent.member_id):
            return refused
        self.members.register(sent.new_id, command, events)
        return Done(sent.new_id)

    def set_standing(self, sent: Sequenced, command: SetStanding, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, then the member."""
        refused = self._operator_refusal(sent.member_id) or self.members.standing_refusal(command)
        if refused:
            return refused
        self.members.set_standing(command, events)
        return DONE

    def open_session(self, sent: Sequenced, command: OpenSession, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the member."""
        if self.members.get(sent.member_id) is None:
            return Reject(RejectCode.MEMBER_UNKNOWN)
        session, forgotten = self.sessions.open(sent.member_id)
        events.append(SessionOpened(sent.member_id, session, forgotten))
        return Done(number=session)

    def _operator_refusal(self, actor: str) -> Reject | None:
        return None if actor == SYSTEM else self.members.refusal(actor, Role.OPERATOR)
