"""Claims from their filing to the remedy: filed → answered, or not in time → upheld in part or whole, or dismissed.

Before acceptance a claim stops it: what is upheld goes from escrow back to the buyer, the rest is accepted at the
resolution. Within the guarantee the exchange pays the buyer from its own float and has recourse to the seller,
less the commission and the tax on it, which are given back. A seller's silence is no admission: after its term
the operator decides without it. The guarantee does not end while a claim is open.

Known limits: one open claim a line; goods stay where they are, whatever the resolution.
"""

from typing import Final, NamedTuple

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.deals.claim import Claim, Claims
from exchange.core.deals.deal import Deal, Deals
from exchange.core.flows.hub_deals import DEAL_TERM, HubDeals
from exchange.core.flows.outcome import DONE, Done, Handlers, Steps
from exchange.core.flows.settlement import FLOAT_SIDES, Leg
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.commission import BUYERS_FEE, BUYERS_TAX
from exchange.core.limits import ANSWER_TERM_US
from exchange.core.messages import AnyEvent, Role, Sequenced, Side
from exchange.core.messages.deals import AnswerClaim, ClaimAnswer, FileClaim, ReleaseClaimText, ResolveClaim
from exchange.core.messages.delivery import DealRefunded, Refunding
from exchange.core.messages.lifecycles import ClaimState, ClaimStep, DealState, DealStep
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import divided_half_away, month_of, rate_of

CLAIM_TERM: Final = "claim_term"


class Share(NamedTuple):
    """What of a deal's price and of the tax on it is given back."""

    amount_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """Both."""
        return self.amount_minor + self.tax_minor


