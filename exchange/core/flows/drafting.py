"""A buyer changes a draft of its own: the event, a lot, or a lot less."""

from exchange.core.flows.outcome import Done, Handlers
from exchange.core.market.auction import Auctions
from exchange.core.market.changing import Changes
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject


class Drafting:
    """The commands that change a draft."""

    def __init__(self, members: Members, auctions: Auctions) -> None:
        self._members = members
        self._changes = Changes(auctions)

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            ChangeEvent: self.change_event,
            ChangeLot: self.change_lot,
            RemoveLot: self.remove_lot,
        }

    def change_event(self, sent: Sequenced, command: ChangeEvent, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the draft's."""
        refused = self._members.refusal(sent.member_id, Role.BUYER)
        if refused := refused or self._changes.event_refusal(sent.member_id, command, sent.at_us):
            return refused
        self._changes.change_event(command, events)
        return Done(command.event_id)

    def change_lot(self, sent: Sequenced, command: ChangeLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the draft's."""
        refused = self._members.refusal(sent.member_id, Role.BUYER)
        if refused := refused or self._changes.lot_refusal(sent.member_id, command):
            return refused
        self._changes.change_lot(command, events)
        return Done(command.lot_id)

    def remove_lot(self, sent: Sequenced, command: RemoveLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the draft's."""
        refused = self._members.refusal(sent.member_id, Role.BUYER)
        if refused := refused or self._changes.remove_refusal(sent.member_id, command):
            return refused
        self._changes.remove_lot(command, events)
        return Done(command.lot_id)
