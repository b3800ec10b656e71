"""Recovery: commands replayed per second from PostgreSQL, from the first one and from a snapshot.

The journal is written by the kernel itself, without a server, from the flow that the load generator sends, in
batches as they come about under load. Replaying it is what the engine, the follower and `exchange verify` do:
every batch is checked and every outcome compared.
"""

from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final, NamedTuple

from benchmarks.journaling import BATCH, Author, opened_market, orders
from benchmarks.progress import Bar, bar
from benchmarks.report import Report
from exchange.core.kernel import RULES
from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import migrate_to_latest
from exchange.engine.collector import collect_seldom
from exchange.engine.replica import Replica, replayed
from exchange.journal.base import Journal, Snapshot, Tail
from exchange.journal.postgres import PostgresJournal

SEED: Final = 7
COMMANDS: Final = 250_000
MEMBERS: Final = 8
INSTRUMENTS: Final = 4
AFTER_SNAPSHOT: Final = 25_000
"""Commands that come after the snapshot, about; the follower writes one every 200,000."""
ROUNDS: Final = 3
LIMITS: Final = {"replay_per_s": 80_000.0}


class Took(NamedTuple):
    """Time on the clock, and of the processor in this process."""

    seconds: float
    cpu_s: float


async def run(*, commands: int = COMMANDS, rounds: int = ROUNDS) -> Report:
    """Write a journal to a PostgreSQL of our own on a temporary folder, and replay it."""
    collect_seldom()  # as the server does before it recovers
    with TemporaryDirectory(prefix="exchange-bench-", ignore_cleanup_errors=True) as folder:
        async with EmbeddedPostgres(Path(folder) / "postgres") as postgres:
            await migrate_to_latest(postgres.url)
            with bar("commands", commands * (1 + rounds)) as progress:
                journal = PostgresJournal(postgres.url)
                tail, written_s = await write(journal, commands, progress)
                whole = [await replay(journal, tail, progress) for _ in range(rounds)]
            kept = await snapshot(journal, tail.next_seq - AFTER_SNAPSHOT)
            short = [await replay(journal, tail) for _ in range(rounds)]
            await journal.close()
    replayed_commands = tail.next_seq - 1
    seconds = median(took.seconds for took in whole)
    figures = {
        "replay_per_s": round(replayed_commands / seconds),
        "seconds": round(seconds, 3),
        "cpu_us_per_command": round(median(took.cpu_s for took in whole) / replayed_commands * 1e6, 2),
        "commands": replayed_commands,
        "batch": BATCH,
        "from_snapshot_seconds": round(median(took.seconds for took in short), 3),
        "commands_after_snapshot": replayed_commands - kept.seq,
        "snapshot_bytes": len(kept.state),
        "written_per_s": round(replayed_commands / written_s),
    }
    return Report("recovery", figures, LIMITS, {"rounds": [took._asdict() for took in whole], "seed": SEED})


async def write(journal: Journal, commands: int, progress: Bar) -> tuple[Tail, float]:
    """Fill the journal with so many commands at least: its tail, and the seconds that it took."""
    author = Author(SEED)
    began = perf_counter()
    tail = await journal.open_epoch()
    members, instruments = opened_market(author, MEMBERS, INSTRUMENTS)
    for member_id, command in orders(SEED, members, instruments):
        author.execute(member_id, command, session=1)
        if author.open >= BATCH:
            progress.advance(author.open)
            tail = await author.commit(journal, tail)
            if tail.next_seq > commands:
                break
    return tail, perf_counter() - began


async def replay(journal: Journal, tail: Tail, progress: Bar | None = None) -> Took:
    """The time from nothing to the state at the tail, by the latest snapshot if there is one."""
    began, cpu_began = perf_counter(), process_time()
    replica = Replica(await journal.latest_snapshot())
    async for released in replayed(journal, replica):
        if progress is not None:
            progress.advance(len(released))
    took = Took(perf_counter() - began, process_time() - cpu_began)
    assert (replica.next_seq, replica.chain) == (tail.next_seq, tail.chain), "the replay stands at the tail"
    return took


async def snapshot(journal: Journal, until_seq: int) -> Snapshot:
    """Keep a snapshot of the state after the batch that has the command before, as the follower does."""
    replica = Replica()
    async for _ in replayed(journal, replica, until_seq):
        pass
    state, digest = replica.kernel.dump(), replica.kernel.digest.digest
    kept = Snapshot(
        seq=replica.next_seq - 1,
        rules=RULES,
        chain=replica.chain,
        outcome_digest=digest,
        digest=sha256(state).digest(),
        state=state,
    )
    await journal.save_snapshot(kept)
    return kept
