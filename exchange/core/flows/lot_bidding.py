"""What bidders and operators do in a lot beyond plain bids: take a bid back.

The market's room owns the rules of the lot; this flow adds who the actors are.
"""

from exchange.core.flows.outcome import Done, Handlers
from exchange.core.market.auction import Auctions
from exchange.core.market.revocation import Revocations
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.bids import RevokeBid
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject


class LotBidding:
    """The commands about bids that were made."""

    def __init__(self, members: Members, auctions: Auctions) -> None:
        self.members = members
        self.revocations = Revocations(auctions)

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {RevokeBid: self.revoke_bid}

    def revoke_bid(self, sent: Sequenced, command: RevokeBid, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, of a seller for an own bid, of an operator for that of an alias; then the lot's."""
        role = Role.OPERATOR if command.alias else Role.SELLER
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
