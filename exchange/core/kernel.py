"""The kernel: one deterministic function from sequenced commands to outcomes.

Guarantees: equal sequences of commands give equal outcomes, states and digests, on every machine; a
refused command changes nothing but its member's counter and its session; `execute` never awaits, never
reads a clock and never raises for anything that a member can send. An exception out of `execute` is a
bug: the state is then undefined and must be rebuilt from the journal.
Does not check who sent a command, nor whether it was sent before: ask `seen` first.
"""

from typing import Final

from msgspec import Struct, msgpack
from msgspec.structs import replace

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.deals.claim import Claim, Claims
from exchange.core.deals.contract import ContractDump, Contracts
from exchange.core.deals.deal import Deal, Deals
from exchange.core.deals.trades import LastSettled
from exchange.core.digests import RunningDigest
from exchange.core.flows.awarding import FOLLOWED, Awarding
from exchange.core.flows.bank_desk import BankDesk
from exchange.core.flows.bonds import BidBonds
from exchange.core.flows.claim_resolution import ClaimResolution
from exchange.core.flows.conditions import Conditions
from exchange.core.flows.corrections import Corrections
from exchange.core.flows.delivery import Delivery
from exchange.core.flows.drafting import Drafting
from exchange.core.flows.feedback import SETTLES_NOTHING, Feedbacks
from exchange.core.flows.holds import BuyersFee, Holds
from exchange.core.flows.hub_deals import HubDeals
from exchange.core.flows.invitations import Invitations
from exchange.core.flows.lot_bidding import LotBidding
from exchange.core.flows.lot_clocks import LotClocks
from exchange.core.flows.lot_sale import LotSales
from exchange.core.flows.lot_scoring import LotScoring
from exchange.core.flows.lot_stock import LotStock
from exchange.core.flows.market_phases import MarketPhases
from exchange.core.flows.membership import Membership
from exchange.core.flows.outcome import DONE, Done, Handlers, Steps, joined
from exchange.core.flows.qualification import Qualifications
from exchange.core.flows.review import Review
from exchange.core.flows.sealed_bidding import SealedBidding
from exchange.core.flows.settlement import Pinned, Settlement
from exchange.core.flows.sourcing_event import SourcingEvents
from exchange.core.flows.standstill import StandstillFlow
from exchange.core.flows.stock import Stock
from exchange.core.flows.suppliers import Suppliers
from exchange.core.flows.surplus_sale import SurplusSale
from exchange.core.flows.templates import Templates
from exchange.core.flows.treasury import Treasury
from exchange.core.goods.adverts import Advert, Adverts
from exchange.core.goods.consignment import Consignment, Consignments
from exchange.core.goods.hub_lot import HubLot, HubLots
from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.goods.shipment import Shipment, Shipments
from exchange.core.ledger.bonds import Bond, Bonds
from exchange.core.ledger.commission import Commission, CommissionState
from exchange.core.ledger.ledger import Ledger, LedgerState
from exchange.core.ledger.payments import Payments, PaymentsState
from exchange.core.limits import DEADLINES_PER_COMMAND_MAX
from exchange.core.market.auction import Auctions, AuctionsState
from exchange.core.market.books import Books, BooksState
from exchange.core.market.lots.awards import Awards, LotAward
from exchange.core.market.lots.sales import LotSale, Sales
from exchange.core.market.lots.standstill import Standstill, Standstills
from exchange.core.market.phases import StageDump
from exchange.core.messages import (
    AnyCommand,
    AnyEvent,
    BuyNow,
    EndOutage,
    FireDeadlines,
    Outcome,
    Reply,
    Sequenced,
)
from exchange.core.parties.feedback import Feedback, FeedbackState
from exchange.core.parties.inquiries import Inquiries, InquiriesDump
from exchange.core.parties.members import Members, MembersState
from exchange.core.parties.qualification import Qualification, QualificationDump
from exchange.core.rejects import Reject
from exchange.core.sessions import Sessions, SessionsState

RULES: Final = 3
"""The version of the rules in this program, in every batch that it writes; a journal of newer ones is refused.

Rules grow by new commands and by new fields whose default is the old rule, so that old journals replay with
nothing to gate. 1: limit orders, direct delivery, English reverse lots. 2: what the surplus market has besides, and more
rules of lots. 3: busts and corrections, and whatever lots have besides. A snapshot of older rules is passed over.
"""


