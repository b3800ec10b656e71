"""The rules of timed lots as the exchange reads and shows them."""

from enum import StrEnum

from msgspec import Struct

from exchange_client.lines import LotLine
from exchange_client.scoring import Scoring


class LotDirection(StrEnum):
    """Which way prices improve."""

    REVERSE = "reverse"  # suppliers underbid each other
    FORWARD = "forward"  # bidders outbid each other


class ImproveOn(StrEnum):
    """What a bid has to improve on by a step."""

    OWN_BEST = "own_best"
    MARKET_LEAD = "market_lead"


class LotFormat(StrEnum):
    """By which way of bidding a lot is won."""

    ENGLISH = "english"
    SEALED_FIRST_PRICE = "sealed_first_price"
    SEALED_SECOND_PRICE = "sealed_second_price"
    DUTCH = "dutch"
    JAPANESE = "japanese"
    ROUNDS = "rounds"


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


class Overtime(Struct, frozen=True, omit_defaults=True):
    """A bid within `window_us` of the close moves it by `extension_us`, from the bid or from the close.

    It triggers if it stands at `lowest_triggering_rank` or better (0: any bid does), unless the leader only
    improved on itself. All extensions of a lot together never pass `total_us_max`, their count never
    `number_of_extensions` (0: no bound), the close never the hard deadline (0: none). A window of 0 means no
    overtime.
    """

    window_us: int = 120_000_000
    extension_us: int = 120_000_000
    total_us_max: int = 3_600_000_000
    extension_start: ExtensionStart = ExtensionStart.RECEIPT_TIME
    lowest_triggering_rank: int = 1
    leader_triggers: bool = False
    number_of_extensions: int = 0
    hard_deadline_us: int = 0
    lots_to_extend: LotsToExtend = LotsToExtend.TRIGGERING


class Light(StrEnum):
    """How near to the lead a bidder is."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class LightLimits(Struct, frozen=True):
    """Up to which distance from the lead, in basis points of its price, a light is green, and yellow; then it is red."""

    green_bps: int
    yellow_bps: int


class Disclosure(Struct, frozen=True, omit_defaults=True):
    """What a supplier in a lot is shown of the others."""

    lead_price: bool = True
    participant_count: bool = False
    prices_by_alias: bool = False
    gap: bool = False  # how far an own bid is behind the lead
    light: LightLimits | None = None  # the same as a colour
    lead_visible_after_valid_bid: bool = False  # nothing of the lead is shown to who has no bid that stands


class StepBand(Struct, frozen=True):
    """The step while the price that is improved on lies above `from_price` (forward: at it or above)."""

    from_price: int
    step: int


class ResultDisclosure(StrEnum):
    """What a bidder that has won nothing learns of an award, beside its own rank."""

    OWN = "own"
    PRICE = "price"
    WINNER = "winner"


class Prebid(StrEnum):
    """Whether bids are taken between the publication of an event and the opening of a lot."""

    NONE = "none"
    OPEN = "open"
    REQUIRED = "required"


class EventRules(Struct, frozen=True, omit_defaults=True):
    """Rules of all lots of an event."""

    direction: LotDirection = LotDirection.REVERSE
    min_participants: int = 0  # admitted when it opens
    if_too_few: TooFew = TooFew.CANCEL
    postpone_us: int = 0
    schedule: LotSchedule = LotSchedule.SINGLE
    lot_gap_us: int = 0
    min_lot_gap_us: int = 0  # a later close moves if it comes nearer than this to the one before
    bid_bond_minor: int = 0  # placed before a bid, in minor units; 0: none is asked
    bond_bears_fee: bool = False  # the success fee of a winner is taken from its bond
    results: ResultDisclosure = ResultDisclosure.OWN
    review_us: int = 0  # how long after its close a lot can be reopened, until its award; 0: not at all
    standstill_us: int = 0  # how long an award is provisional, and bidders can complain; 0: it is final
    reasons_asked: bool = False  # awards to others than the best bid need a reason
    prebid: Prebid = Prebid.NONE
    public: bool = (
        False  # anybody may read its release once it is published; asks for a standstill and reasons
    )


class ClockRules(Struct, frozen=True, omit_defaults=True):
    """How fast the clock of a Dutch, Japanese or round-wise lot goes; durations in microseconds.

    Each level stands for `level_us`; a Japanese lot ends when `stop_at_active` or fewer have accepted one. Rounds:
    a pause, then `rounds` rounds of turns, with a pause between two.
    """

    level_us: int = 60_000_000
    stop_at_active: int = 1
    rounds: int = 3
    first_pause_us: int = 300_000_000
    pause_us: int = 120_000_000
    turn_us: int = 120_000_000


class LotRules(Struct, frozen=True, omit_defaults=True):
    """Rules of one lot; a price or step of 0 stands for none, all others lie on the tick.

    The step is `min_step` of the lot, where bands are given that of the band (below the first one still
    `min_step`), and at least `step_bps` of the price improved on, rounded up to a tick. A bid improves by it on
    the bidder's own best or on the lead; a first bid in the first case only has to be admissible. No rival may
    land nearer to the lead than `front_buffer` before it (None: a step) or `back_buffer` behind it; to meet
    its price is a tie.
    """

    improve_on: ImproveOn = ImproveOn.OWN_BEST
    step_bps: int = 0
    step_bands: list[StepBand] = []
    step_multiple_only: bool = False  # counted from the price improved on, or else from the opening price
    max_step: int = 0  # the most that a bid may improve on the same price
    front_buffer: int | None = None
    back_buffer: int = 0
    tie_policy: TiePolicy = TiePolicy.EARLIEST
    lottery_sha256: str = ""  # of the seed, in hexadecimal: committed here, revealed after the close
    floor_price: int = 0  # lowest admissible bid; where a forward lot opens
    reserve_price: int = 0  # worst price at which the buyer means to award
    reserve_visibility: ReserveVisibility = ReserveVisibility.HIDDEN
    qualification_price: int = 0  # worst admissible first bid of a supplier
    historic_price: int = 0  # what was paid before; for the buyer's eyes, bounds nothing
    buy_now_price: int = 0  # forward: the first bid may take the lot at once for it
    format: LotFormat = LotFormat.ENGLISH
    clock: ClockRules = ClockRules()
    revocable: bool = False  # bidders may take their own bids back while the lot takes bids
    scoring: Scoring | None = None  # None: prices compare as they are
    proxies: bool = False  # bidders may let the lot bid for them, up to a limit that only they see
    two_envelopes: bool = False  # sealed: a technical offer is judged before any price is opened
    lines: list[LotLine] = []  # of one whole: its quantity is 1, and all prices are of the total of its lines
    winners: int = 1  # sealed: the lot is won in so many equal units, one each
    by_discount: bool = False  # a bid is one discount off the reference prices of all lines
