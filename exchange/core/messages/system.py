"""What the exchange tells itself, and how a sequenced command and its outcome look.

`Sequenced` and `Reply` are the journal's and the digest's own shapes: frozen like every event.
"""

from msgspec import Struct

from exchange.core.messages.base import Command, DurationUs, Event


class FireDeadlines(Command, frozen=True, tag="fire_deadlines"):
    """The exchange: do what fell due at or before this command's instant, oldest first, within the bound."""


class EndOutage(Command, frozen=True, tag="end_outage"):
    """The exchange: it was halted or down for `down_us`; shift every open lot so that nobody lost its chance."""

    down_us: DurationUs
    after_close: bool = False  # whether reviews and standstills end as much later, too


class OutageEnded(Event, frozen=True, tag="outage_ended"):
    """Every LotShifted of the same command belongs to it."""

    down_us: int


class Reply(Struct, frozen=True, array_like=True, gc=False):
    """The outcome that its sender is told, and is told again whenever it repeats the ref.

    `sequence` counts the member's own commands (a global number would tell how busy others are).
    `code` is 0 when the command took effect, else a RejectCode; `bound` is the bound that was missed.
    """

    ref: int
    sequence: int
    at_us: int
    code: int = 0
    bound: int = 0
    field: str = ""
    id: str = ""  # public id of what was made or meant
    filled_quantity: int = 0  # of an order, after this command
    open_quantity: int = 0
    number: int = 0  # of the session, of the member's bids in the lot, of lines settled: by command
