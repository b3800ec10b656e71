"""When a lot closes: overtime, and what an outage does to its timers.

Guarantees: a close only ever moves away, and overtime moves it no further than all of its bounds allow. An
extension that was made stays, whatever becomes of the bid that triggered it.
"""

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages.lot_rules import ExtensionStart, Overtime


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


def timetable_after_outage(lot: Lot, down_us: int, at_us: int) -> tuple[int, int]:
    """Opening and close of a running lot after an outage that ends at `at_us`.

    A lot that is open then, or should have opened while the exchange was down, closes no sooner than the
    notice after it.
    """
    open_at_us = lot.open_at_us + down_us if lot.state is LotState.WAITING else lot.open_at_us
    close_at_us = lot.close_at_us + down_us
    if lot.open_at_us <= at_us:
        close_at_us = max(close_at_us, at_us + OUTAGE_NOTICE_US)
    return open_at_us, close_at_us
