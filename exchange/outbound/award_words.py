"""What mails say of awards, payments and standstills, in figures with their currency.

Guarantees: nobody is named, and nothing is said but what is given: a notice of the reader's own, or a result as its
reader may read it. Amounts have the decimals of their currency, prices those of their event.
"""

from typing import Final

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages.lifecycles import AwardState
from exchange.core.messages.lot_sales import SaleState
from exchange.core.messages.shown import OwnAward
from exchange.core.messages.shown_awards import OwnPracticeAward, OwnSale, OwnStandstillEnded
from exchange.core.values import decimal_of, scale_of_unit
from exchange.core.visibility.awards import Result
from exchange.outbound.letters import read

_ENDED: Final = {
    AwardState.FINAL: "It is final now.\n",
    AwardState.WITHDRAWN: "It was withdrawn: the lot may be awarded again.\n",
}
_UNTIL: Final = "The award is provisional until {}; a bidder that did not win can complain of it before.\n"


def own_words(told: object) -> str:
    """Of an own award, a sale or the end of a standstill; of anything else nothing."""
    match told:
        case OwnAward() | OwnPracticeAward():
            price = _amount(told.price, told.bid_currency or told.currency, told.price_scale)
            return _won(told.quantity, price, told.amount_minor, told.currency)
        case OwnSale():
            return _sale_words(told)
        case OwnStandstillEnded():
            return _ENDED[told.state]
        case _:
            return ""


def _sale_words(sale: OwnSale) -> str:
    price = _amount(sale.price, sale.currency, sale.price_scale)
    pays = f"{sale.quantity} at {price}; with tax and commission at most {_money(sale.amount_minor, sale.currency)}.\n"
    match sale.state:
        case SaleState.WAITS:
            return (
                f"You buy {pays}Pay from your wallet before {read(sale.due_us)}, or the award is no more.\n"
            )
        case SaleState.PAID:
            return f"It is paid: you buy {pays}Your contract tells the terms.\n"
        case SaleState.DEFAULTED:
            return "It was not paid in time: the award is no more.\n"


def result_words(event: SourcingEvent, result: Result) -> str:
    """The own rank, and what was won by others, as far as the result tells."""
    rank = f"You ranked {result.own_rank}.\n" if result.own_rank else ""
    scale = event.price_scale
    parts = [
        _won(part.quantity, _amount(part.price, currency, scale), part.amount_minor, event.currency)
        for part, currency in zip(result.parts, result.currencies, strict=True)
    ]
    return rank + "".join(parts)


def standstill_words(until_us: int) -> str:
    """Of an award that is not final before this instant."""
    return _UNTIL.format(read(until_us))


def _won(quantity: int, price: str, amount_minor: int, currency: str) -> str:
    return f"Awarded: {quantity} at {price}, {_money(amount_minor, currency)} in all.\n"


def _money(amount_minor: int, currency: str) -> str:
    return _amount(amount_minor, currency, scale_of_unit(currency))


def _amount(number: int, currency: str, scale: int) -> str:
    return f"{decimal_of(number, scale)} {currency}"
