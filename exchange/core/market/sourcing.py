"""What a sourcing event and its lot are made of, and through which states they go.

Guarantees: a state changes only along its table, by the event that the table names; any other step is a
bug and stops the program. The records here decide nothing: `auction` does.
"""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple, replace

from exchange.core.market.board import Board, Revoked, StandingBid
from exchange.core.market.lots.currencies import Currencies, currencies_of
from exchange.core.market.lots.envelopes import SealedBids, sealed_for
from exchange.core.market.lots.hands import AT_REST, Hands
from exchange.core.market.lots.scoring import Declaration, Scores, Transformation
from exchange.core.messages.awards import LotSplit, WinnerDefaulted
from exchange.core.messages.base import Event
from exchange.core.messages.changing import EventChanged, LotChanged
from exchange.core.messages.currencies import BidCurrency
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules, LotSchedule, Overtime
from exchange.core.messages.lot_sales import SaleTerms
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.review import LotReopened
from exchange.core.messages.scoring import Scoring
from exchange.core.messages.sourcing import (
    AddLot,
    CreateEvent,
    Disclosure,
    EventCancelled,
    EventPublished,
    LotAwarded,
    LotClosed,
    LotOpened,
)
from exchange.core.messages.standstill import AwardWithdrawn


class Sight(IntEnum):
    """Whose prices a bidder may know: its own, the lead's too, or everybody's."""

    OWN = 0
    LEAD = 1
    ALL = 2


_BY_PRICE: Final = Scoring()
"""Where nothing is scored, but the currencies of prices differ."""


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
    EventState.PUBLISHED: {
        LotAwarded: EventState.ENDED,
        LotSplit: EventState.ENDED,
        PracticeAwarded: EventState.ENDED,
        EventCancelled: EventState.CANCELLED,
    },
    EventState.ENDED: {WinnerDefaulted: EventState.PUBLISHED, AwardWithdrawn: EventState.PUBLISHED},
    EventState.CANCELLED: {},
}
"""By which event a sourcing event goes from one state to the next."""

_WAITING: Final = LotState.WAITING
_OPEN: Final = LotState.OPEN
LOT_STATES: Final[dict[LotState, dict[type[Event], LotState]]] = {
    LotState.DRAFT: {EventPublished: LotState.WAITING, EventCancelled: LotState.VOID},
    LotState.WAITING: {LotOpened: LotState.OPEN, EventCancelled: LotState.VOID},
    LotState.OPEN: {LotClosed: LotState.CLOSED, EventCancelled: LotState.VOID},
    LotState.CLOSED: {
        LotAwarded: LotState.AWARDED,
        LotSplit: LotState.AWARDED,
        PracticeAwarded: LotState.AWARDED,
        LotReopened: LotState.OPEN,
        EventCancelled: LotState.VOID,
    },
    LotState.AWARDED: {WinnerDefaulted: LotState.CLOSED, AwardWithdrawn: LotState.CLOSED},
    LotState.VOID: {},
}
"""By which event a lot goes from one state to the next."""


class Proxy(Struct, frozen=True, array_like=True):
    """Whose bids a lot makes by itself, and up to which price; nobody else is ever shown it."""

    member_id: str
    limit_price: int


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
    direction: LotDirection = LotDirection.REVERSE
    hard_deadline_us: int = 0
    extensions: int = 0
    seed: str = ""
    sealed: SealedBids | None = None
    earlier: list[StandingBid] = []
    revoked: list[Revoked] = []
    hands: Hands = AT_REST
    declared: dict[str, Declaration] = {}
    transformed: dict[str, Transformation] = {}
    proxy: Proxy | None = None
    review_until_us: int = 0
    line_prices: dict[int, tuple[int, ...]] = {}
    instrument_id: str = ""


