"""From released commands to rows: what a stretch of the journal adds to the history tables.

Pure: it collects, `archive` writes. Within one stretch an order's changes are folded into one row, so
that the database sees each order at most once a transaction.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct, json
from msgspec.structs import astuple

from exchange.core.market.call import as_taken
from exchange.core.messages import (
    AnyEvent,
    BidSubmitted,
    ClaimMoved,
    ConsignmentMoved,
    ContractLineAdded,
    ContractLineSettled,
    ContractLineTaxed,
    DealMoved,
    HubLotInspected,
    InstrumentCreated,
    InvoiceIssued,
    InvoiceSides,
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderTermsSet,
    PartDescribed,
    PayoutSent,
    SelfTradePrevented,
    ShipmentMoved,
    TextAttached,
    Traded,
    TransferPosted,
)
from exchange.core.messages.bids import BidMarked, BidRevoked
from exchange.core.messages.corrections import TradeBusted, TradeCorrected, TradeStatus
from exchange.core.messages.hub_address import HubAddressSet
from exchange.core.messages.inquiries import InquiryAnswered, InquiryMade
from exchange.core.messages.ledger import Payer
from exchange.core.messages.lifecycles import ClaimState, ConsignmentState, ShipmentState
from exchange.core.messages.phases import CallTraded
from exchange.core.messages.qualification import (
    AddendumPublished,
    QualificationDecided,
    QuestionnaireAnswered,
    QuestionnaireSet,
    TermsSet,
)
from exchange.core.messages.sealed import EnvelopeSubmitted
from exchange.core.messages.standstill import ComplaintMoved
from exchange.core.visibility.deals import sides_of, tell_deal
from exchange.engine.base import Released
from exchange.follower import order_terms
from exchange.follower.event_steps import STEPS, EventSteps
from exchange.follower.instruments import InstrumentRow, new_row

OPEN, FILLED, CANCELLED = "open", "filled", "cancelled"


class OrderRow(Struct, gc=False):
    """An order that was placed in this stretch; fields as in the table `orders`."""

    order_id: str
    member_id: str
    instrument_id: str
    side: str
    price: int
    quantity: int
    time_in_force: str
    post_only: bool
    filled_quantity: int
    open_quantity: int
    status: str
    placed_seq: int
    placed_at_us: int
    changed_at_us: int


class OrderChange(Struct, gc=False):
    """What this stretch did to an older order; 0 and empty leave a column as it is."""

    order_id: str
    filled: int  # to add
    open_quantity: int
    status: str
    changed_at_us: int
    price: int = 0
    quantity: int = 0


class History:
    """Rows by table, in the order of the tables' columns."""

    def __init__(self) -> None:
        self.seq = 0
        self.at_us = 0
        self.instruments: dict[str, InstrumentRow] = {}
        self.placed: dict[str, OrderRow] = {}
        self.order_terms: list[tuple[object, ...]] = []
        self.changed: dict[str, OrderChange] = {}
        self.trades: list[tuple[object, ...]] = []
        self.called: list[tuple[str, int]] = []  # of the trades, those of a call
        self.restated: dict[tuple[str, int], tuple[int, int, str]] = {}  # how trades stand now
        self.struck: list[tuple[str, int, str]] = []
        self.bids: list[tuple[object, ...]] = []
        self.envelopes: list[tuple[object, ...]] = []
        self.event_steps = EventSteps()
        self.bid_notes: list[tuple[object, ...]] = []
        self.transfers: list[tuple[object, ...]] = []
        self.lines: list[tuple[object, ...]] = []
        self.payouts: list[tuple[object, ...]] = []
        self.settled: list[tuple[str, int, int, int, int, int, int]] = []
        self.deal_steps: list[tuple[object, ...]] = []
        self.inspections: list[tuple[object, ...]] = []
        self.hub_addresses: list[tuple[object, ...]] = []
        self.text_uses: list[tuple[object, ...]] = []
        self.resolved_claims: list[tuple[object, ...]] = []
        self.invoices: list[tuple[object, ...]] = []
        self.invoice_lines: list[tuple[object, ...]] = []

    def add(self, released: Sequence[Released]) -> None:
        """Take in what the next batch did."""
        writers = _WRITERS
        for command in released:
            self.seq, self.at_us = command.seq, command.sequenced.at_us
            for event in command.outcome.events:
                if (write := writers.get(type(event))) is not None:
                    write(self, event)

    def _instrument_created(self, event: InstrumentCreated) -> None:
        self.instruments[event.instrument_id] = new_row(event)

    def _part_described(self, event: PartDescribed) -> None:
        self.instruments[event.instrument_id].describe(event.part)

    def _text_attached(self, event: TextAttached) -> None:
        self.instruments[event.instrument_id].text_hash = event.text_hash

    def _transfer(self, event: TransferPosted) -> None:
        self.transfers.append(
            (
                event.number,
                event.unit,
                event.debit,
                event.credit,
                event.amount,
                event.reason,
                event.subject,
                event.linked,
                self.seq,
                self.at_us,
            )
        )

    def _placed(self, event: OrderPlaced) -> None:
        self.placed[event.order_id] = OrderRow(
            event.order_id,
            event.member_id,
            event.instrument_id,
            event.side,
            event.price,
            event.quantity,
            event.time_in_force,
            event.post_only,
            0,
            event.quantity,
            OPEN,
            self.seq,
            self.at_us,
            self.at_us,
        )

    def _order_terms(self, event: OrderTermsSet) -> None:
        self.order_terms.append(order_terms.row(event))

    def _traded(self, event: Traded) -> None:
        self.trades.append(
            (
                event.instrument_id,
                event.trade_number,
                event.price,
                event.quantity,
                event.taker_side,
                event.maker_order_id,
                event.taker_order_id,
                event.maker_member_id,
                event.taker_member_id,
                self.seq,
                self.at_us,
            )
        )
        for order_id, left in (
            (event.maker_order_id, event.maker_open),
            (event.taker_order_id, event.taker_open),
        ):
            self._change(order_id, event.quantity, left, OPEN if left else FILLED)

    def _call_traded(self, event: CallTraded) -> None:
        self._traded(as_taken(event))
        self.called.append((event.instrument_id, event.trade_number))

    def _self_trade_prevented(self, event: SelfTradePrevented) -> None:
        for order_id, left in (
            (event.maker_order_id, event.maker_open),
            (event.taker_order_id, event.taker_open),
        ):
            self._change(order_id, 0, left, OPEN if left else CANCELLED)

    def _cancelled(self, event: OrderCancelled) -> None:
        self._change(event.order_id, 0, 0, CANCELLED)

    def _amended(self, event: OrderAmended) -> None:
        self._change(event.order_id, 0, event.open_quantity, OPEN)
        row = self.placed.get(event.order_id) or self.changed[event.order_id]
        row.price, row.quantity = event.price, event.quantity

    def _change(self, order_id: str, filled: int, open_quantity: int, status: str) -> None:
        row = self.placed.get(order_id)
        if row is not None:
            row.filled_quantity += filled
            row.open_quantity, row.status, row.changed_at_us = open_quantity, status, self.at_us
            return
        change = self.changed.get(order_id)
        if change is None:
            self.changed[order_id] = OrderChange(order_id, filled, open_quantity, status, self.at_us)
            return
        change.filled += filled
        change.open_quantity, change.status, change.changed_at_us = open_quantity, status, self.at_us

    def _bid(self, event: BidSubmitted) -> None:
        self.bids.append(
            (
                event.lot_id,
                event.bid_number,
                event.member_id,
                event.alias,
                event.price,
                self.seq,
                event.at_us,
            )
        )

    def _envelope(self, event: EnvelopeSubmitted) -> None:
        self.envelopes.append((event.lot_id, event.number, event.member_id, self.seq, event.at_us))

    def _bid_revoked(self, event: BidRevoked) -> None:
        self._note_bid(event.lot_id, event.bid_number, "revoked", event.reason, by_operator=event.by_operator)

    def _bid_marked(self, event: BidMarked) -> None:
        self._note_bid(event.lot_id, event.bid_number, "surrogate", event.reason, by_operator=True)

    def _event_step(self, event: AnyEvent) -> None:
        self.event_steps.add(event, self.seq, self.at_us)

    def _note_bid(self, lot_id: str, bid_number: int, kind: str, reason: str, *, by_operator: bool) -> None:
        self.bid_notes.append((lot_id, bid_number, kind, reason, by_operator, self.seq, self.at_us))

    def _line(self, event: ContractLineAdded) -> None:
        self.lines.append(
            (
                event.contract_id,
                event.line,
                event.member_id,
                event.side,
                event.instrument_id,
                event.trade_number,
                event.price,
                event.quantity,
                event.amount_minor,
                self.at_us,
                0,
            )
        )

    def _taxed(self, event: ContractLineTaxed) -> None:
        """The tax on both sides of the line that came right before."""
        assert self.lines[-2][:2] == (event.contract_id, event.line)
        self.lines[-2:] = [(*line[:-1], event.goods_tax_minor) for line in self.lines[-2:]]

    def _payout(self, event: PayoutSent) -> None:
        self.payouts.append(
            (
                event.payout_id,
                event.source,
                event.owner,
                event.currency,
                event.amount_minor,
                event.details_hash,
                self.seq,
                self.at_us,
            )
        )

    def _settled(self, event: ContractLineSettled) -> None:
        self.settled.append(
            (
                event.contract_id,
                event.line,
                event.fee_minor,
                event.fee_tax_minor,
                event.amount_minor,
                self.seq,
                self.at_us,
            )
        )

    def _busted(self, event: TradeBusted) -> None:
        self._restate(event, TradeStatus.BUSTED)

    def _corrected(self, event: TradeCorrected) -> None:
        self._restate(event, TradeStatus.CORRECTED)

    def _restate(self, event: TradeBusted | TradeCorrected, status: TradeStatus) -> None:
        sides = event.sides
        self.restated[sides.instrument_id, event.trade_number] = event.price, event.quantity, status
        self.struck += [
            (sides.buyer_contract_id, sides.buyer_line, status),
            (sides.seller_contract_id, sides.seller_line, status),
        ]

    def _deal(self, event: DealMoved) -> None:
        """Each side's step, as it may see it; a step that it can't see is none."""
        for member_id in sides_of(event):
            self.deal_steps += [
                (
                    deal.contract_id,
                    deal.line,
                    member_id,
                    deal.side,
                    deal.instrument_id,
                    deal.state,
                    deal.quantity,
                    deal.amount_minor,
                    self.seq,
                    self.at_us,
                    event.goods_tax_minor,
                )
                for deal in tell_deal(event, member_id)
            ]

    def _inspection(self, event: HubLotInspected) -> None:
        checks = json.encode(event.checks).decode()
        self.inspections.append(
            (
                event.hub_lot_id,
                event.inspector_id,
                event.plan,
                event.sample_quantity,
                checks,
                event.evidence_hash,
                event.passed_quantity,
                event.conditional_quantity,
                event.rejected_quantity,
                event.cost_minor,
                self.seq,
                self.at_us,
            )
        )

    def _consignment(self, event: ConsignmentMoved) -> None:
        if event.state is ConsignmentState.DISPATCHED:
            self._use(event.tracking_hash, event.consignment_id)

    def _shipment(self, event: ShipmentMoved) -> None:
        if event.state is ShipmentState.DISPATCHED:
            self._use(event.tracking_hash, event.shipment_id)

    def _claim(self, event: ClaimMoved) -> None:
        if event.state is ClaimState.FILED:
            self._use(event.claim_hash, event.claim_id)
        elif event.state is ClaimState.ANSWERED:
            self._use(event.answer_hash, event.claim_id)
        elif event.state is not ClaimState.UNANSWERED:
            sides = event.sides
            self.resolved_claims.append(
                (
                    event.claim_id,
                    sides.buyer_contract_id,
                    sides.buyer_line,
                    sides.buyer_id,
                    sides.seller_contract_id,
                    sides.seller_line,
                    sides.seller_id,
                    sides.instrument_id,
                    event.state,
                    event.reason,
                    event.quantity,
                    event.answer,
                    event.refund_minor,
                    self.seq,
                    self.at_us,
                )
            )

    def _use(self, text_hash: str, subject: str) -> None:
        if text_hash:
            self.text_uses.append((text_hash, subject, self.at_us))

    def _invoice(self, event: InvoiceIssued) -> None:
        self.invoices.append((event.number, event.payer, event.period, event.currency, self.seq, self.at_us))
        for number, line in enumerate(event.lines, 1):
            self.invoice_lines.append((event.number, number, *astuple(line), Payer.SELLER))

    def _invoice_sides(self, event: InvoiceSides) -> None:
        """Of the invoice that was just issued."""
        first = len(self.invoice_lines) - len(event.sides)
        for place, side in enumerate(event.sides, first):
            self.invoice_lines[place] = (*self.invoice_lines[place][:-1], side)

    def _hub_address(self, event: HubAddressSet) -> None:
        self.hub_addresses.append((self.seq, self.at_us, event.name, event.address))

    def _terms(self, event: TermsSet | AddendumPublished) -> None:
        self._texts(event.event_id, [event.terms.text_hash])

    def _questionnaire(self, event: QuestionnaireSet) -> None:
        self._texts(event.event_id, [each.text_hash for each in event.questions])

    def _answers(self, event: QuestionnaireAnswered) -> None:
        self._texts(event.event_id, [each.hash for each in event.answers])

    def _qualification(self, event: QualificationDecided) -> None:
        self._texts(event.event_id, [event.reason_hash])

    def _inquiry(self, event: InquiryMade | InquiryAnswered) -> None:
        self._texts(event.event_id, [event.text_hash])

    def _complaint(self, event: ComplaintMoved) -> None:
        self._texts(event.event_id, [event.text_hash, event.answer_hash])

    def _texts(self, subject: str, hashes: Sequence[str]) -> None:
        self.text_uses += [(each, subject, self.at_us) for each in hashes if each]


