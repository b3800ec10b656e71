"""Exactly once: what every member has sent already, and what it was told.

Guarantees: a command with a new ref is executed once; the same command under the same ref gets its first
reply as long as that is remembered; a ref never stands for two commands; the refs of a session rise, and one
that was passed over can't be used any more. A refusal is an outcome too: it uses its ref up. REST has no
session: there an Idempotency-Key, hashed outside, does the same for at least a day.

Questions (`seen…`) change nothing, so that asking leaves no trace in a replay; only what is executed counts
as use of a session.

Known limits: a session that is forgotten takes its outcomes with it; what its refs did must then be read from
the history. Expired keys go two at a time, as new ones come, so that none has to wait for a thousand.
"""

from collections import deque

from msgspec import Struct

from exchange.core.limits import IDEMPOTENCY_KEPT_US, SESSION_OUTCOMES_KEPT, SESSIONS_PER_MEMBER_MAX
from exchange.core.messages import AnyCommand
from exchange.core.messages.system import Reply
from exchange.core.rejects import Reject, RejectCode

Outcomes = list[tuple[AnyCommand, Reply]]


class SessionState(Struct, frozen=True, array_like=True):
    """A session; its outcomes stand in the order of their refs."""

    number: int
    high_water: int
    outcomes: Outcomes


class MemberSessions(Struct, frozen=True, array_like=True):
    """The sessions of one member, the one that was silent longest first."""

    member_id: str
    opened: int
    sessions: list[SessionState]


class KeyState(Struct, frozen=True, array_like=True, gc=False):
    """What was done under an Idempotency-Key."""

    at_us: int
    member_id: str
    key_hash: str
    command: AnyCommand
    reply: Reply


class SessionsState(Struct, frozen=True, array_like=True):
    """Members by id; keys in the order in which they came."""

    members: list[MemberSessions]
    keys: list[KeyState]


class _Session:
    """`high_water` is the highest ref used, `used` tells when: a larger number is later."""

    __slots__ = ("high_water", "outcomes", "refs", "used")

    def __init__(self, used: int, high_water: int = 0, outcomes: Outcomes | None = None) -> None:
        self.used = used
        self.high_water = high_water
        self.outcomes = {command.ref: (command, reply) for command, reply in outcomes or ()}
        self.refs = deque(self.outcomes)  # the keys of outcomes, oldest first


