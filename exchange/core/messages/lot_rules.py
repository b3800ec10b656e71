"""By which rules a timed lot is bid for: the words of CreateEvent and AddLot beyond price and timetable.

Guarantees: a lot without any of them is bid for as English reverse lots always were. The rules are maps that
leave their defaults out, in commands, events and states alike, so they grow without touching old bytes.
"""

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    CLOCK_STAGE_US_MAX,
    CLOCK_STAGE_US_MIN,
    EXTENSIONS_MAX,
    LINES_PER_LOT_MAX,
    PRICE_MAX,
    ROUNDS_MAX,
    STEP_BANDS_MAX,
    SUPPLIERS_PER_LOT_MAX,
    TURN_US_MAX,
)
from exchange.core.messages.base import BasisPoints, DurationUs, Instant, Price
from exchange.core.messages.lines import LotLine
from exchange.core.messages.scoring import Scoring

PriceOrNone = Annotated[int, Meta(ge=0, le=PRICE_MAX)]
"""A price; 0 stands for none."""
Sha256 = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]


class LotDirection(StrEnum):
    """Which way prices improve."""

    REVERSE = "reverse"  # suppliers underbid each other
    FORWARD = "forward"  # bidders outbid each other


class LotFormat(StrEnum):
    """By which way of bidding a lot is won; with the direction it says everything that the table of formats knows."""

    ENGLISH = "english"  # open bids, each better than the bidder's own or the lead
    SEALED_FIRST_PRICE = "sealed_first_price"  # opened together; the winner's own price counts
    SEALED_SECOND_PRICE = "sealed_second_price"  # opened together; the next best price counts
    DUTCH = "dutch"  # the clock's price gets worse for the buyer, the first acceptance wins
    JAPANESE = "japanese"  # the clock's price gets better for the buyer, who doesn't accept is out
    ROUNDS = "rounds"  # first prices, then rounds in which each bids in its turn, the worst first


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


class ExtensionStart(StrEnum):
    """From when an extension counts."""

    RECEIPT_TIME = "receipt_time"  # the instant of the bid
    CLOSE_DATE = "close_date"  # the close as it stands


class LotsToExtend(StrEnum):
    """Whose close an extension moves."""

    TRIGGERING = "triggering"  # that of the lot that was bid for
    ALL = "all"  # of every lot of the event that is open, by as much
    CASCADE = "cascade"  # of this lot and of every later one that is not closed, by as much


class LotSchedule(StrEnum):
    """How the lots of an event follow each other, in the order in which they were drafted."""

    SINGLE = "single"  # there is one
    PARALLEL = "parallel"  # all open and close together
    STAGGERED = "staggered"  # all open together, each closes `lot_gap_us` after the one before
    SERIAL = "serial"  # each opens `lot_gap_us` after the close of the one before


class TooFew(StrEnum):
    """What becomes of an event that fewer suppliers may bid in than it needs."""

    CANCEL = "cancel"
    POSTPONE = "postpone"  # by `postpone_us`, once; if they are still too few then, it is cancelled
    CONTINUE = "continue"


