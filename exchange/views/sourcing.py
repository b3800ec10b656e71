"""Sourcing events and their lots as they stand, with the standing of every lot.

Guarantees: what a new view makes of a kernel's state equals what this view became by that kernel's events.
Doesn't decide who may see what: `visibility` does, given these records.
"""

from collections.abc import Callable

from exchange.core.market.auction import Auctions
from exchange.core.market.board import Board
from exchange.core.market.lots.awards import Awards, close_again
from exchange.core.market.lots.clockwork import bid_taken, follow
from exchange.core.market.lots.review import reopen
from exchange.core.market.lots.sales import Sales
from exchange.core.market.lots.scoring import Declaration, Transformation
from exchange.core.market.lots.standstill import Standstills
from exchange.core.market.sourcing import EventState, Lot, LotState, Proxy, SourcingEvent
from exchange.core.messages.awards import LotSplit, WinnerDefaulted, WonPart
from exchange.core.messages.base import Event
from exchange.core.messages.bids import BidMarked, BidRevoked, ProxyEnded, ProxySet
from exchange.core.messages.changing import EventChanged, LotChanged, LotRemoved
from exchange.core.messages.currencies import CurrenciesSet, CurrencyChosen
from exchange.core.messages.invitations import InvitationWithdrawn
from exchange.core.messages.lines import LinesPriced
from exchange.core.messages.lot_clocks import (
    LevelSet,
    LotClockEvent,
    RoundPaused,
    RoundsStarted,
    TurnBegan,
)
from exchange.core.messages.lot_sales import LotSaleMoved, LotStocked, SaleTermsSet
from exchange.core.messages.practice import PracticeAwarded, PracticeSet
from exchange.core.messages.preview import LotsPreviewed, PreviewSet
from exchange.core.messages.review import LotReopened, ReviewBegan
from exchange.core.messages.scoring import DeclarationSubmitted, TransformationSet
from exchange.core.messages.sourcing import (
    BidSubmitted,
    CloseExtended,
    EventCancelled,
    EventCreated,
    EventPublished,
    EventRulesSet,
    LotAdded,
    LotAwarded,
    LotClosed,
    LotOpened,
    LotRulesSet,
    LotShifted,
    SeedRevealed,
    SupplierInvited,
)
from exchange.core.messages.standstill import AwardMoved, AwardWithdrawn, ComplaintMoved
from exchange.core.messages.steering import EventPaused, EventResumed, LotExtended, LotMoved, LotPostponed
from exchange.views.sealed import SealedLots


