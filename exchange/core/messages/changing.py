"""Changing a draft: what is given replaces what was; once it is published nothing does."""

from typing import Annotated

from msgspec import Meta

from exchange.core.limits import EVENT_DURATION_US_MAX
from exchange.core.messages.base import ConditionalCommand, Event, Instant, Price, PublicId, Quantity, Symbol
from exchange.core.messages.lot_rules import EventRules, LotRules, Overtime
from exchange.core.messages.lot_sales import SaleTerms
from exchange.core.messages.sourcing import Disclosure


class ChangeEvent(ConditionalCommand, frozen=True, tag="change_event"):
    """Buyer: change a draft. Currency and scale stay, since the prices of its lots are in them; so does whether its lots
    are from stock, since that says who bids.
    """

    event_id: PublicId
    title: Symbol | None = None
    open_at_us: Instant | None = None
    duration_us: Annotated[int, Meta(ge=1_000_000, le=EVENT_DURATION_US_MAX)] | None = None
    overtime: Overtime | None = None
    disclosure: Disclosure | None = None
    rules: EventRules | None = None
    sale: SaleTerms | None = None


class EventChanged(Event, frozen=True, tag="event_changed"):
    """The draft as it is now."""

    event_id: str
    title: str
    open_at_us: int
    duration_us: int
    overtime: Overtime
    disclosure: Disclosure
    rules: EventRules


class ChangeLot(ConditionalCommand, frozen=True, tag="change_lot"):
    """Buyer: change a lot of a draft. What it is stock of stays."""

    lot_id: PublicId
    title: Symbol | None = None
    quantity: Quantity | None = None
    ceiling_price: Price | None = None
    min_step: Price | None = None
    tick: Price | None = None
    rules: LotRules | None = None


class LotChanged(Event, frozen=True, tag="lot_changed"):
    """The lot as it is now."""

    lot_id: str
    title: str
    quantity: int
    ceiling_price: int
    min_step: int
    tick: int
    rules: LotRules


class RemoveLot(ConditionalCommand, frozen=True, tag="remove_lot"):
    """Buyer: take a lot out of a draft."""

    lot_id: PublicId


class LotRemoved(Event, frozen=True, tag="lot_removed"):
    """There is no such lot any more; those after it move up."""

    lot_id: str
    event_id: str


ChangingCommand = ChangeEvent | ChangeLot | RemoveLot
ChangingEvent = EventChanged | LotChanged | LotRemoved