class ClaimResolution:
    """The commands of claims."""

    def __init__(
        self, members: Members, deadlines: Deadlines, deals: Deals, claims: Claims, hub_deals: HubDeals
    ) -> None:
        self.members = members
        self.deadlines = deadlines
        self.deals = deals
        self.claims = claims
        self.hub_deals = hub_deals
        self.ledger = hub_deals.ledger

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            FileClaim: self.file_claim,
            AnswerClaim: self.answer_claim,
            ResolveClaim: self.resolve_claim,
            ReleaseClaimText: self.release_claim_text,
        }

    def steps(self) -> Steps:
        """What happens when which deadline falls due."""
        return {
            CLAIM_TERM: self.meet,
        }

    def file_claim(self, sent: Sequenced, command: FileClaim, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the line is the buyer's and delivered, no claim is open on it, the quantity.

        A suspended member may file. After its guarantee a line is unknown.
        """
        deal = self.deals.named(sent.member_id, Side.BUY, command.contract_id, command.line)
        if deal is None:
            return Reject(RejectCode.LINE_UNKNOWN, field="line")
        if deal.claim_id:
            return Reject(RejectCode.CLAIM_OPEN, field="line")
        if deal.state not in (DealState.DELIVERED, DealState.ACCEPTED) or not deal.left_minor:
            return Reject(RejectCode.OUT_OF_TURN, field="line")
        if command.quantity > deal.left:
            return Reject(RejectCode.QUANTITY_ABOVE_LINE, deal.left, "quantity")
        # Nothing below this line can fail.
        deal.claim_id = sent.new_id
        if deal.state is DealState.DELIVERED:
            self.hub_deals.advance(deal, DealStep.DISPUTE, events)
        else:
            self.deadlines.drop(DEAL_TERM, deal.deal_id)
        due_us = self.deadlines.set_after(CLAIM_TERM, deal.claim_id, ANSWER_TERM_US)
        quantity = command.quantity or deal.left
        claim = Claim(
            deal.claim_id, deal.deal_id, deal.sides, command.reason, quantity, command.text_hash, due_us
        )
        self.claims.file(claim, events)
        return Done(claim.claim_id)

    def answer_claim(self, sent: Sequenced, command: AnswerClaim, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the line is the seller's, a claim is open on it and not answered. A suspended member may."""
        deal = self.deals.named(sent.member_id, Side.SELL, command.contract_id, command.line)
        if deal is None:
            return Reject(RejectCode.LINE_UNKNOWN, field="line")
        if not deal.claim_id:
            return Reject(RejectCode.CLAIM_UNKNOWN, field="line")
        claim = self.claims.get(deal.claim_id)
        if claim.state is not ClaimState.FILED:
            return Reject(RejectCode.OUT_OF_TURN, field="line")
        # Nothing below this line can fail.
        self.deadlines.drop(CLAIM_TERM, claim.claim_id)
        answer = ClaimAnswer.ADMITTED if command.admit else ClaimAnswer.CONTESTED
        self.claims.answer(claim, answer, command.text_hash, events)
        return DONE

    def meet(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """The seller said nothing: the operator decides without it."""
        self.claims.answer(self.claims.get(deadline.subject), ClaimAnswer.NONE, "", events)

    def release_claim_text(
        self, sent: Sequenced, command: ReleaseClaimText, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, claim, that there is something to release."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        claim = self.claims.find(command.claim_id)
        if isinstance(claim, Reject):
            return claim
        if refused := self.claims.release_refusal(claim, command.text):
            return refused
        # Nothing below this line can fail.
        self.claims.release(claim, command.text, events)
        return Done(claim.claim_id)

    def resolve_claim(self, sent: Sequenced, command: ResolveClaim, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, claim, that it was answered or the term is over, the share, then FLOAT_SHORT."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        claim = self.claims.find(command.claim_id)
        if isinstance(claim, Reject):
            return claim
        if refused := self.claims.resolution_refusal(claim) or _share_refusal(claim, command):
            return refused
        deal = self.deals.get(claim.deal_id)
        share, accepted = _share(deal, claim, command), deal.state is DealState.ACCEPTED
        if accepted and (refused := self._float_refusal(deal, share)):
            return refused
        # Nothing below this line can fail.
        upheld = command.upheld_bps or command.upheld_quantity
        step = ClaimStep.UPHOLD if upheld else ClaimStep.DISMISS
        deal.claim_id = ""
        self.claims.resolve(claim, step, share.total_minor, events)
        if accepted:
            self._remedy(deal, share, events)
        else:
            self._give_back(deal, share, sent.at_us, events)
        return Done(claim.claim_id)

    def _float_refusal(self, deal: Deal, share: Share) -> Reject | None:
        """The remedy is paid with the house's share of the clients' bank account, and with nothing else."""
        charge, refund_minor = self.hub_deals.settlement.bought.get(deal.deal_id), share.total_minor
        if charge is not None:
            left_minor = deal.left_minor - share.amount_minor
            refund_minor += sum(self.hub_deals.commission.refund(charge, left_minor))
        there = self.ledger.owned(self.ledger.account(*FLOAT_SIDES[0], deal.currency))
        return Reject(RejectCode.FLOAT_SHORT, there, "upheld_bps") if refund_minor > there else None

    def _give_back(self, deal: Deal, share: Share, at_us: int, events: list[AnyEvent]) -> None:
        """Before acceptance: from escrow to the buyer, and the rest is accepted."""
        deal.left_minor -= share.amount_minor
        deal.left_tax_minor -= share.tax_minor
        if share.amount_minor:
            self.hub_deals.pay_back(deal, 0, share.amount_minor, share.tax_minor, Refunding.CLAIM, events)
        if deal.left_minor:
            self.hub_deals.accept(deal, at_us, events)
        else:
            self.hub_deals.void(deal, events)

    def _remedy(self, deal: Deal, share: Share, events: list[AnyEvent]) -> None:
        """Within the guarantee: from the float to the buyer, with recourse to the seller for what it got of it."""
        if share.amount_minor:
            self._pay_remedy(deal, share, events)
        if deal.due_us > self.deadlines.now_us:
            self.deadlines.set(DEAL_TERM, deal.deal_id, deal.due_us)
        else:
            self.hub_deals.lapse(deal, events)

    def _pay_remedy(self, deal: Deal, share: Share, events: list[AnyEvent]) -> None:
        sides, currency = deal.sides, deal.currency
        commission, account = self.hub_deals.commission, self.ledger.account
        charge = self.hub_deals.charges[deal.deal_id]
        self.deals.call(deal)
        deal.left_minor -= share.amount_minor
        deal.left_tax_minor -= share.tax_minor
        fee, tax = commission.give_back(charge, deal.left_minor, month_of(self.deadlines.now_us))
        self.hub_deals.charges[deal.deal_id] = commission.left(charge, deal.left_minor)
        house, mirror = (account(*float_side, currency) for float_side in FLOAT_SIDES)
        recourse = account(AccountKind.RECOURSE, sides.seller_id, currency)
        output, deducted = account(AccountKind.TAX, "output", currency), max(0, share.tax_minor - tax)
        own, subject = share.total_minor - fee - tax, sides.buyer_contract_id
        legs = [
            Leg(
                house,
                account(AccountKind.WALLET, sides.buyer_id, currency),
                share.total_minor,
                "claim",
                subject,
            ),
            Leg(recourse, mirror, own, "recourse", sides.seller_contract_id),
            Leg(account(AccountKind.COMMISSION, "surplus", currency), mirror, fee, "commission", subject),
            Leg(output, mirror, tax, "commission_tax", subject),
            Leg(output, account(AccountKind.TAX, "input", currency), deducted, "goods_tax", subject),
        ]
        legs += self._buyers_legs(deal, events)
        self.hub_deals.settlement.post_chain(legs, events)
        events.append(DealRefunded(sides, Refunding.CLAIM, 0, share.amount_minor, share.tax_minor))

    def _buyers_legs(self, deal: Deal, events: list[AnyEvent]) -> list[Leg]:
        """What the buyer bore of the commission for the part that is given back."""
        fee, tax = self.hub_deals.give_back_buyers(deal, events)
        account, currency, subject = self.ledger.account, deal.currency, deal.sides.buyer_contract_id
        house, mirror = (account(*float_side, currency) for float_side in FLOAT_SIDES)
        wallet = account(AccountKind.WALLET, deal.sides.buyer_id, currency)
        return [
            Leg(house, wallet, fee, BUYERS_FEE, subject),
            Leg(house, wallet, tax, BUYERS_TAX, subject),
            Leg(account(AccountKind.COMMISSION, "surplus", currency), mirror, fee, BUYERS_FEE, subject),
            Leg(account(AccountKind.TAX, "output", currency), mirror, tax, BUYERS_TAX, subject),
        ]


def _share_refusal(claim: Claim, command: ResolveClaim) -> Reject | None:
    """SHARE_TWICE, QUANTITY_ABOVE_LINE (the bound is what was claimed)."""
    if command.upheld_bps and command.upheld_quantity:
        return Reject(RejectCode.SHARE_TWICE, field="upheld_quantity")
    if command.upheld_quantity > claim.quantity:
        return Reject(RejectCode.QUANTITY_ABOVE_LINE, claim.quantity, "upheld_quantity")
    return None


def _share(deal: Deal, claim: Claim, command: ResolveClaim) -> Share:
    """Of the price that counts: that of so many pieces, or a part of that of the claimed ones; tax alike."""
    pieces = command.upheld_quantity or claim.quantity
    amount = divided_half_away(deal.left_minor * pieces, deal.left)
    if not command.upheld_quantity:
        amount = rate_of(amount, command.upheld_bps)
    return Share(amount, divided_half_away(deal.left_tax_minor * amount, deal.left_minor))