class Sessions:
    """The sessions of all members, and the Idempotency-Keys."""

    def __init__(self) -> None:
        self._members: dict[str, dict[int, _Session]] = {}
        self._opened: dict[str, int] = {}
        self._uses = 0
        self._keys: dict[tuple[str, str], KeyState] = {}
        self._ageing: deque[KeyState] = deque()

    # --- sessions --------------------------------------------------------------------------------

    def open(self, member_id: str) -> tuple[int, int]:
        """Begin a session: its number, from 1 within the member, and the one forgotten for it, or 0.

        Beyond SESSIONS_PER_MEMBER_MAX the one that executed nothing for longest goes.
        """
        sessions = self._members.setdefault(member_id, {})
        forgotten = 0
        if len(sessions) >= SESSIONS_PER_MEMBER_MAX:
            forgotten = min(sessions, key=lambda number: sessions[number].used)
            del sessions[forgotten]
        number = self._opened[member_id] = self._opened.get(member_id, 0) + 1
        self._uses += 1
        sessions[number] = _Session(self._uses)
        return number, forgotten

    def high_water(self, member_id: str, session: int) -> int | None:
        """The highest ref that the session has used, 0 if none; nothing if there is no such session."""
        opened = self._session(member_id, session)
        return None if opened is None else opened.high_water

    def seen(self, member_id: str, session: int, command: AnyCommand) -> Reply | Reject | None:
        """Nothing for a new ref: execute the command. Else its first reply, or a refusal.

        Checks: SESSION_UNKNOWN, REF_MISSING, REF_TOO_OLD (at or below the highest ref used and not
        remembered), REF_REUSED (the ref stands for another command).
        """
        sessions = self._members.get(member_id)
        opened = None if sessions is None else sessions.get(session)
        if opened is None:
            return Reject(RejectCode.SESSION_UNKNOWN)
        ref = command.ref
        if ref > opened.high_water:
            return None
        if ref == 0:
            return Reject(RejectCode.REF_MISSING, field="ref")
        outcome = opened.outcomes.get(ref)
        if outcome is None:
            return Reject(RejectCode.REF_TOO_OLD, opened.high_water, "ref")
        first, reply = outcome
        return reply if first == command else Reject(RejectCode.REF_REUSED, opened.high_water, "ref")

    def remember(self, member_id: str, session: int, command: AnyCommand, reply: Reply) -> None:
        """Keep the outcome of a command that was just executed; the oldest one beyond the bound goes."""
        opened = self._members[member_id].get(session)
        if opened is None:
            return  # The command opened another session, and its own had been silent longest.
        ref = command.ref
        assert ref > opened.high_water
        opened.high_water = ref
        opened.used = self._uses = self._uses + 1
        opened.outcomes[ref] = command, reply
        refs = opened.refs
        refs.append(ref)
        if len(refs) > SESSION_OUTCOMES_KEPT:
            del opened.outcomes[refs.popleft()]

    def reply_to(self, member_id: str, session: int, ref: int) -> Reply | Reject:
        """What became of a ref. Refusals: SESSION_UNKNOWN, NOT_FOUND (not executed so far), REF_TOO_OLD."""
        opened = self._session(member_id, session)
        if opened is None:
            return Reject(RejectCode.SESSION_UNKNOWN)
        if ref > opened.high_water:
            return Reject(RejectCode.NOT_FOUND, opened.high_water, "ref")
        outcome = opened.outcomes.get(ref)
        return Reject(RejectCode.REF_TOO_OLD, opened.high_water, "ref") if outcome is None else outcome[1]

    def order_id_of(self, member_id: str, session: int, order_ref: int) -> str | None:
        """The public id that the ref's remembered reply names, or nothing."""
        opened = self._session(member_id, session)
        outcome = None if opened is None else opened.outcomes.get(order_ref)
        return None if outcome is None else outcome[1].id or None

    def _session(self, member_id: str, session: int) -> _Session | None:
        sessions = self._members.get(member_id)
        return None if sessions is None else sessions.get(session)

    # --- keys ------------------------------------------------------------------------------------

    def seen_key(self, member_id: str, key_hash: str, command: AnyCommand) -> Reply | Reject | None:
        """Nothing for a new key: execute the command. Else its first reply, or IDEMPOTENCY_KEY_REUSED."""
        kept = self._keys.get((member_id, key_hash))
        if kept is None:
            return None
        return kept.reply if kept.command == command else Reject(RejectCode.IDEMPOTENCY_KEY_REUSED)

    def remember_key(
        self, member_id: str, key_hash: str, command: AnyCommand, reply: Reply, at_us: int
    ) -> None:
        """Keep the outcome of a command that was just executed; instants never fall."""
        assert (member_id, key_hash) not in self._keys
        for _ in range(2):
            if self._ageing and self._ageing[0].at_us <= at_us - IDEMPOTENCY_KEPT_US:
                expired = self._ageing.popleft()
                del self._keys[expired.member_id, expired.key_hash]
        kept = KeyState(at_us, member_id, key_hash, command, reply)
        self._keys[member_id, key_hash] = kept
        self._ageing.append(kept)

    # --- snapshots -------------------------------------------------------------------------------

    def dump(self) -> SessionsState:
        """Canonical: of the past, only what the next commands can notice."""
        members = [
            MemberSessions(member_id, self._opened[member_id], _dumped(self._members[member_id]))
            for member_id in sorted(self._members)
        ]
        return SessionsState(members, list(self._ageing))

    @classmethod
    def load(cls, state: SessionsState) -> "Sessions":
        """The sessions and keys of a dump."""
        loaded = cls()
        for member in state.members:
            loaded._opened[member.member_id] = member.opened
            sessions = loaded._members[member.member_id] = {}
            for session in member.sessions:
                loaded._uses += 1
                sessions[session.number] = _Session(loaded._uses, session.high_water, session.outcomes)
        loaded._ageing.extend(state.keys)
        loaded._keys = {(kept.member_id, kept.key_hash): kept for kept in state.keys}
        return loaded


def _dumped(sessions: dict[int, _Session]) -> list[SessionState]:
    silent_first = sorted(sessions.items(), key=lambda numbered: numbered[1].used)
    return [
        SessionState(number, session.high_water, list(session.outcomes.values()))
        for number, session in silent_first
    ]
