"""Goods in motion: consignments to the hub, their count and inspection, shipments to buyers.

One consignment and one hub lot serve many deals, and so does a shipment; what is counted and found is shared over
them pieces by pieces, and `hub_deals` lets the money follow. Whoever counts or inspects belongs to neither side.

Known limits: a line travels in one consignment and one shipment. What is lost between hub and buyer is not paid
to the seller; who bears that loss is settled outside.
"""

from typing import Final

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.deals.deal import Deal, Deals
from exchange.core.flows.hub_deals import HubDeals
from exchange.core.flows.outcome import DONE, Done, Handlers, Steps
from exchange.core.goods.consignment import Consignment, Consignments, Part
from exchange.core.goods.hub_lot import Found, HubLot, HubLots
from exchange.core.goods.instruments import Instruments
from exchange.core.goods.shipment import Shipment, Shipments
from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.bonds import Bonds
from exchange.core.ledger.ledger import Ledger
from exchange.core.limits import CONSIGNMENT_TERM_US, INSPECTION_TERM_US, RECEIPT_TERM_US
from exchange.core.messages import AnyEvent, Role, Sequenced, Side
from exchange.core.messages.delivery import (
    AcceptGoods,
    ConfirmShipment,
    DecideConditional,
    DispatchConsignment,
    DispatchShipment,
    HubOverdue,
    InspectHubLot,
    ReceiveConsignment,
    ReclaimRejected,
    Refunding,
    RejectedReclaimed,
)
from exchange.core.messages.hub_address import HubAddressSet, SetHubAddress
from exchange.core.messages.lifecycles import ConsignmentStep, DealState, DealStep, ShipmentStep
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import divided_half_away

CONSIGNMENT_TERM: Final = "consignment_term"
HUB_LOT_TERM: Final = "hub_lot_term"
SHIPMENT_TERM: Final = "shipment_term"