_WRITERS: Final[dict[type[AnyEvent], Callable[..., None]]] = {
    InstrumentCreated: History._instrument_created,
    PartDescribed: History._part_described,
    TextAttached: History._text_attached,
    TransferPosted: History._transfer,
    OrderPlaced: History._placed,
    OrderTermsSet: History._order_terms,
    Traded: History._traded,
    CallTraded: History._call_traded,
    SelfTradePrevented: History._self_trade_prevented,
    OrderCancelled: History._cancelled,
    OrderAmended: History._amended,
    BidSubmitted: History._bid,
    EnvelopeSubmitted: History._envelope,
    BidRevoked: History._bid_revoked,
    BidMarked: History._bid_marked,
    ContractLineAdded: History._line,
    ContractLineTaxed: History._taxed,
    ContractLineSettled: History._settled,
    TradeBusted: History._busted,
    TradeCorrected: History._corrected,
    DealMoved: History._deal,
    HubLotInspected: History._inspection,
    HubAddressSet: History._hub_address,
    ConsignmentMoved: History._consignment,
    ShipmentMoved: History._shipment,
    ClaimMoved: History._claim,
    PayoutSent: History._payout,
    InvoiceIssued: History._invoice,
    TermsSet: History._terms,
    AddendumPublished: History._terms,
    QuestionnaireSet: History._questionnaire,
    QuestionnaireAnswered: History._answers,
    QualificationDecided: History._qualification,
    InquiryMade: History._inquiry,
    ComplaintMoved: History._complaint,
    InquiryAnswered: History._inquiry,
    InvoiceSides: History._invoice_sides,
    **dict.fromkeys(STEPS, History._event_step),
}
