"""What a sourcing event and its lot are made of, and through which states they go.

Guarantees: a state changes only along its table, by the event that the table names; any other step is a
bug and stops the program. The records here decide nothing: `auction` does.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from exchange.core.market.board import Board, StandingBid
from exchange.core.messages.base import Event
from exchange.core.messages.sourcing import (
    AddLot,
    CreateEvent,
    Disclosure,
    EventCancelled,
    EventPublished,
    LotAwarded,
    LotClosed,
    LotOpened,
    Overtime,
)


class EventState(StrEnum):
    """Where a sourcing event stands."""

    DRAFT = "draft"  # only its buyer and the operator know of it
    PUBLISHED = "published"
    ENDED = "ended"  # awarded
    CANCELLED = "cancelled"


class LotState(StrEnum):
    """Where a lot stands."""

    DRAFT = "draft"
    WAITING = "waiting"  # published, not open yet
    OPEN = "open"
    CLOSED = "closed"  # waits for its award
    AWARDED = "awarded"  # the buyer has chosen somebody, or nobody
    VOID = "void"  # its event was cancelled


EVENT_STATES: Final[dict[EventState, dict[type[Event], EventState]]] = {
    EventState.DRAFT: {EventPublished: EventState.PUBLISHED, EventCancelled: EventState.CANCELLED},
    EventState.PUBLISHED: {LotAwarded: EventState.ENDED, EventCancelled: EventState.CANCELLED},
    EventState.ENDED: {},
    EventState.CANCELLED: {},
}
"""By which event a sourcing event goes from one state to the next."""

LOT_STATES: Final[dict[LotState, dict[type[Event], LotState]]] = {
    LotState.DRAFT: {EventPublished: LotState.WAITING, EventCancelled: LotState.VOID},
    LotState.WAITING: {LotOpened: LotState.OPEN, EventCancelled: LotState.VOID},
    LotState.OPEN: {LotClosed: LotState.CLOSED, EventCancelled: LotState.VOID},
    LotState.CLOSED: {LotAwarded: LotState.AWARDED, EventCancelled: LotState.VOID},
    LotState.AWARDED: {},
    LotState.VOID: {},
}
"""By which event a lot goes from one state to the next."""


class LotTerms(Struct, array_like=True):
    """A lot without its bids. The timetable is 0 until the event is published."""

    lot_id: str
    event_id: str
    title: str
    quantity: int
    ceiling_price: int  # a multiple of the tick, as min_step is
    min_step: int
    tick: int
    state: LotState
    open_at_us: int
    close_at_us: int
    overtime_us: int  # what overtime has added to the close, outages aside
    awarded_alias: int  # 0: nobody, or not awarded yet


class LotDump(LotTerms):
    """A lot at rest."""

    standing: list[StandingBid]


class Lot(LotTerms):
    """A lot at work."""

    board: Board

    @classmethod
    def drafted(cls, lot_id: str, command: AddLot) -> "Lot":
        """A lot without a timetable."""
        return cls(
            lot_id,
            command.event_id,
            command.title,
            command.quantity,
            command.ceiling_price,
            command.min_step,
            command.tick,
            state=LotState.DRAFT,
            open_at_us=0,
            close_at_us=0,
            overtime_us=0,
            awarded_alias=0,
            board=Board(),
        )

    @property
    def published(self) -> bool:
        """Whether suppliers have ever been shown the lot; a draft that is cancelled never was."""
        return self.close_at_us > 0

    def tell(self, event: type[Event]) -> None:
        """Go on to the next state."""
        self.state = LOT_STATES[self.state][event]

    def dump(self) -> LotDump:
        """The lot with its standing."""
        *terms, board = astuple(self)
        return LotDump(*(*terms, board.dump()))

    @classmethod
    def load(cls, dumped: LotDump) -> "Lot":
        """The lot of a dump."""
        *terms, standing = astuple(dumped)
        return cls(*(*terms, Board.load(standing)))


class EventTerms(Struct, array_like=True):
    """A sourcing event without its lots."""

    event_id: str
    buyer_id: str
    buyer_owner: str
    title: str
    currency: str
    price_scale: int
    open_at_us: int
    duration_us: int
    overtime: Overtime
    disclosure: Disclosure
    state: EventState
    invited: dict[str, str]  # suppliers in the order of their invitation, with their owners


class EventDump(EventTerms):
    """A sourcing event at rest."""

    lots: list[LotDump]


class SourcingEvent(EventTerms):
    """A sourcing event at work."""

    lots: list[Lot]
    owners: set[str]  # of those invited

    @classmethod
    def drafted(cls, event_id: str, buyer_id: str, buyer_owner: str, command: CreateEvent) -> "SourcingEvent":
        """An event without lots or suppliers."""
        return cls(
            event_id,
            buyer_id,
            buyer_owner,
            command.title,
            command.currency,
            command.price_scale,
            command.open_at_us,
            command.duration_us,
            command.overtime,
            command.disclosure,
            state=EventState.DRAFT,
            invited={},
            lots=[],
            owners=set(),
        )

    @property
    def discloses_lead(self) -> bool:
        """Whether suppliers may learn the lead's price; prices by alias tell it too."""
        return self.disclosure.lead_price or self.disclosure.prices_by_alias

    def tell(self, event: type[Event]) -> None:
        """Go on to the next state."""
        self.state = EVENT_STATES[self.state][event]

    def dump(self) -> EventDump:
        """The event with its lots."""
        *terms, invited, lots, _owners = astuple(self)
        return EventDump(*(*terms, dict(invited), [lot.dump() for lot in lots]))

    @classmethod
    def load(cls, dumped: EventDump) -> "SourcingEvent":
        """The event of a dump."""
        *terms, invited, lots = astuple(dumped)
        return cls(*(*terms, dict(invited), [Lot.load(lot) for lot in lots], set(invited.values())))
