"""`exchange export`: books of a period, written as they are read.

Order: what they are; units, accounts and opening balances; month by month its transactions and, at its end, the
balance of every account that the books know, read from the tables again.
Does not export what is not archived: `HistoryBehind` tells how far the follower is.
"""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Final, Protocol

from exchange.accounting.beancount import Beancount
from exchange.accounting.hledger import Hledger
from exchange.accounting.period import Period
from exchange.accounting.transfers import (
    Balance,
    Chain,
    Connection,
    Position,
    balances_of,
    chains_of,
    position_of,
    reading,
    refuse_gaps,
    units_of,
)

WAIT_S_MAX: Final = 10.0
"""For a follower that is at work; it is never further behind than a second, unless it was down."""
_POLL_S: Final = 0.1


class HistoryBehind(Exception):
    """The follower has not archived all of the period yet; the message ends with what to do."""


class Books(Protocol):
    """A format: its directives, each as the text of its lines."""

    def head(self, period: Period, position: Position) -> str:
        """What these books are."""
        ...

    def unit(self, period: Period, unit: str) -> str:
        """A currency, or the pieces of an instrument."""
        ...

    def account(self, period: Period, name: str) -> str:
        """An account of the chart."""
        ...

    def opening(self, period: Period, balance: Balance) -> str:
        """What an account had before, against the opening balances."""
        ...

    def chain(self, chain: Chain) -> str:
        """Linked transfers as one transaction."""
        ...

    def assertion(self, end: date, account: str, unit: str, balance: int) -> str:
        """What an account has before the first instant of the day `end`."""
        ...

    def nothing_opening(self, end: date, unit: str) -> str:
        """That the opening balances come to nothing."""
        ...


FORMATS: Final[dict[str, Books]] = {"beancount": Beancount(), "hledger": Hledger()}


async def export(dsn: str, books: Books, period: Period, write: Callable[[str], object]) -> Position:
    """Write the period's books; how far the history went. Raises `HistoryBehind` and `TransferMissing`."""
    asked_seq, waited_s = -1, 0.0
    while True:
        async with reading(dsn) as connection:
            position = await position_of(connection)
            if asked_seq < 0:
                asked_seq = position.journal_seq
            if position.has(period, asked_seq):
                await write_books(connection, books, period, position, write)
                return position
        if waited_s >= WAIT_S_MAX:
            raise HistoryBehind(
                f"The history ends at sequence {position.seq} of {asked_seq}. Let `exchange serve` run until its "
                "follower has caught up, or end the period earlier."
            )
        waited_s += _POLL_S
        await asyncio.sleep(_POLL_S)


async def write_books(
    connection: Connection,
    books: Books,
    period: Period,
    position: Position,
    write: Callable[[str], object],
) -> None:
    """All of them, from one instant of the database."""
    await refuse_gaps(connection, period)
    write(books.head(period, position))
    async for unit in units_of(connection, period):
        write(books.unit(period, unit))
    account = ""
    async for balance in balances_of(connection, period):
        if balance.account != account:
            account = balance.account
            write(books.account(period, account))
        if balance.opening:
            write(books.opening(period, balance))
    for part in period.months():
        async for chain in chains_of(connection, part):
            write(books.chain(chain))
        write("\n")
        async for balance in balances_of(connection, Period(period.first, part.end)):
            write(books.assertion(part.end, balance.account, balance.unit, balance.closing))
        async for unit in units_of(connection, period):
            write(books.nothing_opening(part.end, unit))
