"""Few papers at a time, each in a process of its own that ends with its time."""

import asyncio

import pytest

from exchange.accounting import printer as printers
from exchange.accounting.paper import Paper
from exchange.accounting.pdf import Press
from exchange.accounting.printer import Printer, PrinterBusy

PAPER = Paper("Statement", [("Member", "M1")], [])


async def test_it_prints_what_the_press_makes() -> None:
    assert await Printer().print(PAPER) == Press(PAPER).print()


async def test_whoever_would_have_to_wait_is_told_so_at_once() -> None:
    printer = Printer()
    printing = [asyncio.ensure_future(printer.print(PAPER)) for _ in range(printers.AT_ONCE_MAX)]
    await asyncio.sleep(0)

    with pytest.raises(PrinterBusy):
        await printer.print(PAPER)

    assert len({*await asyncio.gather(*printing)}) == 1
    assert await printer.print(PAPER)


async def test_one_that_takes_too_long_is_ended_and_gives_its_place_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printer = Printer()
    monkeypatch.setattr(printers, "PRINT_S_MAX", 0.001)
    for _ in range(printers.AT_ONCE_MAX + 1):
        with pytest.raises(TimeoutError):
            await printer.print(PAPER)

    monkeypatch.undo()
    assert await printer.print(PAPER)
