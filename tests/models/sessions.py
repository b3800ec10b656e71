"""What was sent and answered, as lists that are searched from their end to their beginning."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class NaiveSession:
    number: int
    outcomes: list[tuple[int, Any, Any]] = field(
        default_factory=list
    )  # ref, command, reply: all there ever were


@dataclass
class NaiveSessions:
    """Of one member. `sessions` stands in the order of use, the one silent longest first."""

    outcomes_kept: int
    sessions_max: int
    sessions: list[NaiveSession] = field(default_factory=list)
    opened: int = 0

    def open(self) -> tuple[int, int]:
        forgotten = self.sessions.pop(0).number if len(self.sessions) == self.sessions_max else 0
        self.opened += 1
        self.sessions.append(NaiveSession(self.opened))
        return self.opened, forgotten

    def find(self, number: int) -> NaiveSession | None:
        return next((session for session in self.sessions if session.number == number), None)

    def seen(self, number: int, ref: int, command: Any) -> Any:
        """The first reply, the name of a refusal, or nothing."""
        session = self.find(number)
        if session is None:
            return "SESSION_UNKNOWN"
        if ref == 0:
            return "REF_MISSING"
        for used, first, reply in session.outcomes[-self.outcomes_kept :]:
            if used == ref:
                return reply if first == command else "REF_REUSED"
        return "REF_TOO_OLD" if any(used >= ref for used, _, _ in session.outcomes[-1:]) else None

    def remember(self, number: int, ref: int, command: Any, reply: Any) -> None:
        session = self.find(number)
        if session is not None:
            session.outcomes.append((ref, command, reply))
            self.sessions.remove(session)
            self.sessions.append(session)
