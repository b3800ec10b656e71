"""What falls due when. A deadline can be moved and dropped; equal instants fire in the order they were set.

Deadlines never fire by themselves: the sequencer asks `next_us` and journals a command, so that replay
closes lots at the same place.
"""

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Final, NamedTuple

NEVER: Final = 2**63
"""After every instant."""


class Deadline(NamedTuple):
    """`kind` names the flow's step, `subject` what it is about (a lot's id, say)."""

    due_us: int
    number: int  # the order in which deadlines were set
    kind: str
    subject: str


class Deadlines:
    """One live deadline per (kind, subject), by instant; moved and dropped ones are skipped lazily.

    Thousands may share an instant, lots that close together say: each costs as much as if it were alone.
    `now_us` is the instant of the command under way, from which terms run; it is no part of the state.
    `not_before_us` spares whoever asks often the question: until then nothing falls due.
    """

    def __init__(self) -> None:
        self.now_us = 0
        self.not_before_us = NEVER
        self._instants: list[int] = []  # a heap of the keys of `_due`
        self._due: dict[int, list[Deadline] | deque[Deadline]] = {}  # in the order in which they were set
        self._entries = 0  # in `_due`, live or not
        self._live: dict[tuple[str, str], Deadline] = {}
        self._set = 0

    def set(self, kind: str, subject: str, due_us: int) -> None:
        """Set the deadline, or move it to another instant."""
        self._set += 1
        deadline = Deadline(due_us, self._set, kind, subject)
        self._live[kind, subject] = deadline
        self._enter(deadline)
        self.not_before_us = min(self.not_before_us, due_us)
        if self._entries > 64 and self._entries > 2 * len(self._live):
            # Moved and dropped entries never outnumber the live ones for long.
            self._enter_all(sorted(self._live.values()))

    def _enter_all(self, live: Iterable[Deadline]) -> None:
        self._due.clear()
        self._instants.clear()
        self._entries = 0
        for deadline in live:
            self._enter(deadline)

    def _enter(self, deadline: Deadline) -> None:
        self._entries += 1
        alike = self._due.get(deadline.due_us)
        if alike is None:
            self._due[deadline.due_us] = [deadline]
            heappush(self._instants, deadline.due_us)
        else:
            alike.append(deadline)

    def set_after(self, kind: str, subject: str, term_us: int) -> int:
        """Set it a term after the command under way; the instant at which it falls due."""
        due_us = self.now_us + term_us
        self.set(kind, subject, due_us)
        return due_us

    def drop(self, kind: str, subject: str) -> None:
        """Forget the deadline, if it is set."""
        self._live.pop((kind, subject), None)

    def next_us(self) -> int | None:
        """The earliest instant at which something falls due, or nothing."""
        alike = self._first()
        self.not_before_us = alike[0].due_us if alike else NEVER
        return alike[0].due_us if alike else None

    def pop(self, at_us: int) -> Deadline | None:
        """Take the first deadline due at or before `at_us`, or nothing."""
        alike = self._first()
        if not alike or alike[0].due_us > at_us:
            return None
        self._entries -= 1
        deadline = alike.popleft()
        del self._live[deadline.kind, deadline.subject]
        return deadline

    def _first(self) -> deque[Deadline] | None:
        """Those of the earliest instant, of which the first is live."""
        while self._instants:
            alike = self._due[self._instants[0]]
            if not isinstance(alike, deque):  # large: only what is next has one
                alike = self._due[self._instants[0]] = deque(alike)
            while alike:
                first = alike[0]
                if self._live.get((first.kind, first.subject)) is first:
                    return alike
                alike.popleft()
                self._entries -= 1
            del self._due[heappop(self._instants)]
        return None

    def dump(self) -> tuple[int, list[Deadline]]:
        """How many are live, and these in the order in which they will fire, numbered from 1."""
        live = sorted(self._live.values())
        return len(live), [deadline._replace(number=number) for number, deadline in enumerate(live, 1)]

    @classmethod
    def load(cls, dumped: tuple[int, list[Deadline]]) -> "Deadlines":
        """The deadlines of a dump."""
        deadlines = cls()
        deadlines._set, live = dumped
        deadlines._enter_all(live)
        deadlines._live = {(deadline.kind, deadline.subject): deadline for deadline in live}
        deadlines.next_us()
        return deadlines
