"""What a sourcing event and its lot are made of, and through which states they go.

Guarantees: a state changes only along its table, by the event that the table names; any other step is a
bug and stops the program. The records here decide nothing: `auction` does.
"""

from enum import IntEnum, StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from exchange.core.market.board import Board, StandingBid
from exchange.core.messages.base import Event
from exchange.core.messages.lot_rules import Direction, EventRules, LotRules
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


class Sight(IntEnum):
    """Whose prices a bidder may know: its own, the lead's too, or everybody's."""

    OWN = 0
    LEAD = 1
    ALL = 2


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
    rules: LotRules = LotRules()
    direction: Direction = Direction.REVERSE
    seed: str = ""


class Lot(LotTerms):
    """A lot at work."""

    board: Board
    rules: LotRules = LotRules()
    direction: Direction = Direction.REVERSE  # its event's

    @classmethod
    def drafted(cls, lot_id: str, command: AddLot, direction: Direction) -> "Lot":
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
            board=Board(direction, command.rules.tie_policy),
            rules=command.rules,
            direction=direction,
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
        *terms, board, rules, direction = astuple(self)
        return LotDump(*(*terms, board.dump(), rules, direction, board.seed))

    @classmethod
    def load(cls, dumped: LotDump) -> "Lot":
        """The lot of a dump."""
        *terms, standing, rules, direction, seed = astuple(dumped)
        board = Board.load(standing, direction, rules.tie_policy, seed)
        return cls(*(*terms, board, rules, direction))


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
    rules: EventRules = EventRules()


class SourcingEvent(EventTerms):
    """A sourcing event at work."""

    lots: list[Lot]
    owners: set[str]  # of those invited
    rules: EventRules = EventRules()

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
            rules=command.rules,
        )

    @property
    def sight(self) -> Sight:
        """Whose prices a supplier may learn from a bound."""
        if self.disclosure.prices_by_alias:
            return Sight.ALL
        return Sight.LEAD if self.disclosure.lead_price else Sight.OWN

    @property
    def discloses_lead(self) -> bool:
        """Whether suppliers may learn the lead's price; prices by alias tell it too."""
        return self.disclosure.lead_price or self.disclosure.prices_by_alias

    def tell(self, event: type[Event]) -> None:
        """Go on to the next state."""
        self.state = EVENT_STATES[self.state][event]

    def dump(self) -> EventDump:
        """The event with its lots."""
        *terms, invited, lots, _owners, rules = astuple(self)
        return EventDump(*(*terms, dict(invited), [lot.dump() for lot in lots], rules))

    @classmethod
    def load(cls, dumped: EventDump) -> "SourcingEvent":
        """The event of a dump."""
        *terms, invited, lots, rules = astuple(dumped)
        owners = set(invited.values())
        return cls(*(*terms, dict(invited), [Lot.load(lot) for lot in lots], owners, rules))
