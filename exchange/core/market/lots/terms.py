"""Whether the rules of an event and of a lot fit together, asked while they are drafted.

What a format takes is its record's word; overtime is an event's rule and simply not applied to lots whose
format has none.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from exchange.core.limits import BIDS_PER_SUPPLIER_MAX, PRICE_MAX
from exchange.core.market.lots.admission import FORBID
from exchange.core.market.lots.criteria import scoring_refusal
from exchange.core.market.lots.currencies import PPB
from exchange.core.market.lots.first_bids import spoilt_bids
from exchange.core.market.lots.formats import Clock, Format, format_of
from exchange.core.market.lots.levels import levels
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.currencies import BidCurrency
from exchange.core.messages.lot_rules import (
    USUAL_CLOCK,
    EventRules,
    ImproveOn,
    LotDirection,
    LotRules,
    LotSchedule,
    Prebid,
    ResultDisclosure,
    TiePolicy,
    TooFew,
)
from exchange.core.messages.sourcing import AddLot, CreateEvent
from exchange.core.rejects import Reject, RejectCode

_TOGETHER: Final = (LotSchedule.SINGLE, LotSchedule.PARALLEL)
"""Schedules in which no lot closes after another."""
_LEVELS: Final = (Clock.YIELDING, Clock.IMPROVING)
_STEPS: Final = ("step_bps", "step_bands", "step_multiple_only", "max_step")
"""By what an own bid is improved beyond the plain step."""


def rules_refusal(command: AddLot, direction: LotDirection) -> Reject | None:
    """STEP_OFF_TICK (any price or step beside the tick), RULES_CONTRADICT with the field that spoils it and the border
    that it would have to keep, where that is a number.

    Contradictions: a floor above the ceiling; a reserve, qualification or buy-now price that nobody may bid;
    bands not rising, or with `step_bps`; a `max_step` below the largest step, or below the front buffer, so that
    nobody could take a lead over; a buffer where everybody improves on the lead; a commitment without a lottery or the
    other way round; buy-now in a reverse lot, or worse than its reserve or qualification price; lines in a lot of more
    than one whole, or to be delivered before they may be; a quantity that isn't so many equal units; a discount off
    lines that lack a reference price, or in a lot with a tick or with prices that no discount may reach (of proxies, of
    whole steps, of buy-now); whatever the lot's format doesn't take. Then SCORING_CONTRADICTS, for what `lots.criteria`
    says, and RULES_CONTRADICT for what `lots.first_bids` says: rules that leave no first bid.
    """
    rules = command.rules
    for name, price in _prices(rules):
        if price % command.tick:
            return Reject(RejectCode.STEP_OFF_TICK, command.tick, name)
    foreign = next((name for name, spoilt in _foreign(rules, format_of(rules)) if spoilt), None)
    if foreign is not None:
        return Reject(RejectCode.RULES_CONTRADICT, 0, foreign)
    for name, border, spoilt in _contradictions(command, rules, direction):
        if spoilt:
            return Reject(RejectCode.RULES_CONTRADICT, border, name)
    if refused := scoring_refusal(rules, direction):
        return refused
    left = spoilt_bids(command, direction)
    return next((Reject(RejectCode.RULES_CONTRADICT, border, name) for name, border in left), None)


def stock_refusal(command: AddLot, event: SourcingEvent) -> Reject | None:
    """RULES_CONTRADICT: an instrument in an event that isn't from stock, or none in one that is; what lets more than
    the price of the whole lot count in such an event.
    """
    asked, stock = command.rules, event.from_stock
    spoilt = (
        ("instrument_id", bool(command.instrument_id) is not stock),
        ("rules.lines", stock and bool(asked.lines)),
        ("rules.scoring", stock and asked.scoring is not None),
        ("rules.two_envelopes", stock and asked.two_envelopes),
        ("rules.winners", stock and asked.winners > 1),
    )
    return next((Reject(RejectCode.RULES_CONTRADICT, 0, name) for name, found in spoilt if found), None)


def event_refusal(lot: AddLot | Lot, event: SourcingEvent) -> Reject | None:
    """RULES_CONTRADICT, for what doesn't fit the lot's event: ties that are forbidden, where a newcomer may not learn of
    the price that it meets; more levels than a bidder has bids, or than fit between opening and close; rounds whose
    end a hard deadline would cut, or whose number of turns tells a number of bidders that isn't disclosed.
    """
    rules, disclosure = lot.rules, event.disclosure
    if disclosure.lead_visible_after_valid_bid and rules.tie_policy in FORBID:
        return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.tie_policy")
    clock = format_of(rules).clock
    if clock is Clock.NONE:
        return None
    if clock is Clock.TURNS:
        counted = disclosure.participant_count or disclosure.prices_by_alias
        fits = counted and not event.overtime.hard_deadline_us
        return None if fits else Reject(RejectCode.RULES_CONTRADICT, 0, "rules.format")
    number = levels(lot.ceiling_price - max(rules.floor_price, lot.tick), lot.min_step)
    if number > BIDS_PER_SUPPLIER_MAX or number * rules.clock.level_us > event.duration_us:
        return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.clock")
    return None


def timetable_refusal(command: CreateEvent) -> Reject | None:
    """RULES_CONTRADICT, with the border where that is a number: a hard deadline before the close, or where lots follow
    each other in series; a postponement by no time; gaps between lots that close together, or closes that have to keep
    further apart than they are; a light that is yellow nearer than green; lots that are shown after the opening, or with
    it where bids are asked for before; a lead that nobody is shown, after a bid; lots from stock in a reverse event, or
    with rules that would name a side or undo a sale.
    """
    hard_us = command.overtime.hard_deadline_us
    close_at_us = command.open_at_us + command.duration_us
    if 0 < hard_us < close_at_us:
        return Reject(RejectCode.RULES_CONTRADICT, close_at_us, "overtime.hard_deadline_us")
    rules = command.rules
    shown_us = command.open_at_us - (rules.prebid is Prebid.REQUIRED)
    if command.preview_at_us > shown_us:
        return Reject(RejectCode.RULES_CONTRADICT, shown_us, "preview_at_us")
    if hard_us and rules.schedule is LotSchedule.SERIAL:
        return Reject(RejectCode.RULES_CONTRADICT, 0, "overtime.hard_deadline_us")
    disclosure, light = command.disclosure, command.disclosure.light
    if disclosure.lead_visible_after_valid_bid and not (disclosure.lead_price or disclosure.prices_by_alias):
        return Reject(RejectCode.RULES_CONTRADICT, 0, "disclosure.lead_visible_after_valid_bid")
    if light is not None and light.yellow_bps < light.green_bps:
        return Reject(RejectCode.RULES_CONTRADICT, light.green_bps, "disclosure.light")
    if rules.schedule in _TOGETHER and (rules.lot_gap_us or rules.min_lot_gap_us):
        return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.lot_gap_us")
    apart_us = rules.lot_gap_us + command.duration_us * (rules.schedule is LotSchedule.SERIAL)
    if rules.min_lot_gap_us > apart_us:
        return Reject(RejectCode.RULES_CONTRADICT, apart_us, "rules.min_lot_gap_us")
    if rules.min_participants and rules.if_too_few is TooFew.POSTPONE and not rules.postpone_us:
        return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.postpone_us")
    return _sale_refusal(command) if command.sale is not None else None


def public_refusal(rules: EventRules) -> Reject | None:
    """RULES_CONTRADICT: a public event that keeps no standstill between award and contract, or that may award to another
    than the best bid without a reason. What bids compare by is fixed by its publication, as any event's is.
    """
    if not rules.public:
        return None
    if not rules.standstill_us:
        return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.standstill_us")
    return None if rules.reasons_asked else Reject(RejectCode.RULES_CONTRADICT, 0, "rules.reasons_asked")


def _sale_refusal(command: CreateEvent) -> Reject | None:
    """What doesn't go with lots from stock: another direction, play, and what would name a side or undo a sale."""
    rules = command.rules
    spoilt = (
        ("sale", rules.direction is LotDirection.REVERSE),
        ("practice", command.practice),
        ("rules.results", rules.results is ResultDisclosure.WINNER),
        ("rules.bond_bears_fee", rules.bond_bears_fee),
        ("rules.review_us", rules.review_us > 0),
    )
    return next((Reject(RejectCode.RULES_CONTRADICT, 0, name) for name, found in spoilt if found), None)


