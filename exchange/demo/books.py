"""The demo's books for an auditor: exported, and checked by the real bean-check where it is installed."""

import asyncio
import sys
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from msgspec import Struct

from exchange.accounting.export import FORMATS, HistoryBehind, export
from exchange.accounting.period import DAY, Period, period_of

FILE: Final = "demo.beancount"
CHECK_S_MAX: Final = 120.0
"""bean-check takes some 20 s for 50,000 trades; the demo is not held up for more."""


class Audited(Struct, frozen=True):
    """What bean-check said of all balances; `accepted` is nothing where it could not be asked."""

    accepted: bool | None
    what: str

    def as_text(self) -> str:
        """A line for people."""
        if self.accepted is None:
            return f"not checked: {self.what}"
        return f"bean-check accepts {self.what}" if self.accepted else f"bean-check REFUSES them: {self.what}"


async def audited(dsn: str, folder: Path, began: date) -> Audited:
    """Write the books from the day on which the demo began into the folder, and have them checked."""
    file = folder / FILE
    try:
        lines = await _written(dsn, file, period_of(began, datetime.now(UTC).date() + DAY))
    except HistoryBehind as behind:
        return Audited(None, str(behind))
    if find_spec("beancount") is None:
        return Audited(None, "install the extra: pip install 'quickmatch-exchange[audit]'")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "beancount.scripts.check", file,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(CHECK_S_MAX):
            told, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return Audited(None, f"bean-check took more than {CHECK_S_MAX:.0f} s")
    if process.returncode == 0 and not told.strip():
        return Audited(True, f"{lines:,} lines, every balance to the cent")
    return Audited(False, told.decode(errors="replace").strip()[:500])


async def _written(dsn: str, file: Path, period: Period) -> int:
    lines = 0
    with file.open("w", encoding="utf-8") as out:

        def write(text: str) -> None:
            nonlocal lines
            lines += text.count("\n")
            out.write(text)

        await export(dsn, FORMATS["beancount"], period, write)
    return lines
