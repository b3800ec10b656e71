"""What `exchange watch` says of awards, payments and standstills: the watcher's own news, in decimals with their currency."""

from typing import Any

from exchange.core.values import instant_of
from exchange_client.money import decimal_amount, decimal_price
from exchange_client.own_awards import OwnDefault, OwnPracticeAward, OwnSale, OwnStandstillEnded
from exchange_client.shown import OwnAward

AwardNews = OwnAward | OwnPracticeAward | OwnSale | OwnStandstillEnded | OwnDefault


def line(news: AwardNews, title: str) -> str:
    """In a sentence about the lot of this title."""
    match news:
        case OwnAward():
            return f"{title}: awarded{' provisionally' if news.provisional else ''}, {_won(news)}"
        case OwnPracticeAward():
            return f"{title}: would have been awarded, {_won(news)}"
        case OwnSale():
            return f"{title}: {_sale(news)}"
        case OwnStandstillEnded():
            return f"{title}: its award is {news.state}"
        case OwnDefault():
            return f"{title}: its award was taken back ({news.reason})"


def fields(news: AwardNews) -> dict[str, Any]:
    """The same for programs: decimals as texts, instants as REST writes them."""
    told: dict[str, Any] = {"type": news.__struct_config__.tag}
    for name in news.__struct_fields__:
        told[name] = getattr(news, name)
    if isinstance(news, OwnAward | OwnPracticeAward | OwnSale):
        told["price"] = str(decimal_price(news.price, told.pop("price_scale")))
        told["amount"] = str(decimal_amount(told.pop("amount_minor"), news.currency))
    if isinstance(news, OwnSale):
        due_us = told.pop("due_us")
        told["due"] = instant_of(due_us) if due_us else ""
    return told


def _won(news: OwnAward | OwnPracticeAward) -> str:
    price = f"{decimal_price(news.price, news.price_scale)} {news.bid_currency or news.currency}"
    return f"{news.quantity} at {price}, {decimal_amount(news.amount_minor, news.currency)} {news.currency} in all"


def _sale(sale: OwnSale) -> str:
    amount = f"{decimal_amount(sale.amount_minor, sale.currency)} {sale.currency}"
    due = f" until {instant_of(sale.due_us)}" if sale.due_us else ""
    return f"payment {sale.state}{due}, {amount}"
