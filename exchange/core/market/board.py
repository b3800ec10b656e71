"""The standing of a lot: every bidder's best bid, in the order in which they rank.

Guarantees: the best price leads (the lowest, in a forward lot the highest); of equal prices, the one that was
reached first (not the one whose bidder came first), until a lottery draws them. Aliases number the bidders of
one lot by their first bid, so nothing about a bidder can be derived from its alias. Taking a bid and finding a
rank stay cheap with ten thousand bidders. Whether there is an auction running is not known here, so that
whoever reads the lot's events can rebuild the same.

Known limits: a bid is never taken back.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sortedcontainers import SortedKeyList, SortedList

from exchange.core.messages.lot_rules import LotDirection, TiePolicy

_FIRST: Final = 0
_LAST: Final = 2**62
"""Bid numbers before and after all others."""
_SHARES_BEST: Final = frozenset({TiePolicy.EQUAL_BEST, TiePolicy.LOTTERY})


class StandingBid(NamedTuple):
    """A bidder's best bid. Of two of a reverse lot, the smaller one ranks before the other."""

    price: int
    bid_number: int  # counts the bids of the lot from 1: when this price was reached
    alias: int
    bids: int  # how many this bidder has made
    member_id: str


def _highest_first(bid: StandingBid) -> tuple[int, int]:
    return -bid.price, bid.bid_number


class Board:
    """`lead` is the best standing bid or None; `bids` counts all that were taken; `seed` has drawn the ties."""

    def __init__(
        self, direction: LotDirection = LotDirection.REVERSE, tie_policy: TiePolicy = TiePolicy.EARLIEST
    ) -> None:
        self.direction = direction
        self.tie_policy = tie_policy
        self.seed = ""
        self.lead: StandingBid | None = None
        self.bids = 0
        self._bidders: list[str] = []  # in the order of their aliases
        self._standing: dict[str, StandingBid] = {}
        self._ranking: SortedList[StandingBid] = self._ranked(())

    @property
    def bidders(self) -> int:
        """How many have bid."""
        return len(self._bidders)

    def of(self, member_id: str) -> StandingBid | None:
        """The bidder's best bid, or nothing."""
        return self._standing.get(member_id)

    def by_alias(self, alias: int) -> StandingBid | None:
        """The best bid under an alias from 1, or nothing."""
        return self._standing[self._bidders[alias - 1]] if 1 <= alias <= len(self._bidders) else None

    def ranking(self) -> Iterator[StandingBid]:
        """All bidders' best bids, best first."""
        return iter(self._ranking)

    def rank_of(self, member_id: str) -> int:
        """The bidder's place, counted from 1, as the tie policy counts; 0 while it has not bid."""
        own = self._standing.get(member_id)
        if own is None:
            return 0
        if self.tie_policy is TiePolicy.EQUAL_WORST:
            return self._ranking.bisect_left(own._replace(bid_number=_LAST))
        if self.tie_policy in _SHARES_BEST and not self.seed:
            return self._ranking.bisect_left(own._replace(bid_number=_FIRST)) + 1
        return self._ranking.bisect_left(own) + 1

    def place_of(self, member_id: str) -> int:
        """The bidder's place in the order of the standing, counted from 1, whatever ties mean."""
        return self._ranking.bisect_left(self._standing[member_id]) + 1

    def met(self, member_id: str, price: int) -> bool:
        """Whether somebody else stands at exactly this price."""
        place = self._ranking.bisect_left(StandingBid(price, _FIRST, 0, 0, ""))
        return any(
            bid.member_id != member_id
            for bid in self._ranking.islice(place, place + 2)  # one of two is somebody else
            if bid.price == price
        )

    def submit(self, member_id: str, price: int) -> tuple[int, int]:
        """Take a bid that improves on the bidder's own; its alias and its number within the lot."""
        self.bids += 1
        own = self._standing.get(member_id)
        if own is None:
            self._bidders.append(member_id)
            bid = StandingBid(price, self.bids, len(self._bidders), 1, member_id)
        else:
            assert price < own.price if self.direction is LotDirection.REVERSE else price > own.price
            self._ranking.remove(own)
            bid = StandingBid(price, self.bids, own.alias, own.bids + 1, member_id)
        self._standing[member_id] = bid
        self._ranking.add(bid)
        self.lead = self._ranking[0]
        return bid.alias, bid.bid_number

    def draw(self, seed: str) -> None:
        """Let the seed decide among equal prices from now on; no bid may follow."""
        self.seed = seed
        self._ranking = self._ranked(self._standing.values())
        self.lead = self._ranking[0] if self._bidders else None

    def _drawn(self, bid: StandingBid) -> tuple[int, bytes]:
        price = bid.price if self.direction is LotDirection.REVERSE else -bid.price
        return price, sha256(f"{self.seed}:{bid.alias}".encode()).digest()

    def _ranked(self, standing: Iterable[StandingBid]) -> "SortedList[StandingBid]":
        key: Any = self._drawn if self.seed else _highest_first
        natural = self.direction is LotDirection.REVERSE and not self.seed
        return SortedList(standing) if natural else SortedKeyList(standing, key=key)

    def dump(self) -> list[StandingBid]:
        """The standing, best first: with direction, tie policy and seed all there is to know of a board."""
        return list(self._ranking)

    @classmethod
    def load(
        cls,
        standing: Iterable[StandingBid],
        direction: LotDirection = LotDirection.REVERSE,
        tie_policy: TiePolicy = TiePolicy.EARLIEST,
        seed: str = "",
    ) -> "Board":
        """The board of a dump."""
        board = cls(direction, tie_policy)
        board.seed = seed
        board._ranking = board._ranked(standing)
        by_alias = sorted(board._ranking, key=lambda bid: bid.alias)
        board._bidders = [bid.member_id for bid in by_alias]
        board._standing = {bid.member_id: bid for bid in by_alias}
        board.bids = sum(bid.bids for bid in by_alias)
        board.lead = board._ranking[0] if by_alias else None
        return board
