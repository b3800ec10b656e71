"""The journal that is replayed is whole; how fast that was says nothing here."""

from benchmarks import recovery
from benchmarks.journaling import BATCH
from benchmarks.progress import bar
from exchange.engine.audit import audit
from exchange.journal.postgres import PostgresJournal


async def test_the_journal_is_one_that_an_audit_passes(database_url: str) -> None:
    # Whether commits survive a power cut is not asked here.
    with bar("commands") as progress:
        journal = PostgresJournal(database_url, throwaway=True)
        tail, _ = await recovery.write(journal, 2_000, progress)

    verdict, _ = await audit(journal)
    await journal.close()

    assert verdict.ok
    assert verdict.commands == tail.next_seq - 1 >= 2_000


async def test_a_replay_from_a_snapshot_ends_where_the_whole_replay_does(database_url: str) -> None:
    journal = PostgresJournal(database_url, throwaway=True)
    with bar("commands") as progress:
        tail, _ = await recovery.write(journal, 2_000, progress)
        await recovery.replay(journal, tail, progress)

        kept = await recovery.snapshot(journal, 1_000)
        await recovery.replay(journal, tail)
        latest = await journal.latest_snapshot()
    await journal.close()

    assert latest == kept
    assert 999 <= kept.seq < 1_000 + BATCH
