"""Papers as PDF, each by a process of its own: few at a time, none for longer than it may take."""

import asyncio
import sys
from contextlib import suppress
from typing import Final

import msgspec

from exchange.accounting.paper import Paper

AT_ONCE_MAX: Final = 2
PRINT_S_MAX: Final = 30.0
PDF_ROWS_MAX: Final = 5_000
"""About eighty pages, and a second of a processor."""


class PrinterBusy(Exception):
    """As many papers are being printed as may be."""


class Printer:
    """Starts the program `pdf` and waits for it."""

    def __init__(self) -> None:
        self._printing = 0

    async def print(self, paper: Paper) -> bytes:
        """The PDF. Raises `PrinterBusy` at once where it would have to wait."""
        if self._printing >= AT_ONCE_MAX:
            raise PrinterBusy
        self._printing += 1
        try:
            return await _printed(msgspec.json.encode(paper))
        finally:
            self._printing -= 1


async def _printed(paper: bytes) -> bytes:
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "exchange.accounting.pdf",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PRINT_S_MAX):
            printed, _ = await program.communicate(paper)
    except BaseException:
        with suppress(ProcessLookupError):
            program.kill()
        await program.wait()
        raise
    assert program.returncode == 0, "a paper is printed"
    return printed
