"""What a commit did to the members that somebody follows, as they may see it."""

from msgspec import Struct

from exchange.core.messages import AnyEvent, shown
from exchange.core.messages.ledger import TransferPosted
from exchange.core.visibility import account_shown, audience, show


class OwnChange(Struct):
    """`events` in their order; `accounts` are the (kind, unit) of the member's balances that were moved.

    `at_us` is the instant of the last command that concerned the member.
    """

    events: list[shown.OwnEvent]
    accounts: dict[tuple[str, str], None]
    at_us: int


class OwnChanges:
    """`changed` holds what this commit did, by member; only `watched` members are looked at.

    `at_us` is the instant of the command whose events come.
    """

    def __init__(self) -> None:
        self.watched: dict[str, None] = {}
        self.changed: dict[str, OwnChange] = {}
        self.at_us = 0

    def take(self, event: AnyEvent) -> None:
        """Note the event for every watched member that it concerns."""
        if type(event) is TransferPosted:
            self._note_account(event.debit, event.unit)
            self._note_account(event.credit, event.unit)
            return
        for member_id in audience(event):
            if member_id in self.watched:
                self.of(member_id).events += show(event, member_id)

    def of(self, member_id: str) -> OwnChange:
        """What this commit did to the member so far."""
        change = self.changed.get(member_id)
        if change is None:
            change = self.changed[member_id] = OwnChange([], {}, 0)
        change.at_us = self.at_us
        return change

    def _note_account(self, name: str, unit: str) -> None:
        owner, kind = account_shown(name)
        if owner in self.watched:
            self.of(owner).accounts[kind, unit] = None
