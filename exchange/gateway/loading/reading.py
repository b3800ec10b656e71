"""Spreadsheets are read in a process of their own: `python -m exchange.gateway.loading.reading KIND MEDIA`.

Guarantees: the engine's process parses nothing but short CSV, so neither a long sheet nor a bomb holds anybody up;
memory, processor time and patience are bounded, and whatever exceeds them ends in `Unreadable`.
"""

import asyncio
import os
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from exchange.gateway.loading.columns import Reading, instruments_in, stock_in
from exchange.gateway.loading.lot_columns import lots_in
from exchange.gateway.loading.sheets import CSV, Grid, Unreadable, grid_of

MEMORY_BYTES_MAX: Final = 2 * 1024**3
"""Of addresses, which includes the libraries; a sheet of all rows takes a quarter of it."""
CPU_S_MAX: Final = 60
SMALL_BYTES_MAX: Final = 64 * 1024
"""A CSV that isn't larger unpacks to nothing and is read in less time than a process takes to start."""
READ_S_MAX: Final = 120.0
NICENESS: Final = 10
"""The engine comes first where cores are few."""
UNREADABLE_EXIT: Final = 3

INSTRUMENTS, STOCK, LOTS = "instruments", "stock", "lots"
KINDS: Final[Mapping[str, Callable[[Grid], Reading]]] = {
    INSTRUMENTS: instruments_in,
    STOCK: stock_in,
    LOTS: lots_in,
}

_decode = msgspec.msgpack.Decoder(Reading).decode


async def read(kind: str, raw: bytes, media: str) -> Reading:
    """What the sheet holds. Raises Unreadable."""
    if media == CSV and len(raw) <= SMALL_BYTES_MAX:
        return await asyncio.to_thread(lambda: KINDS[kind](grid_of(raw, media)))
    arguments = (sys.executable, "-m", "exchange.gateway.loading.reading", kind, media)
    child = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(READ_S_MAX):
            said, _ = await child.communicate(raw)
    except TimeoutError as error:
        raise Unreadable(f"It can't be read within {READ_S_MAX:.0f} s. Divide it.") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == UNREADABLE_EXIT:
        raise Unreadable(said.decode())
    if child.returncode:
        raise Unreadable(
            f"It takes more than {MEMORY_BYTES_MAX // 1024**2} MiB or {CPU_S_MAX} s to read. "
            "Save the table alone, or divide it."
        )
    return await asyncio.to_thread(_decode, said)


def main(kind: str, media: str) -> int:
    """Read a sheet from stdin, tell it on stdout."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        reading = KINDS[kind](grid_of(sys.stdin.buffer.read(), media))
    except Unreadable as unreadable:
        sys.stdout.write(str(unreadable))
        return UNREADABLE_EXIT
    sys.stdout.buffer.write(msgspec.msgpack.encode(reading))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
