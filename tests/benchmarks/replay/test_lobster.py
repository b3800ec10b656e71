"""What LOBSTER's messages mean, at a naive desk, and which differences its samples may have."""

import gzip
from pathlib import Path

import pytest

from benchmarks.replay import lobster
from benchmarks.replay.files import BadFile
from benchmarks.replay.lobster import DELETE, EXECUTE, NEW, REDUCE, Difference, Message, Row, Unnamed
from exchange_client import Side
from tests.benchmarks.replay.naive import NaiveDesk

ROOM = 2  # levels of a row
BUY, SELL = Side.BUY, Side.SELL

FIRST = Message(NEW, 7, 10, 100, BUY)
BEGIN = Row([(100, 10), (99, 5)], [(101, 4), (103, 6)], ROOM)


async def played(*played: tuple[Message, Row]) -> tuple[lobster.Outcome, NaiveDesk]:
    """After the first message and its row."""
    desk = NaiveDesk()
    replay = lobster.Replay(desk)
    for message, row in ((FIRST, BEGIN), *played):
        await replay.play(message, row)
    return replay.outcome, desk


def bids(*levels: tuple[int, int]) -> Row:
    return Row(list(levels), BEGIN.asks, ROOM)


async def test_the_first_row_makes_the_book_and_is_not_compared() -> None:
    outcome, desk = await played()

    assert (outcome.rows, outcome.differences) == (0, [])
    assert (desk.top(BUY), desk.top(SELL)) == (BEGIN.bids, BEGIN.asks)
    assert desk.at(BUY, 100) == [7]
    assert desk.at(BUY, 99) == [Unnamed(0, BUY, 99)]


async def test_an_order_of_the_first_message_stands_behind_what_was_there() -> None:
    desk = NaiveDesk()

    await lobster.Replay(desk).play(FIRST._replace(size=4), BEGIN)

    assert desk.at(BUY, 100) == [Unnamed(0, BUY, 100), 7]
    assert desk.open(7) == 4


CASES = [
    ("a new order joins its level", Message(NEW, 8, 3, 99, BUY), bids((100, 10), (99, 8))),
    ("a reduced order keeps the rest", Message(REDUCE, 7, 4, 100, BUY), bids((100, 6), (99, 5))),
    ("a deleted order is gone", Message(DELETE, 7, 10, 100, BUY), Row([(99, 5)], BEGIN.asks, ROOM)),
    (
        "an unknown order is taken from before",
        Message(DELETE, 1, 5, 99, BUY),
        Row([(100, 10)], BEGIN.asks, 2),
    ),
    ("an execution takes from the best", Message(EXECUTE, 7, 4, 100, BUY), bids((100, 6), (99, 5))),
    ("a hidden execution changes nothing", Message(5, 0, 4, 100, BUY), BEGIN),
]


