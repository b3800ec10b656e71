"""What a commit did to the members that somebody follows, as they may see it."""

from msgspec import Struct

from exchange.core.messages import AnyEvent, shown
from exchange.core.messages.ledger import TransferPosted
from exchange.core.visibility import account_shown, audience, show


class OwnChange(Struct):
    """`events` in their order; `accounts` are the (kind, unit) of the member's balances that were moved."""

    events: list[shown.OwnEvent]
    accounts: dict[tuple[str, str], None]


class OwnChanges:
    """`changed` holds what this commit did, by member; only `watched` members are looked at."""

    def __init__(self) -> None:
        self.watched: dict[str, None] = {}
        self.changed: dict[str, OwnChange] = {}

    def take(self, event: AnyEvent) -> None:
        """Note the event for every watched member that it concerns."""
        for member_id in audience(event):
            if member_id in self.watched:
                change = self.of(member_id)
                change.events += show(event, member_id)
                if type(event) is TransferPosted:
                    _note_accounts(change, member_id, event)

    def of(self, member_id: str) -> OwnChange:
        """What this commit did to the member so far."""
        change = self.changed.get(member_id)
        if change is None:
            change = self.changed[member_id] = OwnChange([], {})
        return change


def _note_accounts(change: OwnChange, member_id: str, event: TransferPosted) -> None:
    for name in (event.debit, event.credit):
        owner, kind = account_shown(name)
        if owner == member_id:
            change.accounts[kind, event.unit] = None
