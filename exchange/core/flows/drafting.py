"""A buyer changes a draft of its own: the event, a lot, or a lot less."""

from exchange.core.flows.lot_stock import LotStock
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.sides import role_in_draft
from exchange.core.market.auction import Auctions
from exchange.core.market.changing import Changes, as_added
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject


class Drafting:
    """The commands that change a draft."""

    def __init__(self, members: Members, auctions: Auctions, stock: LotStock) -> None:
        self._members = members
        self._auctions = auctions
        self._stock = stock
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
        role = role_in_draft(self._auctions, sent.member_id, command.event_id)
        refused = self._members.refusal(sent.member_id, role)
        if refused := refused or self._changes.event_refusal(sent.member_id, command, sent.at_us):
            return refused
        self._changes.change_event(command, events)
        return Done(command.event_id)

    def change_lot(self, sent: Sequenced, command: ChangeLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the draft's, then those of what is in stock."""
        refused = self._lot_role_refusal(sent.member_id, command.lot_id)
        if refused := refused or self._changes.lot_refusal(sent.member_id, command):
            return refused
        lot = self._auctions.lot_of(command.lot_id)
        changed = as_added(lot, command)
        if refused := self._stock.lot_refusal(self._auctions.event_of(lot.event_id), changed):
            return refused
        self._changes.change_lot(command, events)
        return Done(command.lot_id)

    def remove_lot(self, sent: Sequenced, command: RemoveLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the draft's."""
        refused = self._lot_role_refusal(sent.member_id, command.lot_id)
        if refused := refused or self._changes.remove_refusal(sent.member_id, command):
            return refused
        self._changes.remove_lot(command, events)
        return Done(command.lot_id)

    def _lot_role_refusal(self, member_id: str, lot_id: str) -> Reject | None:
        lot = self._auctions.lot(lot_id)
        event_id = lot.event_id if lot is not None else ""
        return self._members.refusal(member_id, role_in_draft(self._auctions, member_id, event_id))
