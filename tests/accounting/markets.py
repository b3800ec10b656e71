"""A small market's history in a database, and books of it."""

from io import StringIO

from benchmarks.audit import archived
from benchmarks.dealing import USUAL, Dealing
from exchange.accounting.export import Books, write_books
from exchange.accounting.period import Period
from exchange.accounting.transfers import position_of, reading
from exchange.core.messages import AnyCommand


async def a_market(dsn: str, trades: int, seed: int = 3, commission: AnyCommand = USUAL) -> Dealing:
    """Fill the history tables."""
    dealing = Dealing(seed, commission)
    async for _ in archived(dsn, dealing, trades):
        pass
    return dealing


async def books_of(dsn: str, books: Books, period: Period) -> str:
    """What an export writes."""
    text = StringIO()
    async with reading(dsn) as connection:
        await write_books(connection, books, period, await position_of(connection), text.write)
    return text.getvalue()
