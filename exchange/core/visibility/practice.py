"""How a practice event is told from one in earnest.

Guarantees: no picture of a practice event leaves the core without the mark, as a field where there are fields and in the
title where there are words.
"""

from msgspec import UNSET, UnsetType

from exchange.core.market.sourcing import SourcingEvent


def mark_of(event: SourcingEvent) -> bool | UnsetType:
    """True in a practice event, in earnest no field at all."""
    return event.practice or UNSET


def marked(event: SourcingEvent, title: str) -> str:
    """The title, of the event or of a lot of it, as calendars, letters and papers have it."""
    return f"Practice: {title}" if event.practice else title