def priced_refusal(command: AddLot, event: SourcingEvent) -> Reject | None:
    """RULES_CONTRADICT: where several currencies are bid in, no price that all would have to name (of a level, or of
    who buys at once), no whole steps, which lie between the ticks of another currency, and no references, which are in
    the event's; and no ceiling or step that comes to more in one of them than a price can.
    """
    if event.currencies is None:
        return None
    names = (*one_priced(command.rules), *unpriceable(command, event.currencies.allowed.values()))
    return next((Reject(RejectCode.RULES_CONTRADICT, 0, name) for name in names), None)


def unpriceable(lot: AddLot | Lot, currencies: Iterable[BidCurrency]) -> Iterator[str]:
    """What of the lot is no price in one of the currencies, so that no bidder in it could be told."""
    least_ppb = min((each.rate_ppb for each in currencies), default=PPB)
    for name, price in (
        ("ceiling_price", lot.ceiling_price),
        ("min_step", lot.min_step),
        *_prices(lot.rules),
    ):
        if price * PPB > PRICE_MAX * least_ppb:
            yield name


def one_priced(rules: LotRules) -> Iterator[str]:
    """The rules that ask for one currency."""
    for name, spoilt in (
        ("rules.format", format_of(rules).clock in _LEVELS),
        ("rules.buy_now_price", rules.buy_now_price > 0),
        ("rules.step_multiple_only", rules.step_multiple_only),
        ("rules.by_discount", rules.by_discount),
    ):
        if spoilt:
            yield name


