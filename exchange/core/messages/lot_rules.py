"""By which rules a timed lot is bid for: the words of CreateEvent and AddLot beyond price and timetable.

Guarantees: a lot without any of them is bid for as English reverse lots always were. The rules are maps that
leave their defaults out, in commands, events and states alike, so they grow without touching old bytes.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import PRICE_MAX, STEP_BANDS_MAX
from exchange.core.messages.base import BasisPoints, Price

PriceOrNone = Annotated[int, Meta(ge=0, le=PRICE_MAX)]
"""A price; 0 stands for none."""
Sha256 = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]


class Direction(StrEnum):
    """Which way prices improve."""

    REVERSE = "reverse"  # suppliers underbid each other
    FORWARD = "forward"  # bidders outbid each other


class ImproveOn(StrEnum):
    """What a bid has to improve on by a step."""

    OWN_BEST = "own_best"
    MARKET_LEAD = "market_lead"


class TiePolicy(StrEnum):
    """What equal prices mean. Tie time is when the standing price was reached."""

    EARLIEST = "earliest"  # who reached the price first ranks first
    EQUAL_BEST = "equal_best"  # all share the best rank of the tie; the earliest leads
    EQUAL_WORST = "equal_worst"  # all share the worst rank of the tie; the earliest leads
    FORBID_ANY = "forbid_any"  # nobody's price may be met
    FORBID_FIRST = "forbid_first"  # the lead's price may not be met
    LOTTERY = "lottery"  # as equal_best until the committed seed is revealed, then as it draws


class ReserveVisibility(StrEnum):
    """What suppliers learn of the reserve."""

    HIDDEN = "hidden"
    MET_FLAG = "met_flag"  # whether the lead meets it
    SHOWN = "shown"


class StepBand(Struct, frozen=True, forbid_unknown_fields=True):
    """The step while the price that is improved on lies above `from_price` (forward: at it or above)."""

    from_price: PriceOrNone
    step: Price


class EventRules(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rules of all lots of an event."""

    direction: Direction = Direction.REVERSE


class LotRules(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rules of one lot; a price or step of 0 stands for none, all others lie on the tick.

    The step is `min_step` of the lot, where bands are given that of the band (below the first one still
    `min_step`), and at least `step_bps` of the price improved on, rounded up to a tick. A bid improves by it on
    the bidder's own best or on the lead; a first bid in the first case only has to be admissible. No rival may
    land nearer to the lead than `front_buffer` before it (None: a step) or `back_buffer` behind it; to meet
    its price is a tie.
    """

    improve_on: ImproveOn = ImproveOn.OWN_BEST
    step_bps: BasisPoints = 0
    step_bands: Annotated[list[StepBand], Meta(max_length=STEP_BANDS_MAX)] = []
    step_multiple_only: bool = False  # counted from the price improved on, or else from the opening price
    max_step: PriceOrNone = 0  # the most that a bid may improve on the same price
    front_buffer: PriceOrNone | None = None
    back_buffer: PriceOrNone = 0
    tie_policy: TiePolicy = TiePolicy.EARLIEST
    lottery_sha256: Sha256 = ""  # of the seed, in hexadecimal: committed here, revealed after the close
    floor_price: PriceOrNone = 0  # lowest admissible bid; where a forward lot opens
    reserve_price: PriceOrNone = 0  # worst price at which the buyer means to award
    reserve_visibility: ReserveVisibility = ReserveVisibility.HIDDEN
    qualification_price: PriceOrNone = 0  # worst admissible first bid of a supplier
    historic_price: PriceOrNone = 0  # what was paid before; for the buyer's eyes, bounds nothing
    buy_now_price: PriceOrNone = 0  # forward: the first bid may take the lot at once for it
