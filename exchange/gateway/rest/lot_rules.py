"""The rules of a lot and of overtime as REST writes them: prices and steps as decimal strings, instants as texts.

Guarantees: exact both ways; what the core takes for none (0) is left out. Doesn't decide what is shown of
them: `visibility` does.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import astuple, replace

from exchange.core.limits import EXTENSIONS_MAX, STEP_BANDS_MAX, SUPPLIERS_PER_LOT_MAX
from exchange.core.messages.base import BasisPoints, DurationUs
from exchange.core.messages.lot_rules import (
    USUAL_CLOCK,
    ClockRules,
    ExtensionStart,
    ImproveOn,
    LotFormat,
    LotRules,
    LotsToExtend,
    Overtime,
    ReserveVisibility,
    StepBand,
    TiePolicy,
)
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import (
    END,
    Decimals,
    InstantInput,
    InstantText,
    decimal_of,
    instant_of,
    microseconds_of,
    number_of,
)
from exchange.gateway.rest.criteria import ScoringBody, scoring_body, scoring_of
from exchange.gateway.rest.lines import LineBodies, line_bodies, lines_of

Commitment = Annotated[str, Meta(pattern="^([0-9a-f]{64})?" + END)]
"""To the seed of a lottery: its SHA-256, or nothing."""


class OvertimeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid within `window_us` of the close moves it by `extension_us`, from the bid or from the close.

    It triggers if it stands at `lowest_triggering_rank` or better (0: any bid does), unless the leader only
    improved on itself. `total_us_max` bounds all extensions together, `number_of_extensions` their count.
    """

    window_us: DurationUs = 120_000_000
    extension_us: DurationUs = 120_000_000
    total_us_max: DurationUs = 3_600_000_000
    extension_start: ExtensionStart = ExtensionStart.RECEIPT_TIME
    lowest_triggering_rank: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 1
    leader_triggers: bool = False
    number_of_extensions: Annotated[int, Meta(ge=0, le=EXTENSIONS_MAX)] = 0
    hard_deadline: InstantInput | None = None
    lots_to_extend: LotsToExtend = LotsToExtend.TRIGGERING


class OvertimeShown(Struct, frozen=True):
    """As set, defaults included; the hard deadline is null where there is none."""

    window_us: int
    extension_us: int
    total_us_max: int
    extension_start: ExtensionStart
    lowest_triggering_rank: int
    leader_triggers: bool
    number_of_extensions: int
    hard_deadline: InstantText | None
    lots_to_extend: LotsToExtend


class DecimalBand(Struct, frozen=True, forbid_unknown_fields=True):
    """The step while the price that is improved on lies above `from_price` (forward: at it or above)."""

    from_price: Decimals
    step: Decimals


