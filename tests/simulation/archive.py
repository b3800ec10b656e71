"""The follower as it is, with tables made of dictionaries that survive its host."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from msgspec.structs import asdict

from exchange.core.goods.instruments import Instrument
from exchange.engine.base import Diverged
from exchange.follower.archive import Archive, Overtaken
from exchange.follower.follower import Follower, FollowerSettings
from exchange.follower.history import History
from exchange.follower.notices import Notices
from exchange.journal.base import Journal, JournalUnavailable

Row = dict[str, object]


@dataclass
class Tables:
    """What the database would hold. `seq` is the follower's position."""

    seq: int = 0
    orders: dict[str, Row] = field(default_factory=dict)
    trades: list[tuple[object, ...]] = field(default_factory=list)
    bids: list[tuple[object, ...]] = field(default_factory=list)
    transfers: list[tuple[object, ...]] = field(default_factory=list)
    lines: dict[tuple[object, object], tuple[object, ...]] = field(default_factory=dict)
    settled: dict[tuple[object, object], tuple[int, int]] = field(default_factory=dict)
    instruments: set[str] = field(default_factory=set)
    overhear: Callable[[str, bytes], None] = lambda *_: None

    def balances(self) -> dict[tuple[str, str], int]:
        """Every account that isn't at zero, summed from its transfers."""
        sums: dict[tuple[str, str], int] = {}
        for _, unit, debit, credit, amount, *_ in self.transfers:
            assert isinstance(unit, str) and isinstance(amount, int)
            for name, by in ((str(debit), amount), (str(credit), -amount)):
                sums[name, unit] = sums.get((name, unit), 0) + by
        return {key: balance for key, balance in sums.items() if balance}


class DictArchive(Archive):
    """Writes a stretch into the tables, whole or not at all."""

    def __init__(self, tables: Tables, chance: Random) -> None:
        self.seq = 0
        self._tables = tables
        self._chance = chance

    async def open(self) -> int:
        """See `Archive.open`."""
        await asyncio.sleep(self._chance.random() / 100)
        self.seq = self._tables.seq
        return self.seq

    async def listening(self) -> Notices:
        """Nobody."""
        return Notices({})

    async def write(self, history: History, told: Notices | None = None) -> None:
        """See `Archive.write`."""
        await asyncio.sleep(self._chance.random() / 100)
        tables = self._tables
        if tables.seq != self.seq:
            raise Overtaken("another follower wrote this stretch")
        for order_id, row in history.placed.items():
            assert order_id not in tables.orders, "an order is placed once"
            tables.orders[order_id] = asdict(row)
        for order_id, change in history.changed.items():
            self._change(tables.orders[order_id], asdict(change))
        tables.trades += history.trades
        tables.bids += history.bids
        tables.transfers += history.transfers
        for line in history.lines:
            tables.lines[line[0], line[1]] = line
        for contract_id, number, fee_minor, tax_minor, *_ in history.settled:
            assert (contract_id, number) in tables.lines
            tables.settled[contract_id, number] = fee_minor, tax_minor
        tables.instruments |= set(history.instruments)
        tables.overhear("a row", repr(vars(history)).encode())
        tables.seq = self.seq = history.seq
        await asyncio.sleep(self._chance.random() / 100)

    async def keep_instruments(self, every: Sequence[Instrument]) -> bool:
        """See `Archive.keep_instruments`."""
        known = self._tables.instruments
        missing = {each.instrument_id for each in every} - known
        known |= missing
        return bool(missing)

    def _change(self, row: Row, change: Row) -> None:
        filled, added = row["filled_quantity"], change["filled"]
        assert isinstance(filled, int) and isinstance(added, int)
        row["filled_quantity"] = filled + added
        for name in ("open_quantity", "status", "changed_at_us"):
            row[name] = change[name]
        for name in ("price", "quantity"):
            row[name] = change[name] or row[name]


async def follow(
    journal: Journal, tables: Tables, chance: Random, snapshot_every: int, note: Callable[[str], None]
) -> None:
    """Follow for ever; where the store fails, begin again."""
    settings = FollowerSettings(poll_us=200_000, snapshot_every=snapshot_every)
    while True:
        try:
            follower = Follower(journal, DictArchive(tables, chance), settings)
            await follower.open()
            await follower.run(lambda: False)
        except JournalUnavailable as error:
            note(f"the follower waits: {error}")
            await asyncio.sleep(0.3)
        except Diverged as error:
            raise AssertionError(f"P1: the follower finds that {error}") from error
