"""When a lot closes: overtime, and what an outage does to its timers.

Guarantees: a close only ever moves away, and overtime moves it no further than all of its bounds allow. An
extension that was made stays, whatever becomes of the bid that triggered it.
"""

from itertools import pairwise

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages.lot_rules import EventRules, ExtensionStart, LotSchedule, LotsToExtend, Overtime


def triggers(overtime: Overtime, place: int, *, led: bool) -> bool:
    """Whether a bid that now stands at this place, its bidder having led before or not, counts as late rivalry."""
    if led and place == 1 and not overtime.leader_triggers:
        return False
    return not overtime.lowest_triggering_rank or place <= overtime.lowest_triggering_rank


def extended_close_us(lot: Lot, overtime: Overtime, at_us: int) -> int | None:
    """The close after a bid at this instant that triggers; nothing where it stays.

    The window is `[close - window, close)`, none where it is 0.
    """
    spent = 0 < overtime.number_of_extensions <= lot.extensions
    if spent or at_us < lot.close_at_us - overtime.window_us:
        return None
    start_us = at_us if overtime.extension_start is ExtensionStart.RECEIPT_TIME else lot.close_at_us
    last_us = lot.close_at_us - lot.overtime_us + overtime.total_us_max
    if lot.hard_deadline_us:
        last_us = min(last_us, lot.hard_deadline_us)
    close_at_us = min(start_us + overtime.extension_us, last_us)
    return close_at_us if close_at_us > lot.close_at_us else None


def moved_with(event: SourcingEvent, moved: Lot, by_us: int) -> list[Lot]:
    """Move the lots whose timetable follows that of a lot that overtime moved by so much; 0 was moved otherwise.

    First those that an extension takes along, then each one that would come too near to the lot before it: in
    series it opens no sooner than the gap after its close, elsewhere it closes no sooner than the least gap.
    None is moved past its hard deadline, nor one that is open and whose format has no overtime.
    """
    before = [(lot.open_at_us, lot.close_at_us) for lot in event.lots]
    whose = event.overtime.lots_to_extend
    place = event.lots.index(moved)
    for number, lot in enumerate(event.lots):
        taken_along = number > place if whose is LotsToExtend.CASCADE else lot.state is LotState.OPEN
        if (
            by_us
            and lot is not moved
            and _follows(lot)
            and taken_along
            and whose is not LotsToExtend.TRIGGERING
        ):
            _move(lot, by_us)
    for first, then in pairwise(event.lots):
        if first.running and then.running:
            _keep_apart(event.rules, first, then)
    return [
        lot
        for lot, timetable in zip(event.lots, before, strict=True)
        if timetable != (lot.open_at_us, lot.close_at_us)
    ]


def _keep_apart(rules: EventRules, first: Lot, then: Lot) -> None:
    if rules.schedule is LotSchedule.SERIAL and then.state is LotState.WAITING:
        _move(then, max(0, first.close_at_us + rules.lot_gap_us - then.open_at_us))
    if not _follows(then):
        return
    if rules.min_lot_gap_us and then.close_at_us < first.close_at_us + rules.min_lot_gap_us:
        then.close_at_us = _within(then, first.close_at_us + rules.min_lot_gap_us)


def _follows(lot: Lot) -> bool:
    """Whether the lot's timetable may move with another's."""
    return lot.running and (lot.state is LotState.WAITING or format_of(lot.rules).overtime)


def _move(lot: Lot, by_us: int) -> None:
    """A lot that waits moves as a whole."""
    if lot.state is LotState.WAITING:
        lot.open_at_us += by_us
    lot.close_at_us = _within(lot, lot.close_at_us + by_us)


def _within(lot: Lot, close_at_us: int) -> int:
    return max(lot.close_at_us, min(close_at_us, lot.hard_deadline_us or close_at_us))


def timetable_after_outage(lot: Lot, down_us: int, at_us: int) -> tuple[int, int]:
    """Opening and close of a running lot after an outage that ends at `at_us`.

    A lot that is open then, or should have opened while the exchange was down, closes no sooner than the
    notice after it; where it has a clock, what that shows ends no sooner.
    """
    open_at_us = lot.open_at_us + down_us if lot.state is LotState.WAITING else lot.open_at_us
    later_us = down_us
    if lot.open_at_us <= at_us:
        ends_us = lot.hands.until_us or lot.close_at_us
        later_us = max(down_us, at_us + OUTAGE_NOTICE_US - ends_us)
    return open_at_us, lot.close_at_us + later_us