class RulesBody(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a lot has beyond ceiling, step and tick; without it, it is bid for by the usual rules.

    A bid improves by a step on the bidder's own best or on the lead. `step_bands` replace `min_step` above their
    border, `step_bps` is a share of the price that is improved on. No rival lands nearer to the lead than
    `front_buffer` before it (if left out: a step) or `back_buffer` behind it.
    """

    improve_on: ImproveOn = ImproveOn.OWN_BEST
    step_bps: BasisPoints = 0
    step_bands: Annotated[list[DecimalBand], Meta(max_length=STEP_BANDS_MAX)] = []
    step_multiple_only: bool = False
    max_step: Decimals | UnsetType = UNSET
    front_buffer: Decimals | UnsetType = UNSET
    back_buffer: Decimals | UnsetType = UNSET
    tie_policy: TiePolicy = TiePolicy.EARLIEST
    lottery_sha256: Commitment = ""  # of the seed that POST /v1/lots/{lot_id}/seed reveals
    floor_price: Decimals | UnsetType = UNSET
    reserve_price: Decimals | UnsetType = UNSET
    reserve_visibility: ReserveVisibility = ReserveVisibility.HIDDEN
    qualification_price: Decimals | UnsetType = UNSET
    historic_price: Decimals | UnsetType = UNSET
    buy_now_price: Decimals | UnsetType = UNSET
    format: LotFormat = LotFormat.ENGLISH
    scoring: ScoringBody | UnsetType = UNSET  # where bids compare by more than their price
    clock: ClockRules = USUAL_CLOCK  # where the format has one; durations in microseconds
    two_envelopes: bool = False  # sealed: a technical offer is judged before any price is opened
    revocable: bool = False  # bidders may take their own bids back while the lot takes bids
    proxies: bool = False  # bidders may let the lot bid for them, up to a limit that only they see
    lines: LineBodies = []  # of one whole: its quantity is 1, and all prices are of the total of its lines
    winners: Annotated[int, Meta(ge=1, le=SUPPLIERS_PER_LOT_MAX)] = (
        1  # sealed: each wins an equal unit of the quantity
    )
    by_discount: bool = False  # a bid is one discount off the reference prices of all lines


PRICES: Final = (
    "max_step",
    "back_buffer",
    "floor_price",
    "reserve_price",
    "qualification_price",
    "historic_price",
    "buy_now_price",
)
PLAIN: Final = (
    "improve_on",
    "step_bps",
    "step_multiple_only",
    "tie_policy",
    "lottery_sha256",
    "reserve_visibility",
    "format",
    "clock",
    "revocable",
    "proxies",
    "two_envelopes",
    "winners",
    "by_discount",
)


def overtime_of(body: OvertimeBody) -> Overtime:
    """The overtime with its deadline in microseconds."""
    *plain, hard_deadline, lots_to_extend = astuple(body)
    return Overtime(*(*plain, microseconds_of(hard_deadline) if hard_deadline else 0, lots_to_extend))


def overtime_shown(overtime: Overtime) -> OvertimeShown:
    """The overtime as it is shown."""
    *plain, hard_deadline_us, lots_to_extend = astuple(overtime)
    hard_deadline = instant_of(hard_deadline_us) if hard_deadline_us else None
    return OvertimeShown(*(*plain, hard_deadline, lots_to_extend))


def rules_of(body: RulesBody, scale: int) -> LotRules:
    """The rules in integers; refuses a price that does not fit the scale, by its name."""
    bands = [
        StepBand(
            _number("rules.step_bands", band.from_price, scale),
            price_of("rules.step_bands", band.step, scale),
        )
        for band in body.step_bands
    ]
    prices = {
        name: price_of(f"rules.{name}", text, scale)
        for name in PRICES
        if (text := getattr(body, name)) is not UNSET
    }
    plain = {name: getattr(body, name) for name in PLAIN}
    front = body.front_buffer
    rules = LotRules(
        step_bands=bands,
        front_buffer=None if front is UNSET else _number("rules.front_buffer", front, scale),
        scoring=None if body.scoring is UNSET else scoring_of(body.scoring, scale),
        lines=lines_of(body.lines, scale),
    )
    return replace(rules, **prices, **plain)


def rules_body(rules: LotRules, scale: int) -> RulesBody:
    """The rules as they are shown."""
    bands = [
        DecimalBand(decimal_of(band.from_price, scale), decimal_of(band.step, scale))
        for band in rules.step_bands
    ]
    prices = {name: decimal_of(price, scale) for name in PRICES if (price := getattr(rules, name))}
    plain = {name: getattr(rules, name) for name in PLAIN}
    front = rules.front_buffer
    body = RulesBody(
        step_bands=bands,
        front_buffer=UNSET if front is None else decimal_of(front, scale),
        scoring=UNSET if rules.scoring is None else scoring_body(rules.scoring, scale),
        lines=line_bodies(rules.lines, scale),
    )
    return replace(body, **prices, **plain)


def _number(field: str, text: str, scale: int) -> int:
    """A price that may be 0."""
    if number_of(text, scale) == 0:
        return 0
    return price_of(field, text, scale)