class Lot(LotTerms):
    """A lot at work."""

    board: Board
    rules: LotRules = LotRules()
    direction: LotDirection = LotDirection.REVERSE  # its event's
    hard_deadline_us: int = 0  # overtime and its buyer never move the close past it; 0: there is none
    extensions: int = 0  # how often overtime has moved the close
    sealed: SealedBids | None = None  # what a sealed lot has beside its board
    hands: Hands = AT_REST  # of its clock, where its format has one
    proxy: Proxy | None = None  # of the leader; any other one has gone to its limit
    review_until_us: int = 0  # before when a closed lot can be reopened
    line_prices: dict[int, tuple[int, ...]] = {}  # of the bids of these numbers, those revoked with them
    instrument_id: str = ""  # of whose stock it is; empty: of none
    currencies: Currencies | None = None  # its event's

    @classmethod
    def drafted(
        cls, lot_id: str, command: AddLot, direction: LotDirection, currencies: Currencies | None = None
    ) -> "Lot":
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
            board=Board(
                direction,
                command.rules.tie_policy,
                scores_of(direction, command.rules, currencies=currencies),
            ),
            rules=command.rules,
            direction=direction,
            sealed=sealed_for(command.rules),
            instrument_id=command.instrument_id,
            currencies=currencies,
        )

    def change(self, to: LotChanged) -> None:
        """Another draft of it."""
        self.title, self.quantity, self.rules = to.title, to.quantity, to.rules
        self.ceiling_price, self.min_step, self.tick = to.ceiling_price, to.min_step, to.tick
        self.empty_board(to.rules)
        self.sealed = sealed_for(to.rules, self.sealed)

    @property
    def published(self) -> bool:
        """Whether suppliers have ever been shown the lot; a draft that is cancelled never was."""
        return self.close_at_us > 0

    @property
    def running(self) -> bool:
        """Whether time does anything to the lot: it waits, or it is open."""
        return self.state is _OPEN or self.state is _WAITING

    def move(self, by_us: int) -> None:
        """Move every timer of a running lot that is still ahead."""
        opens_later_us = by_us if self.state is LotState.WAITING else 0
        self.reschedule(self.open_at_us + opens_later_us, self.close_at_us + by_us)
        if self.hard_deadline_us:
            self.hard_deadline_us += by_us

    def reschedule(self, open_at_us: int, close_at_us: int) -> None:
        """Give the lot this timetable; what its clock shows ends later by as much as the lot closes later."""
        hands, by_us = self.hands, close_at_us - self.close_at_us
        if hands.until_us:
            self.hands = replace(hands, until_us=hands.until_us + by_us)
        self.open_at_us, self.close_at_us = open_at_us, close_at_us

    def tell(self, event: type[Event]) -> None:
        """Go on to the next state."""
        self.state = LOT_STATES[self.state][event]
        if self.state is not _OPEN:
            self.hands = AT_REST

    def empty_board(self, rules: LotRules) -> None:
        """Nobody has bid by these rules; what the buyer set for suppliers stays, where they know of it."""
        before = self.board.scores
        kept = before.transformed if before and rules.scoring and rules.scoring.transformed else None
        scores = scores_of(self.direction, rules, transformed=kept, currencies=self.currencies)
        self.board = Board(self.direction, rules.tie_policy, scores)

    def rate_of(self, member_id: str) -> int | Fraction:
        """What the member's prices are multiplied by to be in the event's currency."""
        return 1 if self.currencies is None else self.currencies.rate_of(member_id)

    def tick_of(self, member_id: str) -> int:
        """The tick of the member's prices."""
        return (self.currencies and self.currencies.tick_of(member_id)) or self.tick

    def dump(self) -> LotDump:
        """The lot with its standing."""
        *others, hands, proxy, review, lines, instrument_id, _currencies = astuple(self)
        *terms, board, rules, direction, hard_deadline_us, extensions, sealed = others
        taken_back = board.dump_earlier(), board.dump_revoked()
        later = board.seed, sealed.copy() if sealed else None, *taken_back, hands
        dumped = LotDump(*(*terms, board.dump(), rules, direction, hard_deadline_us, extensions, *later))
        dumped.proxy, dumped.review_until_us, dumped.line_prices = proxy, review, dict(lines)
        dumped.instrument_id = instrument_id
        if board.scores is not None:
            dumped.declared, dumped.transformed = dict(board.scores.declared), dict(board.scores.transformed)
        return dumped

    @classmethod
    def load(cls, dumped: LotDump, currencies: Currencies | None = None) -> "Lot":
        """The lot of a dump."""
        *others, proxy, review, lines, instrument_id = astuple(dumped)
        *others, earlier, revoked, hands, declared, transformed = others
        *terms, standing, rules, direction, hard_deadline_us, extensions, seed, sealed = others
        scores = scores_of(direction, rules, declared, transformed, currencies)
        board = Board.load(standing, direction, rules.tie_policy, seed, earlier, revoked, scores)
        at_work = sealed, hands, proxy, review, dict(lines), instrument_id, currencies
        return cls(*(*terms, board, rules, direction, hard_deadline_us, extensions, *at_work))


def scores_of(
    direction: LotDirection,
    rules: LotRules,
    declared: dict[str, Declaration] | None = None,
    transformed: dict[str, Transformation] | None = None,
    currencies: Currencies | None = None,
) -> Scores | None:
    """The scores of a lot with these rules; nothing where prices compare as they are."""
    if rules.scoring is None and currencies is None:
        return None
    return Scores(rules.scoring or _BY_PRICE, direction, declared, transformed, currencies)


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


_LATER: Final = 7
"""How many fields follow the lots of an event, and the owners at work: the same at rest."""


class EventDump(EventTerms):
    """A sourcing event at rest."""

    lots: list[LotDump]
    rules: EventRules = EventRules()
    paused_at_us: int = 0
    postponed: bool = False
    practice: bool = False
    preview_at_us: int = 0
    previewed: bool = False
    sale: SaleTerms | None = None
    currencies: list[BidCurrency] = []
    chosen: dict[str, str] = {}


