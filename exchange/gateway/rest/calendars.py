"""REST of calendar files: an event's times for whoever may see the event, to be taken into a calendar.

Guarantees: each file of an event has its one UID; a file with other times than the last has a higher SEQUENCE.
"""

from typing import Final

from exchange.core.market.sourcing import EventState
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.practice import marked
from exchange.gateway.problems import Refused
from exchange.gateway.rest.sourcing import event_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route
from exchange.outbound.calendars import FILE_NAME, MEDIA, Entry, calendar_file, times_of

_NOTED: Final = "select * from event_calendars where event_id = $1"


async def get_calendar(call: Call[NoBody, NoQuery]) -> bytes:
    """When the first lot opens and the last one closes, as iCalendar. Ask again after a change: it replaces the entry."""
    event, _ = event_of(call.views, call.id("event_id"), call.member_id)
    times = times_of(event)
    if times is None:
        raise Refused(Reject(RejectCode.EVENT_NOT_PUBLISHED, field="event_id"))
    shown = marked(event, event.title), *times, event.state is EventState.CANCELLED
    row = await call.ports.records.fetch_row(_NOTED, event.event_id)
    sequence = 0
    if row is not None:  # the records may be a moment behind what is shown
        noted = row["title"], row["open_at_us"], row["close_at_us"], row["cancelled"]
        sequence = row["sequence"] + (noted != shown)
    call.headers |= {
        "Content-Type": f"{MEDIA}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{FILE_NAME}"',
    }
    return calendar_file(Entry(event.event_id, *shown, sequence), call.ports.engine.now_us())


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/events/{event_id}/calendar", "Take an event into a calendar", get_calendar,
        NoBody, NoQuery, bytes, media=MEDIA,
    ),
)  # fmt: skip
