"""What buyer, seller and bidders are told of an award on their own channels, by the records of its event.

Guarantees: a winner learns its own part and, but of a surplus lot, the buyer; the buyer every part; a seller the price
alone; whoever else has bid nothing of that. That a standstill is over is told to all who bid in the same words, however
it ended. Each amount comes with its currency. Doesn't ask who listens.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.awards import LotSplit, SuccessFeeCharged, SuccessFeeReturned, WonPart
from exchange.core.messages.base import Event, Side
from exchange.core.messages.lifecycles import AwardState
from exchange.core.messages.lot_sales import LotSaleMoved, SaleState
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.shown import OwnAward
from exchange.core.messages.shown_awards import (
    OwnPracticeAward,
    OwnSale,
    OwnStandstillEnded,
    OwnSuccessFee,
)
from exchange.core.messages.sourcing import LotAwarded
from exchange.core.messages.standstill import AwardMoved

News = OwnAward | OwnPracticeAward | OwnSale | OwnStandstillEnded | OwnSuccessFee
Told = Sequence[tuple[str, News]]
"""To whom, and what."""
_ENDS: Final = (AwardState.FINAL, AwardState.WITHDRAWN)


def award_news(event: Any, sourcing: SourcingEvent, lot: Lot) -> Told:
    """Whom an event that stands in AWARD_EVENTS is told to; the lot is the one that it names."""
    return _TOLD[type(event)](event, sourcing, lot)


def _awarded(event: LotAwarded, sourcing: SourcingEvent, lot: Lot) -> Told:
    """Of a surplus lot to the winner alone: its seller follows the sale."""
    if not event.winner_id:
        return ()
    won = WonPart(event.alias, event.winner_id, event.price, event.quantity, event.amount_minor)
    return _won(won, event.buyer_id, sourcing, lot)


def _split(event: LotSplit, sourcing: SourcingEvent, lot: Lot) -> Told:
    return [each for part in event.parts for each in _won(part, event.buyer_id, sourcing, lot)]


def _won(part: WonPart, buyer_id: str, sourcing: SourcingEvent, lot: Lot) -> Told:
    terms, provisional = _terms(part, sourcing), sourcing.rules.standstill_us > 0
    to_winner = part.winner_id, OwnAward(lot.lot_id, buyer_id, **terms, provisional=provisional)
    if not buyer_id:
        return [to_winner]
    return [(buyer_id, OwnAward(lot.lot_id, part.winner_id, **terms, provisional=provisional)), to_winner]


def _practised(event: PracticeAwarded, sourcing: SourcingEvent, lot: Lot) -> Told:
    """To each winner its own part."""
    return [(part.winner_id, OwnPracticeAward(lot.lot_id, **_terms(part, sourcing))) for part in event.parts]


def _terms(part: WonPart, sourcing: SourcingEvent) -> dict[str, Any]:
    """What was won, by the names of the fields."""
    bid_currency = sourcing.currency_of(part.winner_id)
    return {
        "price": part.price,
        "quantity": part.quantity,
        "amount_minor": part.amount_minor,
        "currency": sourcing.currency,
        "price_scale": sourcing.price_scale,
        "bid_currency": "" if bid_currency == sourcing.currency else bid_currency,
    }


def _sold(event: LotSaleMoved, sourcing: SourcingEvent, lot: Lot) -> Told:
    """Each side by itself: to the winner what it pays, to the seller the price."""
    terms = lot.lot_id, event.state, event.price, event.quantity
    named = sourcing.currency, sourcing.price_scale
    sold_as = lot.lot_id if event.state is SaleState.PAID else ""
    bought = OwnSale(*terms, Side.BUY, event.need_minor, event.due_us, event.contract_id, *named)
    sold = OwnSale(*terms, Side.SELL, event.amount_minor, event.due_us, sold_as, *named)
    return [(event.winner_id, bought), (event.seller_id, sold)]


def _ended(event: AwardMoved, sourcing: SourcingEvent, lot: Lot) -> Told:
    """To the buyer and to all who bid. What is between its begin and its end would tell of a complaint."""
    if event.state not in _ENDS:
        return ()
    news = OwnStandstillEnded(lot.lot_id, event.state)
    bidders = [bid.member_id for bid in lot.board.ranking()]
    return [(member_id, news) for member_id in (sourcing.buyer_id, *bidders)]


def _fee(event: SuccessFeeCharged | SuccessFeeReturned, sourcing: SourcingEvent, lot: Lot) -> Told:
    """To its payer."""
    returned = isinstance(event, SuccessFeeReturned)
    news = OwnSuccessFee(lot.lot_id, event.fee_minor, event.tax_minor, returned, sourcing.currency)
    return [(event.payer, news)]


_TOLD: Final[dict[type[Event], Callable[..., Told]]] = {
    LotAwarded: _awarded,
    LotSplit: _split,
    PracticeAwarded: _practised,
    LotSaleMoved: _sold,
    AwardMoved: _ended,
    SuccessFeeCharged: _fee,
    SuccessFeeReturned: _fee,
}
AWARD_EVENTS: Final = frozenset(_TOLD)