class State(Struct, frozen=True, array_like=True):
    """Everything that a kernel is; equal states encode to equal bytes."""

    rules: int
    digest: bytes
    sequences: dict[str, int]
    sessions: SessionsState
    members: MembersState
    instruments: list[Instrument]
    books: BooksState
    auctions: AuctionsState
    ledger: LedgerState
    commission: CommissionState
    contracts: list[ContractDump]
    deadlines: tuple[int, list[Deadline]]
    payments: PaymentsState
    deals: list[Deal]
    charges: list[Pinned]
    claims: list[Claim]
    consignments: list[Consignment]
    hub_lots: list[HubLot]
    shipments: list[Shipment]
    spent: dict[str, int]
    feedback: FeedbackState
    adverts: list[Advert]
    stages: list[StageDump] = []
    qualification: QualificationDump = QualificationDump()
    inquiries: InquiriesDump = InquiriesDump()
    supplier_profiles: dict[str, str] = {}
    buyers_fees: list[BuyersFee] = []
    buyers_charges: list[Pinned] = []
    last_settled: list[LastSettled] = []
    bonds: list[Bond] = []
    awards: list[LotAward] = []
    success_fees: list[Pinned] = []
    standstills: list[Standstill] = []
    lot_sales: list[LotSale] = []


class Exchange:
    """All rooms, the flows that join them, and the table of who answers which command."""

    def __init__(self, state: State | None = None) -> None:
        self.sessions = Sessions.load(state.sessions) if state else Sessions()
        self.members = Members.load(state.members) if state else Members()
        self.instruments = Instruments.load(state.instruments) if state else Instruments()
        self.books = Books.load(state.books) if state else Books()
        self.books.load_stages(state.stages if state else [])
        self.auctions = Auctions.load(state.auctions) if state else Auctions()
        self.ledger = Ledger.load(state.ledger) if state else Ledger()
        self.commission = Commission.load(state.commission) if state else Commission()
        self.contracts = Contracts.load(state.contracts) if state else Contracts()
        self.contracts.trades.load(state.last_settled if state else [])
        self.deadlines = Deadlines.load(state.deadlines) if state else Deadlines()
        self.payments = Payments.load(state.payments) if state else Payments()
        self.feedback = Feedback.load(state.feedback) if state else Feedback()
        self.qualification = Qualification.load(state.qualification if state else QualificationDump())
        self.supplier_profiles = dict(state.supplier_profiles) if state else {}
        self.inquiries = Inquiries.load(state.inquiries if state else InquiriesDump())
        self.digest = RunningDigest(state.digest) if state else RunningDigest()
        self._sequences = dict(state.sequences) if state else {}
        self.adverts = Adverts(state.adverts) if state else Adverts()
        self._stock = Stock(self.members, self.instruments, self.books, self.ledger, self.adverts)
        self.deals = Deals.load(state.deals) if state else Deals()
        self.bonds = Bonds(state.bonds if state else None)
        self._treasury = Treasury(
            self.members,
            self.ledger,
            self.commission,
            self.payments,
            self.deadlines,
            self.deals,
            self.bonds,
        )
        self._bank_desk = BankDesk(self.members, self.ledger, self.payments)
        self._open_hub(state)
        self.holds = Holds(
            self.instruments,
            self.books,
            self.ledger,
            self.commission,
            self.contracts,
            self.settlement,
            self.deadlines,
            self._hub_deals,
            dict(state.spent) if state else {},
            {each.order_id: replace(each) for each in state.buyers_fees} if state else {},
        )
        self._sale = SurplusSale(
            self.members,
            self.instruments,
            self.books,
            self.ledger,
            self.sessions,
            self.deadlines,
            self.holds,
        )
        self._open_events(state)
        self._feedbacks = Feedbacks(self.members, self.contracts, self.feedback)
        self._phases = MarketPhases(self.members, self.instruments, self.books, self.deadlines, self.holds)
        self._handlers = self._handler_table()
        self._steps = self._step_table()

    def _open_hub(self, state: State | None) -> None:
        """Rooms and flows of what is settled, and of what is delivered through the hub."""
        self.settlement = Settlement(
            self.instruments, self.ledger, self.commission, self.contracts, self._treasury
        )
        self.settlement.load_bought(state.buyers_charges if state else [])
        self.claims = Claims.load(state.claims) if state else Claims()
        self.consignments = Consignments.load(state.consignments) if state else Consignments()
        self.hub_lots = HubLots.load(state.hub_lots) if state else HubLots()
        self.shipments = Shipments.load(state.shipments) if state else Shipments()
        self._hub_deals = HubDeals(
            self.ledger, self.commission, self.contracts, self.deals, self.deadlines, self.settlement
        )
        self._hub_deals.load_charges(state.charges if state else [])
        self._delivery = Delivery(
            self.members,
            self.instruments,
            self.ledger,
            self.deadlines,
            self.deals,
            self._hub_deals,
            self.bonds,
            self.consignments,
            self.hub_lots,
            self.shipments,
        )
        self._claims = ClaimResolution(self.members, self.deadlines, self.deals, self.claims, self._hub_deals)
        self._corrections = Corrections(
            self.members,
            self.instruments,
            self.books,
            self.ledger,
            self.commission,
            self.contracts,
            self.deals,
            self._hub_deals,
            self.settlement,
        )

    def _open_events(self, state: State | None) -> None:
        """Flows of timed lots, and what their awards leave behind."""
        self._lot_stock = LotStock(self.instruments, self.ledger)
        self._sourcing = SourcingEvents(self.members, self.auctions, self.deadlines, self._lot_stock)
        self._lot_clocks = LotClocks(self.members, self.auctions, self.deadlines)
        self.awards = Awards(state.awards if state else ())
        self.standstills = Standstills(state.standstills if state else ())
        self.sales = Sales(state.lot_sales if state else ())
        self._bid_bonds = BidBonds(self.members, self.auctions, self.ledger, self.bonds, self.standstills)
        self._lot_sales = LotSales(
            self.auctions,
            self._lot_stock,
            self.holds,
            self._bid_bonds,
            self.awards,
            self.standstills,
            self.sales,
            self.deadlines,
        )
        self._standstill = StandstillFlow(
            self.members, self.auctions, self.deadlines, self.awards, self.standstills
        )
        self._awarding = Awarding(
            self.members,
            self.auctions,
            self.ledger,
            self.commission,
            self._bid_bonds,
            self.awards,
            self.standstills,
            self.deadlines,
            self._lot_sales,
            state.success_fees if state else (),
        )

    def _handler_table(self) -> Handlers:
        """Who answers which command."""
        own: Handlers = {EndOutage: self._end_outage, FireDeadlines: self._fire_deadlines}
        invitations = Invitations(self.members, self.auctions, self.qualification, self.inquiries)
        flows = (
            Membership(self.members, self.sessions),
            self._sale,
            self._stock,
            self._treasury,
            self._bank_desk,
            self.settlement,
            self._delivery,
            self._claims,
            self._phases,
            self._sourcing,
            Drafting(self.members, self.auctions, self._lot_stock),
            Templates(self.members, self.auctions, self.qualification),
            invitations,
            Suppliers(self.members, self.auctions, self.supplier_profiles),
            Qualifications(self.members, self.auctions, self.qualification, invitations),
            SealedBidding(self.members, self.auctions, self.deadlines),
            self._lot_clocks,
            LotScoring(self.members, self.auctions),
            LotBidding(self.members, self.auctions, self.deadlines),
            Review(self.members, self.auctions, self.deadlines),
            self._feedbacks,
            self._corrections,
            self._bid_bonds,
            self._awarding,
            self._standstill,
            self._lot_sales,
        )
        conditions = Conditions(self.members, self.books, self.auctions, self.sessions)
        handlers = joined([own, *(flow.handlers() for flow in flows)])
        return conditions.guarded(self._awarding.asked(self._bid_bonds.asked(handlers)))

    def _step_table(self) -> Steps:
        """Whose step a deadline of which kind is."""
        flows = (
            self._treasury,
            self._hub_deals,
            self._delivery,
            self._claims,
            self._sale,
            self._phases,
            self._sourcing,
            self._lot_clocks,
            self._standstill,
            self._lot_sales,
        )
        return joined([flow.steps() for flow in flows])

    # --- one command -----------------------------------------------------------------------------

    def seen(
        self, member_id: str, session: int, idempotency: str, command: AnyCommand
    ) -> Reply | Reject | None:
        """The first reply if this command was executed before, a refusal of its ref or key, or nothing: execute it."""
        if session:
            return self.sessions.seen(member_id, session, command)
        return self.sessions.seen_key(member_id, idempotency, command) if idempotency else None

    def execute(self, sequenced: Sequenced) -> Outcome:
        """Do what a new command asks, or refuse it. Instants never fall from one command to the next."""
        member_id, command, at_us = sequenced.member_id, sequenced.command, sequenced.at_us
        sequence = self._sequences.get(member_id, 0) + 1
        self._sequences[member_id] = sequence
        self.deadlines.now_us = at_us
        events: list[AnyEvent] = []
        kind = type(command)
        done = self._handlers[kind](sequenced, command, events)
        if self.books.breaches:
            self._phases.start_calls(at_us, events)
        if events and kind not in SETTLES_NOTHING:
            self._feedbacks.follow(events, at_us)
            if kind in FOLLOWED:
                self._lot_sales.follow(events, bought=kind is BuyNow)
                self._awarding.follow(events, at_us)
                self._lot_sales.settle_bonds(events)
        if type(done) is Done:
            reply = Reply(
                command.ref,
                sequence,
                at_us,
                0,
                0,
                "",
                done.id,
                done.filled_quantity,
                done.open_quantity,
                done.number,
            )
        else:
            assert type(done) is Reject
            assert not events, "a refusal changes nothing"
            reply = Reply(command.ref, sequence, at_us, int(done.code), done.bound, done.field)
        if sequenced.session:
            self.sessions.remember(member_id, sequenced.session, command, reply)
        elif sequenced.idempotency:
            self.sessions.remember_key(member_id, sequenced.idempotency, command, reply, at_us)
        return Outcome(reply, events)

    # --- commands of the exchange itself ---------------------------------------------------------

    def _fire_deadlines(
        self, sent: Sequenced, command: FireDeadlines, events: list[AnyEvent]
    ) -> Done | Reject:
        """Meet what is due, oldest first; what is over the bound waits for the next FireDeadlines."""
        self._phases.drawn = sent.new_id
        for _ in range(DEADLINES_PER_COMMAND_MAX):
            deadline = self.deadlines.pop(sent.at_us)
            if deadline is None:
                break
            self._steps[deadline.kind](deadline, sent.at_us, events)
        return DONE

    def check_invariants(self) -> None:
        """Assert what must hold between commands, of the ledger and of what the bank has not answered yet."""
        self.ledger.check_invariants()
        self.payments.check_invariants(self.ledger)
        self.bonds.check_invariants(self.ledger)

    def _end_outage(self, sent: Sequenced, command: EndOutage, events: list[AnyEvent]) -> Done | Reject:
        """Lots, what follows their closes, then payments of lots, then calls."""
        done = self._sourcing.end_outage(sent, command, events)
        if command.after_close:
            self._standstill.end_outage(command.down_us, sent.at_us, events)
        self._lot_sales.end_outage(command.down_us, sent.at_us, events)
        self._phases.end_outage(command.down_us, sent.at_us, events)
        return done

    # --- state -----------------------------------------------------------------------------------

    def dump(self) -> bytes:
        """The whole state after a sealed batch; the same for equal histories."""
        return msgpack.encode(
            State(
                RULES,
                self.digest.digest,
                dict(sorted(self._sequences.items())),
                self.sessions.dump(),
                self.members.dump(),
                self.instruments.dump(),
                self.books.dump(),
                self.auctions.dump(),
                self.ledger.dump(),
                self.commission.dump(),
                self.contracts.dump(),
                self.deadlines.dump(),
                self.payments.dump(),
                self.deals.dump(),
                self._hub_deals.dump_charges(),
                self.claims.dump(),
                self.consignments.dump(),
                self.hub_lots.dump(),
                self.shipments.dump(),
                dict(sorted(self.holds.spent.items())),
                self.feedback.dump(),
                self.adverts.dump(),
                self.books.dump_stages(),
                self.qualification.dump(),
                self.inquiries.dump(),
                dict(sorted(self.supplier_profiles.items())),
                self.holds.dump_fees(),
                self.settlement.dump_bought(),
                last_settled=self.contracts.trades.dump(),
                bonds=self.bonds.dump(),
                awards=self.awards.dump(),
                success_fees=self._awarding.dump_charges(),
                standstills=self.standstills.dump(),
                lot_sales=self.sales.dump(),
            )
        )

    @classmethod
    def load(cls, dumped: bytes) -> "Exchange":
        """The kernel of a dump. Raises ValueError for a state of newer rules or that is not one."""
        state = msgpack.decode(dumped, type=State)
        if state.rules > RULES:
            raise ValueError(f"the state has rules {state.rules}, this program knows {RULES}")
        return cls(state)
