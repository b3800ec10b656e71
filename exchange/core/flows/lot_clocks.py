"""Lots with a clock: bidders accept its levels, and time moves it on."""

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.outcome import Done, Handlers, Steps
from exchange.core.flows.sides import role_in_lot
from exchange.core.market.accepting import Acceptances
from exchange.core.market.auction import LOT_CLOCK, Auctions
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject


class LotClocks:
    """The commands and deadlines of clocks."""

    def __init__(self, members: Members, auctions: Auctions, deadlines: Deadlines) -> None:
        self.members = members
        self.auctions = auctions
        self.acceptances = Acceptances(auctions, deadlines)

    def handlers(self) -> Handlers:
        """Its commands."""
        return {AcceptLevel: self.accept_level}

    def steps(self) -> Steps:
        """Its deadlines."""
        return {LOT_CLOCK: self.go_on}

    def accept_level(self, sent: Sequenced, command: AcceptLevel, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the lot's."""
        role = role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if refused := self.acceptances.accept_refusal(sent.member_id, command, sent.at_us):
            return refused
        return Done(
            command.lot_id, number=self.acceptances.accept(sent.member_id, command, sent.at_us, events)
        )

    def go_on(self, deadline: Deadline, _: int, events: list[AnyEvent]) -> None:
        """A level, a turn or a pause has ended."""
        self.acceptances.go_on(deadline.subject, events)
