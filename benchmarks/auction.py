"""Timed lots: many that close at once, many that wait, and one that a crowd watches.

Each part has a server of its own. Limits: no wrong winner and no bid taken at its close or later; the last of
10,000 closes is told within 150 ms at p99; open lots cost nothing until they are due; the last of a crowd of
bidders knows its new rank within 1.6 times what a bare loop of `send` over as many sockets takes, at p99.

Known limits: one machine is both sides, so the crowd's own work is in both times; a round's time is that of its
slowest socket.
"""

from collections.abc import Sequence
from typing import Final

from benchmarks.arena.closing import Closed, close_together
from benchmarks.arena.idle import REST_S, Idle, stay_open
from benchmarks.arena.ranks import Ranked, rank_everybody
from benchmarks.progress import bar
from benchmarks.report import Report
from benchmarks.server import serving

LAG_MS_MAX: Final = 150.0
RANK_OVER_LOOP_MAX: Final = 1.6
IDLE_PERCENT_MAX: Final = 1.0
LEAD_S: Final = 3.0
CROWDS: Final = ((1_000, 400), (10_000, 120))
"""How many bidders, and how many bids are measured: so many that p99 is not the worst of them."""
ROUNDS: Final = 120


async def run(*, lots: int, open_lots: int, bidders: Sequence[int], rest_s: float = REST_S) -> Report:
    """The parts that are asked for: no lots or no bidders leave theirs out; `rest_s` is how long idle CPU is counted."""
    rounds = dict(CROWDS)
    figures: dict[str, int | float] = {}
    most: dict[str, float] = {}
    with bar("auction", bool(lots) + bool(open_lots) + len(bidders)) as progress:
        if lots:
            async with serving() as server:
                _tell_closed(await close_together(server, lots, lead_s=LEAD_S), figures, most)
            progress.advance()
        if open_lots:
            async with serving("--no-journal") as server:
                _tell_idle(await stay_open(server, open_lots, rest_s=rest_s), figures, most)
            progress.advance()
        for crowd in bidders:
            async with serving() as server:
                ranked = await rank_everybody(server, crowd, rounds.get(crowd, ROUNDS))
            _tell_ranked(ranked, "" if crowd == bidders[-1] else f"_{crowd}", figures, most)
            progress.advance()
    return Report("auction", figures, most=most)


def _tell_closed(closed: Closed, figures: dict[str, int | float], most: dict[str, float]) -> None:
    figures |= {
        "close_lots": closed.lots,
        "close_bids": closed.bids,
        "close_refused_late": closed.refused_late,
        "close_wrong_winners": closed.wrong_winners,
        "close_late_accepts": closed.late_accepts,
        "close_lag_p50_ms": at(closed.lags_ms, 0.5),
        "close_lag_p99_ms": at(closed.lags_ms, 0.99),
        "close_cpu_ms": closed.cpu_ms,
    }
    most |= {"close_wrong_winners": 0.0, "close_late_accepts": 0.0, "close_lag_p99_ms": LAG_MS_MAX}


def _tell_idle(idle: Idle, figures: dict[str, int | float], most: dict[str, float]) -> None:
    figures |= {
        "open_lots": idle.lots,
        "empty_idle_cpu_percent": round(idle.empty_cpu_percent, 2),
        "open_lots_idle_cpu_percent": round(idle.open_cpu_percent, 2),
    }
    most["open_lots_idle_cpu_percent"] = idle.empty_cpu_percent + IDLE_PERCENT_MAX


def _tell_ranked(each: Ranked, mark: str, figures: dict[str, int | float], most: dict[str, float]) -> None:
    figures |= {
        f"rank_bidders{mark}": each.bidders,
        f"rank_frame_bytes{mark}": each.frame_bytes,
        f"rank_p50_ms{mark}": at(each.last_ms, 0.5),
        f"rank_p99_ms{mark}": at(each.last_ms, 0.99),
        f"send_loop_p50_ms{mark}": at(each.peer_ms, 0.5),
        f"send_loop_p99_ms{mark}": at(each.peer_ms, 0.99),
        f"rank_over_send_loop{mark}": round(at(each.last_ms, 0.99) / at(each.peer_ms, 0.99), 2),
    }
    most[f"rank_over_send_loop{mark}"] = RANK_OVER_LOOP_MAX


def at(ordered: Sequence[float], share: float) -> float:
    """The value at that share of a sorted list."""
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)
