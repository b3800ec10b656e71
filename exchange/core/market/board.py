"""The standing of a lot: every bidder's best bid, in the order in which they rank.

Guarantees: the best price leads (the lowest, in a forward lot the highest; where the lot has scores, the price
that scores best); of equal ones, the one that was reached first (not the one whose bidder came first), until a
lottery draws them. Aliases number the bidders of one lot by their first bid, so nothing about a bidder can be
derived from its alias. Taking a bid and finding a rank stay cheap with ten thousand bidders: the standing is a
plain list, as moving so many pointers costs less than a tree's steps. Whoever loses a bid stands where it stood
before it, as if that bid had never been better: with the price of its best other bid, reached when it was
reached; its alias and the count of its bids stay. Whether there is an auction running is not known here, so
that whoever reads the lot's events can rebuild the same.

Known limits: of a dump that an older program made, the bids before the standing ones are forgotten.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final, NamedTuple

from exchange.core.market.lots.scoring import Scores
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
    bids: int  # counts the bids of this bidder from 1, those that were revoked with it
    member_id: str
    surrogate: bool = False  # an operator placed it for the bidder


class Revoked(NamedTuple):
    """How many bids a bidder has made of whom one was revoked; a later count can't tell it any more."""

    member_id: str
    alias: int
    bids: int


def _highest_first(bid: StandingBid) -> tuple[int, int]:
    return -bid.price, bid.bid_number


