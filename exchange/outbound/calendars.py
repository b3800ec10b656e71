"""Calendar files of sourcing events (iCalendar, RFC 5545): when the first lot opens and the last one closes.

Guarantees: one UID an event, and a SEQUENCE that rises with each change of its timetable, so that calendars replace
what they had. Says nothing that an invited supplier may not see.
"""

from datetime import timedelta
from typing import Final

from icalendar import Calendar, Event
from msgspec import Struct

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.values import EPOCH

MEDIA: Final = "text/calendar"
FILE_NAME: Final = "event.ics"


class Entry(Struct, frozen=True):
    """An event as calendars know it."""

    event_id: str
    title: str
    open_at_us: int
    close_at_us: int
    cancelled: bool
    sequence: int


def times_of(event: SourcingEvent) -> tuple[int, int] | None:
    """When its first lot opens and its last one closes; nothing before it was published."""
    lots = [lot for lot in event.lots if lot.published]
    if not lots:
        return None
    return min(lot.open_at_us for lot in lots), max(lot.close_at_us for lot in lots)


def calendar_file(entry: Entry, made_at_us: int, *, cancels: bool = False) -> bytes:
    """The file; with `cancels` one that takes the entry out of a calendar that has it."""
    calendar = Calendar()
    calendar.add("prodid", "-//Quickmatch//exchange//EN")
    calendar.add("version", "2.0")
    if cancels:
        calendar.add("method", "CANCEL")
    event = Event()
    event.add("uid", f"{entry.event_id}@exchange")
    event.add("dtstamp", EPOCH + timedelta(microseconds=made_at_us))
    event.add("dtstart", EPOCH + timedelta(microseconds=entry.open_at_us))
    event.add("dtend", EPOCH + timedelta(microseconds=entry.close_at_us))
    event.add("summary", entry.title)
    event.add("description", "Overtime may move the close; the exchange's clock counts.")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("sequence", entry.sequence)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
