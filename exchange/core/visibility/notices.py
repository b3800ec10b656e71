"""What a member may be told outside its feeds: by webhook or by mail.

Guarantees: a notice holds what the feeds of its member hold and no more: an event of the channel `own` as it is
there, a lot as the channel `lot` shows it after the commit. A commit makes one notice a member, kind and subject.
Doesn't send anything, and doesn't tell every change: a rank that others move is for those who watch.

Known limit: each event of a lot is asked of every member that listens to all of them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final, Protocol, get_args

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import shown
from exchange.core.messages.awards import LotSplit
from exchange.core.messages.base import Event
from exchange.core.messages.inquiries import InquiryAnswered, InquiryMade
from exchange.core.messages.invitations import InvitationAnswered, InvitationWithdrawn
from exchange.core.messages.ledger import TransferPosted
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.preview import LotsPreviewed
from exchange.core.messages.qualification import (
    AddendumPublished,
    QualificationDecided,
    QuestionnaireAnswered,
)
from exchange.core.messages.review import LotReopened
from exchange.core.messages.sealed import EnvelopeSubmitted
from exchange.core.messages.sourcing import (
    BidSubmitted,
    CloseExtended,
    EventCancelled,
    EventPublished,
    LotAwarded,
    LotClosed,
    LotOpened,
    LotShifted,
    SupplierInvited,
)
from exchange.core.messages.steering import EventPaused, EventResumed, LotExtended, LotMoved, LotPostponed
from exchange.core.visibility import audience, show
from exchange.core.visibility.award_news import AWARD_EVENTS, award_news
from exchange.core.visibility.lots import (
    LotFace,
    Relation,
    lot_face,
    lot_relation,
    relation,
    sees_as_newcomer,
    show_invitation,
    show_lot,
)
from exchange.core.visibility.qualification import announced


class EventTold(Struct, frozen=True, tag_field="type", tag="event"):
    """A sourcing event, as far as all who may see it see the same."""

    event_id: str
    title: str
    state: str


class Notice(Struct, frozen=True):
    """`kind` is one of KINDS; `event_id` and `lot_id` are there where it is about them, `practice` where nothing binds."""

    member_id: str
    kind: str
    told: EventTold | shown.Lot | shown.OwnEvent
    at_us: int
    event_id: str = ""
    lot_id: str = ""
    practice: bool = False


LOT_KINDS: Final[dict[type[Event], str]] = {
    LotOpened: "lot.opened",
    CloseExtended: "lot.extended",
    LotExtended: "lot.extended",
    LotShifted: "lot.moved",
    LotMoved: "lot.moved",
    LotPostponed: "lot.moved",
    LotClosed: "lot.closed",
    LotReopened: "lot.reopened",
    LotAwarded: "lot.awarded",
    LotSplit: "lot.awarded",
    PracticeAwarded: "lot.awarded",
}
"""To all who may see the lot."""
EVENT_KINDS: Final[dict[type[Event], str]] = {
    EventPublished: "event.published",
    LotsPreviewed: "event.previewed",
    EventPaused: "event.paused",
    EventResumed: "event.resumed",
    EventCancelled: "event.cancelled",
}
"""To all who may see the event."""
MOVED: Final = "event.moved"
"""The timetable of one lot or more is another one by hand or by an outage."""
INVITED: Final = "own.invited"
WON: Final = "own.lot_awarded"
"""To a winner and its buyer."""
SOLD: Final = "own.lot_sale_moved"
"""To a winner and its seller."""
ENDED: Final = "own.standstill_ended"
"""To a buyer and all who bid."""
PRACTISED: Final = "own.practice_awarded"
"""To who would have won."""
AWARDED: Final = "lot.awarded"
BID: Final = "lot.bid"
"""An own bid was taken, sealed or not."""
_TAGS: Final = sorted(str(kind.__struct_config__.tag) for kind in get_args(shown.OwnEvent))
KINDS: Final = (
    *sorted({*LOT_KINDS.values(), *EVENT_KINDS.values(), BID, MOVED}),
    *(f"own.{tag}" for tag in _TAGS),
)
"""Everything that a member may be told of."""
_ANNOUNCED: Final = (
    AddendumPublished, QuestionnaireAnswered, QualificationDecided, InquiryMade, InquiryAnswered,
    InvitationAnswered, InvitationWithdrawn,
)  # fmt: skip
_MOVES: Final = (LotMoved, LotShifted, LotPostponed)


class Sourcings(Protocol):
    """Where events and lots are found."""

    def event(self, event_id: str, /) -> SourcingEvent | None:
        """The event, if there is one."""
        ...

    def lot(self, lot_id: str, /) -> Lot | None:
        """The lot, if there is one."""
        ...


class Teller:
    """Gathers the notices of one commit, by the state after it.

    `listening` are told everything. What is in `to_all` is told to others too: of an event to its buyer and those
    invited, of a lot to those who bid, of an award to whom it concerns.
    """

    def __init__(
        self,
        sourcings: Sourcings,
        is_operator: Callable[[str], bool],
        listening: Collection[str],
        to_all: Collection[str] = (),
    ) -> None:
        self._sourcings = sourcings
        self._is_operator = is_operator
        self._listening = listening
        self._to_all = to_all
        self._at_us = 0
        self._notices: dict[tuple[str, str, str], Notice] = {}
        self._own: list[Notice] = []
        self.touched: dict[str, None] = {}  # events whose timetable or state may have changed
        self._faces: dict[tuple[str, Relation, bool], LotFace] = {}

    @property
    def notices(self) -> list[Notice]:
        """What was gathered so far, own events first."""
        return [*self._own, *self._notices.values()]

    def take(self, event: Event, at_us: int) -> None:
        """Note whatever the event means to those who hear."""
        self._at_us = at_us
        tell = _TELLERS.get(type(event))
        if tell is not None:
            tell(self, event)
        for member_id in self._concerned(event):
            for told in show(event, member_id):
                self._tell_own(member_id, told, getattr(event, "event_id", ""), getattr(event, "lot_id", ""))
        if type(event) in AWARD_EVENTS:
            self._award(event)

    def _concerned(self, event: Event) -> Iterable[str]:
        if not self._listening or type(event) is TransferPosted:
            return ()
        return filter(self._listening.__contains__, audience(event))

    # --- what is about lots and events -------------------------------------------------------------

    def lot(self, event: LotOpened) -> None:
        """Any event that stands in LOT_KINDS."""
        lot = self._sourcings.lot(event.lot_id)
        if lot is None:
            return
        kind, sourcing = LOT_KINDS[type(event)], self._event_of(lot)
        self.touched[sourcing.event_id] = None
        bidders = [bid.member_id for bid in lot.board.ranking()] if kind in self._to_all else ()
        for member_id in dict.fromkeys((*bidders, *self._listening)):
            self._tell_lot(member_id, kind, sourcing, lot)
        if isinstance(event, _MOVES):
            self._tell_event(sourcing, MOVED)

    def bid(self, event: BidSubmitted | EnvelopeSubmitted) -> None:
        """To its bidder alone."""
        lot = self._sourcings.lot(event.lot_id)
        if lot is not None and event.member_id in self._listening:
            self._tell_lot(event.member_id, BID, self._event_of(lot), lot)

    def event(self, event: EventPublished) -> None:
        """Any event that stands in EVENT_KINDS."""
        sourcing = self._sourcings.event(event.event_id)
        assert sourcing is not None
        self.touched[sourcing.event_id] = None
        self._tell_event(sourcing, EVENT_KINDS[type(event)])
        if isinstance(event, EventPublished):
            for member_id in sourcing.invited:
                self._invite(sourcing, member_id)

    def invited(self, event: SupplierInvited) -> None:
        """As soon as the event may be seen."""
        sourcing = self._sourcings.event(event.event_id)
        assert sourcing is not None
        self._invite(sourcing, event.member_id)

    def announced(self, event: InquiryAnswered) -> None:
        """News of terms, questions and answers."""
        sourcing = self._sourcings.event(event.event_id)
        assert sourcing is not None
        self._tell_each(announced(event, sourcing), sourcing)

    def _award(self, event: Any) -> None:
        """What it means to its sides, and to those who bid."""
        lot = self._sourcings.lot(event.lot_id)
        assert lot is not None
        sourcing = self._event_of(lot)
        self._tell_each(award_news(event, sourcing, lot), sourcing, lot.lot_id)

    # --- how it is noted ---------------------------------------------------------------------------

    def _hearers(self, sourcing: SourcingEvent, kind: str) -> Iterable[str]:
        if kind not in self._to_all:
            return self._listening
        return dict.fromkeys((sourcing.buyer_id, *sourcing.invited, *self._listening))

    def _tell_event(self, sourcing: SourcingEvent, kind: str) -> None:
        told = EventTold(sourcing.event_id, sourcing.title, sourcing.state)
        for member_id in self._hearers(sourcing, kind):
            if relation(sourcing, member_id, is_operator=self._is_operator(member_id)) is not None:
                self._note(Notice(member_id, kind, told, self._at_us, sourcing.event_id))

    def _tell_lot(self, member_id: str, kind: str, sourcing: SourcingEvent, lot: Lot) -> None:
        seen_as = lot_relation(sourcing, lot, member_id, is_operator=self._is_operator(member_id))
        if seen_as is not None:
            newcomer = sees_as_newcomer(sourcing, lot, member_id, seen_as)
            seen = lot.lot_id, seen_as, newcomer
            face = self._faces.get(seen) or lot_face(sourcing, lot, seen_as, newcomer=newcomer)
            self._faces[seen] = face
            channel = f"lot:{lot.lot_id}"
            told = show_lot(face, member_id, channel=channel, at_us=self._at_us)
            self._note(Notice(member_id, kind, told, self._at_us, sourcing.event_id, lot.lot_id))

    def _invite(self, sourcing: SourcingEvent, member_id: str) -> None:
        told = show_invitation(sourcing, member_id)
        if told is not None and (member_id in self._listening or INVITED in self._to_all):
            self._note(Notice(member_id, INVITED, told, self._at_us, sourcing.event_id))

    def _tell_each(
        self, told: Sequence[tuple[str, shown.OwnEvent]], sourcing: SourcingEvent, lot_id: str = ""
    ) -> None:
        for member_id, news in told:
            if member_id in self._listening or _kind_of(news) in self._to_all:
                self._tell_own(member_id, news, sourcing.event_id, lot_id)

    def _tell_own(self, member_id: str, told: shown.OwnEvent, event_id: str = "", lot_id: str = "") -> None:
        notice = Notice(member_id, _kind_of(told), told, self._at_us, event_id, lot_id)
        self._own.append(replace(notice, practice=self._practised(notice)))

    def _note(self, notice: Notice) -> None:
        """One of each kind and subject."""
        subject = notice.lot_id or notice.event_id
        noted = replace(notice, practice=self._practised(notice))
        self._notices[notice.member_id, notice.kind, subject] = noted

    def _practised(self, notice: Notice) -> bool:
        """Whether it is about a practice event, or a lot of one."""
        lot = self._sourcings.lot(notice.lot_id) if notice.lot_id else None
        sourcing = self._sourcings.event(notice.event_id if lot is None else lot.event_id)
        return sourcing is not None and sourcing.practice

    def _event_of(self, lot: Lot) -> SourcingEvent:
        sourcing = self._sourcings.event(lot.event_id)
        assert sourcing is not None
        return sourcing


def _kind_of(told: shown.OwnEvent) -> str:
    return f"own.{told.__struct_config__.tag}"


_TELLERS: Final[dict[type[Event], Callable[..., None]]] = {
    **dict.fromkeys(LOT_KINDS, Teller.lot),
    **dict.fromkeys(EVENT_KINDS, Teller.event),
    **dict.fromkeys(_ANNOUNCED, Teller.announced),
    BidSubmitted: Teller.bid,
    EnvelopeSubmitted: Teller.bid,
    SupplierInvited: Teller.invited,
}
