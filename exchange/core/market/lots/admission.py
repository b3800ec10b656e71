"""Which prices a member may bid in a lot now, and why another is refused.

Guarantees: one rule for both directions, told in *values*: a price, negative in forward lots, so that the
smaller one is always better. A bound that is told can be used as it is: it is the nearest price, from the one
offered towards the better, that every rule takes which the bidder may know of. Nothing here changes anything.

Where a lot has scores, all rules count in the bidder's own price: its ceiling, floor and steps bind the price that
it bids, and the lead stands at the price of its own that compares as the lead's. That may lie between two ticks;
a bound is rounded to the tick on its better side.

Where a member bids in another currency than the event's, values are its prices at their worth in the event's currency,
so that every rule counts there, as the buyer wrote it; what is told is a price of its own, on its own tick, rounded to
the better side.

What a bidder may know of is its `Sight`: where the lead's price isn't disclosed, no bound is drawn from it.
Known limits: a bidder finds a hidden lead by trying; that it met a price tells the price.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from exchange.core.limits import PRICE_MAX
from exchange.core.market.board import StandingBid
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, Sight
from exchange.core.messages.lot_rules import ImproveOn, LotDirection, TiePolicy
from exchange.core.rejects import Reject, RejectCode

REVERSE: Final = LotDirection.REVERSE
FORBID: Final = frozenset({TiePolicy.FORBID_ANY, TiePolicy.FORBID_FIRST})


def step_at(lot: Lot, price: int | Fraction) -> int:
    """The least improvement on a price; a band's border belongs to the band below it in a reverse lot."""
    rules, step = lot.rules, lot.min_step
    for band in rules.step_bands:
        if price > band.from_price or (price == band.from_price and lot.direction is not REVERSE):
            step = band.step
    share = -(-price * rules.step_bps // 10_000)
    return max(step, share + -share % lot.tick)


def up_to(tick: int | Fraction, value: int | Fraction) -> int | Fraction:
    """The multiple of the tick at the value or above it."""
    return -(-value // tick) * tick


def opening_price(lot: Lot) -> int:
    """The worst admissible bid: the ceiling, in a forward lot the floor."""
    return lot.ceiling_price if lot.direction is REVERSE else max(lot.rules.floor_price, lot.tick)


def meets_reserve(lot: Lot) -> bool:
    """Whether the lead is as good as the reserve; also where there is a lead and no reserve."""
    lead = lot.board.lead
    return lead is not None and meets_reserve_at(lot, lot.board.worth_of(lead))


def meets_reserve_at(lot: Lot, price: int | Fraction) -> bool:
    """Whether a price of the event's currency is as good as the reserve, or there is none."""
    reserve = lot.rules.reserve_price
    return not reserve or (price <= reserve if lot.direction is REVERSE else price >= reserve)


class Bounds:
    """What the rules of a lot say to everybody at one moment, as far as the sight goes.

    `first` and `last` are the worst and the best value that the lot takes at all.
    """

    def __init__(self, lot: Lot, sight: Sight = Sight.ALL) -> None:
        rules, board = lot.rules, lot.board
        self.lot, self.board, self.sight, self.tick = lot, board, sight, lot.tick
        self.sign = 1 if lot.direction is REVERSE else -1
        lowest = max(rules.floor_price, lot.tick)
        edges = self.sign * lowest, self.sign * lot.ceiling_price
        self.first, self.last = max(edges), min(edges)
        self.lead = board.lead if sight >= Sight.LEAD else None
        self.on_lead = rules.improve_on is ImproveOn.MARKET_LEAD
        self.knows_base = sight >= Sight.LEAD or not self.on_lead
        self.multiples = rules.step_multiple_only and self.knows_base
        self.rival = self.lead if format_of(rules).meets_lead else None
        self.back, self.forbids = rules.back_buffer, rules.tie_policy in FORBID
        scored = board.scores is not None
        bound_by_more = rules.max_step or rules.qualification_price or self.multiples or self.forbids
        self.usual = not (self.on_lead or scored or bound_by_more)
        """Whether nothing but a step on the own best, and the room around a rival's lead, bounds a price from above."""
        self.even_step = 0 if rules.step_bands or rules.step_bps else lot.min_step
        """The step on every price; 0 where it differs from price to price."""
        self.room = 0, 0
        """The values next to the lead that no rival of its bidder may take, between these two; unscored lots only."""
        if self.rival is not None and not scored:
            value, front = self.sign * self.rival.price, rules.front_buffer
            front = step_at(lot, self.rival.price) if front is None else front
            self.room = value - front, value + self.back

    def usual_next(self, own: StandingBid | None) -> int | None:
        """`next_price` of whose bid this is, where no more than the usual bounds it, as it is with nearly all of a crowd."""
        if not self.usual:
            return None
        worst = self.first
        if own is not None:
            worst = self.sign * own.price - (self.even_step or step_at(self.lot, own.price))
        lowest, highest = self.room
        if lowest < worst < highest and own != self.rival:
            return None
        return self.sign * worst if worst >= self.last else 0


class Admission:
    """The rules of a lot as they bind one member; `limit` is the worst value that improves enough."""

    def __init__(self, bounds: Bounds, member_id: str) -> None:
        lot, sign = bounds.lot, bounds.sign
        rules, board = lot.rules, lot.board
        self.bounds, self.lot, self.member_id = bounds, lot, member_id
        own, rival = board.of(member_id), bounds.rival
        self.rate, self.own_tick = lot.rate_of(member_id), lot.tick_of(member_id)
        self.tick = self.own_tick * self.rate
        self.first: int | Fraction = bounds.first
        self.last: int | Fraction = bounds.last
        if self.rate != 1:
            lowest = max(rules.floor_price, self.tick)  # above the ceiling there may be no price at all
            worst, best = (lot.ceiling_price, lowest) if sign > 0 else (lowest, lot.ceiling_price)
            self.first, self.last = sign * worst, sign * best
        improved = bounds.lead if bounds.on_lead else own
        self.base: int | Fraction = bounds.first
        self.limit: int | Fraction = self.first
        if improved is None:
            self.step = step_at(lot, sign * bounds.first)
        else:
            met = board.in_terms_of(member_id, improved) * self.rate
            self.base, self.step = sign * met, step_at(lot, met)
            self.limit = self.base - self.step
        if own is None and rules.qualification_price:
            self.limit = min(self.limit, sign * rules.qualification_price)
        self.farthest: int | Fraction = self.last
        if rules.max_step and bounds.knows_base:
            self.farthest = up_to(self.tick, self.base - rules.max_step)
        self.lead: int | Fraction | None = None
        self.front = 0
        if rival is not None and rival.member_id != member_id:
            met, front = board.in_terms_of(member_id, rival) * self.rate, rules.front_buffer
            self.lead = sign * met
            self.front = step_at(lot, met) if front is None else front

    def nearest(self, value: int | Fraction) -> int | Fraction | None:
        """The admissible value nearest to this one towards the better; nothing where there is none."""
        bounds, tick, lead = self.bounds, self.tick, self.lead
        better = min(value, self.first, self.limit)
        while True:
            value = min(better, self.limit)
            if bounds.multiples:
                value = self.base - -(-(self.base - value) // self.step) * self.step
            if lead is not None and self._too_near(value):
                value = lead if value > lead else lead - self.front
            value -= value % tick
            if bounds.forbids and self._ties(value):
                value -= tick
            if value < self.last or value < self.farthest:
                return None
            if value == better:
                return value
            better = value

    def best(self, value: int | Fraction) -> int | Fraction | None:
        """The best admissible value that is no better than this one; nothing where there is none."""
        lot = self.lot
        worse = max(value, self.last, self.farthest)
        while True:
            value = worse + -worse % self.tick
            if self.bounds.multiples:
                value = self.base - (self.base - value) // self.step * self.step
            if self._too_near(value):
                assert self.lead is not None
                value = self.lead if value < self.lead else self.lead + lot.rules.back_buffer
            if self._ties(value):
                value += self.tick
            if value > self.limit:
                return None
            if value == worse:
                return value
            worse = value

    def value(self, price: int) -> int | Fraction:
        """A price of the member as a value."""
        return self.bounds.sign * price * self.rate

    def price(self, value: int | Fraction | None) -> int:
        """The value as a price of the member; 0 for none."""
        if value is None:
            return 0
        return self.bounds.sign * int(value if self.rate == 1 else Fraction(value, self.rate))

    def down(self, price: int) -> int:
        """The highest price of the member that is worth no more than this one of the event."""
        return int(price // self.tick) * self.own_tick

    def up(self, price: int) -> int:
        """The lowest price of the member that is worth no less than this one of the event."""
        return -int(-price // self.tick) * self.own_tick

    def refusal(self, price: int) -> RejectCode | None:
        """By which rule the price is refused: PRICE_OFF_TICK, BID_ABOVE_CEILING, BID_BELOW_FLOOR,
        NOT_QUALIFYING, STEP_TOO_SMALL (also within the front buffer), STEP_NOT_MULTIPLE, STEP_TOO_LARGE,
        TOO_NEAR_LEAD, TIE_FORBIDDEN.
        """
        lot, rules, sign = self.lot, self.lot.rules, self.bounds.sign
        worth, value = price * self.rate, self.value(price)
        near = self._too_near(value)
        qualifies = not rules.qualification_price or value <= sign * rules.qualification_price
        for code, broken in (
            (RejectCode.PRICE_OFF_TICK, price % self.own_tick),
            (RejectCode.BID_ABOVE_CEILING, worth > lot.ceiling_price),
            (RejectCode.BID_BELOW_FLOOR, worth < rules.floor_price),
            (RejectCode.NOT_QUALIFYING, not qualifies and lot.board.of(self.member_id) is None),
            (RejectCode.STEP_TOO_SMALL, value > self.limit or (near and value < self.lead_value)),
            (RejectCode.STEP_NOT_MULTIPLE, self.bounds.multiples and (self.base - value) % self.step),
            (RejectCode.STEP_TOO_LARGE, value < self.farthest),
            (RejectCode.TOO_NEAR_LEAD, near),
            (RejectCode.TIE_FORBIDDEN, self._ties(value)),
        ):
            if broken:
                return code
        return None

    @property
    def lead_value(self) -> int | Fraction:
        """A rival's lead, as far as it is seen; otherwise a value that nobody reaches."""
        return self.last - 1 if self.lead is None else self.lead

    def _too_near(self, value: int | Fraction) -> bool:
        if self.lead is None:
            return False
        return self.lead - self.front < value < self.lead + self.bounds.back and value != self.lead

    def _ties(self, value: int | Fraction) -> bool:
        policy = self.lot.rules.tie_policy
        if policy is TiePolicy.FORBID_FIRST:
            return value == self.lead
        if policy is TiePolicy.FORBID_ANY:
            bounds = self.bounds
            everybody = bounds.sight is Sight.ALL and self.lot.board.met(self.member_id, self.price(value))
            return value == self.lead or everybody
        return False


def _qualifying(admission: Admission) -> int:
    bound = admission.lot.rules.qualification_price
    return admission.down(bound) if admission.lot.direction is REVERSE else admission.up(bound)


FIXED_BOUNDS: Final[dict[RejectCode, Callable[[Admission], int]]] = {
    RejectCode.PRICE_OFF_TICK: lambda admission: admission.own_tick,
    RejectCode.BID_ABOVE_CEILING: lambda admission: admission.down(admission.lot.ceiling_price),
    RejectCode.BID_BELOW_FLOOR: lambda admission: admission.up(admission.lot.rules.floor_price),
    RejectCode.NOT_QUALIFYING: _qualifying,
}
"""Bounds that are the same for all, but for their currencies."""


def price_refusal(
    lot: Lot, member_id: str, price: int, sight: Sight, binding: Sight = Sight.ALL
) -> Reject | None:
    """The refusal of a price with its bound: of STEP_TOO_LARGE the best price that is near enough, of all
    later rules the nearest price that would be taken as far as the bidder can know, 0 if there is none or if
    the bidder can't know what it missed. What lies beyond the sight that is `binding` doesn't bind the bid.
    """
    admission = Admission(Bounds(lot, binding), member_id)
    code = admission.refusal(price)
    if code is None:
        return None
    if (fixed := FIXED_BOUNDS.get(code)) is not None:
        return Reject(code, fixed(admission), "price")
    bounds = Bounds(lot, sight)
    seen = Admission(bounds, member_id)
    if seen.refusal(price) is None:
        return Reject(code, 0, "price")
    if code is RejectCode.STEP_TOO_LARGE:
        farthest = seen.price(seen.farthest) if seen.farthest > seen.last else 0
        return Reject(code, farthest if 0 < farthest <= PRICE_MAX else 0, "price")
    return Reject(code, seen.price(seen.nearest(seen.value(price))), "price")


def next_price(bounds: Bounds, member_id: str) -> int:
    """The worst price that the member could bid now, as far as it can know; 0 where there is none."""
    price = bounds.usual_next(bounds.board.of(member_id))
    if price is not None:
        return price
    scores = bounds.board.scores
    if scores is not None and not scores.ready(member_id):
        return 0
    admission = Admission(bounds, member_id)
    return admission.price(admission.nearest(admission.first))
