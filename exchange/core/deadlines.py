"""What falls due when. A deadline can be moved and dropped; equal instants fire in the order they were set.

Deadlines never fire by themselves: the sequencer asks `next_us` and journals a command, so that replay
closes lots at the same place.
"""

from heapq import heapify, heappop, heappush
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
    """A heap with one live deadline per (kind, subject); moved and dropped entries are skipped lazily.

    `now_us` is the instant of the command under way, from which terms run; it is no part of the state.
    `not_before_us` spares whoever asks often the question: until then nothing falls due.
    """

    def __init__(self) -> None:
        self.now_us = 0
        self.not_before_us = NEVER
        self._heap: list[Deadline] = []
        self._live: dict[tuple[str, str], Deadline] = {}
        self._set = 0

    def set(self, kind: str, subject: str, due_us: int) -> None:
        """Set the deadline, or move it to another instant."""
        self._set += 1
        deadline = Deadline(due_us, self._set, kind, subject)
        self._live[kind, subject] = deadline
        heappush(self._heap, deadline)
        self.not_before_us = min(self.not_before_us, due_us)
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self._live):
            # Moved and dropped entries never outnumber the live ones for long.
            self._heap = list(self._live.values())
            heapify(self._heap)

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
        while self._heap:
            first = self._heap[0]
            if self._live.get((first.kind, first.subject)) is first:
                self.not_before_us = first.due_us
                return first.due_us
            heappop(self._heap)
        self.not_before_us = NEVER
        return None

    def pop(self, at_us: int) -> Deadline | None:
        """Take the first deadline due at or before `at_us`, or nothing."""
        due_us = self.next_us()
        if due_us is None or due_us > at_us:
            return None
        deadline = heappop(self._heap)
        del self._live[deadline.kind, deadline.subject]
        return deadline

    def dump(self) -> tuple[int, list[Deadline]]:
        """How many are live, and these in the order in which they will fire, numbered from 1."""
        live = sorted(self._live.values())
        return len(live), [deadline._replace(number=number) for number, deadline in enumerate(live, 1)]

    @classmethod
    def load(cls, dumped: tuple[int, list[Deadline]]) -> "Deadlines":
        """The deadlines of a dump."""
        deadlines = cls()
        deadlines._set, live = dumped
        deadlines._heap = list(live)  # sorted, hence a heap
        deadlines._live = {(deadline.kind, deadline.subject): deadline for deadline in live}
        deadlines.next_us()
        return deadlines
