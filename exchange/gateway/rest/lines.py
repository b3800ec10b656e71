"""Lots of several lines as REST writes them: unit prices as decimal strings, delivery windows as instants.

Guarantees: exact both ways; what the core takes for none (0, an empty text) is left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import LINES_PER_LOT_MAX
from exchange.core.messages.lines import LotLine
from exchange.core.messages.shown_lines import AliasLines, OwnLines
from exchange.core.values import CURRENCY_EXPONENT, EPOCH, MICROSECOND
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import (
    Decimals,
    InstantInput,
    ShortText,
    Text,
    decimal_of,
    microseconds_of,
    number_of,
)
from exchange.gateway.rest.instruments import Pieces

LinePrices = Annotated[tuple[Decimals, ...], Meta(max_length=LINES_PER_LOT_MAX)]


class LineBody(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """So much of one thing, to one place, within a time. Without a unit it is pieces; a line that `may_be_free` takes
    a unit price of 0.
    """

    title: ShortText
    quantity: Pieces
    unit: ShortText | UnsetType = UNSET
    ship_to: Text | UnsetType = UNSET
    deliver_from: InstantInput | UnsetType = UNSET
    deliver_until: InstantInput | UnsetType = UNSET
    may_be_free: bool = False
    reference_price: Decimals | UnsetType = UNSET  # of a unit; where the lot is bid for by discount


LineBodies = Annotated[list[LineBody], Meta(max_length=LINES_PER_LOT_MAX)]


class OwnLinesShown(Struct, frozen=True):
    """The own bid by line: unit prices, and what each line comes to if it is awarded."""

    prices: list[Decimals]
    amounts: list[Decimals]


class AliasLinesShown(Struct, frozen=True):
    """The bid under an alias by line."""

    alias: int
    prices: list[Decimals]
    amounts: list[Decimals]


def lines_of(bodies: Sequence[LineBody], scale: int) -> list[LotLine]:
    """The lines with their windows in microseconds; refuses a reference price that doesn't fit the scale."""
    return [
        LotLine(
            body.title,
            body.quantity,
            body.unit or "",
            body.ship_to or "",
            microseconds_of(body.deliver_from) if body.deliver_from else 0,
            microseconds_of(body.deliver_until) if body.deliver_until else 0,
            body.may_be_free,
            price_of("rules.lines", body.reference_price, scale) if body.reference_price else 0,
        )
        for body in bodies
    ]


def line_bodies(lines: Sequence[LotLine], scale: int) -> list[LineBody]:
    """The lines as they are shown."""
    return [
        LineBody(
            line.title,
            line.quantity,
            line.unit or UNSET,
            line.ship_to or UNSET,
            _instant(line.deliver_from_us) if line.deliver_from_us else UNSET,
            _instant(line.deliver_until_us) if line.deliver_until_us else UNSET,
            line.may_be_free,
            decimal_of(line.reference_price, scale) if line.reference_price else UNSET,
        )
        for line in lines
    ]


def line_prices_of(texts: Sequence[str], scale: int) -> tuple[int, ...]:
    """Unit prices, of which any may be 0; refuses one that doesn't fit the scale."""
    return tuple(
        0 if number_of(text, scale) == 0 else price_of(f"lines.[{place}]", text, scale)
        for place, text in enumerate(texts)
    )


def prices_shown(prices: Sequence[int], scale: int) -> list[str]:
    """Unit prices as they are shown."""
    return [decimal_of(price, scale) for price in prices]


def own_lines_shown(lines: OwnLines | UnsetType, currency: str, scale: int) -> OwnLinesShown | UnsetType:
    """The viewer's own."""
    if lines is UNSET:
        return UNSET
    amounts = prices_shown(lines.amounts_minor, CURRENCY_EXPONENT[currency])
    return OwnLinesShown(prices_shown(lines.prices, scale), amounts)


def bid_lines_shown(
    lines: list[AliasLines] | UnsetType, currency: str, scale: int
) -> list[AliasLinesShown] | UnsetType:
    """Those of all aliases."""
    if lines is UNSET:
        return UNSET
    exponent = CURRENCY_EXPONENT[currency]
    return [
        AliasLinesShown(
            each.alias, prices_shown(each.prices, scale), prices_shown(each.amounts_minor, exponent)
        )
        for each in lines
    ]


def _instant(at_us: int) -> datetime:
    return EPOCH + at_us * MICROSECOND
