"""Commands that steer an event while it runs: pause, resume, extend, end; and what time did to it."""

from exchange.core.messages.base import ConditionalCommand, Event, Instant, PublicId, Symbol


class PauseEvent(ConditionalCommand, frozen=True, tag="pause_event"):
    """Buyer or operator: stop the clocks of all lots that are not closed; no bid is taken meanwhile."""

    event_id: PublicId
    reason: Symbol


class EventPaused(Event, frozen=True, tag="event_paused"):
    """The clocks of its waiting and open lots stand still from this instant on."""

    event_id: str
    at_us: int
    reason: str


class ResumeEvent(ConditionalCommand, frozen=True, tag="resume_event"):
    """Buyer or operator: go on; every timer moves by exactly the paused time."""

    event_id: PublicId


class EventResumed(Event, frozen=True, tag="event_resumed"):
    """Opening, close and hard deadline of every lot that is not closed moved by `paused_us`."""

    event_id: str
    paused_us: int


class ExtendLot(ConditionalCommand, frozen=True, tag="extend_lot"):
    """Buyer or operator: move the close of a lot to a later instant; it is not overtime."""

    lot_id: PublicId
    close_at_us: Instant


class LotExtended(Event, frozen=True, tag="lot_extended"):
    """The close was moved by hand."""

    lot_id: str
    close_at_us: int


class EndLot(ConditionalCommand, frozen=True, tag="end_lot"):
    """Buyer or operator: close an open lot now."""

    lot_id: PublicId
    reason: Symbol


class LotEnded(Event, frozen=True, tag="lot_ended"):
    """The lot was closed by hand; its LotClosed follows."""

    lot_id: str
    reason: str


class LotMoved(Event, frozen=True, tag="lot_moved"):
    """Another lot of the event moved, and this one's timetable with it."""

    lot_id: str
    open_at_us: int
    close_at_us: int


class LotPostponed(Event, frozen=True, tag="lot_postponed"):
    """Too few could bid when the lot should have opened; its timetable moved as a whole."""

    lot_id: str
    by_us: int


SteeringEvent = EventPaused | EventResumed | LotEnded | LotExtended | LotMoved | LotPostponed

SteeringCommand = PauseEvent | ResumeEvent | ExtendLot | EndLot