class Delivery:
    """The commands that move goods, and the terms of what moves."""

    def __init__(
        self,
        members: Members,
        instruments: Instruments,
        ledger: Ledger,
        deadlines: Deadlines,
        deals: Deals,
        hub_deals: HubDeals,
        bonds: Bonds,
        consignments: Consignments,
        hub_lots: HubLots,
        shipments: Shipments,
    ) -> None:
        self.members = members
        self.instruments = instruments
        self.ledger = ledger
        self.deadlines = deadlines
        self.deals = deals
        self.hub_deals = hub_deals
        self.bonds = bonds
        self.consignments = consignments
        self.hub_lots = hub_lots
        self.shipments = shipments

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            DispatchConsignment: self.dispatch_consignment,
            ReceiveConsignment: self.receive_consignment,
            InspectHubLot: self.inspect_hub_lot,
            DecideConditional: self.decide_conditional,
            DispatchShipment: self.dispatch_shipment,
            ConfirmShipment: self.confirm_shipment,
            AcceptGoods: self.accept_goods,
            ReclaimRejected: self.reclaim_rejected,
            SetHubAddress: self.set_hub_address,
        }

    def steps(self) -> Steps:
        """What happens when which deadline falls due."""
        return {
            CONSIGNMENT_TERM: self.meet_consignment,
            HUB_LOT_TERM: self.meet_hub_lot,
            SHIPMENT_TERM: self.meet_shipment,
        }

    def set_hub_address(
        self, sent: Sequenced, command: SetHubAddress, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role. Nothing is decided by it, so only the journal and what is made of it keep it."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        events.append(HubAddressSet(command.name, command.address))
        return Done(sent.member_id)

    # --- from the seller ---------------------------------------------------------------------------

    def dispatch_consignment(
        self, sent: Sequenced, command: DispatchConsignment, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: instrument, line by line whether it is the seller's and due, then each quantity.

        A suspended seller may send what it has sold.
        """
        unit, consignment_id = command.instrument_id, sent.new_id
        if self.instruments.get(unit) is None:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
        found = [
            self.deals.named(sent.member_id, Side.SELL, line.contract_id, line.line) for line in command.lines
        ]
        if refused := self.deals.refusal_of_lines(found, DealStep.DISPATCH):
            return refused
        deals = [deal for deal in found if deal is not None]
        for place, (deal, line) in enumerate(zip(deals, command.lines, strict=True)):
            if deal.sides.instrument_id != unit:
                return Reject(RejectCode.OTHER_INSTRUMENT, field=f"lines[{place}]")
            if line.quantity > deal.left:
                return Reject(RejectCode.QUANTITY_ABOVE_LINE, deal.left, f"lines[{place}]")
        # Nothing below this line can fail: the goods are on their way.
        parts = [Part(deal.deal_id, line.quantity) for deal, line in zip(deals, command.lines, strict=True)]
        due_us = self.deadlines.set_after(CONSIGNMENT_TERM, consignment_id, CONSIGNMENT_TERM_US)
        self.consignments.dispatch(
            Consignment(consignment_id, sent.member_id, unit, parts, command.tracking_hash, due_us), events
        )
        inbound = self.ledger.account(AccountKind.INBOUND, consignment_id, unit)
        for deal, part in zip(deals, parts, strict=True):
            promised = self.ledger.account(AccountKind.INBOUND, deal.sides.seller_contract_id, unit)
            self.ledger.post(promised, inbound, part.quantity, "dispatch", consignment_id, events)
            self.hub_deals.return_unsent(deal, part.quantity, events)
            deal.consignment_id = consignment_id
            self.hub_deals.advance(deal, DealStep.DISPATCH, events)
        return Done(consignment_id)

    def reclaim_rejected(
        self, sent: Sequenced, command: ReclaimRejected, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: instrument, what lies rejected at the hub. To declare it needs standing, to fetch it doesn't."""
        unit, quantity, seller = command.instrument_id, command.quantity, sent.member_id
        refused = self.members.refusal(seller, Role.SELLER)
        if refused and (command.declare or refused.code is not RejectCode.MEMBER_SUSPENDED):
            return refused
        if self.instruments.get(unit) is None:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
        rejected = self.ledger.account(AccountKind.REJECTED, seller, unit)
        if refused := self.ledger.debit_refusal(rejected, quantity, "quantity"):
            return refused
        # Nothing below this line can fail.
        kind = AccountKind.STOCK if command.declare else AccountKind.BROUGHT
        reason = "redeclare" if command.declare else "fetch"
        self.ledger.post(rejected, self.ledger.account(kind, seller, unit), quantity, reason, "", events)
        events.append(RejectedReclaimed(seller, unit, quantity, command.declare))
        return DONE

    # --- at the hub --------------------------------------------------------------------------------

    def receive_consignment(
        self, sent: Sequenced, command: ReceiveConsignment, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, consignment, independence, and that what is over can be booked."""
        if refused := self.members.refusal(sent.member_id, Role.INSPECTOR):
            return refused
        consignment = self.consignments.find(command.consignment_id)
        if isinstance(consignment, Reject):
            return consignment
        if refused := self._dependence(sent.member_id, consignment.seller_id, consignment.parts):
            return refused
        over = command.counted_quantity - consignment.quantity
        brought = self.ledger.account(AccountKind.BROUGHT, consignment.seller_id, consignment.instrument_id)
        if over > 0 and (refused := self.ledger.debit_refusal(brought, over, "counted_quantity")):
            return refused
        # Nothing below this line can fail: this is what came.
        counted = command.counted_quantity
        lot_id = sent.new_id if counted else ""
        self._receive(consignment, ConsignmentStep.RECEIVE, counted, lot_id, events)
        return Done(lot_id, number=max(0, over))

    def _receive(
        self,
        consignment: Consignment,
        step: ConsignmentStep,
        counted: int,
        lot_id: str,
        events: list[AnyEvent],
    ) -> None:
        """Goods into the hub lot; missing ones were never brought, those over are the seller's, rejected."""
        unit, seller, subject = consignment.instrument_id, consignment.seller_id, consignment.consignment_id
        account, post = self.ledger.account, self.ledger.post
        count = self.consignments.count(consignment, counted)
        self.deadlines.drop(CONSIGNMENT_TERM, subject)
        self.consignments.end(consignment, step, counted, lot_id, events)
        inbound, brought = (
            account(AccountKind.INBOUND, subject, unit),
            account(AccountKind.BROUGHT, seller, unit),
        )
        if received := sum(part.quantity for part in count.parts):
            post(inbound, account(AccountKind.HUB, lot_id, unit), received, "receive", subject, events)
            due_us = self.deadlines.set_after(HUB_LOT_TERM, lot_id, INSPECTION_TERM_US)
            parts = [part for part in count.parts if part.quantity]
            self.hub_lots.receive(HubLot(lot_id, seller, unit, parts, due_us), events)
        if count.missing:
            post(inbound, brought, count.missing, "missing", subject, events)
        if count.over:
            rejected = account(AccountKind.REJECTED, seller, unit)
            post(brought, rejected, count.over, "over", subject, events)
        self.ledger.retire(inbound)
        for part in count.parts:
            deal = self.deals.get(part.deal_id)
            deal.hub_lot_id = lot_id if part.quantity else ""
            self.hub_deals.refund(deal, part.quantity, Refunding.SHORT, events)
            self.hub_deals.advance_or_void(deal, DealStep.RECEIVE, events)

    def inspect_hub_lot(
        self, sent: Sequenced, command: InspectHubLot, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, hub lot, independence, quantities and sample, then the cost's size.

        Books refunds first, then the cost and what of it is recovered, then guarantees.
        """
        if refused := self.members.refusal(sent.member_id, Role.INSPECTOR):
            return refused
        lot = self.hub_lots.find(command.hub_lot_id)
        if isinstance(lot, Reject):
            return lot
        refused = self._dependence(sent.member_id, lot.seller_id, lot.parts) or self.hub_lots.refusal(
            lot, command
        )
        if refused:
            return refused
        currency = self.hub_deals.settlement.instrument(lot.instrument_id).currency
        expense = self.ledger.account(AccountKind.INSPECTION, "", currency)
        if refused := self.ledger.debit_refusal(expense, command.cost_minor, "cost_minor"):
            return refused
        # Nothing below this line can fail: this is what was found.
        self.deadlines.drop(HUB_LOT_TERM, lot.hub_lot_id)
        found_of_deals = self.hub_lots.inspect(lot, sent.member_id, command, events)
        for found in found_of_deals:
            self._give_back(found, events)
        if cost := command.cost_minor:
            bank = self.ledger.account(AccountKind.OPERATING, "", currency)
            self.ledger.post(expense, bank, cost, "inspection", lot.hub_lot_id, events)
        share = divided_half_away(cost * command.rejected_quantity, lot.quantity)
        self._recover(lot, currency, share, events)
        for found in found_of_deals:
            self._go_on(found, events)
        return Done(lot.hub_lot_id)

    def _give_back(self, found: Found, events: list[AnyEvent]) -> None:
        """Rejected pieces are the seller's again, their price the buyer's."""
        deal = self.deals.get(found.deal_id)
        deal.conditional = found.conditional
        if found.rejected:
            self.hub_deals.reject(deal, found.rejected, events)
            self.hub_deals.refund(deal, deal.left - found.rejected, Refunding.REJECTED, events)

    def _go_on(self, found: Found, events: list[AnyEvent]) -> None:
        """A guarantee for passed pieces, a question for conditional ones."""
        deal = self.deals.get(found.deal_id)
        self.hub_deals.guarantee(deal, events)
        step = DealStep.DOUBT if found.conditional else DealStep.CLEAR
        self.hub_deals.advance_or_void(deal, step, events)

    def _recover(self, lot: HubLot, currency: str, cost: int, events: list[AnyEvent]) -> None:
        """The cost of what was rejected, from the seller's deposit as far as it goes, else with recourse."""
        account, subject = self.ledger.account, lot.hub_lot_id
        deposit = account(AccountKind.DEPOSIT, lot.seller_id, currency)
        income = account(AccountKind.INSPECTION_RECOVERY, "", currency)
        taken = min(cost, self.ledger.owned(deposit) - self.bonds.pledged(lot.seller_id, currency))
        linked = self.ledger.next_number
        if taken:
            house, mirror = (
                account(AccountKind.FLOAT, "house", currency),
                account(AccountKind.HOUSE, "float", currency),
            )
            self.ledger.post(deposit, house, taken, "inspection_recovery", subject, events, linked)
            self.ledger.post(mirror, income, taken, "inspection_recovery", subject, events, linked)
        if cost - taken:
            recourse = account(AccountKind.RECOURSE, lot.seller_id, currency)
            self.ledger.post(recourse, income, cost - taken, "inspection_recovery", subject, events, linked)

    def _dependence(self, inspector_id: str, seller_id: str, parts: list[Part]) -> Reject | None:
        """INSPECTOR_NOT_INDEPENDENT where the inspector's owner is the seller's or a buyer's."""
        owner = self.members.owner_of(inspector_id)
        buyers = [self.deals.get(part.deal_id).sides.buyer_id for part in parts]
        if any(self.members.owner_of(member_id) == owner for member_id in (seller_id, *buyers)):
            return Reject(RejectCode.INSPECTOR_NOT_INDEPENDENT)
        return None

    # --- to the buyer ------------------------------------------------------------------------------

    def decide_conditional(
        self, sent: Sequenced, command: DecideConditional, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the contract, and that something is conditional. A suspended member may decide."""
        waiting = self._own_deals(sent.member_id, command.contract_id, DealState.CONDITIONAL)
        if isinstance(waiting, Reject):
            return waiting
        # Nothing below this line can fail.
        for deal in waiting:
            self.hub_deals.decide(deal, take=command.take, events=events)
        return Done(command.contract_id, number=len(waiting))

    def dispatch_shipment(
        self, sent: Sequenced, command: DispatchShipment, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, line by line whether it is there and passed, then OTHER_BUYER."""
        if refused := self.members.refusal(sent.member_id, Role.INSPECTOR):
            return refused
        found = [self._bought(line.contract_id, line.line) for line in command.lines]
        if refused := self.deals.refusal_of_lines(found, DealStep.SHIP):
            return refused
        deals = [deal for deal in found if deal is not None]
        buyer, unit = deals[0].sides.buyer_id, deals[0].sides.instrument_id
        for place, deal in enumerate(deals):
            if deal.sides.buyer_id != buyer:
                return Reject(RejectCode.OTHER_BUYER, field=f"lines[{place}]")
        # Nothing below this line can fail: the goods are on their way.
        shipment_id = sent.new_id
        due_us = self.deadlines.set_after(SHIPMENT_TERM, shipment_id, RECEIPT_TERM_US)
        parts = [Part(deal.deal_id, deal.left) for deal in deals]
        self.shipments.dispatch(
            Shipment(shipment_id, buyer, unit, parts, command.tracking_hash, due_us), events
        )
        outbound = self.ledger.account(AccountKind.OUTBOUND, shipment_id, unit)
        for deal in deals:
            hub = self.ledger.account(AccountKind.HUB, deal.hub_lot_id, unit)
            self.ledger.post(hub, outbound, deal.left, "ship", shipment_id, events)
            self._retire_empty(hub)
            deal.shipment_id = shipment_id
            self.hub_deals.advance(deal, DealStep.SHIP, events)
        return Done(shipment_id)

    def confirm_shipment(
        self, sent: Sequenced, command: ConfirmShipment, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the shipment, QUANTITY_ABOVE_SHIPMENT. A suspended member may confirm."""
        shipment = self.shipments.find(sent.member_id, command.shipment_id)
        if isinstance(shipment, Reject):
            return shipment
        if command.received_quantity > shipment.quantity:
            return Reject(RejectCode.QUANTITY_ABOVE_SHIPMENT, shipment.quantity, "received_quantity")
        # Nothing below this line can fail: the buyer has the goods.
        self._deliver(shipment, ShipmentStep.CONFIRM, command.received_quantity, events)
        return Done(shipment.shipment_id)

    def _deliver(self, shipment: Shipment, step: ShipmentStep, received: int, events: list[AnyEvent]) -> None:
        """What came is the buyer's to accept; what did not is refunded and was never brought."""
        unit, subject = shipment.instrument_id, shipment.shipment_id
        self.deadlines.drop(SHIPMENT_TERM, subject)
        outbound = self.ledger.account(AccountKind.OUTBOUND, subject, unit)
        for part in self.shipments.receive(shipment, step, received, events):
            deal = self.deals.get(part.deal_id)
            delivered = self.ledger.account(AccountKind.DELIVERED, deal.sides.seller_id, unit)
            brought = self.ledger.account(AccountKind.BROUGHT, deal.sides.seller_id, unit)
            if part.quantity:
                self.ledger.post(outbound, delivered, part.quantity, "deliver", subject, events)
            if missing := deal.left - part.quantity:
                self.ledger.post(outbound, brought, missing, "missing", subject, events)
                self.hub_deals.refund(deal, part.quantity, Refunding.NOT_DELIVERED, events)
            self.hub_deals.advance_or_void(deal, DealStep.DELIVER, events)
        self.ledger.retire(outbound)

    def accept_goods(self, sent: Sequenced, command: AcceptGoods, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the contract and line, and that something is delivered. A suspended member may accept."""
        delivered = self._own_deals(sent.member_id, command.contract_id, DealState.DELIVERED, command.line)
        if isinstance(delivered, Reject):
            return delivered
        # Nothing below this line can fail.
        for deal in delivered:
            self.hub_deals.accept(deal, sent.at_us, events)
        return Done(command.contract_id, number=len(delivered))

    # --- terms -------------------------------------------------------------------------------------

    def meet_consignment(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """It never came: as if nothing had been in it."""
        consignment = self.consignments.find(deadline.subject)
        assert isinstance(consignment, Consignment), deadline.subject
        self._receive(consignment, ConsignmentStep.LOSE, 0, "", events)

    def meet_hub_lot(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """The hub is late with an inspection: operators are told, and nothing else changes."""
        lot = self.hub_lots.get(deadline.subject)
        events.append(HubOverdue(lot.hub_lot_id, lot.state, deadline.due_us))

    def meet_shipment(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """The buyer said nothing: all of it came."""
        shipment = self.shipments.get(deadline.subject)
        self._deliver(shipment, ShipmentStep.DEEM, shipment.quantity, events)

    # --- finding -----------------------------------------------------------------------------------

    def _own_deals(
        self, buyer_id: str, contract_id: str, state: DealState, line: int = 0
    ) -> list[Deal] | Reject:
        """Deals of the buyer's contract in a state: CONTRACT_UNKNOWN, LINE_UNKNOWN, OUT_OF_TURN if there is none."""
        own = [
            deal
            for deal in self.deals.of_contract(contract_id)
            if deal.sides.buyer_contract_id == contract_id
        ]
        if not own or own[0].sides.buyer_id != buyer_id:
            contract = self.hub_deals.contracts.get(contract_id)
            known = contract is not None and (contract.member_id, contract.side) == (buyer_id, Side.BUY)
            code = RejectCode.OUT_OF_TURN if known else RejectCode.CONTRACT_UNKNOWN
            return Reject(code, field="contract_id")
        named = [deal for deal in own if line in (0, deal.sides.buyer_line)]
        if not named:
            return Reject(RejectCode.LINE_UNKNOWN, field="line")
        due = [deal for deal in named if deal.state is state]
        return due or Reject(RejectCode.OUT_OF_TURN, field="contract_id")

    def _bought(self, contract_id: str, line: int) -> Deal | None:
        """The deal behind a line of a buyer's contract, whoever the buyer is."""
        for deal in self.deals.of_contract(contract_id):
            if (deal.sides.buyer_contract_id, deal.sides.buyer_line) == (contract_id, line):
                return deal
        return None

    def _retire_empty(self, account: Account) -> None:
        if not account.balance:
            self.ledger.retire(account)
