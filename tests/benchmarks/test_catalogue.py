"""The catalogue that is measured is one that the exchange takes."""

from benchmarks.catalogue import numbers, sheet_of
from exchange.core.goods.parts import part_key
from exchange.gateway.loading.columns import instruments_in
from exchange.gateway.loading.sheets import CSV, grid_of


def test_its_part_numbers_are_all_different_and_fit() -> None:
    keys = [part_key(part) for part in numbers(5_000)]

    assert None not in keys and len(set(keys)) == 5_000


def test_its_sheet_has_no_fault() -> None:
    reading = instruments_in(grid_of(sheet_of(numbers(300)), CSV))

    assert (len(reading.instruments), reading.faults) == (300, [])
