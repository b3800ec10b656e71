"""The replays as benchmarks: look through the file, start a server for it, play it, report."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from math import gcd
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

import msgspec

from benchmarks.progress import bar
from benchmarks.replay import lobster, mbo, tsuchiura
from benchmarks.replay.book_file import BookFile
from benchmarks.replay.files import BadFile
from benchmarks.replay.venue import IN_MEMORY, scale_of, venue
from benchmarks.report import Report
from benchmarks.server import serving
from exchange.gateway.notation import decimal_of

LOBSTER_DECIMALS: Final = 4
"""LOBSTER writes prices x 10,000."""
DIFFERENCES_SHOWN: Final = 100


class Survey(NamedTuple):
    """What has to be known of a file before a server can be set up for it."""

    records: int
    step: int  # all prices are multiples of it
    orders_max: int


async def replay_lobster(messages: Path, book: Path, *, journal: bool = True) -> Report:
    """Every row of the book file must be what the feed shows after its message."""
    survey = _lobster_survey(messages, book)
    scale = scale_of(survey.step, LOBSTER_DECIMALS)
    async with venue(scale, survey.orders_max, journal=journal) as desk:
        began = perf_counter()
        replay = lobster.Replay(desk)
        with bar("messages", survey.records) as progress:
            recorded = lobster.messages(messages, scale.unit), lobster.rows(book, scale.unit)
            for message, row in zip(*recorded, strict=True):
                await replay.play(message, row)
                progress.advance()
        seconds = perf_counter() - began
    outcome = replay.outcome
    figures = {
        "rows": outcome.rows,
        "rows_equal": outcome.rows_equal,
        "executions": outcome.executions,
        "executions_equal": outcome.executions_equal,
        "rows_with_unseen_levels": outcome.rows_allowed,
        "same_maker": outcome.same_maker,
        "maker_from_before": outcome.unnamed_maker,
        "unknown_orders": outcome.unknown_orders,
        "refused": len(desk.refused),
        "seconds": round(seconds, 3),
        "messages_per_s": round(outcome.rows / seconds),
    }
    limits = {"rows_equal": outcome.rows, "executions_equal": outcome.executions}
    details = {
        "differences": msgspec.to_builtins(outcome.differences[:DIFFERENCES_SHOWN]),
        "price_scale": scale.price_scale,
    }
    return Report("replay lobster", figures, limits, details)


def _lobster_survey(messages: Path, book: Path) -> Survey:
    """Reads both files once; raises BadFile where they don't belong together."""
    step = orders = orders_max = levels = 0
    numbers = Counter[str]()
    for message in lobster.messages(messages):
        numbers["messages"] += 1
        if message.kind in lobster.EFFECTS:
            step = gcd(step, message.price)
        orders += (message.kind == lobster.NEW) - (message.kind == lobster.DELETE)
        orders_max = max(orders_max, orders)
    for row in lobster.rows(book):
        numbers["rows"] += 1
        step = gcd(step, *(price for price, _ in chain(row.bids, row.asks)))
        levels = row.levels
    if numbers["rows"] != numbers["messages"] or not levels:
        raise BadFile(book, numbers["rows"], f"a row for each of {numbers['messages']} messages is expected")
    return Survey(numbers["messages"], step, orders_max + 2 * levels)


UNEXPLAINED: Final = frozenset({848})
"""Auctions whose recorded winner no rule of theirs explains."""


async def replay_tsuchiura(path: Path, *, journal: bool = True) -> Report:
    """Every sealed auction must go to the lowest bid that counts, as it did, or be one that is known to differ."""
    auctions = tsuchiura.read(path)
    options = ("--no-follower",) if journal else ("--no-follower", IN_MEMORY)
    async with serving(*options) as server:
        began = perf_counter()
        with bar("auctions", len(auctions)) as progress:
            awards = await tsuchiura.play_all(server, auctions, progress)
        seconds = perf_counter() - began
    told = zip(auctions, map(tsuchiura.difference, auctions, awards), strict=True)
    disagree = [(auction, why) for auction, why in told if why]
    known = [each for each, _ in disagree if each.pid in UNEXPLAINED or not any(bid.won for bid in each.bids)]
    figures = {
        "auctions": len(auctions),
        "agree": len(auctions) - len(disagree),
        "known_to_differ": len(known),
        "bids": sum(bid.valid for auction in auctions for bid in auction.bids),
        "seconds": round(seconds, 3),
    }
    details = {"disagree": [{"pid": auction.pid, "why": why} for auction, why in disagree]}
    return Report("replay tsuchiura", figures, {"agree": len(auctions) - len(known)}, details)


async def replay_mbo(path: Path, book_out: Path | None = None, *, journal: bool = True) -> Report:
    """The makers that each trade met must be those that the file names."""
    survey, decimals = _mbo_survey(path)
    scale = scale_of(survey.step, decimals)
    with ExitStack() as files:
        after = None
        if book_out is not None:
            file = files.enter_context(book_out.open("w", encoding="ascii"))
            after = BookFile(file, decimals, scale.unit).write
        async with venue(scale, survey.orders_max, journal=journal) as desk:
            began = perf_counter()
            recorded = mbo.records(path, decimals, scale.unit)
            outcome = await _played(mbo.Replay(desk, after), recorded, survey.records)
            await desk.settled()
            seconds = perf_counter() - began
    figures = {
        "records": outcome.records,
        "trades": outcome.trades,
        "makers_equal": outcome.makers_equal,
        "fills_equal": outcome.fills_equal,
        "off_book": outcome.off_book,
        "unknown_orders": outcome.unknown_orders,
        "refused": len(desk.refused),
        "seconds": round(seconds, 3),
        "records_per_s": round(outcome.records / seconds),
    }
    details = {
        "mismatches": msgspec.to_builtins(outcome.mismatches),
        "price_scale": scale.price_scale,
        "price_unit": decimal_of(scale.unit, decimals),
    }
    return Report("replay mbo", figures, {}, details)


async def _played(replay: mbo.Replay, recorded: Iterator[mbo.Record], count: int) -> mbo.Outcome:
    with bar("records", count) as progress:
        for record in recorded:
            await replay.play(record)
            progress.advance()
    replay.end()
    return replay.outcome


def _mbo_survey(path: Path) -> tuple[Survey, int]:
    """Reads the file once; the survey, and the decimals of its prices."""
    decimals = max((mbo.decimals_of(line) for line in mbo.lines(path) if line.has_price), default=0)
    step = count = orders_max = 0
    left: dict[str, int] = {}
    for line, price in mbo.records(path, decimals):
        count += 1
        step = gcd(step, price)
        if line.action == "A":
            left[line.order_id] = line.size
            orders_max = max(orders_max, len(left))
        elif line.action == "C" and line.order_id in left:
            left[line.order_id] -= line.size
            if left[line.order_id] <= 0:
                del left[line.order_id]
        elif line.action == "R":
            left.clear()
    if not step:
        raise BadFile(path, count + 1, "at least one order or trade is expected")
    return Survey(count, step, orders_max), decimals
