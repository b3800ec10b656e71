"""Commands on their way: numbered, repeated while nobody answers, and each brought to exactly one outcome.

Guarantees: refs rise; a command is repeated under its own ref only, so that it takes effect once; it gets
another ref only after the exchange said that the old one was never executed. After BUSY or HALTED nothing is
sent for a while, then everything that is open is sent again, in the order of the refs.

Why a ref can be too old although it was never executed: the exchange refused it as BUSY and took a higher
one, and the refs of a session rise. It remembers the last 4,096 outcomes of a session; as no ref is given out
that is further ahead of the oldest open one, "too old" can't mean "forgotten".
"""

from typing import Final

from msgspec.json import Encoder

from exchange_client import shown
from exchange_client.backoff import Backoff
from exchange_client.errors import Invalid, Rejected, TooManyOpen, Unknown
from exchange_client.messages import AnyCommand

WINDOW_REFS: Final = 4_096
"""From the oldest open ref to the newest: as many outcomes as the exchange remembers."""
COMMAND_BYTES_MAX: Final = 60_000
"""The exchange refuses a frame of more than 64 KiB."""
OPEN_MAX: Final = 2_000
"""Commands open at a time; beyond 2,048 in flight on one connection the exchange answers BUSY."""
NEVER: Final = 2**63
"""A deadline that doesn't come."""

LAST_ANSWER_US_MAX: Final = 1_000_000
"""How much longer than its deadline a command waits for one more answer that would make its outcome known."""

BUSY: Final = 600
HALTED: Final = 601
SESSION_UNKNOWN: Final = 602
REF_TOO_OLD: Final = 603

Outcome = shown.Ack | Rejected | Unknown

_encode: Final = Encoder().encode


class Posted:
    """A command on its way; `outcome` is nothing until it is final. `ref` changes if the old one was passed over."""

    __slots__ = ("body", "command", "copies", "deadline_us", "on_wire", "outcome", "ref", "refusal")

    def __init__(self, command: AnyCommand, deadline_us: int = NEVER) -> None:
        self.command = command
        self.deadline_us = deadline_us
        self.outcome: Outcome | None = None
        self.ref = 0
        self.body = _encode(command)[:-1]  # the ref is written behind the last field
        self.on_wire = False  # sent on this connection and not answered
        self.copies = 0  # sent under this ref, on any connection, and perhaps still to be executed
        self.refusal: Rejected | None = None  # what BUSY or HALTED said last


