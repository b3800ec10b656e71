"""One book as level 2: quantity by price, recent trades, and the numbers of a ticker.

Guarantees: the levels are exactly what OrderRested, Traded, SelfTradePrevented, OrderCancelled and
OrderAmended leave; none is ever zero. Prices are kept sorted only while somebody watches the book, and only
then is it noted what a commit changed.

Known limits: last trade and volume count from the start of the program, since the core doesn't keep them; a bust goes
back over the trades that are kept here, no further.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import nlargest, nsmallest
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from sortedcontainers import SortedList

from exchange.core.messages.base import Side
from exchange.core.messages.corrections import TradeStatus
from exchange.core.messages.phases import Phase
from exchange.core.messages.shown import Level, Print
from exchange.core.messages.shown_trades import Restated
from exchange.views.limits import TRADES_KEPT


class Quote(Struct, frozen=True, gc=False):
    """Best bid and offer, and the last trade; 0 where there is none."""

    bid: int
    bid_quantity: int
    ask: int
    ask_quantity: int
    last_price: int
    last_quantity: int
    volume: int


_BUSTED = TradeStatus.BUSTED
_BUY = Side.BUY  # an enum's member by its name is slow to reach


class Reserving(Protocol):
    """An order that shows a part of itself, or nothing while it doesn't rest."""

    @property
    def side(self) -> Side:
        """Where it stands."""
        ...

    @property
    def price(self) -> int:
        """At which price."""
        ...

    @property
    def open_quantity(self) -> int:
        """The whole."""
        ...

    @property
    def shown(self) -> int:
        """The part."""
        ...


class BookView:
    """Level 2 of one instrument. `changed_…` hold the quantity that a level had before this commit."""

    __slots__ = (
        "_ask_prices",
        "_bid_prices",
        "arrivals",
        "asks",
        "bids",
        "changed",
        "changed_asks",
        "changed_bids",
        "counted_from",
        "ends_at_us",
        "extensions",
        "fresh",
        "icebergs",
        "instrument_id",
        "last_price",
        "last_quantity",
        "phase",
        "reference",
        "restated",
        "tick",
        "trades",
        "volume",
        "watchers",
    )

    def __init__(self, instrument_id: str, tick: int = 1) -> None:
        self.instrument_id = instrument_id
        self.tick = tick
        self.phase = Phase.CONTINUOUS
        self.ends_at_us = 0
        self.extensions = 0
        self.reference = 0
        """The last price, or the one that the instrument was made with; as the core has it."""
        self.icebergs: dict[str, Reserving] = {}
        """Open orders that show a part of themselves, by their ids."""
        self.arrivals = 0
        """How many orders that show have come to rest: the public number of the last one."""
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}
        self.trades: deque[Print] = deque(maxlen=TRADES_KEPT)
        self.last_price = 0
        self.last_quantity = 0
        self.volume = 0
        self.counted_from = 0
        """The number of the first trade in the volume."""
        self.watchers = 0
        self.changed = False
        self.changed_bids: dict[int, int] = {}
        self.changed_asks: dict[int, int] = {}
        self.fresh: list[Print] = []
        """Trades of this commit."""
        self.restated: list[Restated] = []
        """Earlier trades that this commit busted or corrected."""
        self._bid_prices: SortedList[int] = SortedList()
        self._ask_prices: SortedList[int] = SortedList()

    # --- watching ----------------------------------------------------------------------------------

    def watch(self) -> None:
        """Somebody follows the book from the next commit on."""
        self.watchers += 1
        if self.watchers == 1:
            self._bid_prices.update(self.bids)
            self._ask_prices.update(self.asks)

    def unwatch(self) -> None:
        """Somebody stopped following."""
        self.watchers -= 1
        assert self.watchers >= 0
        if not self.watchers:
            self.forget_changes()
            self._bid_prices.clear()
            self._ask_prices.clear()

    def settle(self) -> None:
        """The commit is applied: bring the sorted prices up to it."""
        for changed, levels, prices in (
            (self.changed_bids, self.bids, self._bid_prices),
            (self.changed_asks, self.asks, self._ask_prices),
        ):
            for price, before in changed.items():
                stands = price in levels
                if stands and not before:
                    prices.add(price)
                elif before and not stands:
                    prices.remove(price)

    def forget_changes(self) -> None:
        """The next commit begins."""
        self.changed = False
        self.changed_bids.clear()
        self.changed_asks.clear()
        self.fresh.clear()
        self.restated.clear()

    def delta(self, side: Side) -> list[Level]:
        """Levels whose quantity this commit changed, with the new one; 0: the level is gone."""
        bids = side is _BUY
        changed, levels = (self.changed_bids, self.bids) if bids else (self.changed_asks, self.asks)
        return [(price, now) for price, before in changed.items() if (now := levels.get(price, 0)) != before]

    def restate(self, change: Restated, more: int) -> None:
        """A trade stands at other terms, of `more` pieces, or not at all: so is the tape, the last trade, the volume."""
        first = self.trades[0].trade_number if self.trades else change.trade_number
        place = change.trade_number - first
        if 0 <= place < len(self.trades):
            terms = {"price": change.price, "quantity": change.quantity, "status": change.status}
            self.trades[place] = replace(self.trades[place], **terms)
        if self.counted_from and change.trade_number >= self.counted_from:
            self.volume += more
        last = next((each for each in reversed(self.trades) if each.status is not _BUSTED), None)
        self.last_price, self.last_quantity = (last.price, last.quantity) if last else (0, 0)

    def mark(self) -> bool:
        """Note that the commit changed something that is watched; whether it is the first such thing."""
        first = bool(self.watchers) and not self.changed
        self.changed = self.changed or first
        return first

    # --- reading -----------------------------------------------------------------------------------

    def levels(self, side: Side, depth: int) -> list[Level]:
        """The best `depth` levels, best first."""
        levels = self.bids if side is _BUY else self.asks
        return [(price, levels[price]) for price in self._best_prices(side, depth)]

    def all_levels(self, side: Side) -> list[Level]:
        """Every level, best first."""
        levels = self.bids if side is _BUY else self.asks
        return sorted(levels.items(), reverse=side is _BUY)

    def quote(self) -> Quote:
        """What a ticker tells."""
        (bid, bid_quantity) = next(iter(self.levels(_BUY, 1)), (0, 0))
        (ask, ask_quantity) = next(iter(self.levels(Side.SELL, 1)), (0, 0))
        return Quote(bid, bid_quantity, ask, ask_quantity, self.last_price, self.last_quantity, self.volume)

    def _best_prices(self, side: Side, depth: int) -> Iterable[int]:
        if not self.watchers:
            return nlargest(depth, self.bids) if side is _BUY else nsmallest(depth, self.asks)
        prices: Iterator[int]
        if side is _BUY:
            prices = self._bid_prices.islice(-depth, reverse=True) if depth else iter(())
        else:
            prices = self._ask_prices.islice(0, depth)
        return prices
