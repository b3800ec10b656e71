"""REST of what an order may say beyond price and quantity: amounts as decimals, instants as text, both ways."""

from msgspec import UNSET, Struct, UnsetType

from exchange.core.messages import OrderTerms, OrderType, PostOnlyMode, SelfTradeMode
from exchange.gateway.decoding import amount_of
from exchange.gateway.notation import (
    Decimals,
    InstantInput,
    InstantText,
    decimal_of,
    instant_of,
    microseconds_of,
    scale_of_unit,
)
from exchange.gateway.problems import field_refused
from exchange.gateway.rest.instruments import Pieces
from exchange.gateway.stored.records import Row
from exchange.views.market import TermsView


class NewTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """Every default is that of a plain limit order.

    A market order (with ioc or fok) has no price. `budget` is the most that a buy order (with ioc or fok) pays in all,
    tax on the goods included. An order with a minimum fill is not shown. `expires_at` belongs to gtd.
    """

    order_type: OrderType = OrderType.LIMIT
    min_fill_quantity: Pieces | None = None
    display_quantity: Pieces | None = None
    budget: Decimals | None = None
    post_only_mode: PostOnlyMode = PostOnlyMode.REJECT
    self_trade: SelfTradeMode = SelfTradeMode.DECREMENT
    expires_at: InstantInput | None = None


class Terms(Struct, frozen=True, omit_defaults=True):
    """What an order says beyond price and quantity; what is left out is as in a plain order."""

    order_type: OrderType = OrderType.LIMIT
    min_fill_quantity: int = 0
    display_quantity: int = 0
    post_only_mode: PostOnlyMode = PostOnlyMode.REJECT
    self_trade: SelfTradeMode = SelfTradeMode.DECREMENT
    budget: Decimals | UnsetType = UNSET
    expires_at: InstantText | UnsetType = UNSET


COMMAND_NAMES = {"budget_minor": "terms.budget", "expires_at_us": "terms.expires_at"} | {
    name: f"terms.{name}"
    for name in ("order_type", "min_fill_quantity", "display_quantity", "post_only_mode", "self_trade")
}
"""What REST calls the fields that a refusal names."""


def command_terms(terms: NewTerms | None, currency: str) -> OrderTerms | None:
    """The terms as the command carries them."""
    if terms is None:
        return None
    expires_at_us = 0
    if terms.expires_at is not None:
        expires_at_us = microseconds_of(terms.expires_at)
        if expires_at_us <= 0:
            raise field_refused("terms.expires_at", "It lies before 1970.")
    return OrderTerms(
        terms.order_type,
        terms.min_fill_quantity or 0,
        terms.display_quantity or 0,
        0 if terms.budget is None else amount_of("terms.budget", terms.budget, scale_of_unit(currency)),
        terms.post_only_mode,
        terms.self_trade,
        expires_at_us,
    )


def shown_terms(terms: TermsView | None, currency: str) -> Terms | UnsetType:
    """The terms as their owner is shown them; absent for a plain order."""
    if terms is None:
        return UNSET
    return Terms(
        order_type=terms.order_type,
        min_fill_quantity=terms.min_fill_quantity,
        display_quantity=terms.display_quantity,
        budget=decimal_of(terms.budget_minor, scale_of_unit(currency)) if terms.budget_minor else UNSET,
        post_only_mode=terms.post_only_mode,
        self_trade=terms.self_trade,
        expires_at=instant_of(terms.expires_at_us) if terms.expires_at_us else UNSET,
    )


def recorded_terms(row: Row) -> TermsView | None:
    """The terms of an order of the records; nothing for a plain order."""
    if row["order_type"] is None:
        return None
    return TermsView(
        row["min_fill_quantity"],
        row["display_quantity"],
        PostOnlyMode(row["post_only_mode"]),
        SelfTradeMode(row["self_trade"]),
        row["expires_at_us"],
        OrderType(row["order_type"]),
        row["budget_minor"],
    )