class Sourcing:
    """`changed` names the lots that this commit touched, and whether by no more than their timetable: they opened,
    closed or moved. `roster` rises whenever it may have changed what somebody is to an event. `invited` are the pairs of
    event and supplier that it may have made known to each other: ask `visibility` whether it did.
    """

    def __init__(self) -> None:
        self.events: dict[str, SourcingEvent] = {}
        self.lots: dict[str, Lot] = {}
        self.awards = Awards()
        self.standstills = Standstills()
        self.sales = Sales()
        self.changed: dict[str, bool] = {}
        self.roster = 0
        self.invited: dict[tuple[str, str], None] = {}
        self.sealed = SealedLots(self.lots, self.changed)

    def begin(self) -> None:
        """A new commit."""
        self.changed.clear()
        self.invited.clear()

    def event_of(self, lot: Lot) -> SourcingEvent:
        """The event that the lot is part of."""
        return self.events[lot.event_id]

    def handlers(self) -> dict[type[Event], Callable[..., None]]:
        """Who follows which event: one line each."""
        return {
            EventCreated: self.created,
            EventRulesSet: self.rules_set,
            PracticeSet: self.practice_set,
            PreviewSet: self.preview_set,
            LotsPreviewed: self.previewed,
            LotAdded: self.lot_added,
            LotRulesSet: self.lot_rules_set,
            EventChanged: self.event_changed,
            LotChanged: self.lot_changed,
            LotRemoved: self.lot_removed,
            TransformationSet: self.transformation_set,
            DeclarationSubmitted: self.declaration_submitted,
            CurrenciesSet: self.currencies_set,
            CurrencyChosen: self.currency_chosen,
            SupplierInvited: self.supplier_invited,
            EventPublished: self.published,
            LotOpened: self.lot_opened,
            BidSubmitted: self.bid_submitted,
            LinesPriced: self.lines_priced,
            BidRevoked: self.bid_revoked,
            BidMarked: self.bid_marked,
            ProxySet: self.proxy_set,
            ProxyEnded: self.proxy_ended,
            CloseExtended: self.close_extended,
            LotShifted: self.lot_shifted,
            LotClosed: self.lot_closed,
            ReviewBegan: self.review_began,
            LotReopened: self.lot_reopened,
            LevelSet: self.clock_moved,
            RoundsStarted: self.clock_moved,
            RoundPaused: self.clock_moved,
            TurnBegan: self.clock_moved,
            SeedRevealed: self.seed_revealed,
            EventPaused: self.paused,
            EventResumed: self.resumed,
            LotExtended: self.lot_extended,
            LotMoved: self.lot_shifted,
            LotPostponed: self.lot_postponed,
            LotAwarded: self.lot_awarded,
            LotSplit: self.lot_split,
            PracticeAwarded: self.practice_awarded,
            WinnerDefaulted: self.winner_defaulted,
            AwardMoved: self.standstills.award_moved,
            ComplaintMoved: self.standstills.complaint_moved,
            AwardWithdrawn: self.award_withdrawn,
            SaleTermsSet: self.sale_terms_set,
            LotStocked: self.lot_stocked,
            LotSaleMoved: self.sale_moved,
            EventCancelled: self.cancelled,
            **self.sealed.handlers(),
        }

    # --- what events do ----------------------------------------------------------------------------

    def created(self, event: EventCreated) -> None:
        """A draft. The owners that the kernel keeps for its checks are nobody's to see, hence empty here."""
        self.events[event.event_id] = SourcingEvent(
            event.event_id,
            event.member_id,
            "",
            event.title,
            event.currency,
            event.price_scale,
            event.open_at_us,
            event.duration_us,
            event.overtime,
            event.disclosure,
            state=EventState.DRAFT,
            invited={},
            lots=[],
            owners=set(),
        )

    def rules_set(self, event: EventRulesSet) -> None:
        """Before any lot."""
        self.events[event.event_id].rules = event.rules

    def practice_set(self, event: PracticeSet) -> None:
        """Before any lot."""
        self.events[event.event_id].practice = True

    def preview_set(self, event: PreviewSet) -> None:
        """Before any lot."""
        self.events[event.event_id].preview_at_us = event.preview_at_us

    def previewed(self, event: LotsPreviewed) -> None:
        """Suppliers may see the lots, and are told so."""
        sourcing = self.events[event.event_id]
        sourcing.previewed = True
        self.roster += 1
        self._touch(sourcing)
        self.invited.update(((event.event_id, member_id), None) for member_id in sourcing.invited)

    def lot_rules_set(self, event: LotRulesSet) -> None:
        """Before any bid."""
        lot = self._changed(event.lot_id)
        lot.rules = event.rules
        lot.empty_board(event.rules)
        self.sealed.drafted(lot)

    def sale_terms_set(self, event: SaleTermsSet) -> None:
        """Lots are from stock."""
        sourcing = self.events[event.event_id]
        sourcing.sale = event.sale
        self._touch(sourcing)

    def lot_stocked(self, event: LotStocked) -> None:
        """Of which goods it is."""
        self._changed(event.lot_id).instrument_id = event.instrument_id

    def sale_moved(self, event: LotSaleMoved) -> None:
        """Paid, to be paid, or not."""
        self._changed(event.lot_id)
        self.sales.moved(event)

    def transformation_set(self, event: TransformationSet) -> None:
        """Before any bid."""
        scores = self._changed(event.lot_id).board.scores
        assert scores is not None
        scores.transform(event.member_id, Transformation(event.factor_ppm, event.addend))

    def declaration_submitted(self, event: DeclarationSubmitted) -> None:
        """Before the first bid of its bidder."""
        scores = self._changed(event.lot_id).board.scores
        assert scores is not None
        scores.declare(event.member_id, Declaration(event.options, event.amounts))

    def currencies_set(self, event: CurrenciesSet) -> None:
        """Of a draft."""
        sourcing = self.events[event.event_id]
        sourcing.set_currencies(event.currencies)
        self._touch(sourcing)

    def currency_chosen(self, event: CurrencyChosen) -> None:
        """Before the first bid of its bidder."""
        sourcing = self.events[event.event_id]
        sourcing.choose(event.member_id, event.currency)
        self._touch(sourcing)

    def lot_added(self, event: LotAdded) -> None:
        """A lot without a timetable."""
        of = self.events[event.event_id]
        direction, currencies = of.rules.direction, of.currencies
        lot = Lot(
            event.lot_id,
            event.event_id,
            event.title,
            event.quantity,
            event.ceiling_price,
            event.min_step,
            event.tick,
            state=LotState.DRAFT,
            open_at_us=0,
            close_at_us=0,
            overtime_us=0,
            awarded_alias=0,
            board=Board(direction),
            direction=direction,
            currencies=currencies,
        )
        lot.empty_board(lot.rules)
        self.lots[lot.lot_id] = lot
        self.events[lot.event_id].lots.append(lot)
        self.changed[lot.lot_id] = False

    def event_changed(self, event: EventChanged) -> None:
        """Another draft, with the same lots."""
        sourcing = self.events[event.event_id]
        sourcing.change(event)
        self._touch(sourcing)

    def lot_changed(self, event: LotChanged) -> None:
        """Before any bid."""
        lot = self._changed(event.lot_id)
        lot.change(event)
        self.sealed.drafted(lot)

    def lot_removed(self, event: LotRemoved) -> None:
        """Nobody can follow it any more; who does hears nothing."""
        lot = self.lots.pop(event.lot_id)
        self.events[event.event_id].lots.remove(lot)
        self.changed.pop(event.lot_id, None)
        self.sealed.gone(lot)

    def supplier_invited(self, event: SupplierInvited) -> None:
        """It may see the event, once that is published."""
        sourcing = self.events[event.event_id]
        sourcing.invited[event.member_id] = ""
        self.roster += 1
        self._touch(sourcing)  # it may have followed them once, and missed what happened since
        self.invited[event.event_id, event.member_id] = None

    def invitation_withdrawn(self, event: InvitationWithdrawn) -> None:
        """There is no such event for the supplier any more."""
        sourcing = self.events[event.event_id]
        sourcing.disinvite(event.member_id)
        self.roster += 1
        self._touch(sourcing)  # from now on it follows nothing, whether or not anything happens
        self.invited.pop((event.event_id, event.member_id), None)

    def published(self, event: EventPublished) -> None:
        """The timetable is fixed."""
        sourcing = self.events[event.event_id]
        sourcing.publish()
        self.roster += 1
        self._touch(sourcing)
        self.invited.update(((event.event_id, member_id), None) for member_id in sourcing.invited)

    def lot_opened(self, event: LotOpened) -> None:
        """Bids are taken."""
        lot = self._timed(event.lot_id)
        lot.tell(LotOpened)
        lot.close_at_us = event.close_at_us

    def bid_submitted(self, event: BidSubmitted) -> None:
        """The standing follows."""
        lot = self._changed(event.lot_id)
        taken = lot.board.submit(event.member_id, event.price)
        assert taken == (event.alias, event.bid_number)
        bid_taken(lot)

    def lines_priced(self, event: LinesPriced) -> None:
        """What the bid says of its lines."""
        self._changed(event.lot_id).line_prices[event.bid_number] = event.prices

    def clock_moved(self, event: LotClockEvent) -> None:
        """The next level, turn or pause."""
        follow(self._changed(event.lot_id), event)

    def bid_revoked(self, event: BidRevoked) -> None:
        """The bidder falls back."""
        self._changed(event.lot_id).board.revoke(event.member_id, event.number)

    def bid_marked(self, event: BidMarked) -> None:
        """By whom it was made."""
        self._changed(event.lot_id).board.mark(event.member_id)

    def proxy_set(self, event: ProxySet) -> None:
        """The leader's."""
        self._changed(event.lot_id).proxy = Proxy(event.member_id, event.limit_price)

    def proxy_ended(self, event: ProxyEnded) -> None:
        """Its bidder's last one may have ended before it was set."""
        lot = self._changed(event.lot_id)
        if lot.proxy is not None and lot.proxy.member_id == event.member_id:
            lot.proxy = None

    def close_extended(self, event: CloseExtended) -> None:
        """Overtime."""
        lot = self._timed(event.lot_id)
        lot.close_at_us, lot.overtime_us = event.close_at_us, event.overtime_us
        lot.extensions += 1

    def lot_shifted(self, event: LotShifted | LotMoved) -> None:
        """An outage, or another lot."""
        lot = self._timed(event.lot_id)
        lot.reschedule(event.open_at_us, event.close_at_us)

    def lot_closed(self, event: LotClosed) -> None:
        """No more bids."""
        lot = self._timed(event.lot_id)
        lot.tell(LotClosed)
        self.sealed.closed(lot)

    def review_began(self, event: ReviewBegan) -> None:
        """It can be reopened."""
        self._timed(event.lot_id).review_until_us = event.until_us

    def lot_reopened(self, event: LotReopened) -> None:
        """Bids are taken again."""
        reopen(self._changed(event.lot_id), event.close_at_us)

    def seed_revealed(self, event: SeedRevealed) -> None:
        """Ties are drawn."""
        self._changed(event.lot_id).board.draw(event.seed)

    def lot_awarded(self, event: LotAwarded) -> None:
        """The event is over."""
        lot = self._changed(event.lot_id)
        self.events[event.event_id].award(lot, event.alias, LotAwarded)
        if event.winner_id:
            won = event.alias, event.winner_id, event.price, event.quantity, event.amount_minor
            self.awards.won(event.lot_id, (WonPart(*won),))

    def lot_split(self, event: LotSplit) -> None:
        """As awarded, to several."""
        lot = self._changed(event.lot_id)
        self.events[event.event_id].award(lot, 0, LotSplit)
        self.awards.won(event.lot_id, event.parts)

    def practice_awarded(self, event: PracticeAwarded) -> None:
        """As awarded, and nothing follows."""
        lot = self._changed(event.lot_id)
        self.events[event.event_id].award(lot, event.alias, PracticeAwarded)
        self.awards.won(event.lot_id, event.parts)

    def winner_defaulted(self, event: WinnerDefaulted) -> None:
        """The lot waits for another award."""
        close_again(self.events[event.event_id], self._changed(event.lot_id), WinnerDefaulted)
        self.awards.default(event.lot_id, event.alias)

    def award_withdrawn(self, event: AwardWithdrawn) -> None:
        """Another may follow, to anybody."""
        close_again(self.events[event.event_id], self._changed(event.lot_id), AwardWithdrawn)
        self.awards.withdraw(event.lot_id)

    def cancelled(self, event: EventCancelled) -> None:
        """All its lots are void."""
        sourcing = self.events[event.event_id]
        sourcing.cancel()
        self._touch(sourcing)
        for lot in sourcing.lots:
            self.sealed.gone(lot)

    def paused(self, event: EventPaused) -> None:
        """The clocks stand still."""
        sourcing = self.events[event.event_id]
        sourcing.paused_at_us = event.at_us
        self._touch(sourcing)

    def resumed(self, event: EventResumed) -> None:
        """They run again, from where they stood."""
        sourcing = self.events[event.event_id]
        sourcing.resume(event.paused_us)
        self._touch(sourcing)

    def lot_extended(self, event: LotExtended) -> None:
        """By hand."""
        lot = self._timed(event.lot_id)
        lot.reschedule(lot.open_at_us, event.close_at_us)

    def lot_postponed(self, event: LotPostponed) -> None:
        """Too few could bid."""
        lot = self._changed(event.lot_id)
        lot.move(event.by_us)
        self.event_of(lot).postponed = True

    def _touch(self, sourcing: SourcingEvent) -> None:
        self.changed.update((lot.lot_id, False) for lot in sourcing.lots)

    def _changed(self, lot_id: str) -> Lot:
        self.changed[lot_id] = False
        return self.lots[lot_id]

    def _timed(self, lot_id: str) -> Lot:
        self.changed.setdefault(lot_id, True)
        return self.lots[lot_id]

    # --- start -------------------------------------------------------------------------------------

    @classmethod
    def from_kernel(
        cls, auctions: Auctions, awards: Awards, standstills: Standstills, sales: Sales
    ) -> "Sourcing":
        """The kernel's events, lots and awards."""
        view = cls()
        view.awards = Awards(awards.dump())
        view.standstills = Standstills(standstills.dump())
        view.sales = Sales(sales.dump())
        for dumped in auctions.dump().events:
            sourcing = SourcingEvent.load(dumped)
            sourcing.buyer_owner = ""
            sourcing.invited = dict.fromkeys(sourcing.invited, "")
            sourcing.owners = set()
            view.events[sourcing.event_id] = sourcing
            view.lots.update((lot.lot_id, lot) for lot in sourcing.lots)
        view.sealed.look()
        return view