@pytest.mark.parametrize("message,row", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_a_message_does_what_the_next_row_shows(message: Message, row: Row) -> None:
    outcome, desk = await played((message, row))

    assert (outcome.rows, outcome.rows_equal, outcome.differences) == (1, 1, [])
    assert (desk.top(BUY), desk.top(SELL)) == (row.bids, row.asks)


async def test_an_execution_names_price_size_and_maker() -> None:
    named, _ = await played((Message(EXECUTE, 7, 4, 100, BUY), bids((100, 6), (99, 5))))
    before, _ = await played((Message(EXECUTE, 1, 4, 101, SELL), Row(BEGIN.bids, [(103, 6)], ROOM)))
    worse, _ = await played((Message(EXECUTE, 7, 4, 99, BUY), bids((100, 6), (99, 5))))
    larger, _ = await played((Message(EXECUTE, 7, 11, 100, BUY), Row([(99, 5)], BEGIN.asks, ROOM)))

    found = [
        (o.executions, o.executions_equal, o.same_maker, o.unnamed_maker)
        for o in (named, before, worse, larger)
    ]
    assert found == [(1, 1, 1, 0), (1, 1, 0, 1), (1, 0, 1, 0), (1, 0, 1, 0)]


@pytest.mark.parametrize(
    "row,difference",
    [
        (bids((100, 10), (98, 2)), Difference(1, BUY, 98, 0, 2, unseen=True)),
        (bids((100, 10), (97, 2)), Difference(1, BUY, 97, 0, 2, unseen=True)),
    ],
)
async def test_a_level_that_was_not_shown_may_appear_unseen(row: Row, difference: Difference) -> None:
    outcome, desk = await played((Message(DELETE, 1, 5, 99, BUY), row))

    assert outcome.differences == [difference]
    assert (outcome.rows_equal, outcome.rows_allowed) == (1, 1)
    assert desk.top(BUY) == row.bids


async def test_a_level_beyond_the_row_may_vanish_or_change_unseen() -> None:
    pushed_out = Message(NEW, 8, 1, 102, SELL), Row(BEGIN.bids, [(101, 4), (102, 1)], ROOM)
    uncovered = Message(DELETE, 8, 1, 102, SELL)

    vanished, _ = await played(pushed_out, (uncovered, Row(BEGIN.bids, [(101, 4), (105, 9)], ROOM)))
    changed, desk = await played(pushed_out, (uncovered, Row(BEGIN.bids, [(101, 4), (103, 2)], ROOM)))

    assert (vanished.rows_equal, vanished.rows_allowed) == (2, 1)
    assert {(each.price, each.had, each.shown) for each in vanished.differences} == {(103, 6, 0), (105, 0, 9)}
    assert (changed.rows_equal, changed.differences) == (2, [Difference(2, SELL, 103, 6, 2, unseen=True)])
    assert desk.top(SELL) == [(101, 4), (103, 2)]


@pytest.mark.parametrize(
    "row",
    [
        bids((100, 9), (99, 5)),
        Row([(100, 10)], BEGIN.asks, ROOM),
        Row(BEGIN.bids, [(101, 4), (103, 7)], ROOM),
        Row(BEGIN.bids, [(101, 4)], ROOM),
    ],
)
async def test_a_level_that_was_shown_may_not_differ(row: Row) -> None:
    outcome, desk = await played((Message(5, 0, 1, 100, BUY), row), (Message(5, 0, 1, 100, BUY), row))

    assert (outcome.rows, outcome.rows_equal, outcome.rows_allowed) == (2, 1, 0)
    assert [each.unseen for each in outcome.differences] == [False]
    assert (desk.top(BUY), desk.top(SELL)) == (row.bids, row.asks)  # so that one failure is told once


async def test_what_vanished_unseen_is_taken_from_the_youngest() -> None:
    joined = Message(NEW, 8, 3, 103, SELL), Row(BEGIN.bids, [(101, 4), (103, 9)], ROOM)
    covered = Message(NEW, 9, 1, 102, SELL), Row(BEGIN.bids, [(101, 4), (102, 1)], ROOM)
    uncovered = Message(DELETE, 9, 1, 102, SELL), Row(BEGIN.bids, [(101, 4), (103, 5)], ROOM)

    _, desk = await played(joined, covered, uncovered)

    assert [desk.open(key) for key in desk.at(SELL, 103)] == [5]
    assert desk.open(8) == 0


def test_files_are_read_plain_or_gzipped_and_empty_places_are_no_levels(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "messages.csv", tmp_path / "book.csv.gz"
    plain.write_text("34200.004,1,16113575,18,5853300,1\n34200.1,5,0,1,5853300,-1\n")
    zipped.write_bytes(gzip.compress(b"5859400,200,5853300,18,9999999999,0,-9999999999,0\n"))

    assert list(lobster.messages(plain, 100)) == [
        Message(1, 16113575, 18, 58533, BUY),
        Message(5, 0, 1, 58533, SELL),
    ]
    assert list(lobster.rows(zipped, 100)) == [Row([(58533, 18)], [(58594, 200)], 2)]


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("34200.0,1,2,3,4\n", "line 1: time, type"),
        ("34200.0,1,2,3,4,1\n34200.0,8,2,3,4,1\n", "line 2: a type"),
        ("34200.0,1,2,3,4,0\n", "a direction"),
        ("34200.0,1,2,x,4,1\n", "integers"),
    ],
)
def test_a_line_that_is_no_message_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(text)

    with pytest.raises(BadFile, match=complaint):
        list(lobster.messages(path))


@pytest.mark.parametrize("text", ["1,2,3\n", "1,2,3,x\n", "\n"])
def test_a_line_that_is_no_row_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "book.csv"
    path.write_text(text)

    with pytest.raises(BadFile, match="line 1"):
        list(lobster.rows(path))
