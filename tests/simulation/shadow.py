"""The oracle of the wide world: a kernel that executes the journal's commands and that no fault ever touches.

It is never dumped, loaded or fenced, and sees every command once, so whatever crashes, torn writes and recoveries
make of the others shows as a difference to it. What it can't know, since it has the same rules, is whether a rule is
right: books of both kinds must balance after every command (the ledger's invariants), nothing may be executed twice
or late, no bid may be taken twice by one command, of every lot holds what `lot_watch` says, and of deals' money what
`money_watch` says; the rules themselves have their own twins.
"""

from collections.abc import Sequence

from msgspec import json
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.limits import IDEMPOTENCY_KEPT_US
from exchange.core.market.sourcing import LotState
from exchange.core.messages import (
    AnyCommand,
    AnyEvent,
    EndOutage,
    FireDeadlines,
    OpenSession,
    Outcome,
    Sequenced,
    Side,
    StandingSet,
    shown,
)
from exchange.core.messages.sealed import RevealBids
from exchange.core.messages.sourcing import BidSubmitted
from exchange.core.visibility.lots import face_for, relation, show_lot
from exchange.engine.base import Released
from exchange.views.views import Views
from tests.models import invariants
from tests.models.exchange import Foretold
from tests.simulation.lot_watch import LotWatch
from tests.simulation.money_watch import MoneyWatch
from tests.simulation.oracle import Levels, Mismatch, balances_of
from tests.simulation.safe import Safe
from tests.simulation.sale_watch import SaleWatch


