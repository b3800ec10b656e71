"""Books of a random market, written as `exchange export` does and judged by the real bean-check.

The market's history goes through the follower's own code into a PostgreSQL of ours on a temporary folder. Its
second month is exported for itself too: those books begin with opening balances.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import asyncpg

from benchmarks.dealing import Dealing
from benchmarks.progress import bar
from benchmarks.report import Figure, Report
from exchange.accounting.export import FORMATS, Books, write_books
from exchange.accounting.period import Period
from exchange.accounting.transfers import position_of, reading
from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import migrate_to_latest
from exchange.follower.archive import Archive
from exchange.follower.history import History

SEED: Final = 11
BEAN_CHECK: Final = Path(sys.executable).with_name("bean-check")
WHOLE: Final = Period(date(2026, 1, 1), date(2026, 6, 1))
SECOND_MONTH: Final = Period(date(2026, 2, 1), date(2026, 3, 1))
LIMITS: Final = {"whole_accepted": 1.0, "month_accepted": 1.0}


async def run(*, trades: int) -> Report:
    """Make the market, export it, and let bean-check read it."""
    with TemporaryDirectory(prefix="exchange-bench-", ignore_cleanup_errors=True) as folder:
        async with EmbeddedPostgres(Path(folder) / "postgres") as postgres:
            await migrate_to_latest(postgres.url)
            return await audited(postgres.url, trades, Path(folder))


async def audited(dsn: str, trades: int, folder: Path) -> Report:
    """The figures, on an empty database that is migrated."""
    dealing, began = Dealing(SEED), perf_counter()
    with bar("trades", trades) as progress:
        async for made in archived(dsn, dealing, trades):
            progress.advance(made)
    figures: dict[str, Figure] = {"archived_s": round(perf_counter() - began, 2)}
    for name, period in (("whole", WHOLE), ("month", SECOND_MONTH)):
        books = folder / f"{name}.beancount"
        for figure, value in (await judged(dsn, period, books)).items():
            figures[f"{name}_{figure}"] = value
    async with reading(dsn) as connection:
        transfers = await connection.fetchval("select count(*) from transfers")
    return Report(
        "audit", {"trades": dealing.trades, "transfers": transfers, **figures}, LIMITS, {"seed": SEED}
    )


async def judged(dsn: str, period: Period, books: Path) -> dict[str, Figure]:
    """How long the export and bean-check took, and what bean-check said."""
    began = perf_counter()
    await written(dsn, FORMATS["beancount"], period, books)
    exported = perf_counter()
    accepted, said = await bean_check(books)
    return {
        "export_s": round(exported - began, 2),
        "bean_check_s": round(perf_counter() - exported, 2),
        "bytes": books.stat().st_size,
        "accepted": accepted,
        "said": said[:500],
    }


async def archived(dsn: str, dealing: Dealing, trades: int) -> AsyncIterator[int]:
    """Let the follower's code write what happens; how many trades each stretch made."""
    connection = await asyncpg.connect(dsn)
    try:
        archive, made = Archive(connection), 0
        await archive.open()
        for released in dealing.run(trades):
            history = History()
            history.add(released)
            await archive.write(history)
            yield dealing.trades - made
            made = dealing.trades
    finally:
        await connection.close()


async def written(dsn: str, books: Books, period: Period, path: Path) -> None:
    """Export what the history has; there is no journal that it could be behind."""
    with path.open("w", encoding="utf-8") as file:
        async with reading(dsn) as connection:
            await write_books(connection, books, period, await position_of(connection), file.write)


async def bean_check(books: Path) -> tuple[bool, str]:
    """Whether the real bean-check takes the file, and what it says."""
    program = await asyncio.create_subprocess_exec(
        BEAN_CHECK, "--no-cache", books, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await program.communicate()
    return program.returncode == 0, said.decode()