class SourcingEvent(EventTerms):
    """A sourcing event at work."""

    lots: list[Lot]
    owners: set[str]  # of those invited
    rules: EventRules = EventRules()
    paused_at_us: int = 0  # since when its clocks stand still; 0: they run
    postponed: bool = False  # it had too few suppliers once
    practice: bool = False  # to train: nothing in it binds
    preview_at_us: int = 0  # from when suppliers are shown its lots; 0: from its publication
    previewed: bool = False  # whether that has come
    sale: SaleTerms | None = None  # where its lots are from stock; `buyer_id` is then their seller
    currencies: Currencies | None = None  # that are bid in, where there are others than its own

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
            practice=command.practice,
            preview_at_us=command.preview_at_us,
            sale=command.sale,
        )

    def shows(self, lot: Lot) -> bool:
        """Whether suppliers are shown the lot."""
        return lot.published and (self.previewed or not self.preview_at_us)

    def currency_of(self, member_id: str) -> str:
        """What the member's prices are in."""
        own = self.currencies.of(member_id) if self.currencies is not None else None
        return self.currency if own is None else own.currency

    @property
    def bond_minor(self) -> int:
        """What is placed before a bid; 0: nothing is, as in a practice event."""
        return 0 if self.practice else self.rules.bid_bond_minor

    @property
    def from_stock(self) -> bool:
        """Whether its lots are its seller's stock."""
        return self.sale is not None

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

    def disinvite(self, member_id: str) -> None:
        """Take an invitation back; another member of its owner can be invited now."""
        self.owners.discard(self.invited.pop(member_id))

    def change(self, to: EventChanged) -> None:
        """Another draft of it; its lots stay, so a new direction comes before them."""
        self.title, self.open_at_us, self.duration_us = to.title, to.open_at_us, to.duration_us
        self.overtime, self.disclosure, self.rules = to.overtime, to.disclosure, to.rules

    def set_currencies(self, allowed: Sequence[BidCurrency]) -> None:
        """Let a draft be bid in these beside its own."""
        self.currencies = currencies_of(allowed)
        for lot in self.lots:
            lot.currencies = self.currencies
            lot.empty_board(lot.rules)

    def choose(self, member_id: str, currency: str) -> None:
        """The supplier has not bid, and bids in this currency."""
        assert self.currencies is not None
        self.currencies.chosen[member_id] = currency
        for lot in self.lots:
            if lot.board.scores is not None:
                lot.board.scores.choose(member_id)

    def publish(self) -> None:
        """Fix the timetable of every lot."""
        self.tell(EventPublished)
        for lot, (open_at_us, close_at_us) in zip(self.lots, self.timetable(), strict=True):
            lot.tell(EventPublished)
            lot.open_at_us, lot.close_at_us = open_at_us, close_at_us
            lot.hard_deadline_us = self.overtime.hard_deadline_us

    def timetable(self) -> list[tuple[int, int]]:
        """When each lot opens and closes, if nothing moves it."""
        schedule, gap_us = self.rules.schedule, self.rules.lot_gap_us
        later_us = self.duration_us + gap_us if schedule is LotSchedule.SERIAL else 0
        longer_us = gap_us if schedule is LotSchedule.STAGGERED else 0
        if not later_us and not longer_us:  # thousands of lots share the two instants
            return [(self.open_at_us, self.open_at_us + self.duration_us)] * len(self.lots)
        opens = [self.open_at_us + place * later_us for place in range(len(self.lots))]
        return [
            (open_at_us, open_at_us + self.duration_us + place * longer_us)
            for place, open_at_us in enumerate(opens)
        ]

    def award(self, lot: "Lot", alias: int, by: type[Event]) -> None:
        """The buyer has chosen, an alias or several (0); with the last of its lots the event ends."""
        lot.tell(by)
        lot.awarded_alias, lot.review_until_us = alias, 0
        if all(each.state is LotState.AWARDED for each in self.lots):
            self.tell(by)

    def cancel(self) -> None:
        """Void every lot that isn't awarded."""
        self.tell(EventCancelled)
        for lot in self.lots:
            if lot.state is not LotState.AWARDED:
                lot.tell(EventCancelled)

    def resume(self, paused_us: int) -> None:
        """Let the clocks run again."""
        self.paused_at_us = 0
        for lot in self.lots:
            if lot.running:
                lot.move(paused_us)

    def tell(self, event: type[Event]) -> None:
        """Go on to the next state."""
        self.state = EVENT_STATES[self.state][event]

    def dump(self) -> EventDump:
        """The event with its lots."""
        *later, currencies = astuple(self)[-_LATER - 1 :]
        *terms, invited, lots, _owners = astuple(self)[: -_LATER - 1]
        dumped = [lot.dump() for lot in lots]
        bid_in = (list(currencies.allowed.values()), dict(currencies.chosen)) if currencies else ([], {})
        return EventDump(*(*terms, dict(invited), dumped, *later, *bid_in))

    @classmethod
    def load(cls, dumped: EventDump) -> "SourcingEvent":
        """The event of a dump."""
        *before, allowed, chosen = astuple(dumped)
        *terms, invited, lots = before[:-_LATER]
        currencies = currencies_of(allowed, chosen)
        owners, loaded = set(invited.values()), [Lot.load(lot, currencies) for lot in lots]
        return cls(*(*terms, dict(invited), loaded, owners, *before[-_LATER:], currencies))
