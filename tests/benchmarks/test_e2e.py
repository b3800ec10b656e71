"""The load generator and one server, end to end; how fast it was says nothing here."""

import signal

from benchmarks import e2e
from benchmarks.load.process import generator
from benchmarks.machine import children


async def test_a_round_is_answered_whole_with_the_follower_at_work() -> None:
    load_of = generator(seed=1, connections=e2e.CONNECTIONS, instruments=e2e.INSTRUMENTS, length=20_000)
    async with load_of as load, e2e.candidate() as durable:
        assert durable.server.follower_pid in children(durable.server.pid)
        for _ in range(2):  # rounds have sessions of their own
            await durable.measure(load, seconds=0.6, warm_up_s=0.2)
        durable.rest(signal.SIGCONT)

        async with e2e.echo_candidate(durable) as echo:
            await echo.measure(load, seconds=0.3, warm_up_s=0.1)

    names = ("durable", "journal_off", "commit_per_order")
    report = e2e.reported(dict.fromkeys(names, durable) | {e2e.ECHO: echo}, 1.0)

    assert all(seen.acked > 50 > seen.rejected for seen in durable.seen)
    assert all(0 < seen.p50_ms <= seen.p99_ms for seen in durable.seen)
    assert report.figures["follower_running"] is True
    assert report.figures["durable_over_journal_off"] == 1.0
    assert echo.seen[0].acked > 50 and echo.seen[0].rejected == 0
    assert report.missed == ["durable_over_commit_per_order"]
