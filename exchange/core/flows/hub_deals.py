"""What happens to a deal that goes through the hub: its terms, its refunds, its guarantee and its settlement.

Money follows pieces: each piece that does not come or does not pass is refunded at once, and what is accepted is
paid. A deal that nobody moves on is moved by its term: not dispatched, it is void; undecided, conditional goods
are refused; not objected to, goods are accepted; and in the end the guarantee lapses.

Known limits: a missed shipment of the hub is told to operators once and changes nothing.
"""

from typing import Final

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.deals.contract import Contracts
from exchange.core.deals.deal import Deal, Deals
from exchange.core.flows.outcome import Steps
from exchange.core.flows.settlement import Pinned, Settlement, fee_and_tax
from exchange.core.goods.instruments import Instrument
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.commission import BUYERS_FEE, BUYERS_TAX, Charge, Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.limits import (
    ACCEPTANCE_TERM_US,
    DECISION_TERM_US,
    DISPATCH_TERM_US,
    GUARANTEE_TERM_US,
    SHIPMENT_TERM_US,
)
from exchange.core.messages import AnyEvent
from exchange.core.messages.deals import BuyerFeeReturned
from exchange.core.messages.delivery import DealRefunded, HubOverdue, Refunding
from exchange.core.messages.lifecycles import DEAL, DealState, DealStep, after
from exchange.core.values import divided_half_away, month_of, rate_of

DEAL_TERM: Final = "deal_term"
TERMS: Final = {
    DealState.SOLD: DISPATCH_TERM_US,
    DealState.CONDITIONAL: DECISION_TERM_US,
    DealState.PASSED: SHIPMENT_TERM_US,
    DealState.DELIVERED: ACCEPTANCE_TERM_US,
    DealState.ACCEPTED: GUARANTEE_TERM_US,
}
"""How long a deal may stay in a state; the other states end with their consignment, hub lot, shipment or claim."""


