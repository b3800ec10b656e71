"""The sealed bids of one lot: who handed in what, until they are opened.

Guarantees: knows no price. A member has one envelope at most, the last it handed in; those that stand are in the
order in which they came. Once opened, nothing is left but which bids were void.

States: `sealed`, after the close `due` for opening, from there `stuck` (no key was found) and back, at last `open`.
With two envelopes `technical` (or `stuck`) and `judging` come before `due`.
A lot that closes without envelopes is open at once.
"""

from enum import StrEnum
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.market.lots.formats import format_of
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.sealed import VoidReason


class Opening(StrEnum):
    """How far the envelopes of a lot are."""

    SEALED = "sealed"
    TECHNICAL = "technical"  # technical envelopes are due
    JUDGING = "judging"
    DUE = "due"
    STUCK = "stuck"
    OPEN = "open"


class Envelope(NamedTuple):
    """One that stands."""

    number: int  # counts the lot's envelopes from 1, replaced ones too
    at_us: int
    text: str
    technical: str = ""


class Offer(NamedTuple):
    """A technical offer, opened."""

    alias: int
    documents: list[str]
    fault: VoidReason | None
    passed: bool | None  # None: not judged yet


class VoidBid(NamedTuple):
    """A bid that didn't count, once it was opened."""

    alias: int
    reason: VoidReason


class SealedBids(Struct, array_like=True):
    """Changed only by the events of its lot, in the kernel as in the views."""

    public_key: str = ""  # empty: no private key is stored yet
    opening: Opening = Opening.SEALED
    numbers: int = 0
    standing: dict[str, Envelope] = {}
    sent: dict[str, int] = {}  # how many each member has handed in, withdrawn ones too
    voids: dict[str, VoidBid] = {}  # by member
    stuck: str = ""  # why it can't be opened
    offers: dict[str, Offer] = {}  # technical, by member

    @property
    def is_open(self) -> bool:
        """Whether the bids are known."""
        return self.opening is Opening.OPEN

    @property
    def judged(self) -> bool:
        """Whether every technical offer has its verdict."""
        return all(offer.passed is not None for offer in self.offers.values())

    def take(self, member_id: str, text: str, at_us: int, technical: str = "") -> int:
        """Let the envelope stand in place of the member's one before; its number."""
        self.numbers += 1
        self.standing.pop(member_id, None)
        self.standing[member_id] = Envelope(self.numbers, at_us, text, technical)
        self.sent[member_id] = self.sent.get(member_id, 0) + 1
        return self.numbers

    def withdraw(self, member_id: str) -> None:
        """It has none any more."""
        del self.standing[member_id]

    def close(self) -> None:
        """No more envelopes: those that stand are to be opened."""
        self.opening = self._due() if self.standing else Opening.OPEN

    def _due(self) -> Opening:
        two = any(envelope.technical for envelope in self.standing.values())
        return Opening.TECHNICAL if two and not self.offers else Opening.DUE

    def offer(self, member_id: str, alias: int, documents: list[str], fault: VoidReason | None) -> None:
        """A technical envelope is open."""
        self.offers[member_id] = Offer(alias, documents, fault, None if fault is None else False)

    def judge(self, member_id: str, *, passed: bool) -> None:
        """The buyer's verdict; with the last one the prices are due."""
        self.offers[member_id] = self.offers[member_id]._replace(passed=passed)
        self.go_on()

    def go_on(self) -> None:
        """All technical offers are open: judge them, or open the prices if nothing is left to judge."""
        self.opening = Opening.DUE if self.judged else Opening.JUDGING

    def get_stuck(self, reason: str) -> None:
        """They can't be opened for now."""
        self.opening, self.stuck = Opening.STUCK, reason

    def retry(self) -> None:
        """They are to be opened again."""
        self.opening, self.stuck = self._due(), ""

    def void(self, member_id: str, alias: int, reason: VoidReason) -> None:
        """A bid doesn't count, whether it was opened or not."""
        self.standing.pop(member_id, None)
        self.voids[member_id] = VoidBid(alias, reason)

    def opened(self) -> None:
        """All are known; the envelopes are of no use any more."""
        self.opening = Opening.OPEN
        self.standing.clear()

    def copy(self) -> Self:
        """The same, apart from this one."""
        return replace(
            self,
            standing=dict(self.standing),
            sent=dict(self.sent),
            voids=dict(self.voids),
            offers=dict(self.offers),
        )


def sealed_for(rules: LotRules, before: SealedBids | None = None) -> SealedBids | None:
    """What a draft by these rules keeps of sealed bids: the key that it has, or nothing where bids are open."""
    return (before or SealedBids()) if format_of(rules).sealed else None
