"""Small arenas, end to end; how fast they were says nothing here."""

from benchmarks import auction
from benchmarks.arena.closing import Taken


async def test_a_small_arena_is_whole_and_right() -> None:
    report = await auction.run(lots=40, open_lots=30, bidders=(12,), rest_s=0.3)
    figures = {name: float(figure) for name, figure in report.figures.items()}

    assert figures["close_lots"] == 40
    assert figures["close_bids"] > 40 < figures["close_refused_late"], "bids came until after the close"
    assert figures["close_wrong_winners"] == 0 == figures["close_late_accepts"]
    assert 0 < figures["close_lag_p50_ms"] <= figures["close_lag_p99_ms"]
    assert figures["open_lots"] == 30
    assert figures["rank_bidders"] == 12
    assert 0 < figures["rank_p50_ms"] <= figures["rank_p99_ms"]
    assert 0 < figures["send_loop_p50_ms"] <= figures["send_loop_p99_ms"]
    assert set(report.most) >= {"close_lag_p99_ms", "rank_over_send_loop"}


def test_of_the_bids_taken_the_lowest_wins_and_of_equal_ones_the_earliest() -> None:
    early, late, high = Taken(5, 1, "a"), Taken(5, 2, "b"), Taken(6, 0, "c")

    assert min([high, late, early]) is early