class HubDeals:
    """Deals with their money; `charges` are those of settled deals."""

    def __init__(
        self,
        ledger: Ledger,
        commission: Commission,
        contracts: Contracts,
        deals: Deals,
        deadlines: Deadlines,
        settlement: Settlement,
    ) -> None:
        self.ledger = ledger
        self.commission = commission
        self.contracts = contracts
        self.deals = deals
        self.deadlines = deadlines
        self.settlement = settlement
        self.charges: dict[str, Charge] = {}

    def steps(self) -> Steps:
        """What happens when which deadline falls due."""
        return {
            DEAL_TERM: self.meet,
        }

    # --- steps -------------------------------------------------------------------------------------

    def sell(self, buyer_contract_id: str, events: list[AnyEvent]) -> None:
        """The last line of the buyer's contract is a deal; its seller must dispatch."""
        bought = self.settlement.contract(buyer_contract_id)
        line = bought.lines[bought.line_count]
        sold = self.settlement.contract(line.counter_contract_id)
        due_us = self.deadlines.now_us + DISPATCH_TERM_US
        currency = self.settlement.instrument(bought.instrument_id).currency
        deal = self.deals.sell(bought, line, sold, currency, due_us, events)
        self.deadlines.set(DEAL_TERM, deal.deal_id, due_us)

    def advance(self, deal: Deal, step: DealStep, events: list[AnyEvent]) -> None:
        """Move on; the term of the new state begins, that of the old one is over."""
        self.deadlines.drop(DEAL_TERM, deal.deal_id)
        term_us = TERMS.get(after(DEAL, deal.state, step), 0)
        due_us = self.deadlines.set_after(DEAL_TERM, deal.deal_id, term_us) if term_us else 0
        self.deals.step(deal, step, due_us, events)

    def advance_or_void(self, deal: Deal, step: DealStep, events: list[AnyEvent]) -> None:
        """Move on, or end here where no piece is left."""
        if deal.left:
            self.advance(deal, step, events)
        else:
            self.void(deal, events)

    def void(self, deal: Deal, events: list[AnyEvent]) -> None:
        """Nothing is left of it: both lines are settled with nothing."""
        self.advance(deal, DealStep.VOID, events)
        self._settle_lines(deal, 0, 0, events)
        self._forget(deal)

    def take_back(self, deal: Deal, events: list[AnyEvent]) -> None:
        """The trade of a deal that was not dispatched is busted; whoever does that moves money, goods and lines."""
        self.deals.reduce(deal, 0)
        self.advance(deal, DealStep.VOID, events)
        self._forget(deal)

    def meet(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """The term of a deal's state is over."""
        deal = self.deals.get(deadline.subject)
        if deal.state is DealState.SOLD:
            self.return_unsent(deal, 0, events)
            self.void(deal, events)
        elif deal.state is DealState.CONDITIONAL:
            self.decide(deal, take=False, events=events)
        elif deal.state is DealState.DELIVERED:
            self.accept(deal, at_us, events)
        elif deal.state is DealState.ACCEPTED:
            self.lapse(deal, events)
        else:
            assert deal.state is DealState.PASSED, f"{deal.state} has no term"
            events.append(HubOverdue(deal.deal_id, deal.state, deadline.due_us))

    # --- pieces that do not come -------------------------------------------------------------------

    def refund(self, deal: Deal, left: int, cause: Refunding, events: list[AnyEvent]) -> None:
        """Only `left` pieces count any more: the price of the others goes from escrow to the buyer's wallet."""
        gone = deal.left - left
        if gone:
            freed, freed_tax = self.deals.reduce(deal, left)
            self.pay_back(deal, gone, freed, freed_tax, cause, events)

    def pay_back(
        self, deal: Deal, pieces: int, amount: int, tax: int, cause: Refunding, events: list[AnyEvent]
    ) -> None:
        """From escrow to the buyer's wallet; what was set aside for it is set free."""
        sides, currency = deal.sides, deal.currency
        if amount + tax:
            escrow = self.ledger.account(AccountKind.ESCROW, sides.buyer_contract_id, currency)
            wallet = self.ledger.account(AccountKind.WALLET, sides.buyer_id, currency)
            self.ledger.post(escrow, wallet, amount + tax, "refund", sides.buyer_contract_id, events)
        events.append(DealRefunded(sides, cause, pieces, amount, tax))
        self._pay_fee_back(deal, events)
        if deal.provision_minor:
            self.guarantee(deal, events)

    def _pay_fee_back(self, deal: Deal, events: list[AnyEvent]) -> None:
        """What the buyer bore of the commission for more than is left, from escrow to its wallet."""
        fee, tax = self.give_back_buyers(deal, events)
        subject, currency = deal.sides.buyer_contract_id, deal.currency
        escrow = self.ledger.account(AccountKind.ESCROW, subject, currency)
        wallet = self.ledger.account(AccountKind.WALLET, deal.sides.buyer_id, currency)
        for amount, reason in ((fee, BUYERS_FEE), (tax, BUYERS_TAX)):
            if amount:
                self.ledger.post(escrow, wallet, amount, reason, subject, events)

    def give_back_buyers(self, deal: Deal, events: list[AnyEvent]) -> tuple[int, int]:
        """Fee and tax of the buyer for what is not left of the price, which its charge then no more counts."""
        charge = self.settlement.bought.get(deal.deal_id)
        if charge is None or charge.base_minor == deal.left_minor:
            return 0, 0
        fee, tax = self.commission.give_back(charge, deal.left_minor, month_of(self.deadlines.now_us))
        self.settlement.bought[deal.deal_id] = self.commission.left(charge, deal.left_minor)
        if fee + tax:
            sides = deal.sides
            events.append(
                BuyerFeeReturned(sides.buyer_contract_id, sides.buyer_id, sides.buyer_line, fee, tax)
            )
        return fee, tax

    def return_unsent(self, deal: Deal, sent: int, events: list[AnyEvent]) -> None:
        """What the seller does not send of a sold deal is its stock again, and refunded."""
        sides = deal.sides
        inbound = self.ledger.account(AccountKind.INBOUND, sides.seller_contract_id, sides.instrument_id)
        stock = self.ledger.account(AccountKind.STOCK, sides.seller_id, sides.instrument_id)
        if unsent := deal.left - sent:
            self.ledger.post(inbound, stock, unsent, "unsent", sides.seller_contract_id, events)
            self.refund(deal, sent, Refunding.NOT_DISPATCHED, events)

    def decide(self, deal: Deal, *, take: bool, events: list[AnyEvent]) -> None:
        """The buyer takes conditional pieces as they are, or they are the seller's again."""
        doubted, deal.conditional = deal.conditional, 0
        if take:
            self.guarantee(deal, events)
        else:
            self.reject(deal, doubted, events)
            self.refund(deal, deal.left - doubted, Refunding.REFUSED, events)
        self.advance_or_void(deal, DealStep.DECIDE, events)

    def reject(self, deal: Deal, pieces: int, events: list[AnyEvent]) -> None:
        """Pieces of a hub lot are the seller's again, at the hub."""
        unit = deal.sides.instrument_id
        hub = self.ledger.account(AccountKind.HUB, deal.hub_lot_id, unit)
        rejected = self.ledger.account(AccountKind.REJECTED, deal.sides.seller_id, unit)
        self.ledger.post(hub, rejected, pieces, "reject", deal.hub_lot_id, events)
        if not hub.balance:
            self.ledger.retire(hub)

    # --- guarantee ---------------------------------------------------------------------------------

    def guarantee(self, deal: Deal, events: list[AnyEvent]) -> None:
        """Set aside the instrument's share of what counts and is not conditional, by difference."""
        certain = deal.left_minor
        if deal.conditional:
            certain = divided_half_away(deal.amount_minor * (deal.left - deal.conditional), deal.quantity)
        self._provide(deal, rate_of(certain, self.instrument_of(deal).guarantee_bps), "guarantee", events)

    def lapse(self, deal: Deal, events: list[AnyEvent]) -> None:
        """The guarantee is over, and with it the deal; of a called one lapses what no write-off has used."""
        if deal.called:
            self._lapse_called(deal, events)
        else:
            self._provide(deal, 0, "lapse", events)
        self.advance(deal, DealStep.LAPSE, events)
        self.charges.pop(deal.deal_id, None)
        self._forget(deal)

    def _forget(self, deal: Deal) -> None:
        self.settlement.bought.pop(deal.deal_id, None)
        self.deals.forget(deal)

    def _provide(self, deal: Deal, provision_minor: int, reason: str, events: list[AnyEvent]) -> None:
        """Provide so much for a deal: the difference is an expense, or one less."""
        subject = deal.sides.buyer_contract_id
        expense = self.ledger.account(AccountKind.GUARANTEE, "", deal.currency)
        provision = self.ledger.account(AccountKind.PROVISION, "", deal.currency)
        more = self.deals.provide(deal, provision_minor)
        if more > 0:
            self.ledger.post(expense, provision, more, reason, subject, events)
        elif more < 0:
            self.ledger.post(provision, expense, -more, reason, subject, events)

    def _lapse_called(self, deal: Deal, events: list[AnyEvent]) -> None:
        expense = self.ledger.account(AccountKind.GUARANTEE, "", deal.currency)
        provision = self.ledger.account(AccountKind.PROVISION, "", deal.currency)
        unused = min(deal.provision_minor, self.ledger.owned(provision) - self.deals.pledged(deal.currency))
        if unused:
            self.ledger.post(provision, expense, unused, "lapse", deal.sides.buyer_contract_id, events)

    # --- acceptance --------------------------------------------------------------------------------

    def accept(self, deal: Deal, at_us: int, events: list[AnyEvent]) -> None:
        """What counts of the price goes to the seller less commission, and the guarantee begins."""
        sides, fee, tax = deal.sides, 0, 0
        if deal.left_minor:
            charge = self.commission.charge(
                sides.seller_id,
                deal.schedule_version,
                month_of(at_us),
                deal.currency,
                deal.left_minor,
            )
            self.charges[deal.deal_id] = charge
            legs = self.settlement.release_legs(
                sides.buyer_contract_id, deal.left_tax_minor, charge, sides.seller_contract_id
            )
            bought = self.settlement.bought.get(deal.deal_id)
            legs += self.settlement.buyers_legs(sides.buyer_contract_id, bought)
            self.settlement.post_chain(legs, events)
            self.settlement.treasury.net_recourse(sides.seller_id, deal.currency, events)
            fee, tax = charge.fee_minor, charge.tax_minor
        self._settle_lines(deal, fee, tax, events)
        self.advance(deal, DealStep.ACCEPT, events)

    def _settle_lines(self, deal: Deal, fee: int, tax: int, events: list[AnyEvent]) -> None:
        """Both contracts' lines are done, and an ended contract's accounts are forgotten."""
        bought = self.settlement.contract(deal.sides.buyer_contract_id)
        sold = self.settlement.contract(deal.sides.seller_contract_id)
        line = bought.lines[deal.sides.buyer_line]
        buyers = fee_and_tax(self.settlement.bought.get(deal.deal_id))
        self.contracts.settle(bought, line, fee, tax, events, deal.left_minor, buyers)
        self.settlement.retire_if_performed(bought)
        self.settlement.retire_if_performed(sold)

    # --- reading and state -------------------------------------------------------------------------

    def instrument_of(self, deal: Deal) -> Instrument:
        """What the deal is about."""
        return self.settlement.instrument(deal.sides.instrument_id)

    def dump_charges(self) -> list[Pinned]:
        """The charges of settled deals, by deal."""
        return [Pinned(deal_id, self.charges[deal_id]) for deal_id in sorted(self.charges)]

    def load_charges(self, state: list[Pinned]) -> None:
        """The charges of a dump."""
        self.charges = {pinned.deal_id: pinned.charge for pinned in state}
