"""Trades by instrument and number, while both their lines are open: what can still be taken back.

Guarantees: a trade is found at once by the number that everybody knows; the last price is that of the last trade
that stands, whether it is open or settled. A sale without a number is none of them: it makes no price of the market.
Does not keep settled trades but for the last one of each instrument, since no other can become the last that stands.
"""

from typing import Final

from msgspec import Struct

NO_NUMBER: Final = 0
"""Of a sale outside the book, which nobody can name: trades are numbered from 1."""


class Line(Struct, frozen=True, array_like=True, gc=False):
    """A fill that is not settled, and its other side; `line` counts from 1 within the contract."""

    line: int
    trade_number: int
    price: int
    quantity: int
    amount_minor: int
    counter_contract_id: str
    counter_line: int
    schedule_version: int  # of the commission, pinned at the trade
    goods_tax_minor: int = 0  # on the amount, paid by the buyer
    at_us: int = 0  # of the trade


class LastSettled(Struct, frozen=True, array_like=True, gc=False):
    """The settled trade of an instrument with the highest number."""

    instrument_id: str
    trade_number: int
    price: int


class Trades:
    """Open trades by instrument, each by the seller's line, in the order of their numbers."""

    def __init__(self) -> None:
        self._open: dict[str, dict[int, Line]] = {}
        self._settled: dict[str, LastSettled] = {}

    def get(self, instrument_id: str, trade_number: int) -> Line | None:
        """The seller's line of an open trade."""
        return self._open.get(instrument_id, {}).get(trade_number)

    def last_price(self, instrument_id: str) -> int:
        """That of the last trade that stands, 0 where none does."""
        trades, settled = self._open.get(instrument_id), self._settled.get(instrument_id)
        last = trades[next(reversed(trades))] if trades else None
        if last is None or (settled is not None and settled.trade_number > last.trade_number):
            return settled.price if settled is not None else 0
        return last.price

    def add(self, instrument_id: str, sold: Line) -> None:
        """A trade was made, or has new terms; a new one has the highest number so far."""
        if not sold.trade_number:
            return
        trades = self._open.get(instrument_id)
        if trades is None:
            trades = self._open[instrument_id] = {}
        trades[sold.trade_number] = sold

    def drop(self, instrument_id: str, trade_number: int) -> None:
        """A trade was busted."""
        trades = self._open[instrument_id]
        del trades[trade_number]
        if not trades:
            del self._open[instrument_id]

    def settle(self, instrument_id: str, line: Line) -> None:
        """A trade is settled, by its line of either side."""
        if not line.trade_number:
            return
        self.drop(instrument_id, line.trade_number)
        last = self._settled.get(instrument_id)
        if last is None or last.trade_number < line.trade_number:
            self._settled[instrument_id] = LastSettled(instrument_id, line.trade_number, line.price)

    def dump(self) -> list[LastSettled]:
        """The last settled trades by instrument; the open ones are the contracts' own."""
        return [self._settled[instrument_id] for instrument_id in sorted(self._settled)]

    def load(self, settled: list[LastSettled]) -> None:
        """The last settled trades of a dump."""
        self._settled = {last.instrument_id: last for last in settled}
