"""The naive twin of the bank desk: balances and answers worked out afresh from the list of all that happened."""

from typing import NamedTuple


class Sent(NamedTuple):
    """A payout as it was sent: from which account, how much."""

    payout_id: str
    account: str
    amount: int


class Booked(NamedTuple):
    """An entry that took effect."""

    entry_id: str
    credit: bool
    amount: int
    reference: str


class NaiveBank:
    """One currency; `moves` are (account, amount) with credits to an account above zero."""

    def __init__(self, members: tuple[str, ...]) -> None:
        self.members = members
        self.moves: list[tuple[str, int]] = []
        self.sent: list[Sent] = []
        self.ends: list[tuple[str, str]] = []
        self.booked: list[Booked] = []
        self.claimed: list[str] = []
        self.came: list[str] = []

    def owned(self, account: str) -> int:
        return sum(amount for name, amount in self.moves if name == account)

    def move(self, source: str, to: str, amount: int) -> None:
        self.moves += [(source, -amount), (to, amount)]

    def state(self, payout_id: str) -> str:
        """The last thing that was said of it."""
        return next((end for name, end in reversed(self.ends) if name == payout_id), "sent")

    def payout(self, payout_id: str) -> Sent | None:
        return next((each for each in self.sent if each.payout_id == payout_id), None)

    def in_suspense(self) -> list[str]:
        """Credits to suspense that were not claimed since, as often as they came in."""
        came = self.came
        return sorted({name for name in came if came.count(name) > self.claimed.count(name)})

    def amount_of(self, entry_id: str) -> int:
        return next(each.amount for each in self.booked if each.entry_id == entry_id)

    # --- what may be asked: the name of the refusal, or nothing --------------------------------------

    def send(self, payout_id: str, account: str, amount: int) -> str:
        if not 0 < amount <= self.owned(account):
            return "MONEY_SHORT"
        self.move(account, "clearing", amount)
        self.sent.append(Sent(payout_id, account, amount))
        return ""

    def cancel(self, payout_id: str) -> str:
        payout = self.payout(payout_id)
        if payout is None:
            return "PAYOUT_UNKNOWN"
        if self.state(payout_id) != "sent":
            return "PAYOUT_SETTLED"
        self.ends.append((payout_id, "cancelled"))
        self._back("clearing", payout)
        return ""

    def book(self, entry: Booked) -> str:
        known = next((each for each in self.booked if each.entry_id == entry.entry_id), None)
        if known is not None:
            return "" if known == entry else "TRANSFER_ID_REUSED"
        payout = self.payout(entry.reference)
        if payout is None or (entry.credit and entry.amount != payout.amount):
            if not entry.credit:
                return "BANK_ENTRY_UNMATCHED"
            to = f"wallet:{entry.reference}" if entry.reference in self.members else "suspense"
            self.move("bank", to, entry.amount)
            self.came += [entry.entry_id] if to == "suspense" else []
            self.booked.append(entry)
            return ""
        if entry.amount != payout.amount:
            return "BANK_ENTRY_DIFFERS"
        state = self.state(payout.payout_id)
        if state != ("booked" if entry.credit else "sent"):
            return "PAYOUT_NOT_BOOKED" if state == "sent" else "PAYOUT_SETTLED"
        self.booked.append(entry)
        if entry.credit:
            self.ends.append((payout.payout_id, "returned"))
            self._back("bank", payout)
        else:
            self.ends.append((payout.payout_id, "booked"))
            self.move("clearing", "bank", payout.amount)
        return ""

    def match(self, entry_id: str, member: str) -> str:
        if entry_id not in self.in_suspense():
            return "SUSPENSE_UNKNOWN"
        self.claimed.append(entry_id)
        self.move("suspense", f"wallet:{member}", self.amount_of(entry_id))
        return ""

    def send_back(self, payout_id: str, entry_id: str) -> str:
        if entry_id not in self.in_suspense():
            return "SUSPENSE_UNKNOWN"
        self.claimed.append(entry_id)
        self.sent.append(Sent(payout_id, f"suspense {entry_id}", self.amount_of(entry_id)))
        self.move("suspense", "clearing", self.amount_of(entry_id))
        return ""

    def _back(self, source: str, payout: Sent) -> None:
        account, _, entry_id = payout.account.partition(" ")
        self.move(source, account, payout.amount)
        if entry_id:
            self.came.append(entry_id)
