"""Sealed auctions of a city, read and replayed: on a made-up file, and on the real one where it is there."""

from pathlib import Path

import pytest

from benchmarks.replay import runs, tsuchiura
from benchmarks.replay.files import BadFile
from benchmarks.replay.tsuchiura import Auction, Awarded, Bid
from tests.benchmarks.replay.test_runs import DATA

HEADER = "pid,date,reserveprice,minprice,bidder_id,bid,bidresult_details,winner,postelec,minpriceauction,auctionhadnowinner"
FILE = "tsuchiura_sealed_auctions.csv"


def a_file(folder: Path, *rows: tuple[object, ...]) -> Path:
    """Rows of pid, reserve, floor, bid, details and winner."""
    path = folder / "auctions.csv"
    lines = [
        f"{pid},20100101,{high},{low},7,{bid},{said},{won},1,0,0" for pid, high, low, bid, said, won in rows
    ]
    path.write_text("\n".join((HEADER, *lines)) + "\n")
    return path


def test_a_row_is_a_bidder_and_what_is_disqualified_hands_nothing_in(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        (16, 900, "", 800, "", 1),
        (17, 900, 500, 450, "below the minimum limit price", 0),
        (16, 900, "", 700, "disqualificaion", 0),
        (16, 900, "", "", "Invalid bid", 0),
        (17, 900, 500, 600, "won by lottery", 1),
    )

    assert tsuchiura.read(path) == [
        Auction(16, 900, 0, [Bid(800, True, True), Bid(700, False, False), Bid(0, False, False)]),
        Auction(17, 900, 500, [Bid(450, True, False), Bid(600, True, True)]),
    ]


@pytest.mark.parametrize(
    "text,told",
    [
        ("pid,bid\n1,2\n", "line 1: the columns bidresult_details, minprice"),
        (f"{HEADER}\n1,20100101,x,,7,5,,1,1,0,0\n", "line 2: integers are expected"),
        (f"{HEADER}\n", "line 1: at least one auction"),
    ],
)
def test_what_is_no_such_file_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "auctions.csv"
    path.write_text(text)

    with pytest.raises(BadFile, match=told):
        tsuchiura.read(path)


BIDS = [Bid(800, True, True), Bid(800, True, False), Bid(700, False, False)]


@pytest.mark.parametrize(
    "bids,awarded,why",
    [
        (BIDS, Awarded(800, 0), ""),
        (BIDS, Awarded(800, 1), ""),
        (BIDS, Awarded(700, 2), "the file names a winner at 800, the lowest bid that counts is 700"),
        (BIDS, Awarded(800, 2), "the award went to a bid of 700, for 800"),
        (BIDS, None, "the file names a winner at 800, of whose bids none counts"),
        (BIDS[1:], Awarded(800, 0), "the file names no winner"),
        (
            [Bid(800, False, True)],
            Awarded(800, 0),
            "the file names a winner at 800, the lowest bid that counts is 800",
        ),
    ],
)
def test_an_award_agrees_if_the_recorded_winner_is_among_the_best(
    bids: list[Bid], awarded: Awarded | None, why: str
) -> None:
    assert tsuchiura.difference(Auction(16, 900, 0, bids), awarded) == why


async def test_auctions_go_to_the_lowest_bid_between_floor_and_ceiling(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        (1, 900, "", 880, "", 0),
        (1, 900, "", 850, "", 1),
        (2, 900, 500, 499, "", 0),
        (2, 900, 500, 500, "", 1),
        (2, 900, 500, 501, "", 0),
        (3, 900, "", 901, "", 0),
        (3, 900, "", 900, "", 1),
        (4, 900, "", 800, "won by lottery", 1),
        (4, 900, "", 800, "", 0),
        (4, 900, "", 800, "", 0),
        (5, 900, "", 700, "disqualified", 0),
        (5, 900, "", 710, "", 1),
        (6, 900, "", 950, "", 0),
        (7, 900, "", 600, "", 0),
        (7, 900, "", 650, "", 1),
        (848, 900, "", 600, "", 0),
        (848, 900, "", 650, "", 1),
    )

    report = await runs.replay_tsuchiura(path, journal=False)

    figures = report.figures
    assert (figures["auctions"], figures["agree"], figures["known_to_differ"]) == (8, 5, 2)
    assert report.details["disagree"] == [
        {"pid": 6, "why": "the file names no winner"},
        {"pid": 7, "why": "the file names a winner at 650, the lowest bid that counts is 600"},
        {"pid": 848, "why": "the file names a winner at 650, the lowest bid that counts is 600"},
    ]
    assert report.missed == ["agree"]


async def test_the_auctions_of_a_city_go_to_those_who_won_them() -> None:
    if not (DATA / FILE).exists():
        pytest.skip(f"no auctions in {DATA}; EXCHANGE_DATA names the folder that has them")

    report = await runs.replay_tsuchiura(DATA / FILE, journal=False)

    assert report.missed == []
    assert (report.figures["auctions"], report.figures["agree"]) == (771, 768)
    assert [each["pid"] for each in report.details["disagree"]] == [192, 246, 848]
