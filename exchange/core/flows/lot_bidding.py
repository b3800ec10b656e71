"""What bidders and operators do beyond plain bids: take one back, let the lot bid, bid for a supplier, choose a currency.

The market's room owns the rules of the lot; this flow adds who the actors are.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.sides import role_in_lot
from exchange.core.market.auction import Auctions
from exchange.core.market.choosing import Choices
from exchange.core.market.proxies import answer
from exchange.core.market.proxying import Proxying
from exchange.core.market.revocation import Revocations
from exchange.core.market.sourcing import Sight
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.bids import BidMarked, RevokeBid, SetProxy, SubmitSurrogateBid, WithdrawProxy
from exchange.core.messages.currencies import ChooseCurrency, SetCurrencies
from exchange.core.messages.sourcing import SubmitBid
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode


class LotBidding:
    """The commands about bids that were made."""

    def __init__(self, members: Members, auctions: Auctions, deadlines: Deadlines) -> None:
        self.members = members
        self.auctions, self.deadlines = auctions, deadlines
        self.proxying = Proxying(auctions, deadlines)
        self.revocations = Revocations(auctions)
        self.choices = Choices(auctions)

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            RevokeBid: self.revoke_bid,
            SetProxy: self.set_proxy,
            WithdrawProxy: self.withdraw_proxy,
            SubmitSurrogateBid: self.submit_surrogate_bid,
            SetCurrencies: self.set_currencies,
            ChooseCurrency: self.choose_currency,
        }

    def revoke_bid(self, sent: Sequenced, command: RevokeBid, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, of a seller for an own bid, of an operator for that of an alias; then the lot's."""
        role = Role.OPERATOR if command.alias else role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if command.alias:
            refused = self.revocations.operator_refusal(command)
        else:
            refused = self.revocations.refusal(sent.member_id, command, sent.at_us)
        if refused:
            return refused
        self.revocations.revoke(sent.member_id, command, sent.at_us, events)
        return Done(command.lot_id, number=command.number)

    def set_proxy(self, sent: Sequenced, command: SetProxy, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the lot's. `number` is how many bids the member has made now."""
        role = role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if refused := self.proxying.set_refusal(sent.member_id, command, sent.at_us):
            return refused
        number = self.proxying.set(sent.member_id, command, sent.at_us, events)
        return Done(command.lot_id, number=number)

    def withdraw_proxy(
        self, sent: Sequenced, command: WithdrawProxy, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, then the lot's."""
        role = role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if refused := self.proxying.withdraw_refusal(sent.member_id, command, sent.at_us):
            return refused
        self.proxying.withdraw(command, events)
        return Done(command.lot_id)

    def set_currencies(
        self, sent: Sequenced, command: SetCurrencies, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, then the event's."""
        if refused := self.members.refusal(sent.member_id, Role.BUYER):
            return refused
        if refused := self.choices.set_refusal(sent.member_id, command):
            return refused
        self.choices.set(command, events)
        return Done(command.event_id)

    def choose_currency(
        self, sent: Sequenced, command: ChooseCurrency, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, then the event's."""
        if refused := self.members.refusal(sent.member_id, Role.SELLER):
            return refused
        if refused := self.choices.refusal(sent.member_id, command):
            return refused
        self.choices.choose(sent.member_id, command, events)
        return Done(command.event_id)

    def submit_surrogate_bid(
        self, sent: Sequenced, command: SubmitSurrogateBid, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing of the operator, LOT_UNKNOWN, membership, role and standing of the supplier,
        NOT_INVITED, then the lot's as of a bid of the supplier, with every bound.
        """
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        lot = self.auctions.lot(command.lot_id)
        if lot is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        bidder_id = command.member_id
        if self.members.get(bidder_id) is None:
            return Reject(RejectCode.MEMBER_UNKNOWN, field="member_id")
        role = role_in_lot(self.auctions, bidder_id, command.lot_id)
        if refused := self.members.refusal(bidder_id, role):
            return Reject(refused.code, field="member_id")
        if bidder_id not in self.auctions.event_of(lot.event_id).invited:
            return Reject(RejectCode.NOT_INVITED, field="member_id")
        bid = SubmitBid(lot_id=command.lot_id, price=command.price)
        if refused := self.auctions.bid_refusal(bidder_id, bid, sent.at_us, Sight.ALL):
            return refused
        self.auctions.place(lot, bidder_id, command.price, sent.at_us, self.deadlines, events)
        made = lot.board.mark(bidder_id)
        events.append(
            BidMarked(lot.lot_id, bidder_id, made.bids, made.bid_number, made.price, command.reason)
        )
        answer(lot, sent.at_us, events)
        return Done(command.lot_id, number=made.bids)
