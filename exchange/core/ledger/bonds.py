"""Bid bonds: what of a member's deposit stands for its bids in a sourcing event.

Guarantees: one bond per member and event; what is pledged never exceeds the member's deposit, since nothing else may
take it; a bond moves along the table `lifecycles.BOND`, and is forgotten when it ends.
Does not move money: the flow posts it.
"""

from msgspec import Struct

from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages import AnyEvent
from exchange.core.messages.awards import BondMoved
from exchange.core.messages.lifecycles import BOND, BondState, BondStep, after


class Bond(Struct, frozen=True, array_like=True, gc=False):
    """A bond that is placed."""

    event_id: str
    member_id: str
    currency: str
    amount_minor: int


class Bonds:
    """Placed bonds by event and member, and their sums by member and currency."""

    def __init__(self, placed: list[Bond] | None = None) -> None:
        self._placed: dict[str, dict[str, Bond]] = {}
        self._pledged: dict[tuple[str, str], int] = {}
        for bond in placed or ():
            self._know(bond)

    def get(self, event_id: str, member_id: str) -> Bond | None:
        """The bond, or nothing."""
        return self._placed.get(event_id, {}).get(member_id)

    def of_event(self, event_id: str) -> list[Bond]:
        """All that are placed, by member."""
        bonds = self._placed.get(event_id, {})
        return [bonds[member_id] for member_id in sorted(bonds)]

    def pledged(self, member_id: str, currency: str) -> int:
        """What of the member's deposit is not free."""
        return self._pledged.get((member_id, currency), 0)

    def place(self, bond: Bond, events: list[AnyEvent]) -> None:
        """From now on."""
        self._know(bond)
        events.append(_moved(bond, BondState.PLACED, ""))

    def end(self, bond: Bond, step: BondStep, reason: str, events: list[AnyEvent]) -> None:
        """The deposit is free of it."""
        of_event = self._placed[bond.event_id]
        del of_event[bond.member_id]
        if not of_event:
            del self._placed[bond.event_id]
        self._pledged[bond.member_id, bond.currency] -= bond.amount_minor
        events.append(_moved(bond, after(BOND, BondState.PLACED, step), reason))

    def check_invariants(self, ledger: Ledger) -> None:
        """Assert that every deposit covers its bonds."""
        for (member_id, currency), pledged in self._pledged.items():
            deposit = ledger.account(AccountKind.DEPOSIT, member_id, currency)
            assert 0 <= pledged <= ledger.owned(deposit), f"{deposit.name} does not cover its bonds"

    def dump(self) -> list[Bond]:
        """By event and member."""
        return [bond for event_id in sorted(self._placed) for bond in self.of_event(event_id)]

    def _know(self, bond: Bond) -> None:
        key = bond.member_id, bond.currency
        self._placed.setdefault(bond.event_id, {})[bond.member_id] = bond
        self._pledged[key] = self._pledged.get(key, 0) + bond.amount_minor


def _moved(bond: Bond, state: BondState, reason: str) -> BondMoved:
    return BondMoved(bond.event_id, bond.member_id, state, bond.currency, bond.amount_minor, reason)
