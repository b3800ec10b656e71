"""The words of all mails, in one place: plain text, short, the same for all who get one.

Guarantees: nobody is named but the event, the lot and the reader's own webhook. What is said of an award comes with the
mail (`award_words`), as its reader may know it.
"""

from datetime import timedelta
from typing import Final

from msgspec import Struct

from exchange.core.values import EPOCH

WEBHOOK_DISABLED: Final = "webhook.disabled"


class Words(Struct, frozen=True):
    """Subject and text, with the names in braces that `Facts` has."""

    subject: str
    text: str


class Facts(Struct, frozen=True):
    """What a mail may say. `subject` is the title of a lot, or a URL; `details` are whole lines, or nothing."""

    title: str
    event_id: str
    subject: str
    open_at_us: int
    close_at_us: int
    details: str = ""


_WHEN: Final = "It opens on {opens} and closes on {closes}, unless something moves it.\n"
_WHERE: Final = "\nThe event's id is {event_id}.\n"

_WORDS: Final[dict[str, Words]] = {
    "own.invited": Words(
        "Invitation: {title}",
        'You are invited to bid in the event "{title}".\n\n' + _WHEN + "The calendar file tells the same.\n" + _WHERE,
    ),
    "event.moved": Words(
        "New times: {title}",
        'The timetable of the event "{title}" has changed.\n\n' + _WHEN + _WHERE,
    ),
    "event.paused": Words(
        "Paused: {title}",
        'The event "{title}" is paused. Its clocks stand still, and no bid is taken until it goes on.\n' + _WHERE,
    ),
    "event.resumed": Words(
        "Goes on: {title}",
        'The event "{title}" goes on.\n\n' + _WHEN + _WHERE,
    ),
    "event.cancelled": Words(
        "Cancelled: {title}",
        'The event "{title}" was cancelled. No lot of it will be awarded any more.\n' + _WHERE,
    ),
    "own.inquiry_answered": Words(
        "A question was answered: {title}",
        'A question about the event "{title}" was answered. All who are invited can read both.\n' + _WHERE,
    ),
    "own.lot_awarded": Words(
        "Awarded to you: {subject}",
        'The lot "{subject}" of the event "{title}" was awarded to you.\n{details}' + _WHERE,
    ),
    "own.lot_sale_moved": Words(
        "Payment: {subject}",
        'This is about the surplus lot "{subject}" of the event "{title}", which was awarded to you.\n{details}' + _WHERE,
    ),
    "own.standstill_ended": Words(
        "Award: {subject}",
        'This is about the award of the lot "{subject}" of the event "{title}".\n{details}' + _WHERE,
    ),
    "own.practice_awarded": Words(
        "You would have won: {subject}",
        'The lot "{subject}" of the event "{title}" went to your bid. It was a practice: nothing was sold, and no contract\n'
        "or fee follows.\n{details}" + _WHERE,
    ),
    "lot.awarded": Words(
        "Decided: {subject}",
        'The lot "{subject}" of the event "{title}" is decided. It was not awarded to you. Thank you for bidding.\n'
        "{details}" + _WHERE,
    ),
    WEBHOOK_DISABLED: Words(
        "A webhook was disabled",
        "Nothing is sent to {subject} any more: it took nothing for three days, or said that it is gone.\n"
        "Enable it once it answers again; then have sent again what you missed.\n",
    ),
}  # fmt: skip
LETTERS: Final = tuple(kind for kind in _WORDS if kind != WEBHOOK_DISABLED)
"""Kinds of notices that are mailed."""
WITH_CALENDAR: Final = frozenset({"own.invited", "event.moved", "event.resumed", "event.cancelled"})


def written(kind: str, facts: Facts) -> tuple[str, str]:
    """Subject and text."""
    words = _WORDS[kind]
    names = {
        "title": facts.title,
        "event_id": facts.event_id,
        "subject": facts.subject,
        "opens": read(facts.open_at_us),
        "closes": read(facts.close_at_us),
        "details": facts.details,
    }
    return words.subject.format_map(names), words.text.format_map(names)


def read(at_us: int) -> str:
    """An instant as people write it, to the second."""
    return (EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%d at %H:%M:%S UTC")
