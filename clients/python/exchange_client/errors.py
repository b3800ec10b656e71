"""What can come of a command besides success, and what ends a client.

A command ends in exactly one of: its `Ack`, `Rejected`, `Unknown`. The others say that nothing was sent
(`Invalid`, `TooManyOpen`), that the client came to its end (`Stopped`), or answer a question (`NotExecuted`).
"""

from decimal import Decimal
from typing import Self

from exchange_client import shown


class ExchangeError(Exception):
    """Everything that this client raises of its own."""


class Invalid(ExchangeError, ValueError):
    """The call makes no sense; nothing was sent. The message says what to change."""


class TooManyOpen(ExchangeError):
    """The session has all the open commands that it can have; nothing was sent. Await some of them first."""


class Stopped(ExchangeError):
    """This client came to its end; `code` is the exchange's close code, 0 if there was none."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(f"{reason} (close code {code})" if code else reason)
        self.reason = reason
        self.code = code


class Closed(Stopped):
    """The caller closed this client."""


class Unreachable(ExchangeError):
    """No connection came about in the time given; the message tells the last reason."""


class Rejected(ExchangeError):
    """The exchange refused and changed nothing.

    `reason` is the stable name of `code`. `advice` is fix, wait or give_up. `bound` is the bound that was
    missed, in wire units, and `field` the field that missed it; `bound_price` is the bound as a price, where it
    is one and the call knew the scale, and `step_price` one step of the lot there, where a bid improved by too little. `sequence` is 0 if the command was never sequenced.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        *,
        advice: str = "fix",
        message: str = "",
        remedy: str = "",
        bound: int = 0,
        field: str = "",
        step: int = 0,
        ref: int = 0,
        sequence: int = 0,
        at_us: int = 0,
    ) -> None:
        super().__init__(f"{reason} ({code}): {message} {remedy}".rstrip())
        self.code = code
        self.reason = reason
        self.advice = advice
        self.message = message
        self.remedy = remedy
        self.bound = bound
        self.field = field
        self.step = step
        self.ref = ref
        self.sequence = sequence
        self.at_us = at_us
        self.bound_price: Decimal | None = None
        self.step_price: Decimal | None = None

    def priced(self, bound: Decimal, step: Decimal) -> None:
        """Tell the bound as a price, and where a bid improved by too little (`step` isn't 0), the step with it."""
        self.bound_price = bound
        if step:
            self.step_price = step

    @classmethod
    def of(cls, frame: shown.Rejected | shown.Error) -> Self:
        """The refusal that a frame tells of. An error has no advice: what can't be understood must be fixed."""
        known = {name: getattr(frame, name) for name in frame.__struct_fields__ if name != "channel"}
        return cls(known.pop("code"), known.pop("reason"), **known)


class Unknown(ExchangeError):
    """What became of the command isn't known: it may have taken effect, and may still do so.

    `resolve` finds out. `sent` is False where the command never left, or every copy of it was turned away: then
    it had no effect and never will.
    """

    def __init__(self, ref: int, session: int, why: str, *, sent: bool = True) -> None:
        super().__init__(f"outcome of ref {ref} in session {session} unknown: {why}")
        self.ref = ref
        self.session = session
        self.why = why
        self.sent = sent


class NotExecuted(ExchangeError):
    """The answer of `resolve`: the command had no effect and never will have one."""

    def __init__(self, ref: int) -> None:
        super().__init__(f"ref {ref} was not executed and never will be")
        self.ref = ref


class NotProven(ExchangeError):
    """A receipt doesn't hold; the message says what of it."""
