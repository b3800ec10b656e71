"""What the ways of bidding have in common and in what they differ: one record a format, asked by everybody else.

Guarantees: no other module tells formats apart by their names. A draft is held to the record of its lots'
format; so is whoever takes bids, moves a close or shows a lot.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.messages.lot_rules import LotFormat, LotRules, TiePolicy


class Clock(StrEnum):
    """What the clock of a lot goes through while the lot is open, beside its close."""

    NONE = "none"
    YIELDING = "yielding"  # levels, from the best price for the buyer to the worst
    IMPROVING = "improving"  # levels, from the worst price for the buyer to the best
    TURNS = "turns"  # first prices, then rounds of turns


_ALL: Final = frozenset(TiePolicy)
_NO_FORBIDDEN: Final = _ALL - {TiePolicy.FORBID_ANY, TiePolicy.FORBID_FIRST}
"""Where many stand at one price by design, or where a forbidden tie would tell a price that is hidden."""
_EARLIEST: Final = frozenset({TiePolicy.EARLIEST})


class Format(Struct, frozen=True):
    """What a lot of a format takes. Rules of a draft that it doesn't take contradict it, overtime is not applied."""

    takes_bids: bool = True  # SubmitBid; otherwise levels are accepted, or envelopes sent
    sealed: bool = False  # nobody sees a bid before all are opened together
    second_price: bool = False  # the next best bid makes the price
    clock: Clock = Clock.NONE
    improves: bool = True  # steps, bands, multiples and a largest step bind a bid to the bidder's own
    meets_lead: bool = True  # a bid may have to improve on the lead, or keep away from it
    overtime: bool = True  # late bids move the close, and the event's other lots move it with theirs
    proxies: bool = False
    prebids: bool = False
    revocation: bool = False  # a bid can be taken back, and its bidder falls back to an earlier one
    buy_now: bool = False
    reopens: bool = False  # a closed lot can go on where it stood
    units: bool = False  # several may win, each an equal part of the quantity
    scored: bool = True  # bids may compare by more than their price
    qualification: bool = True  # a worst first bid can be asked for
    ties: frozenset[TiePolicy] = _NO_FORBIDDEN


_JAPANESE: Final = Format(
    takes_bids=False,
    clock=Clock.IMPROVING,
    scored=False,
    improves=False,
    meets_lead=False,
    overtime=False,
    qualification=False,
    revocation=True,
)
_SEALED: Final = Format(
    takes_bids=False, sealed=True, improves=False, meets_lead=False, overtime=False, units=True
)
_DUTCH: Final = replace(_JAPANESE, clock=Clock.YIELDING, ties=_EARLIEST)

FORMATS: Final[dict[LotFormat, Format]] = {
    LotFormat.ENGLISH: Format(
        proxies=True, prebids=True, revocation=True, buy_now=True, reopens=True, ties=_ALL
    ),
    LotFormat.SEALED_FIRST_PRICE: _SEALED,
    LotFormat.SEALED_SECOND_PRICE: replace(_SEALED, second_price=True),
    LotFormat.DUTCH: _DUTCH,
    LotFormat.JAPANESE: _JAPANESE,
    LotFormat.ROUNDS: Format(clock=Clock.TURNS, meets_lead=False, overtime=False, revocation=True),
}
"""By the format that a lot's rules name."""


def format_of(rules: LotRules) -> Format:
    """The record of the rules' format."""
    return FORMATS[rules.format]
