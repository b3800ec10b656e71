"""All read models, kept up to the last commit by its events.

Guarantees: they move only with `apply`, in the order of the journal, so nothing unflushed is ever visible;
applying a kernel's events gives what `from_kernel` gives of that kernel. They cost the hot path one look
into a table an event and a few dictionary accesses.
Doesn't check who asks: what a member may see is asked by its id, and lots go through `visibility`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from exchange.core.kernel import Exchange
from exchange.core.ledger.schedules import Schedule
from exchange.core.messages import EVENTS, AnyEvent, Event, Outcome, Role, Sequenced, Standing, shown
from exchange.core.messages.bank import (
    BankDetailsSet,
    BankEntryBooked,
    CreditLimitSet,
    PayoutSent,
    PayoutSettled,
    SuspenseReopened,
    SuspenseSettled,
)
from exchange.core.messages.corrections import TradeBusted, TradeCorrected
from exchange.core.messages.deals import (
    ClaimMoved,
    ContractLineAdded,
    ContractLineSettled,
    ContractPerformed,
)
from exchange.core.messages.delivery import ConsignmentMoved, DealMoved, HubLotMoved, ShipmentMoved
from exchange.core.messages.feedback import FeedbackGiven
from exchange.core.messages.goods import (
    DealTermsSet,
    InstrumentCreated,
    PartDescribed,
    ReferencePriceSet,
    StockAdvertised,
    TextAttached,
)
from exchange.core.messages.invitations import InvitationWithdrawn
from exchange.core.messages.ledger import (
    CommissionSet,
    SchedulePublished,
    ScheduleSplit,
    ScheduleTurned,
    TransferPosted,
)
from exchange.core.messages.orders import (
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    OrderTermsSet,
    SelfTradePrevented,
    SliceRefilled,
    Traded,
)
from exchange.core.messages.parties import MemberRegistered, StandingSet
from exchange.core.messages.phases import CallExtended, CallTraded, PhaseSet, TradingTermsSet
from exchange.core.messages.suppliers import SupplierProfileSet
from exchange.core.parties.feedback import Feedback
from exchange.core.parties.inquiries import Inquiries
from exchange.core.parties.members import Member
from exchange.core.parties.qualification import Qualification
from exchange.core.visibility.award_news import AWARD_EVENTS, award_news
from exchange.core.visibility.drops import Place
from exchange.core.visibility.lots import show_invitation
from exchange.core.visibility.qualification import announced
from exchange.views.accounts import Accounts
from exchange.views.catalogue import Catalogue
from exchange.views.contracts import ContractsView
from exchange.views.delivery import DeliveryView
from exchange.views.drops import Drops
from exchange.views.market import Market
from exchange.views.own import OwnChanges
from exchange.views.payments import PaymentsView
from exchange.views.qualification import QualificationView
from exchange.views.queues import Queues
from exchange.views.sourcing import Sourcing

Handler = Callable[[Any], None]
"""Takes the one type of event under which it stands in the table."""


_OPERATOR: Final = Role.OPERATOR


def _pass(_: Event) -> None:
    """Of an event that changes nothing that is read."""


class Happened(Protocol):
    """A durable command with what it did."""

    @property
    def seq(self) -> int:
        """Its place in the journal."""
        ...

    @property
    def sequenced(self) -> Sequenced:
        """The command in its place."""
        ...

    @property
    def outcome(self) -> Outcome:
        """Its events."""
        ...


class Views:
    """`at_us` is the instant of the last command; what changed in the last commit stays until the next one."""

    def __init__(self) -> None:
        self.at_us = 0
        self.members: dict[str, Member] = {}
        self.operators: dict[str, None] = {}  # in good standing
        self.recast: dict[str, None] = {}  # members who began or ceased to be one of these
        self.catalogue = Catalogue()
        self.market = Market()
        self.accounts = Accounts()
        self.payments = PaymentsView()
        self.contracts = ContractsView()
        self.delivery = DeliveryView()
        self.sourcing = Sourcing()
        self.qualification = QualificationView()
        self.supplier_profiles: dict[str, str] = {}  # hashes by member
        self.own = OwnChanges()
        self.feedback = Feedback()
        self.queues = Queues(self.market)
        self.drops = Drops(self.market)
        self._handlers = self._table()

    @classmethod
    def from_kernel(cls, kernel: Exchange) -> "Views":
        """What the kernel's state looks like; it must have no command under way that isn't durable."""
        views = cls()
        for member in kernel.members.dump().members:
            views._know(member)
        views.catalogue = Catalogue.from_kernel(kernel.instruments, kernel.adverts)
        views.payments = PaymentsView.from_kernel(kernel)
        views.market = Market.from_kernel(kernel.books)
        views.queues, views.drops = Queues(views.market), Drops(views.market)
        views.accounts = Accounts.from_kernel(kernel.ledger)
        views.contracts = ContractsView.from_kernel(kernel.contracts)
        views.delivery = DeliveryView.from_kernel(kernel)
        views.qualification = QualificationView(
            Qualification.load(kernel.qualification.dump()), Inquiries.load(kernel.inquiries.dump())
        )
        views.supplier_profiles = dict(kernel.supplier_profiles)
        views.sourcing = Sourcing.from_kernel(
            kernel.auctions, kernel.awards, kernel.standstills, kernel.sales
        )
        views.feedback = Feedback.load(kernel.feedback.dump())
        views._handlers = views._table()
        return views

    @property
    def commission(self) -> Schedule:
        """Everybody's standing schedule of the surplus market."""
        return self.payments.commission

    @property
    def instruments(self) -> Mapping[str, shown.Instrument]:
        """All instruments by id, in the order of their ids."""
        return self.catalogue.instruments

    def is_operator(self, member_id: str) -> bool:
        """Whether the member acts for the exchange: the role, in good standing."""
        return member_id in self.operators

    def oversees(self, member_id: str) -> bool:
        """Whether the member operates or audits the exchange: the role, in good standing."""
        member = self.members.get(member_id)
        if member is None or member.standing is not Standing.GOOD:
            return False
        return _OPERATOR in member.roles or Role.AUDITOR in member.roles

    def works_at_hub(self, member_id: str) -> bool:
        """Whether the member inspects or operates: the role, in good standing."""
        member = self.members.get(member_id)
        if member is None or member.standing is not Standing.GOOD:
            return False
        return Role.INSPECTOR in member.roles or _OPERATOR in member.roles

    def apply(self, batch: Sequence[Happened]) -> None:
        """Take over one commit, whole."""
        self.catalogue.begin()
        self.recast.clear()
        market, own, handlers = self.market, self.own, self._handlers
        market.begin()
        self.sourcing.begin()
        self.qualification.begin()
        own.changed.clear()
        queues, drops = self.queues, self.drops
        queues.changed.clear()
        drops.fresh.clear()
        followed = own.watched or queues.watched or drops.watchers
        for happened in batch:
            market.at_us = own.at_us = happened.sequenced.at_us
            for event in happened.outcome.events:
                handlers[type(event)](event)
                if followed:
                    self._tell(event, happened.seq)
        self.at_us = market.at_us
        drops.seq = batch[-1].seq if batch else drops.seq
        market.end()
        if own.watched:
            self._invite()
            self._announce()

    def _tell(self, event: AnyEvent, seq: int) -> None:
        """Note for those who follow what the event, which is applied, means to them."""
        if self.own.watched:
            self.own.take(event)
            if type(event) in AWARD_EVENTS:
                self._tell_award(event)
        if self.queues.watched:
            self.queues.take(event)
        if self.drops.watchers:
            self.drops.take(event, Place(seq, self.market.at_us))

    def _tell_award(self, event: Any) -> None:
        """Tell watched members what an award means to them."""
        lot = self.sourcing.lots[event.lot_id]
        self._tell_watched(award_news(event, self.sourcing.event_of(lot), lot))

    def _invite(self) -> None:
        """Tell watched suppliers of events that they may see from now on."""
        for event_id, member_id in self.sourcing.invited:
            if member_id in self.own.watched:
                invitation = show_invitation(self.sourcing.events[event_id], member_id)
                if invitation is not None:
                    self.own.of(member_id).events.append(invitation)

    def _announce(self) -> None:
        """Tell watched members what was asked of them, or decided."""
        for event in self.qualification.fresh:
            self._tell_watched(announced(event, self.sourcing.events[event.event_id]))

    def _tell_watched(self, told: Sequence[tuple[str, shown.OwnEvent]]) -> None:
        for member_id, news in told:
            if member_id in self.own.watched:
                self.own.of(member_id).events.append(news)

    def _phase_table(self) -> dict[type[Event], Handler]:
        market = self.market
        return {
            CallTraded: market.call_traded,
            PhaseSet: market.phase_set,
            CallExtended: market.call_extended,
            TradingTermsSet: market.trading_terms_set,
        }

    def _table(self) -> dict[type[Event], Handler]:
        """Who follows which event: one line each. The events that aren't named change nothing that is read."""
        market, contracts = self.market, self.contracts
        payments, catalogue = self.payments, self.catalogue
        delivery = self.delivery
        return {
            **dict.fromkeys(EVENTS, _pass),
            **self.sourcing.handlers(),
            **self.qualification.handlers(),
            SupplierProfileSet: self._supplier_profile_set,
            InvitationWithdrawn: self._invitation_withdrawn,
            **self._phase_table(),
            OrderPlaced: market.placed,
            OrderTermsSet: market.terms_set,
            OrderRested: market.rested,
            SliceRefilled: market.refilled,
            Traded: market.traded,
            SelfTradePrevented: market.prevented,
            OrderCancelled: market.cancelled,
            OrderAmended: market.amended,
            TransferPosted: self.accounts.posted,
            ContractLineAdded: contracts.line_added,
            ContractLineSettled: contracts.line_settled,
            ContractPerformed: contracts.performed,
            TradeBusted: self._busted,
            TradeCorrected: self._corrected,
            DealMoved: delivery.deal_moved,
            ConsignmentMoved: delivery.consignment_moved,
            HubLotMoved: delivery.hub_lot_moved,
            ShipmentMoved: delivery.shipment_moved,
            ClaimMoved: delivery.claim_moved,
            MemberRegistered: self._registered,
            StandingSet: self._standing_set,
            InstrumentCreated: self._instrument_created,
            DealTermsSet: catalogue.terms_set,
            PartDescribed: catalogue.part_described,
            ReferencePriceSet: catalogue.described,
            TextAttached: catalogue.described,
            StockAdvertised: self._advertised,
            CommissionSet: payments.commission_set,
            SchedulePublished: payments.schedule_published,
            ScheduleSplit: payments.schedule_split,
            ScheduleTurned: payments.schedule_turned,
            BankDetailsSet: payments.details_set,
            CreditLimitSet: payments.credit_limit_set,
            PayoutSent: payments.payout_sent,
            PayoutSettled: payments.payout_settled,
            BankEntryBooked: payments.entry_booked,
            SuspenseSettled: payments.suspense_settled,
            SuspenseReopened: payments.suspense_reopened,
            FeedbackGiven: self.feedback.count,
        }

    def _busted(self, event: TradeBusted) -> None:
        self.market.busted(event)
        self.contracts.struck(event)

    def _corrected(self, event: TradeCorrected) -> None:
        self.market.corrected(event)
        self.contracts.struck(event)

    def _supplier_profile_set(self, event: SupplierProfileSet) -> None:
        if event.profile_hash:
            self.supplier_profiles[event.member_id] = event.profile_hash
        else:
            self.supplier_profiles.pop(event.member_id, None)

    def _invitation_withdrawn(self, event: InvitationWithdrawn) -> None:
        self.sourcing.invitation_withdrawn(event)
        self.qualification.take(event)

    def _advertised(self, event: StockAdvertised) -> None:
        self.catalogue.advertised(event, self.market.at_us)

    def _registered(self, event: MemberRegistered) -> None:
        self._know(Member(event.member_id, event.roles, event.owner, Standing.GOOD, event.profile_hash))

    def _standing_set(self, event: StandingSet) -> None:
        member = self.members[event.member_id]
        self._know(Member(member.member_id, member.roles, member.owner, event.standing, member.profile_hash))

    def _know(self, member: Member) -> None:
        self.members[member.member_id] = member
        self.sourcing.roster += 1
        operates = _OPERATOR in member.roles and member.standing is Standing.GOOD
        if operates is self.is_operator(member.member_id):
            return
        self.recast[member.member_id] = None
        if operates:
            self.operators[member.member_id] = None
        else:
            del self.operators[member.member_id]

    def _instrument_created(self, event: InstrumentCreated) -> None:
        self.catalogue.created(event)
        self.market.opened(event.instrument_id, event.tick)
