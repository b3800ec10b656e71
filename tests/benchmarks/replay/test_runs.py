"""Replays from file to report, against a server of their own."""

import csv
import os
from pathlib import Path

import pytest

from benchmarks.replay import runs
from benchmarks.replay.book_file import HEADER as BOOK_HEADER
from tests.benchmarks.replay.naive import HEADER, LEVELS, Recorder

DATA = Path(os.environ.get("EXCHANGE_DATA") or Path(__file__).parents[4] / "shared" / "data")
SAMPLE = "lobster_AAPL_2012-06-21_{}_10_first998.csv.gz"


def a_line(recorder: Recorder, number: int) -> list[str]:
    """As the book file should have it."""
    at, *_, sequence = recorder.lines[number].split(",")
    asks, bids = (
        [(f"{price / 100:.2f}", str(size)) for price, size in levels] + [("", "")] * (LEVELS - len(levels))
        for levels in recorder.books[number]
    )
    return [
        at,
        sequence,
        *(cell for pair in zip(asks, bids, strict=True) for level in pair for cell in level),
    ]


async def test_market_by_order_records_replay_through_the_public_interface(tmp_path: Path) -> None:
    recorder = Recorder(seed=11)
    await recorder.record(1_500)
    records, book = tmp_path / "records.csv", tmp_path / "book.csv"
    records.write_text("\n".join((HEADER, *recorder.lines)) + "\n")

    report = await runs.replay_mbo(records, book)

    figures = report.figures
    assert figures["records"] == len(recorder.lines)
    assert figures["trades"] == figures["makers_equal"] == figures["fills_equal"] == recorder.trades
    assert (figures["unknown_orders"], figures["refused"]) == (0, 0)
    with book.open(newline="") as file:
        header, *lines = csv.reader(file)
    assert tuple(header) == BOOK_HEADER
    assert lines == [a_line(recorder, number) for number in range(len(recorder.lines))]


async def test_a_real_morning_gives_the_book_that_really_was() -> None:
    messages, book = (DATA / SAMPLE.format(name) for name in ("message", "orderbook"))
    if not messages.exists():
        pytest.skip(f"no sample in {DATA}; EXCHANGE_DATA names the folder that has it")

    report = await runs.replay_lobster(messages, book)

    figures = report.figures
    assert report.missed == []
    assert (figures["rows"], figures["rows_equal"]) == (998, 998)
    assert (figures["executions"], figures["executions_equal"]) == (98, 98)
    assert (figures["same_maker"], figures["maker_from_before"]) == (94, 4)
    assert (figures["rows_with_unseen_levels"], figures["refused"]) == (14, 0)
