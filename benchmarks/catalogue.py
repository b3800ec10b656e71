"""The catalogue at its size: a bulk load of instruments, and searches among them, each beside bare SQL.

Guarantees: the part numbers are made here from a seed, in the pattern of real ones; the load goes through REST,
engine and journal, the searches through REST and PostgreSQL, while the follower runs.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice, product
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import aiohttp
import asyncpg

from benchmarks.report import Report
from benchmarks.server import Server, serving
from exchange.database.embedded import EmbeddedPostgres
from exchange.gateway.loading.columns import instruments_in
from exchange.gateway.loading.sheets import CSV, grid_of

SEED: Final = 11
SEARCHES: Final = 300
SEARCH_P99_MS_MAX: Final = 250.0
ROWS_PER_S_MIN: Final = 500.0
FAMILIES: Final = ("LM", "TL", "NE", "AD", "MAX", "STM32F", "ATMEGA", "PIC16F", "74HC", "BC", "IRF", "1N")
SUFFIXES: Final = ("", "P", "N", "D", "DR", "DRG4", "PWR", "-AU", "ARZ", "ARZ-REEL7", "CT6", "/NOPB")
MAKERS: Final = ("Northern Semiconductor", "Delta Devices", "Analog Works", "Unitary Logic")
WORDS: Final = ("dual", "quad", "amplifier", "regulator", "low noise", "rail to rail", "timer", "precision")


def numbers(count: int) -> list[str]:
    """So many part numbers, none twice."""
    every = (
        f"{family}{digits}{suffix}"
        for digits, family, suffix in product(range(100, 9_999), FAMILIES, SUFFIXES)
    )
    return list(islice(every, count))


def sheet_of(parts: list[str]) -> bytes:
    """The spreadsheet of an operator."""
    random = Random(SEED)
    lines = ["part_number,manufacturer,condition,currency,price_scale,description"]
    for part in parts:
        words = " ".join(random.sample(WORDS, 3))
        lines.append(f"{part},{random.choice(MAKERS)},NOS,USD,2,{words}")
    return "\n".join(lines).encode()


async def run(*, rows: int) -> Report:
    """All figures."""
    parts = numbers(rows)
    sheet = sheet_of(parts)
    began = perf_counter()
    read = len(instruments_in(grid_of(sheet, CSV)).instruments)
    parsed_per_s = read / (perf_counter() - began)
    with TemporaryDirectory(prefix="exchange-bench-", ignore_cleanup_errors=True) as folder:
        async with (
            EmbeddedPostgres(Path(folder) / "postgres") as postgres,
            serving("--database-url", postgres.url) as server,
            aiohttp.ClientSession(server.url, headers=_headers(server)) as session,
        ):
            loaded_per_s = await _load(session, sheet)
            connection = await asyncpg.connect(postgres.url)
            try:
                await _archived(connection, rows)
                bare_per_s = await _bare_insert(connection, rows)
                searches = await _searches(session, connection, parts)
            finally:
                await connection.close()
    figures = {
        "rows": rows,
        "parsed_per_s": round(parsed_per_s),
        "loaded_per_s": round(loaded_per_s),
        "bare_insert_per_s": round(bare_per_s),
        **searches,
        "within_p99": searches["search_p99_ms"] <= SEARCH_P99_MS_MAX,
    }
    return Report("catalogue", figures, {"loaded_per_s": ROWS_PER_S_MIN, "within_p99": 1})


def _headers(server: Server) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.operator_key}"}


async def _load(session: aiohttp.ClientSession, sheet: bytes) -> float:
    """Rows a second from the first byte sent to the last row on disk."""
    began = perf_counter()
    async with session.post("/v1/instruments/bulk", data=sheet, headers={"Content-Type": CSV}) as response:
        report: dict[str, Any] = await response.json(content_type=None)
        assert response.status == 202, report
    while report["state"] == "running":
        await asyncio.sleep(0.05)
        async with session.get(f"/v1/loads/{report['load_id']}") as response:
            report = await response.json(content_type=None)
    assert report["made"] == report["rows"], report
    return int(report["rows"]) / (perf_counter() - began)


async def _archived(connection: "asyncpg.Connection[asyncpg.Record]", rows: int) -> None:
    while True:
        if await connection.fetchval("select count(*) from instruments") == rows:
            break
        await asyncio.sleep(0.1)
    await connection.execute("analyze instruments")


async def _bare_insert(connection: "asyncpg.Connection[asyncpg.Record]", rows: int) -> float:
    """The same rows into a table of the same columns and indexes, by one statement."""
    await connection.execute("create table peer (like instruments including all)")
    listed = await connection.fetch(
        "select column_name from information_schema.columns where table_name = 'instruments' and is_generated = 'NEVER'"
    )
    columns = ", ".join(row["column_name"] for row in listed)
    began = perf_counter()
    await connection.execute(f"insert into peer ({columns}) select {columns} from instruments")  # noqa: S608
    return rows / (perf_counter() - began)


async def _searches(
    session: aiohttp.ClientSession, connection: "asyncpg.Connection[asyncpg.Record]", parts: list[str]
) -> dict[str, float]:
    """Milliseconds over pieces of numbers, whole numbers and words; and of a bare look for one key."""
    random = Random(SEED)
    chosen = random.sample(parts, SEARCHES)
    wishes = [(part, part[:6].lower(), random.choice(WORDS))[at % 3] for at, part in enumerate(chosen)]

    async def search(wish: str) -> None:
        async with session.get("/v1/instruments", params={"q": wish, "limit": "20"}) as response:
            answer = await response.json(content_type=None)
            assert answer["instruments"], wish

    async def look(wish: str) -> None:
        await connection.fetch("select * from instruments where search_key = $1 limit 20", wish)

    searched, looked = await _timed(search, wishes), await _timed(look, chosen)
    return {
        "search_p50_ms": round(searched[49], 2),
        "search_p99_ms": round(searched[98], 2),
        "bare_p50_ms": round(looked[49], 2),
        "bare_p99_ms": round(looked[98], 2),
    }


async def _timed(ask: Callable[[str], Awaitable[None]], wishes: list[str]) -> list[float]:
    """Percentiles in milliseconds."""
    taken = []
    for wish in wishes:
        began = perf_counter()
        await ask(wish)
        taken.append(1_000 * (perf_counter() - began))
    return quantiles(taken, n=100)
