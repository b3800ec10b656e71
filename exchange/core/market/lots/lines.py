"""A lot of several lines: what its lines come to together, and each of them alone.

Guarantees: exact. A bid is the total of quantity x unit price over the lines, in the unit of a price and unrounded;
only that compares, so ceiling, floor, steps and buffers are those of the total. Amounts are rounded once, as that of
the total is: those of the lines add up to it, and a line that comes to whole minor units is that.

A bid by discount is one number for all lines. Each unit price follows from its reference by one rounding, and the total
from the unit prices, so what compares is exactly what would be paid; a larger discount never makes a larger total.
"""

from collections.abc import Sequence
from typing import Final

from exchange.core.limits import PRICE_MAX
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.lines import LinesPriced, LotLine
from exchange.core.messages.sourcing import SubmitBid
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import divided_half_away, minor_per_price

_WHOLE_BPS: Final = 10_000


def total_of(lines: Sequence[LotLine], prices: Sequence[int]) -> int:
    """What the lines cost together at these unit prices."""
    return sum(line.quantity * price for line, price in zip(lines, prices, strict=True))


def prices_at(lines: Sequence[LotLine], discount_bps: int) -> tuple[int, ...]:
    """The unit price of each line at a discount off its reference price, each rounded half away from zero once."""
    share = _WHOLE_BPS - discount_bps
    return tuple(divided_half_away(line.reference_price * share, _WHOLE_BPS) for line in lines)


def lines_said(lot: Lot, command: SubmitBid) -> tuple[int, ...]:
    """The unit prices that a bid says, in words or by its discount; none where it is a total alone."""
    if command.discount_bps is None:
        return command.lines
    return prices_at(lot.rules.lines, command.discount_bps)


def lines_refusal(lot: Lot, command: SubmitBid) -> Reject | None:
    """BID_BY_DISCOUNT (the lot is bid for by nothing else), LOT_WITHOUT_DISCOUNT, LOT_WITHOUT_LINES, LINES_MISCOUNTED (the bound is how many there are), LINE_NOT_FREE (the bound is its number,
    from 1), TOTAL_DISAGREES (the bound is the total, 0 where that is no price). A bid may be a total alone.
    """
    by_discount = command.discount_bps is not None
    if lot.rules.by_discount and (not by_discount or command.lines):
        return Reject(RejectCode.BID_BY_DISCOUNT, field="discount_bps")
    if by_discount and not lot.rules.by_discount:
        return Reject(RejectCode.LOT_WITHOUT_DISCOUNT, field="discount_bps")
    lines, prices = lot.rules.lines, lines_said(lot, command)
    if not prices:
        return None
    if not lines:
        return Reject(RejectCode.LOT_WITHOUT_LINES, field="lines")
    if len(prices) != len(lines):
        return Reject(RejectCode.LINES_MISCOUNTED, len(lines), "lines")
    for number, (line, price) in enumerate(zip(lines, prices, strict=True), 1):
        if not price and not line.may_be_free:
            return Reject(RejectCode.LINE_NOT_FREE, number, "lines")
    total = total_of(lines, prices)
    if total != command.price:
        return Reject(RejectCode.TOTAL_DISAGREES, total if total <= PRICE_MAX else 0, "price")
    return None


def price_lines(lot: Lot, member_id: str, prices: tuple[int, ...], events: list[AnyEvent]) -> None:
    """Keep the lines of the bid with which the bidder has just come to stand."""
    own = lot.board.of(member_id)
    assert own is not None
    lot.line_prices[own.bid_number] = prices
    events.append(LinesPriced(lot.lot_id, member_id, own.bid_number, prices))


def line_amounts(event: SourcingEvent, lot: Lot, member_id: str, prices: Sequence[int]) -> tuple[int, ...]:
    """What each line of the member's bid comes to in minor units of the event's currency: rounded down, then the largest remainders up until the sum is the
    total's amount; equal ones in the order of the lines.
    """
    numerator, denominator = minor_per_price(event.currency, event.price_scale)
    rated, divisor = lot.rate_of(member_id).as_integer_ratio()
    numerator, denominator = numerator * rated, denominator * divisor
    exact = [line.quantity * price * numerator for line, price in zip(lot.rules.lines, prices, strict=True)]
    amounts = [each // denominator for each in exact]
    missing = divided_half_away(sum(exact), denominator) - sum(amounts)
    by_remainder = sorted(range(len(exact)), key=lambda place: (-(exact[place] % denominator), place))
    for place in by_remainder[:missing]:
        amounts[place] += 1
    return tuple(amounts)
