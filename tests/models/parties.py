"""Members as three dictionaries, and what the exchange says of somebody who may not."""

from collections import Counter
from dataclasses import dataclass, field

from exchange.core.limits import SESSION_OUTCOMES_KEPT, SESSIONS_PER_MEMBER_MAX
from exchange.core.messages import SYSTEM, AnyCommand, Reply, Role, Sequenced
from exchange.core.rejects import Reject, RejectCode
from tests.models.sessions import NaiveSessions


@dataclass
class NaiveParties:
    roles: dict[str, tuple[Role, ...]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    suspended: list[str] = field(default_factory=list)
    sessions: dict[str, NaiveSessions] = field(default_factory=dict)
    keys: dict[tuple[str, str], AnyCommand] = field(default_factory=dict)
    commands: Counter[str] = field(default_factory=Counter)

    def register(self, member_id: str, roles: tuple[Role, ...], owner: str) -> None:
        self.roles[member_id] = tuple(role for role in Role if role in roles)
        self.owners[member_id] = owner or member_id

    def refusal(self, member_id: str, role: Role) -> Reject | None:
        if member_id == SYSTEM and role == Role.OPERATOR:
            return None
        if member_id not in self.roles:
            return Reject(RejectCode.MEMBER_UNKNOWN)
        if role not in self.roles[member_id]:
            return Reject(RejectCode.ROLE_MISSING)
        return Reject(RejectCode.MEMBER_SUSPENDED) if member_id in self.suspended else None

    def sessions_of(self, member_id: str) -> NaiveSessions:
        empty = NaiveSessions(SESSION_OUTCOMES_KEPT, SESSIONS_PER_MEMBER_MAX)
        return self.sessions.setdefault(member_id, empty)

    def repeats(self, sent: Sequenced) -> str:
        """Why the command should not have been executed; empty for one that is new."""
        if sent.idempotency:
            known = (sent.member_id, sent.idempotency) in self.keys
            return "its Idempotency-Key was used before" if known else ""
        if not sent.session:
            return ""
        seen = self.sessions_of(sent.member_id).seen(sent.session, sent.command.ref, sent.command)
        return f"its ref was used before, or passed over: {seen}" if seen is not None else ""

    def remember(self, sent: Sequenced, reply: Reply) -> None:
        if sent.idempotency:
            self.keys[sent.member_id, sent.idempotency] = sent.command
        elif sent.session:
            self.sessions_of(sent.member_id).remember(sent.session, sent.command.ref, sent.command, reply)

    def reply_to(self, member_id: str, session: int, ref: int) -> Reply | None:
        """What the ref of the session was answered; nothing if it was never executed."""
        found = self.sessions_of(member_id).find(session)
        replies = [reply for used, _, reply in found.outcomes if used == ref] if found else []
        return replies[0] if replies else None

    def high_ref(self, member_id: str, session: int) -> int:
        """The highest ref that was executed, 0 if none was or the session is forgotten."""
        found = self.sessions_of(member_id).find(session)
        return found.outcomes[-1][0] if found and found.outcomes else 0
