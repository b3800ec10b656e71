"""Lots in rounds: first prices, then rounds in which each bidder may bid once in its turn, the worst first.

Guarantees: first prices are bids, taken until the close that the timetable has; nobody but the buyer and the
operator sees them meanwhile. Then the close moves to the end of the rounds: a pause, then as many rounds as the
rules say with a pause between two, and in each a turn for everybody with a first price, in the order of the
standing as the round begins, the worst first (of equal prices the later one). A turn stands for its whole length;
who has taken back all of its bids has none in the next round, which is so much shorter.
A bid lies a step or more below the bidder's own; the lead binds nobody. With fewer than two first prices there
are no rounds.

Known limits: the clock tells how many bidders there are, hence only events that disclose it have such lots.
"""

from typing import Final

from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages.lot_clocks import RoundPaused, RoundsStarted, TurnBegan
from exchange.core.rejects import Reject, RejectCode

_OPEN: Final = LotState.OPEN
_TURNS: Final = Clock.TURNS


def takes_first_prices(lot: Lot) -> bool:
    """Whether bids are hidden from suppliers, since the rounds have not begun."""
    return lot.state is _OPEN and format_of(lot.rules).clock is _TURNS and not lot.hands.number


def rounds_started(lot: Lot) -> list[RoundsStarted | RoundPaused]:
    """What follows the end of the first prices; nothing where the lot closes."""
    if not takes_first_prices(lot):
        return []
    clock, bidders = lot.rules.clock, sum(1 for _ in lot.board.ranking())
    if bidders < 2:
        return []
    pause_ends_us = lot.close_at_us + clock.first_pause_us
    all_turns_us = clock.rounds * bidders * clock.turn_us
    close_at_us = pause_ends_us + all_turns_us + (clock.rounds - 1) * clock.pause_us
    return [RoundsStarted(lot.lot_id, close_at_us), RoundPaused(lot.lot_id, 1, pause_ends_us)]


def next_turn(lot: Lot) -> TurnBegan | RoundPaused | None:
    """What follows the turn or the pause that has ended; nothing where the lot closes."""
    hands, clock = lot.hands, lot.rules.clock
    order = hands.order[1:]
    if not hands.order:
        order = [bid.alias for bid in lot.board.ranking()][::-1]
    if order:
        return TurnBegan(lot.lot_id, hands.number, order, hands.until_us + clock.turn_us)
    if hands.number < clock.rounds and hands.order:
        return RoundPaused(lot.lot_id, hands.number + 1, hands.until_us + clock.pause_us)
    return None


def turn_refusal(lot: Lot, member_id: str, at_us: int) -> Reject | None:
    """NO_FIRST_PRICE, NOT_YOUR_TURN, TURN_USED; nothing while there are no rounds."""
    hands = lot.hands
    if not hands.number:
        return None
    own = lot.board.of(member_id)
    if own is None:
        return Reject(RejectCode.NO_FIRST_PRICE)
    if hands.order[:1] != [own.alias] or at_us >= hands.until_us:
        return Reject(RejectCode.NOT_YOUR_TURN)
    return Reject(RejectCode.TURN_USED) if hands.used else None
