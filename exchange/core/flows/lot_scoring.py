"""Scored lots: bidders declare what their bids stand for, a buyer sets how a supplier's price compares."""

from exchange.core.flows.outcome import Done, Handlers
from exchange.core.market.auction import Auctions
from exchange.core.market.declaring import Declarations
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.scoring import SetTransformation, SubmitDeclaration
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject


class LotScoring:
    """The commands of scored lots."""

    def __init__(self, members: Members, auctions: Auctions) -> None:
        self.members = members
        self.declarations = Declarations(auctions)

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            SubmitDeclaration: self.submit_declaration,
            SetTransformation: self.set_transformation,
        }

    def submit_declaration(
        self, sent: Sequenced, command: SubmitDeclaration, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, then the lot's."""
        if refused := self.members.refusal(sent.member_id, Role.SELLER):
            return refused
        if refused := self.declarations.declare_refusal(sent.member_id, command, sent.at_us):
            return refused
        self.declarations.declare(sent.member_id, command, events)
        return Done(command.lot_id)

    def set_transformation(
        self, sent: Sequenced, command: SetTransformation, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, then the lot's. Only its buyer may."""
        if refused := self.members.refusal(sent.member_id, Role.BUYER):
            return refused
        if refused := self.declarations.transform_refusal(sent.member_id, command):
            return refused
        self.declarations.transform(command, events)
        return Done(command.lot_id)
