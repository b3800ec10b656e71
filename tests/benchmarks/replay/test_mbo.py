"""What market-by-order records mean, at a naive desk."""

from pathlib import Path

import pytest

from benchmarks.replay import mbo
from benchmarks.replay.depth import Depth, Level
from benchmarks.replay.files import BadFile
from exchange_client import Side
from tests.benchmarks.replay.naive import HEADER, NaiveDesk, Recorder

DECIMALS = 2


def a_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "records.csv"
    path.write_text("\n".join((header, *lines)) + "\n")
    return path


def at(action: str, side: str, price: str, size: int, key: str, sequence: int = 1) -> str:
    return f"2026-01-02T14:30:00.000000001Z,{action},{side},{price},{size},{key},{sequence}"


async def played(path: Path) -> tuple[mbo.Outcome, NaiveDesk]:
    desk = NaiveDesk()
    replay = mbo.Replay(desk)
    for record in mbo.records(path, DECIMALS):
        await replay.play(record)
    replay.end()
    return replay.outcome, desk


async def test_a_recorded_market_gives_the_book_that_was(tmp_path: Path) -> None:
    recorder = Recorder(seed=3)
    await recorder.record(2_000)
    desk, books = NaiveDesk(), list[tuple[list[Level], list[Level]]]()

    def look(_: mbo.Line, depth: Depth) -> None:
        books.append((depth.top(Side.SELL, 10), depth.top(Side.BUY, 10)))

    replay = mbo.Replay(desk, look)
    for record in mbo.records(a_file(tmp_path, *recorder.lines), DECIMALS):
        await replay.play(record)
    replay.end()

    outcome = replay.outcome
    assert books == recorder.books
    assert outcome.records == len(recorder.lines)
    assert outcome.trades == outcome.makers_equal == outcome.fills_equal == recorder.trades > 50
    assert (outcome.unknown_orders, outcome.mismatches, desk.refused) == (0, [], 0)


async def test_a_trade_that_names_another_maker_is_told(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        at("A", "B", "10.00", 5, "first"),
        at("A", "B", "10.00", 5, "second", 2),
        at("T", "A", "10.00", 5, "0", 3),
        at("F", "B", "10.00", 5, "second", 3),
    )

    outcome, desk = await played(path)

    assert (outcome.trades, outcome.makers_equal) == (1, 0)
    assert outcome.mismatches == [mbo.Mismatch(4, "3", named=[("second", 5)], met=[("first", 5)])]
    assert desk.keys == ["second"]


async def test_the_right_maker_with_another_quantity_is_told_apart(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        at("A", "A", "10.00", 5, "maker"),
        at("T", "B", "10.00", 5, "0", 2),
        at("F", "A", "10.00", 4, "maker", 2),
    )

    outcome, _ = await played(path)

    assert (outcome.makers_equal, outcome.fills_equal) == (1, 0)


async def test_two_trades_of_one_sequence_have_their_own_makers(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        at("A", "A", "10.00", 5, "near"),
        at("A", "A", "10.01", 5, "far"),
        at("T", "B", "10.00", 5, "0", 2),
        at("F", "A", "10.00", 5, "near", 2),
        at("C", "A", "10.00", 5, "near", 2),
        at("T", "B", "10.01", 2, "0", 2),
        at("F", "A", "10.01", 2, "far", 2),
        at("C", "A", "10.01", 2, "far", 2),
    )

    outcome, desk = await played(path)

    assert (outcome.trades, outcome.makers_equal, outcome.unknown_orders) == (2, 2, 0)
    assert desk.open("far") == 3


async def test_a_cancel_of_a_trades_sequence_takes_only_what_the_trade_left(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        at("A", "A", "10.00", 5, "maker"),
        at("T", "B", "10.00", 2, "0", 2),
        at("F", "A", "10.00", 2, "maker", 2),
        at("C", "A", "10.00", 3, "maker", 2),
    )

    _, desk = await played(path)

    assert desk.open("maker") == 2


async def test_a_cancel_of_a_later_sequence_is_a_cancel(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        at("A", "A", "10.00", 5, "maker"),
        at("T", "B", "10.00", 2, "0", 2),
        at("F", "A", "10.00", 2, "maker", 2),
        at("C", "A", "10.00", 2, "maker", 3),
    )

    _, desk = await played(path)

    assert desk.open("maker") == 1


async def test_what_is_unknown_or_off_the_book_is_counted_and_changes_nothing(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        at("A", "A", "10.00", 5, "maker"),
        at("C", "A", "10.00", 5, "stranger", 2),
        at("T", "N", "10.00", 5, "0", 3),
    )

    outcome, desk = await played(path)

    assert (outcome.unknown_orders, outcome.off_book, outcome.trades) == (1, 1, 0)
    assert desk.open("maker") == 5


@pytest.mark.parametrize("cleared", [True, False])
async def test_a_clear_empties_the_book(tmp_path: Path, cleared: bool) -> None:
    lines = [at("A", "A", "10.00", 5, "one"), at("A", "B", "9.00", 5, "two", 2), at("R", "N", "", 0, "0", 3)]

    _, desk = await played(a_file(tmp_path, *(lines if cleared else lines[:-1])))

    assert desk.keys == ([] if cleared else ["one", "two"])


@pytest.mark.parametrize(
    "line,complaint",
    [
        (at("M", "A", "10.00", 5, "x"), "line 2: an action"),
        (at("A", "X", "10.00", 5, "x"), "a side of A, B, N"),
        (at("A", "N", "10.00", 5, "x"), "on side A or B"),
        (at("A", "A", "ten", 5, "x"), "'ten'"),
        (at("A", "A", "-1.00", 5, "x"), "above zero"),
        (at("A", "A", "10.00", 5, "x").replace(",5,", ",5.5,"), "'5.5'"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(BadFile, match=complaint):
        list(mbo.records(a_file(tmp_path, line), DECIMALS))


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="sequence is expected"):
        list(mbo.lines(a_file(tmp_path, "1,2", header="ts_event,action")))


def test_other_columns_and_zeros_behind_a_price_do_not_matter(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "1,2026-01-02T14:30:00Z,A,B,7.250000000,3,42,9,more",
        header="rtype,ts_event,action,side,price,size,order_id,sequence,symbol",
    )

    (record,) = mbo.records(path, DECIMALS)

    assert (record.price, record.line.order_id, mbo.decimals_of(record.line)) == (725, "42", 2)