def _prices(rules: LotRules) -> Iterator[tuple[str, int]]:
    yield from (("rules.step_bands", band.step) for band in rules.step_bands)
    yield "rules.max_step", rules.max_step
    yield "rules.front_buffer", rules.front_buffer or 0
    yield "rules.back_buffer", rules.back_buffer
    yield "rules.floor_price", rules.floor_price
    yield "rules.reserve_price", rules.reserve_price
    yield "rules.qualification_price", rules.qualification_price
    yield "rules.buy_now_price", rules.buy_now_price


def _contradictions(
    command: AddLot, rules: LotRules, direction: LotDirection
) -> Iterator[tuple[str, int, bool]]:
    """Each with its border, 0 where that is no number."""
    floor, ceiling = rules.floor_price, command.ceiling_price
    borders = [band.from_price for band in rules.step_bands]
    largest = max([command.min_step, *(band.step for band in rules.step_bands)])
    front = rules.front_buffer or 0
    buffers = rules.front_buffer is not None or rules.back_buffer > 0

    yield "quantity", 1, bool(rules.lines) and command.quantity != 1
    yield "rules.lines", 0, any(0 < line.deliver_until_us <= line.deliver_from_us for line in rules.lines)
    yield "rules.winners", 0, command.quantity % rules.winners != 0
    referenced = [line.reference_price > 0 for line in rules.lines]
    yield "rules.lines", 0, any(referenced) and not rules.by_discount
    yield "rules.by_discount", 0, rules.by_discount and not (referenced and all(referenced))
    alone = rules.proxies or rules.buy_now_price > 0 or rules.step_multiple_only
    yield "rules.by_discount", 0, rules.by_discount and (alone or command.tick > 1)
    yield "rules.floor_price", ceiling, floor > ceiling
    for name in ("reserve_price", "qualification_price", "buy_now_price"):
        price = getattr(rules, name)
        yield f"rules.{name}", ceiling, price > ceiling
        yield f"rules.{name}", floor, 0 < price < floor
    needed = max(rules.reserve_price, rules.qualification_price)
    yield "rules.buy_now_price", 0, rules.buy_now_price > 0 and direction is LotDirection.REVERSE
    yield "rules.buy_now_price", needed, 0 < rules.buy_now_price < needed
    for low, high in pairwise(borders):
        yield "rules.step_bands", low, low >= high
    yield "rules.step_bands", 0, bool(borders) and rules.step_bps > 0
    yield "rules.max_step", largest, 0 < rules.max_step < largest
    yield "rules.front_buffer", 0, buffers and rules.improve_on is ImproveOn.MARKET_LEAD
    yield "rules.max_step", front, 0 < rules.max_step < front
    yield "rules.lottery_sha256", 0, bool(rules.lottery_sha256) != (rules.tie_policy is TiePolicy.LOTTERY)


def _foreign(rules: LotRules, form: Format) -> Iterator[tuple[str, bool]]:
    """Rules that mean nothing in the format."""
    keeps_off = rules.front_buffer is not None or rules.back_buffer > 0
    yield "rules.clock", form.clock is Clock.NONE and rules.clock != USUAL_CLOCK
    for name in _STEPS:
        yield f"rules.{name}", bool(getattr(rules, name)) and not form.improves
    yield "rules.improve_on", rules.improve_on is ImproveOn.MARKET_LEAD and not form.meets_lead
    yield "rules.front_buffer", keeps_off and not form.meets_lead
    yield "rules.qualification_price", rules.qualification_price > 0 and not form.qualification
    yield "rules.buy_now_price", rules.buy_now_price > 0 and not form.buy_now
    yield "rules.scoring", rules.scoring is not None and not form.scored
    yield "rules.lines", bool(rules.lines) and not form.takes_bids
    yield "rules.tie_policy", rules.tie_policy not in form.ties
    yield "rules.proxies", rules.proxies and (not form.proxies or rules.scoring is not None)
    yield "rules.two_envelopes", rules.two_envelopes and not form.sealed
    yield "rules.winners", rules.winners > 1 and not form.units
    yield "rules.revocable", rules.revocable and not form.revocation
