"""The standing of a lot: the best bid of each bidder, best first.

Guarantees: the lowest price leads; of equal prices, the one that was reached first (not the one whose
bidder came first). Aliases number the bidders of one lot by their first bid, so nothing about a bidder can
be derived from its alias. Taking a bid and finding a rank stay cheap with ten thousand bidders. Whether
there is an auction running is not known here, so that whoever reads BidSubmitted events can rebuild the same.

Known limits: lowest price wins; a bid is never taken back.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sortedcontainers import SortedList


class StandingBid(NamedTuple):
    """A bidder's best bid. Of two, the smaller one ranks before the other."""

    price: int
    bid_number: int  # counts the bids of the lot from 1: when this price was reached
    alias: int
    bids: int  # how many this bidder has made
    member_id: str


class Board:
    """`lead` is the best standing bid or None; `bids` counts all that were taken."""

    def __init__(self) -> None:
        self.lead: StandingBid | None = None
        self.bids = 0
        self._bidders: list[str] = []  # in the order of their aliases
        self._standing: dict[str, StandingBid] = {}
        self._ranking: SortedList[StandingBid] = SortedList()

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
        """The bidder's place, counted from 1; 0 while it has not bid."""
        own = self._standing.get(member_id)
        return 0 if own is None else self._ranking.bisect_left(own) + 1

    def own_max(self, member_id: str, price: int, min_step: int) -> int:
        """The highest price up to `price` that improves the bidder's own best bid by the step.

        It can be 0 or less: then there is no such price.
        """
        own = self._standing.get(member_id)
        return price if own is None else min(price, own.price - min_step)

    def lead_max(self, member_id: str, price: int, min_step: int) -> int:
        """The highest price up to `price` that either takes the lead by the step or leaves it alone.

        Strictly between the lead and a step below it nobody may land but the leader; an equal price ranks
        behind. It can be 0 or less: then there is no such price.
        """
        lead = self.lead
        if lead is None or lead.member_id == member_id or not lead.price - min_step < price < lead.price:
            return price
        return lead.price - min_step

    def submit(self, member_id: str, price: int) -> tuple[int, int]:
        """Take a bid that improves on the bidder's own; its alias and its number within the lot."""
        self.bids += 1
        own = self._standing.get(member_id)
        if own is None:
            self._bidders.append(member_id)
            bid = StandingBid(price, self.bids, len(self._bidders), 1, member_id)
        else:
            assert price < own.price
            self._ranking.remove(own)
            bid = StandingBid(price, self.bids, own.alias, own.bids + 1, member_id)
        self._standing[member_id] = bid
        self._ranking.add(bid)
        if self.lead is None or bid < self.lead:
            self.lead = bid
        return bid.alias, bid.bid_number

    def dump(self) -> list[StandingBid]:
        """The standing, best first: all there is to know of a board."""
        return list(self._ranking)

    @classmethod
    def load(cls, standing: Iterable[StandingBid]) -> "Board":
        """The board of a dump."""
        board = cls()
        board._ranking = SortedList(standing)
        by_alias = sorted(board._ranking, key=lambda bid: bid.alias)
        board._bidders = [bid.member_id for bid in by_alias]
        board._standing = {bid.member_id: bid for bid in by_alias}
        board.bids = sum(bid.bids for bid in by_alias)
        board.lead = board._ranking[0] if by_alias else None
        return board
