"""The review of closed lots: who reopens one, and whose award needs a reason.

The market's room owns the rules of the lot; this flow adds who the actors are.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.market.auction import Auctions
from exchange.core.market.lots.review import Reviews
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.review import ReopenLot
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject


class Review:
    """The commands of lots that are closed and not awarded."""

    def __init__(self, members: Members, auctions: Auctions, deadlines: Deadlines) -> None:
        self.members = members
        self.reviews = Reviews(auctions, deadlines)

    def handlers(self) -> Handlers:
        """Its commands."""
        return {ReopenLot: self.reopen_lot}

    def reopen_lot(self, sent: Sequenced, command: ReopenLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the lot's. Its buyer or the operator may."""
        is_operator = self.members.is_operator(sent.member_id)
        if refused := self.reviews.refusal(sent.member_id, is_operator, command, sent.at_us):
            return refused
        self.reviews.reopen(command, events)
        return Done(command.lot_id)
