"""How a practice event is told from one in earnest, and what its winners are shown.

Guarantees: no picture of a practice event leaves the core without the mark, as a field where there are fields and in the
title where there are words; nobody learns another's identity by its award.
"""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.shown_awards import OwnPracticeAward


def mark_of(event: SourcingEvent) -> bool | UnsetType:
    """True in a practice event, in earnest no field at all."""
    return event.practice or UNSET


def marked(event: SourcingEvent, title: str) -> str:
    """The title, of the event or of a lot of it, as calendars, letters and papers have it."""
    return f"Practice: {title}" if event.practice else title


def winners_of_practice(event: PracticeAwarded) -> tuple[str, ...]:
    """Each once."""
    return tuple(dict.fromkeys(part.winner_id for part in event.parts))


def show_practice_award(event: PracticeAwarded, viewer: str) -> Sequence[OwnPracticeAward]:
    """To each winner its own part."""
    return [
        OwnPracticeAward(event.lot_id, part.price, part.quantity, part.amount_minor)
        for part in event.parts
        if part.winner_id == viewer
    ]