class Overtime(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A bid within `window_us` of the close moves it by `extension_us`, from the bid or from the close.

    It triggers if it stands at `lowest_triggering_rank` or better (0: any bid does), unless the leader only
    improved on itself. All extensions of a lot together never pass `total_us_max`, their count never
    `number_of_extensions` (0: no bound), the close never the hard deadline (0: none). A window of 0 means no
    overtime.
    """

    window_us: DurationUs = 120_000_000
    extension_us: DurationUs = 120_000_000
    total_us_max: DurationUs = 3_600_000_000
    extension_start: ExtensionStart = ExtensionStart.RECEIPT_TIME
    lowest_triggering_rank: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 1
    leader_triggers: bool = False
    number_of_extensions: Annotated[int, Meta(ge=0, le=EXTENSIONS_MAX)] = 0
    hard_deadline_us: Instant = 0
    lots_to_extend: LotsToExtend = LotsToExtend.TRIGGERING


class StepBand(Struct, frozen=True, forbid_unknown_fields=True):
    """The step while the price that is improved on lies above `from_price` (forward: at it or above)."""

    from_price: PriceOrNone
    step: Price


class Light(StrEnum):
    """How near to the lead a bidder is."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class LightLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which distance from the lead, in basis points of its price, a light is green, and yellow; then it is red."""

    green_bps: BasisPoints
    yellow_bps: BasisPoints


class ResultDisclosure(StrEnum):
    """What a bidder that has won nothing learns of an award, beside its own rank."""

    OWN = "own"  # nothing
    PRICE = "price"  # what was won at which price
    WINNER = "winner"  # and by whom


class Prebid(StrEnum):
    """Whether bids are taken between the publication of an event and the opening of a lot."""

    NONE = "none"
    OPEN = "open"
    REQUIRED = "required"  # who has not bid by then can't bid in the open lot


class EventRules(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rules of all lots of an event.

    It is full: with a sixteenth field its bytes, and so all digests, would be others even where that is left out.
    """

    direction: LotDirection = LotDirection.REVERSE
    min_participants: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 0  # admitted when it opens
    if_too_few: TooFew = TooFew.CANCEL
    postpone_us: DurationUs = 0
    schedule: LotSchedule = LotSchedule.SINGLE
    lot_gap_us: DurationUs = 0
    min_lot_gap_us: DurationUs = 0  # a later close moves if it comes nearer than this to the one before
    bid_bond_minor: Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)] = (
        0  # placed before a bid; 0: none is asked
    )
    bond_bears_fee: bool = False  # the success fee of a winner is taken from its bond
    results: ResultDisclosure = ResultDisclosure.OWN
    review_us: DurationUs = (
        0  # how long after its close a lot can be reopened, until its award; 0: not at all
    )
    standstill_us: DurationUs = (
        0  # how long an award is provisional, and bidders can complain; 0: it is final
    )
    reasons_asked: bool = False  # awards to others than the best bid need a reason
    prebid: Prebid = Prebid.NONE  # in lots whose format takes them
    public: bool = (
        False  # anybody may read its release once it is published; asks for a standstill and reasons
    )


StageUs = Annotated[int, Meta(ge=CLOCK_STAGE_US_MIN, le=CLOCK_STAGE_US_MAX)]
"""How long a level or a pause of a lot's clock stands."""
TurnUs = Annotated[int, Meta(ge=CLOCK_STAGE_US_MIN, le=TURN_US_MAX)]


class ClockRules(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How fast the clock of a lot goes, where its format has one.

    Dutch and Japanese: each level stands for `level_us`; a Japanese lot ends when `stop_at_active` or fewer have
    accepted one. Rounds: a pause, then `rounds` rounds of turns, with a pause between two.
    """

    level_us: StageUs = 60_000_000
    stop_at_active: Annotated[int, Meta(ge=1, le=SUPPLIERS_PER_LOT_MAX)] = 1
    rounds: Annotated[int, Meta(ge=1, le=ROUNDS_MAX)] = 3
    first_pause_us: StageUs = 300_000_000
    pause_us: StageUs = 120_000_000
    turn_us: TurnUs = 120_000_000


USUAL_CLOCK: Final = ClockRules()
"""The one default: a default is left out of what is written where it is this very object."""


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
    format: LotFormat = LotFormat.ENGLISH
    clock: ClockRules = USUAL_CLOCK
    revocable: bool = False  # bidders may take their own bids back while the lot takes bids
    scoring: Scoring | None = None  # None: prices compare as they are
    proxies: bool = False  # bidders may let the lot bid for them, up to a limit that only they see
    two_envelopes: bool = False  # sealed: a technical offer is judged before any price is opened
    lines: Annotated[
        list[LotLine], Meta(max_length=LINES_PER_LOT_MAX)
    ] = []  # all prices are then of their total
    winners: Annotated[int, Meta(ge=1, le=SUPPLIERS_PER_LOT_MAX)] = (
        1  # sealed: the lot is won in so many equal units, one each
    )
    by_discount: bool = False  # a bid is one discount off the reference prices of all lines