class Board:
    """`lead` is the best standing bid or None; `bids` counts all that were taken, those revoked later with them;
    `seed` has drawn the ties; `scores` are None where prices compare as they are.
    """

    __slots__ = (
        "_bidders", "_earlier", "_key", "_keys", "_made", "_ranking", "_standing", "bids", "direction", "lead", "scores",
        "seed", "tie_policy",
    )  # fmt: skip

    def __init__(
        self,
        direction: LotDirection = LotDirection.REVERSE,
        tie_policy: TiePolicy = TiePolicy.EARLIEST,
        scores: Scores | None = None,
    ) -> None:
        self.direction = direction
        self.tie_policy = tie_policy
        self.scores = scores
        self.seed = ""
        self.lead: StandingBid | None = None
        self.bids = 0
        self._bidders: list[str] = []  # in the order of their aliases
        self._standing: dict[str, StandingBid] = {}
        self._earlier: dict[str, list[StandingBid]] = {}  # each worse and older than the next
        self._made: dict[str, int] = {}  # bids of those of whom one was revoked
        self._rank(())

    @property
    def bidders(self) -> int:
        """How many have bid, whether or not a bid of theirs still stands."""
        return len(self._bidders)

    def of(self, member_id: str) -> StandingBid | None:
        """The bidder's best bid, or nothing."""
        return self._standing.get(member_id)

    def bids_of(self, member_id: str) -> int:
        """How many bids the bidder has made, those that were revoked with them."""
        own = self._standing.get(member_id)
        return self._made.get(member_id, 0 if own is None else own.bids)

    def has_bid(self, member_id: str) -> bool:
        """Whether the member has an alias, even where no bid of it stands any more."""
        return member_id in self._standing or member_id in self._made

    def bid_of(self, member_id: str, number: int) -> StandingBid | None:
        """The bidder's bid of this number, counted from 1; nothing where it was revoked or never made."""
        own = self._standing.get(member_id)
        if own is None or own.bids == number:
            return own
        return next((bid for bid in self._earlier.get(member_id, ()) if bid.bids == number), None)

    def by_alias(self, alias: int) -> StandingBid | None:
        """The best bid under an alias from 1; nothing where there is no such alias or no bid of it stands."""
        return self._standing.get(self.bidder(alias))

    def bidder(self, alias: int) -> str:
        """Who bids under an alias; empty where nobody does."""
        return self._bidders[alias - 1] if 1 <= alias <= len(self._bidders) else ""

    def ranking(self) -> Iterator[StandingBid]:
        """All bidders' best bids, best first."""
        return iter(self._ranking)

    def rank_of(self, member_id: str) -> int:
        """The bidder's place, counted from 1, as the tie policy counts; 0 while it has not bid."""
        own = self._standing.get(member_id)
        if own is None:
            return 0
        if self.tie_policy is TiePolicy.EQUAL_WORST:
            return self._place(own._replace(bid_number=_LAST))
        if self.tie_policy in _SHARES_BEST and not self.seed:
            return self._place(own._replace(bid_number=_FIRST)) + 1
        return self._place(own) + 1

    def rank_of_alias(self, alias: int) -> int:
        """`rank_of` the bidder under that alias."""
        return self.rank_of(self.bidder(alias))

    def ranks(self) -> list[int]:
        """`rank_of_alias` of all bidders, by alias, in one pass; 0 where none of its bids stands, and for alias 0."""
        shared, last = (
            self.tie_policy in _SHARES_BEST and not self.seed,
            self.tie_policy is TiePolicy.EQUAL_WORST,
        )
        found = [0] * (self.bidders + 1)
        if not (shared or last):
            for place, bid in enumerate(self._ranking, 1):
                found[bid.alias] = place
            return found
        tied: list[int] = []
        before: int | None = None
        for place, bid in enumerate(self._ranking, 1):
            worth = self._worth(bid.member_id, bid.price)
            tied = [*tied, bid.alias] if worth == before else [bid.alias]
            found[bid.alias] = found[tied[0]] if shared and len(tied) > 1 else place
            if last:
                for alias in tied:
                    found[alias] = place
            before = worth
        return found

    def place_of(self, member_id: str) -> int:
        """The bidder's place in the order of the standing, counted from 1, whatever ties mean."""
        return self._place(self._standing[member_id]) + 1

    def met(self, member_id: str, price: int) -> bool:
        """Whether somebody else stands at what is exactly this price of the member."""
        place = self._place(StandingBid(price, _FIRST, 0, 0, member_id))
        worth = self._worth(member_id, price)
        return any(
            bid.member_id != member_id
            for bid in self._ranking[place : place + 2]  # one of two is somebody else
            if self._worth(bid.member_id, bid.price) == worth
        )

    def in_terms_of(self, member_id: str, bid: StandingBid) -> int | Fraction:
        """The member's own price that compares as the bid does; it may lie between two prices."""
        if self.scores is None or bid.member_id == member_id:
            return bid.price
        return self.scores.in_terms_of(member_id, bid.member_id, bid.price)

    def worth_of(self, bid: StandingBid) -> int | Fraction:
        """The bid's price in the event's currency, exact, whatever else compares."""
        currencies = self.scores.currencies if self.scores is not None else None
        return bid.price if currencies is None else bid.price * currencies.rate_of(bid.member_id)

    def enter(self, member_id: str) -> int:
        """Give a member its alias before a bid of it counts."""
        self._bidders.append(member_id)
        self._made[member_id] = 0
        return len(self._bidders)

    def submit(self, member_id: str, price: int) -> tuple[int, int]:
        """Take a bid that improves on the bidder's own; its alias and its number within the lot."""
        self.bids += 1
        number = self.bids_of(member_id) + 1
        own = self._standing.get(member_id)
        if own is not None:
            assert price < own.price if self.direction is LotDirection.REVERSE else price > own.price
            self._remove(own)
            self._earlier.setdefault(member_id, []).append(own)
            alias = own.alias
        elif member_id in self._made:
            alias = self._bidders.index(member_id) + 1
        else:
            self._bidders.append(member_id)
            alias = len(self._bidders)
        if member_id in self._made:
            self._made[member_id] = number
        self._stand(StandingBid(price, self.bids, alias, number, member_id))
        return alias, self.bids

    def mark(self, member_id: str) -> StandingBid:
        """The bid with which the bidder stands was made for it by an operator."""
        own = self._standing[member_id]
        self._remove(own)
        self._stand(own._replace(surrogate=True))
        return self._standing[member_id]

    def revoke(self, member_id: str, number: int) -> None:
        """Take a bid that `bid_of` knows out of the lot; where it stood, the bidder's next best stands again."""
        own, earlier = self._standing[member_id], self._earlier.get(member_id, [])
        self._made.setdefault(member_id, own.bids)
        if own.bids != number:
            self._earlier[member_id] = [bid for bid in earlier if bid.bids != number]
            return
        self._remove(own)
        if earlier:
            self._stand(earlier.pop())
        else:
            del self._standing[member_id]
            self._lead()

    def _stand(self, bid: StandingBid) -> None:
        self._standing[bid.member_id] = bid
        key = self._key_of(bid)
        place = bisect_left(self._keys, key)
        self._ranking.insert(place, bid)
        if self._keys is not self._ranking:
            self._keys.insert(place, key)
        self._lead()

    def _remove(self, bid: StandingBid) -> None:
        place = self._place(bid)
        del self._ranking[place]
        if self._keys is not self._ranking:
            del self._keys[place]

    def _place(self, bid: StandingBid) -> int:
        """How many bids rank before it, which may be none of the standing."""
        return bisect_left(self._keys, self._key_of(bid))

    def _key_of(self, bid: StandingBid) -> Any:
        return bid if self._key is None else self._key(bid)

    def _lead(self) -> None:
        self.lead = self._ranking[0] if self._ranking else None

    def draw(self, seed: str) -> None:
        """Let the seed decide among equal prices from now on; no bid may follow."""
        self.seed = seed
        self._rank(self._standing.values())
        self._lead()

    def _worth(self, member_id: str, price: int) -> int:
        if self.scores is not None:
            return self.scores.key(member_id, price)
        return price if self.direction is LotDirection.REVERSE else -price

    def _scored(self, bid: StandingBid) -> tuple[int, int]:
        return self._worth(bid.member_id, bid.price), bid.bid_number

    def _drawn(self, bid: StandingBid) -> tuple[int, bytes]:
        draw = sha256(f"{self.seed}:{bid.alias}".encode()).digest()
        return self._worth(bid.member_id, bid.price), draw

    def _rank(self, standing: Iterable[StandingBid]) -> None:
        """Begin with these; how bids compare is fixed until the next beginning."""
        natural = self.direction is LotDirection.REVERSE and self.scores is None and not self.seed
        key = self._drawn if self.seed else _highest_first if self.scores is None else self._scored
        self._key: Callable[[StandingBid], Any] | None = (
            None if natural else key
        )  # None: as the bids themselves
        self._ranking: list[StandingBid] = sorted(standing, key=self._key)
        self._keys: list[Any] = self._ranking if natural else [key(bid) for bid in self._ranking]

    def dump(self) -> list[StandingBid]:
        """The standing, best first: with direction, tie policy, seed, `dump_earlier` and `dump_revoked` all there
        is to know of a board.
        """
        return list(self._ranking)

    def dump_earlier(self) -> list[StandingBid]:
        """The bids that would stand if a better one of their bidder were revoked, in the order of their numbers."""
        earlier = (bid for bids in self._earlier.values() for bid in bids)
        return sorted(earlier, key=lambda bid: bid.bid_number)

    def dump_revoked(self) -> list[Revoked]:
        """The bidders of whom a bid was revoked, in the order of their aliases."""
        bidders = enumerate(self._bidders, 1) if self._made else ()
        return [Revoked(each, alias, self._made[each]) for alias, each in bidders if each in self._made]

    @classmethod
    def load(
        cls,
        standing: Iterable[StandingBid],
        direction: LotDirection = LotDirection.REVERSE,
        tie_policy: TiePolicy = TiePolicy.EARLIEST,
        seed: str = "",
        earlier: Iterable[StandingBid] = (),
        revoked: Iterable[Revoked] = (),
        scores: Scores | None = None,
    ) -> "Board":
        """The board of a dump."""
        board = cls(direction, tie_policy, scores)
        board.seed = seed
        board._rank(standing)
        board._standing = {bid.member_id: bid for bid in board._ranking}
        board._made = {each.member_id: each.bids for each in revoked}
        for bid in earlier:
            board._earlier.setdefault(bid.member_id, []).append(bid)
        aliases = {bid.member_id: bid.alias for bid in board._ranking}
        aliases |= {each.member_id: each.alias for each in revoked}
        board._bidders = sorted(aliases, key=aliases.__getitem__)
        board.bids = sum(map(board.bids_of, board._bidders))
        board._lead()
        return board