class ShadowOracle:
    """`kernel` and `views` stand where the journal ends."""

    def __init__(self, safe: Safe) -> None:
        self._safe = safe
        self.kernel = Exchange()
        self.views = Views()
        self._lots, self._money = LotWatch(self.kernel), MoneyWatch(self.kernel)
        self._sales = SaleWatch(self.kernel)
        self.objections: list[str] = []
        self.done: dict[type[AnyCommand], None] = {}  # kinds of commands that were not refused
        self._at_us = 0
        self._taken = 0  # bids
        self._opened: dict[str, int] = {}  # sessions by member
        self._keys: dict[tuple[str, str], int] = {}  # Idempotency-Keys by member: when they were used last
        self._refs: dict[tuple[str, int], int] = {}
        self._released: list[Released] = []
        self._seq = 0
        self._pictures: dict[tuple[str, str], dict[bytes, None]] = {}  # by lot and viewer, in their order

    # --- command by command ------------------------------------------------------------------------

    def execute(self, sent: Sequenced) -> Foretold:
        """See `Oracle`."""
        self.objections = [*self._misplaced(sent)]
        self._at_us = sent.at_us
        outcome = self.kernel.execute(sent)
        self.kernel.digest.add(outcome)
        self._seq += 1
        self._released.append(Released(self._seq, sent, outcome, None))
        self._note(sent, outcome)
        return self.told(outcome)

    def told(self, outcome: Outcome) -> Foretold:
        """All of it."""
        return Foretold(outcome.reply, outcome.events, {})

    def _misplaced(self, sent: Sequenced) -> list[str]:
        """Why the command should not come now."""
        found = []
        if sent.at_us < self._at_us:
            found.append(f"P3: its instant {sent.at_us} is before {self._at_us}")
        due_us = self.kernel.deadlines.next_us()
        by_itself = isinstance(sent.command, FireDeadlines | EndOutage)
        if due_us is not None and due_us <= sent.at_us and not by_itself:
            found.append(f"P7: something fell due before it, at {due_us}")
        place, key = (sent.member_id, sent.session), (sent.member_id, sent.idempotency)
        if sent.session and self._refs.get(place, 0) >= sent.command.ref:
            found.append(f"P2: ref {sent.command.ref} is not above {self._refs[place]}")
        if sent.idempotency and sent.at_us < self._keys.get(key, -IDEMPOTENCY_KEPT_US) + IDEMPOTENCY_KEPT_US:
            found.append(f"P2: {key} was executed before")
        if sent.session:
            self._refs[place] = sent.command.ref
        if sent.idempotency:
            self._keys[key] = sent.at_us
        return found

    def _note(self, sent: Sequenced, outcome: Outcome) -> None:
        try:
            invariants.check(self.kernel)
            invariants.check_nothing_stays_provided(self.kernel)
        except AssertionError as error:
            self.objections.append(f"P4: {error}")
        if not outcome.reply.code:
            self.done[type(sent.command)] = None
        self.objections += self._lots.objections(sent, outcome.events)
        self.objections += self._money.objections(sent.at_us, outcome.events)
        self.objections += self._sales.objections(sent, outcome.events)
        if (
            isinstance(sent.command, RevealBids)
            and not self.kernel.auctions.lot_of(sent.command.lot_id).running
        ):
            self._safe.told(sent.command)
        if isinstance(sent.command, OpenSession) and not outcome.reply.code:
            self._opened[sent.member_id] = outcome.reply.number
        bids = [event for event in outcome.events if isinstance(event, BidSubmitted)]
        self._taken += len(bids)
        if len({(bid.lot_id, bid.member_id, bid.price) for bid in bids}) < len(bids):
            self.objections.append(f"P3: it takes a bid twice: {bids}")

    def boundary(self, commands: Sequence[Sequenced], events: Sequence[AnyEvent]) -> None:
        """See `Oracle`."""
        self.kernel.digest.seal()
        self.views.apply(self._released)
        self._released = []
        everybody = any(isinstance(event, StandingSet) for event in events)
        sourcing = self.views.sourcing
        named = {getattr(event, "event_id", "") for event in events}
        for lot_id, lot in sourcing.lots.items():
            if everybody or lot_id in sourcing.changed or lot.event_id in named:
                self._picture(lot_id)

    # --- what shows --------------------------------------------------------------------------------

    def _picture(self, lot_id: str) -> None:
        """Keep what everybody sees of the lot."""
        views = self.views
        lot = views.sourcing.lots[lot_id]
        event = views.sourcing.events[lot.event_id]
        for viewer in (event.buyer_id, *event.invited, *filter(views.is_operator, views.members)):
            seen_as = relation(event, viewer, is_operator=views.is_operator(viewer))
            if seen_as is not None:
                frame = show_lot(face_for(event, lot, viewer, seen_as), viewer)
                kept = self._pictures.setdefault((lot_id, viewer), {})
                kept.pop(picture := json.encode(frame), None)
                kept[picture] = None

    def shows(self, frame: shown.Lot, viewer: str, *, now: bool) -> bool:
        """See `Oracle`."""
        kept = list(self._pictures.get((frame.lot_id, viewer), ()))
        picture = json.encode(replace(frame, channel="", epoch=0, offset=0, at_us=0))
        return picture in (kept[-1:] if now else kept)

    def books(self, events: Sequence[AnyEvent]) -> list[str]:
        """All of them: an order is named by many events."""
        return list(self.views.market.books)

    def levels(self, instrument_id: str, side: Side) -> Levels:
        """See `Oracle`."""
        book = self.views.market.books[instrument_id]
        levels = list((book.bids if side is Side.BUY else book.asks).items())
        return sorted(levels, reverse=side is Side.BUY)

    def resting(self, member_id: str = "") -> dict[str, tuple[int, int]]:
        """See `Oracle`."""
        return {
            order.order_id: (order.open_quantity, order.filled_quantity)
            for owner, orders in self.views.market.orders.items()
            for order in orders.values()
            if member_id in {"", owner}
        }

    def balances(self) -> dict[tuple[str, str], int]:
        """See `Oracle`."""
        return balances_of(self.kernel)

    # --- sessions and lots -------------------------------------------------------------------------

    def sessions_opened(self, member_id: str) -> int:
        """See `Oracle`."""
        return self._opened.get(member_id, 0)

    def session_is_open(self, member_id: str, session: int) -> bool:
        """See `Oracle`."""
        return self.kernel.sessions.high_water(member_id, session) is not None

    def duration_us(self, lot_id: str) -> int:
        """Nothing is owed: a lot may be ended, and by more than its clock."""
        return 0

    def lots_under_way(self) -> list[str]:
        """See `Oracle`."""
        auctions = self.kernel.auctions
        return [
            lot.lot_id
            for lot in auctions.lots()
            if lot.running
            and not auctions.event_of(lot.event_id).paused_at_us
            and (lot.sealed is None or lot.sealed.public_key or lot.state is LotState.OPEN)
        ]

    def bids(self) -> int:
        """See `Oracle`."""
        return self._taken

    def mismatches(self, kernel: Exchange) -> list[Mismatch]:
        """The whole state, byte by byte."""
        is_, due = kernel.dump(), self.kernel.dump()
        return [] if is_ == due else [Mismatch("P1", "the state", is_, due)]

    def settled(self) -> tuple[int, int] | None:
        """See `Oracle`."""
        return None
