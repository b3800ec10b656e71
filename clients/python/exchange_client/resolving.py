"""Finding out what became of commands whose outcome is unknown.

Guarantees: an answer is final. "Never executed" is believed only while the ref is young enough for the
exchange to remember it. As long as nothing above the ref was executed, a late copy of it could still come in;
so a fence is sent under a higher ref: a command that names nothing that exists, and so does nothing.
"""

from typing import Final

from msgspec.json import Encoder

from exchange_client import shown
from exchange_client.errors import Invalid, NotExecuted, Rejected, TooManyOpen, Unknown
from exchange_client.frames import Resolve
from exchange_client.inflight import BUSY, HALTED, REF_TOO_OLD, SESSION_UNKNOWN, WINDOW_REFS, InFlight, Posted
from exchange_client.messages import (
    CancelEvent,
    CancelOrder,
    SetStanding,
    Standing,
    TakeDepositBack,
    WithdrawMoney,
)

ASK_AGAIN_US: Final = 250_000
"""Pause between two questions about one ref."""
NOT_FOUND: Final = 106
NOBODYS: Final = "XTS"
"""The currency of tests, in which nobody has money."""
FENCES: Final = (
    CancelOrder(order_id="-"),
    CancelEvent(event_id="-", reason="-"),
    SetStanding(member_id="-", standing=Standing.GOOD),
    TakeDepositBack(currency=NOBODYS, amount_minor=1),
    WithdrawMoney(currency=NOBODYS, amount_minor=1),
)
"""Of any role, whoever may trade may send one of these, and so may whoever may manage."""

Resolved = shown.Ack | Rejected | NotExecuted | Unknown

_encode: Final = Encoder().encode


class Resolution:
    """A question about one ref; `outcome` is nothing until it is answered."""

    __slots__ = ("ask_us", "deadline_us", "outcome", "ref")

    def __init__(self, ref: int, deadline_us: int) -> None:
        self.ref = ref
        self.deadline_us = deadline_us
        self.outcome: Resolved | None = None
        self.ask_us = 0  # ask, or ask again, at this instant


class Resolving:
    """The open questions of one session."""

    def __init__(self, out: list[bytes], inflight: InFlight) -> None:
        self.open: dict[int, Resolution] = {}
        self._fence: Posted | None = None  # the last one sent
        self._fence_kind = 0
        self._online = False
        self._out = out
        self._inflight = inflight

    def ask(self, resolution: Resolution, now_us: int) -> Resolution:
        """Ask about the ref of a command that isn't open; gives the question that stands if there is one.

        Raises Invalid where the ref is open, or was never used.
        """
        ref = resolution.ref
        if ref in self._inflight.open:
            raise Invalid(f"ref {ref} is still open: await its own outcome")
        if not 0 < ref < self._inflight.next_ref:
            raise Invalid(f"ref {ref} has not been used in this session")
        resolution = self.open.setdefault(ref, resolution)
        self._ask(resolution, now_us)
        return resolution

    def online(self, now_us: int) -> None:
        """A connection took the session up: ask everything again."""
        self._online = True
        for resolution in self.open.values():
            self._ask(resolution, now_us)

    def offline(self) -> None:
        """The connection is gone, and with it the questions."""
        self._online = False

    def answered(self, frame: shown.Ack | shown.Rejected | shown.Error, now_us: int) -> Resolution | None:
        """The question that this answers; nothing if it goes on, or there is none."""
        resolution = self.open.get(frame.ref)
        if resolution is None:
            return None
        if isinstance(frame, shown.Ack):
            return self._settle(resolution, frame)
        if frame.code in {BUSY, HALTED, NOT_FOUND}:
            self._not_yet(resolution, now_us, fence=frame.code == NOT_FOUND)
            return None
        if frame.code == REF_TOO_OLD:
            return self._never(resolution)
        if frame.code == SESSION_UNKNOWN:
            return self._settle(
                resolution, self._unknown(resolution, "the exchange has forgotten the session")
            )
        return self._settle(resolution, Rejected.of(frame))

    def unresolved(self, frame: shown.Unresolved, now_us: int) -> Resolution | None:
        """The question that this ends; nothing if it goes on, or there is none."""
        resolution = self.open.get(frame.ref)
        if resolution is None:
            return None
        if frame.never:
            return self._never(resolution)
        self._not_yet(resolution, now_us, fence=True)
        return None

    def check(self, now_us: int) -> list[Resolution]:
        """Ask again what is due; give up what is late."""
        late = [resolution for resolution in self.open.values() if resolution.deadline_us <= now_us]
        for resolution in late:
            self._settle(resolution, self._unknown(resolution, "no answer in time"))
        for resolution in self.open.values():
            if resolution.ask_us <= now_us:
                self._ask(resolution, now_us)
        return late

    def give_up(self, why: str) -> list[Resolution]:
        """Every question ends without an answer."""
        given_up = list(self.open.values())
        for resolution in given_up:
            self._settle(resolution, self._unknown(resolution, why))
        self._fence = None
        return given_up

    def _ask(self, resolution: Resolution, now_us: int) -> None:
        resolution.ask_us = now_us + ASK_AGAIN_US
        if self._online:
            self._out.append(_encode(Resolve(resolution.ref)))

    def _not_yet(self, resolution: Resolution, now_us: int, *, fence: bool) -> None:
        resolution.ask_us = now_us + ASK_AGAIN_US
        if fence and not self._fenced(resolution.ref):
            posted = Posted(FENCES[self._fence_kind], resolution.deadline_us)
            try:
                self._inflight.post(posted)
            except TooManyOpen:
                return  # Then higher refs are on their way already.
            self._fence = posted

    def _fenced(self, ref: int) -> bool:
        """Whether a fence above the ref stands or is on its way."""
        fence = self._fence
        if fence is None or fence.ref < ref or isinstance(fence.outcome, Unknown):
            return False
        if isinstance(fence.outcome, Rejected) and not fence.outcome.sequence:
            self._fence_kind = (self._fence_kind + 1) % len(FENCES)  # This key may not send that one.
            return False
        return True

    def _never(self, resolution: Resolution) -> Resolution:
        if self._inflight.next_ref - resolution.ref > WINDOW_REFS:
            return self._settle(
                resolution, self._unknown(resolution, "too old to be remembered: ask the history")
            )
        return self._settle(resolution, NotExecuted(resolution.ref))

    def _unknown(self, resolution: Resolution, why: str) -> Unknown:
        return Unknown(resolution.ref, self._inflight.session, why)

    def _settle(self, resolution: Resolution, outcome: Resolved) -> Resolution:
        del self.open[resolution.ref]
        resolution.outcome = outcome
        return resolution