class InFlight:
    """The open commands of one session."""

    def __init__(self, out: list[bytes], backoff: Backoff) -> None:
        self.session = 0
        self.next_ref = 1
        self.open: dict[int, Posted] = {}  # by rising ref
        self.resume_us = NEVER  # when to send again after BUSY or HALTED
        self._lowest = 1  # no ref below it is open
        self._online = False
        self._earliest_us = NEVER  # no deadline of an open command is before it
        self._out = out
        self._backoff = backoff

    # --- going out -------------------------------------------------------------------------------

    def post(self, posted: Posted) -> None:
        """Number the command and send it, now or as soon as it can be. Raises Invalid (too large), TooManyOpen."""
        if len(posted.body) > COMMAND_BYTES_MAX:
            raise Invalid(f"a command of {len(posted.body)} bytes is too large: send less in one")
        if self.room() <= 0:
            raise TooManyOpen(f"{len(self.open)} commands are open: await some of them first")
        self._number(posted)
        self._earliest_us = min(self._earliest_us, posted.deadline_us)
        if self._online and self.resume_us == NEVER:
            self._transmit(posted)

    def room(self) -> int:
        """How many more commands can be posted now."""
        while self._lowest < self.next_ref and self._lowest not in self.open:
            self._lowest += 1
        return min(OPEN_MAX - len(self.open), WINDOW_REFS - (self.next_ref - self._lowest))

    def online(self, session: int, high_ref: int) -> None:
        """A connection took the session up: send what is open."""
        self.session = session
        self.next_ref = max(self.next_ref, high_ref + 1)
        self._lowest = next(iter(self.open), self.next_ref)
        self._online = True
        self._transmit_open()

    def offline(self) -> None:
        """The connection is gone; whether its commands arrived, nobody knows."""
        self._online = False
        for posted in self.open.values():
            posted.on_wire = False

    def resume(self, now_us: int) -> None:
        """Send again once the pause after BUSY or HALTED is over."""
        if now_us >= self.resume_us:
            self._transmit_open()

    def _number(self, posted: Posted) -> None:
        posted.ref = self.next_ref
        posted.copies = 0
        self.open[posted.ref] = posted
        self.next_ref += 1

    def _transmit(self, posted: Posted) -> None:
        posted.on_wire = True
        posted.copies += 1
        self._out.append(b'%b,"ref":%d}' % (posted.body, posted.ref))

    def _transmit_open(self) -> None:
        self.resume_us = NEVER
        if self._online:
            for posted in self.open.values():
                if not posted.on_wire:
                    self._transmit(posted)

    # --- coming back -----------------------------------------------------------------------------

    def acked(self, ack: shown.Ack) -> Posted | None:
        """The command that took effect; nothing if it isn't open any more."""
        posted = self.open.pop(ack.ref, None)
        if posted is not None:
            posted.outcome = ack
            self._flows()
        return posted

    def refused(self, frame: shown.Rejected | shown.Error, now_us: int) -> Posted | None:
        """The command that ended with this; nothing if it isn't open any more, or goes on."""
        posted = self.open.get(frame.ref)
        if posted is None:
            return None
        posted.on_wire = False
        if frame.code in {BUSY, HALTED}:
            posted.refusal = Rejected.of(frame)
            posted.copies -= 1  # This copy was dropped; those of other connections may not have been.
            self._pause(now_us)
            return None
        if frame.code == REF_TOO_OLD:
            return self._passed_over(posted)
        self._flows()
        return self._settle(posted, Rejected.of(frame))

    def unresolved(self, frame: shown.Unresolved, now_us: int) -> Posted | None:
        """The exchange halted before it knew: ask again by sending the same again."""
        posted = self.open.get(frame.ref)
        if posted is None:
            return None
        posted.on_wire = False
        if frame.never:
            return self._passed_over(posted)
        self._pause(now_us)
        return None

    def _flows(self) -> None:
        if self.resume_us == NEVER:
            self._backoff.reset()

    def _pause(self, now_us: int) -> None:
        if self.resume_us == NEVER:
            self.resume_us = now_us + self._backoff.pause_us()

    def _passed_over(self, posted: Posted) -> Posted | None:
        if self.next_ref - posted.ref > WINDOW_REFS:  # Somebody else uses this session.
            return self._settle(posted, self._unknown(posted, "the exchange has forgotten so old a ref"))
        del self.open[posted.ref]
        self._number(posted)
        if self._online and self.resume_us == NEVER:
            self._transmit(posted)
        return None

    # --- ending without an answer ----------------------------------------------------------------

    def expire(self, now_us: int) -> list[Posted]:
        """Commands whose deadline has come."""
        if now_us < self._earliest_us:
            return []
        late = [
            posted
            for posted in self.open.values()
            if posted.deadline_us <= now_us and not self._nearly_known(posted, now_us)
        ]
        for posted in late:
            self._settle(posted, self._last_word(posted))
        self._earliest_us = min((posted.deadline_us for posted in self.open.values()), default=NEVER)
        return late

    def give_up_sent(self, why: str) -> list[Posted]:
        """Every command that left is unknown from now on; the others stay open."""
        sent = [posted for posted in self.open.values() if posted.copies]
        for posted in sent:
            self._settle(posted, self._unknown(posted, why))
        return sent

    def turn_away(self, refusal: Rejected) -> list[Posted]:
        """There will be no session: what left is unknown, the rest is refused."""
        lost = self.give_up_sent(refusal.reason)
        return [*lost, *(self._settle(posted, refusal) for posted in list(self.open.values()))]

    def give_up(self, why: str) -> list[Posted]:
        """Every open command is unknown from now on."""
        given_up = list(self.open.values())
        for posted in given_up:
            self._settle(posted, self._unknown(posted, why))
        return given_up

    def start_over(self, refused_ref: int) -> list[Posted]:
        """The session is forgotten: what left is unknown, the rest moves on to a new session.

        The copy of `refused_ref` on this connection was not executed, for this reason.
        """
        if refused_ref in self.open:
            self.open[refused_ref].copies -= 1
        lost = self.give_up_sent("the exchange has forgotten the session")
        unsent = list(self.open.values())
        self.open.clear()
        self.session, self.next_ref, self._lowest = 0, 1, 1
        for posted in unsent:
            self._number(posted)
        return lost

    def _nearly_known(self, posted: Posted, now_us: int) -> bool:
        """Whether the answer to its only copy is on its way, and likely the same as the last one."""
        asked = posted.on_wire and posted.copies == 1 and posted.refusal is not None
        return asked and now_us < posted.deadline_us + LAST_ANSWER_US_MAX

    def _last_word(self, posted: Posted) -> Rejected | Unknown:
        if not posted.copies and posted.refusal is not None:
            return posted.refusal
        return self._unknown(posted, "no answer in time")

    def _unknown(self, posted: Posted, why: str) -> Unknown:
        return Unknown(posted.ref, self.session, why, sent=posted.copies > 0)

    def _settle(self, posted: Posted, outcome: Outcome) -> Posted:
        del self.open[posted.ref]
        posted.outcome = outcome
        return posted
