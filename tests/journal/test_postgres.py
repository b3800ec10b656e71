"""What only a real server can do to the journal, and what only the tables can promise."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest

from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import migrate_to_latest
from exchange.journal.base import Batch, JournalUnavailable, Snapshot, Tail, UnfitStore
from exchange.journal.format import check, seal
from exchange.journal.postgres import BYTES_A_READ, CHUNK_BYTES, ROWS_A_READ, PostgresJournal
from tests.journal.backends import PATIENCE_S, PostgresBackend
from tests.journal.builders import a_batch, a_snapshot, crcs_of, salts_of

KILLS = 3


async def everything(journal: PostgresJournal) -> list[Batch]:
    return [batch async for batch in journal.read(1)]


async def opened_again(journal: PostgresJournal) -> Tail:
    """Open until it works: the server is on its way up."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await journal.open_epoch()
            except JournalUnavailable:
                await asyncio.sleep(0.01)


# -- A server that dies, freezes or is not there


async def append_until_it_dies(journal: PostgresJournal, tail: Tail, server: EmbeddedPostgres) -> list[Batch]:
    """Batches acknowledged by a server that is killed while one more is under way."""
    acknowledged: list[Batch] = []
    while True:
        batch = a_batch(tail, 1 + len(acknowledged) % 7)
        append = asyncio.create_task(journal.append(batch))
        if len(acknowledged) == 20 and server.pid:
            await asyncio.sleep(0)  # the append is on its way
            os.kill(server.pid, signal.SIGKILL)
        try:
            await append
        except JournalUnavailable:
            return acknowledged
        acknowledged.append(batch)
        tail = tail.after(batch)


async def test_everything_acknowledged_survives_a_killed_server(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "database") as server:
        await migrate_to_latest(server.url)
        journal = PostgresJournal(server.url)
        tail = await journal.open_epoch()
        known: list[Batch] = []
        for _ in range(KILLS):
            known += await append_until_it_dies(journal, tail, server)
            tail = await opened_again(journal)
            found = await everything(journal)

            assert found[: len(known)] == known
            assert len(found) - len(known) in {0, 1}  # the one in doubt
            assert (tail.next_seq, tail.chain) == (found[-1].next_seq, found[-1].chain)
            known = found
        await journal.close()

    before = Tail(epoch=0)
    for batch in known:
        check(batch, before.chain, before.next_seq, epoch_min=before.epoch, at_us_min=before.last_at_us)
        before = before.after(batch)


async def test_a_killed_back_end_leaves_the_append_in_doubt(postgres: PostgresBackend) -> None:
    journal = postgres.journal()
    batch = a_batch(await journal.open_epoch(), shard=postgres.shard)

    async with postgres.stalled() as until_stalled:
        append = asyncio.create_task(journal.append(batch))
        await until_stalled()
        (pid,) = await postgres.writers()
        await postgres.admin.execute("select pg_terminate_backend($1)", pid)
        with pytest.raises(JournalUnavailable):
            await append

    assert (await journal.open_epoch()).next_seq == 1


async def test_a_lost_connection_is_told_by_the_next_append(postgres: PostgresBackend) -> None:
    journal = postgres.journal()
    batch = a_batch(await journal.open_epoch(), shard=postgres.shard)
    (pid,) = await postgres.writers()
    await postgres.admin.execute("select pg_terminate_backend($1, 30000)", pid)

    with pytest.raises(JournalUnavailable):
        await journal.append(batch)
    await journal.open_epoch()

    assert await everything(journal) == []


async def test_a_reader_connects_again_when_its_connection_was_lost(postgres: PostgresBackend) -> None:
    journal = postgres.journal()
    batch = a_batch(await journal.open_epoch(), shard=postgres.shard)
    await journal.append(batch)
    assert await everything(journal) == [batch]
    await postgres.admin.execute(
        "select pg_terminate_backend(pid, 30000) from pg_stat_activity where application_name = $1",
        f"exchange journal reader {postgres.shard}",
    )

    try:
        found = await everything(journal)
    except JournalUnavailable:  # it had not noticed yet
        found = await everything(journal)

    assert found == [batch]


async def test_a_frozen_append_never_lands_once_another_writer_took_over(postgres: PostgresBackend) -> None:
    deposed, successor = postgres.impatient_journal(), postgres.journal()
    late = a_batch(await deposed.open_epoch(), word="late", shard=postgres.shard)
    async with postgres.frozen() as pid:
        with pytest.raises(JournalUnavailable):
            await deposed.append(late)

        tail = await successor.open_epoch()
        batch = a_batch(tail, shard=postgres.shard)
        await successor.append(batch)
    async with asyncio.timeout(PATIENCE_S):
        while pid in await postgres.writers():
            pass

    assert (tail.epoch, tail.next_seq) == (2, 1)
    assert await everything(successor) == [batch]


async def test_a_writer_frozen_in_mid_commit_is_waited_for_not_guessed(postgres: PostgresBackend) -> None:
    deposed = postgres.journal()
    tail = await deposed.open_epoch()
    async with postgres.stalled() as until_stalled:
        hanging = asyncio.create_task(deposed.append(a_batch(tail, shard=postgres.shard)))
        await until_stalled()
        async with postgres.frozen():
            # Long enough to give up cutting it off and to wait for the row it holds.
            with pytest.raises(JournalUnavailable):
                await postgres.journal(open_timeout_s=3).open_epoch()
        with pytest.raises(JournalUnavailable):
            await hanging

    successor = postgres.journal()
    tail = await opened_again(successor)

    found = await everything(successor)
    assert tail.next_seq == 1 + sum(batch.count for batch in found)


async def test_an_idle_writer_holds_no_lock(postgres: PostgresBackend) -> None:
    """A migration or a vacuum need not wait for the next command."""
    await postgres.journal().open_epoch()
    (pid,) = await postgres.writers()

    assert await postgres.admin.fetchval("select count(*) from pg_locks where pid = $1", pid) == 0


async def test_an_opening_lost_after_it_took_the_epoch_can_be_tried_again(postgres: PostgresBackend) -> None:
    journal = postgres.journal(open_timeout_s=1)
    await journal.open_epoch()
    async with postgres.admin.transaction():
        await postgres.admin.execute(
            "lock table journal_batch in access exclusive mode"
        )  # the tail can't be read
        with pytest.raises(JournalUnavailable):
            await journal.open_epoch()

    assert (await opened_again(journal)).epoch == 3


async def test_an_opening_whose_answer_got_lost_can_be_tried_again(postgres: PostgresBackend) -> None:
    journal = postgres.journal(open_timeout_s=1)
    await journal.open_epoch()
    query = "select epoch from journal_shard where shard = $1"
    async with postgres.admin.transaction():
        await postgres.admin.execute(f"{query} for update", postgres.shard)
        with pytest.raises(JournalUnavailable):
            await journal.open_epoch()
    async with asyncio.timeout(PATIENCE_S):
        while await postgres.admin.fetchval(query, postgres.shard) != 2:  # it goes on without its client
            pass

    assert (await opened_again(journal)).epoch == 3


async def test_a_frozen_server_is_unavailable_after_the_time_allowed(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "database") as server:
        await migrate_to_latest(server.url)
        journal = PostgresJournal(server.url, connect_timeout_s=0.2)
        assert server.pid
        os.kill(server.pid, signal.SIGSTOP)
        try:
            with pytest.raises(JournalUnavailable):
                await journal.open_epoch()
            with pytest.raises(JournalUnavailable):
                await everything(journal)
        finally:
            os.kill(server.pid, signal.SIGCONT)

        patient = PostgresJournal(server.url)
        assert (await patient.open_epoch()).next_seq == 1
        await patient.close()


async def test_no_server_at_all_is_unavailable(tmp_path: Path) -> None:
    journal = PostgresJournal(f"postgresql://exchange@/postgres?host={tmp_path}")

    with pytest.raises(JournalUnavailable, match="can't be opened"):
        await journal.open_epoch()
    with pytest.raises(JournalUnavailable, match="can't be read"):
        await everything(journal)


# -- A server that is not fit


async def test_a_server_that_does_not_flush_is_refused_with_a_remedy(database_url: str) -> None:
    with pytest.raises(UnfitStore, match=r"fsync is off.*alter system set fsync = on"):
        await PostgresJournal(database_url).open_epoch()


async def test_a_session_that_does_not_wait_for_the_flush_is_refused(
    journal_server: EmbeddedPostgres,
) -> None:
    with pytest.raises(UnfitStore, match="synchronous_commit is off"):
        await PostgresJournal(f"{journal_server.url}&synchronous_commit=off").open_epoch()


async def test_a_throwaway_server_is_taken_when_asked_for(database_url: str) -> None:
    journal = PostgresJournal(database_url, throwaway=True)

    assert await journal.open_epoch() == Tail(epoch=1)
    await journal.close()


async def test_a_database_without_the_tables_is_refused_with_a_remedy(empty_database_url: str) -> None:
    with pytest.raises(UnfitStore, match="exchange migrate"):
        await PostgresJournal(empty_database_url).open_epoch()


# -- Much to read and much to keep


async def test_more_rows_than_one_round_trip_takes_come_back_in_order(postgres: PostgresBackend) -> None:
    journal = postgres.journal()
    tail, expected = await journal.open_epoch(), []
    for _ in range(ROWS_A_READ + 2):
        expected.append(a_batch(tail, 1, shard=postgres.shard))
        await journal.append(expected[-1])
        tail = tail.after(expected[-1])

    assert await everything(journal) == expected


async def test_batches_larger_than_a_round_trip_come_back_one_by_one(postgres: PostgresBackend) -> None:
    journal = postgres.journal()
    tail, expected = await journal.open_epoch(), []
    for number in range(3):
        entries = [b"\xc6" + BYTES_A_READ.to_bytes(4) + bytes([number]) * BYTES_A_READ]
        batch = seal(
            tail, entries, salts_of(1), crcs_of(entries),
            first_at_us=number, last_at_us=number, rules=1, outcome_digest=bytes(32), shard=postgres.shard,
        )  # fmt: skip
        await journal.append(batch)
        expected.append(batch)
        tail = tail.after(batch)

    assert await everything(journal) == expected


async def test_a_state_of_several_chunks_comes_back_whole(postgres: PostgresBackend) -> None:
    journal = postgres.journal()
    state = b"".join(sha256(number.to_bytes(4)).digest() for number in range(CHUNK_BYTES // 32)) + b"the rest"
    await journal.save_snapshot(a_snapshot(7, state))

    assert await journal.latest_snapshot() == a_snapshot(7, state)
    chunks = await postgres.admin.fetch(
        "select octet_length(chunk) from journal_snapshot_chunk where shard = $1 order by number",
        postgres.shard,
    )
    assert [length for (length,) in chunks] == [CHUNK_BYTES, len(b"the rest")]


@pytest.fixture
async def broken_chunks(postgres: PostgresBackend) -> AsyncIterator[None]:
    """The second chunk of a snapshot can't be written."""
    rule = f"no_second_chunk_{postgres.shard}"
    await postgres.admin.execute(
        f"alter table journal_snapshot_chunk add constraint {rule} "
        f"check (number < 1 or shard <> {postgres.shard}) not valid"
    )
    yield
    await postgres.admin.execute(f"alter table journal_snapshot_chunk drop constraint {rule}")


@pytest.mark.usefixtures("broken_chunks")
async def test_a_snapshot_that_fails_midway_leaves_the_one_before(postgres: PostgresBackend) -> None:
    journal = postgres.journal()
    before = a_snapshot(7)
    await journal.save_snapshot(before)

    with pytest.raises(JournalUnavailable):
        await journal.save_snapshot(a_snapshot(7, bytes(CHUNK_BYTES + 1)))

    found: Snapshot | None = await journal.latest_snapshot()
    assert found == before


# -- The tables themselves


@pytest.mark.parametrize(
    "statement",
    [
        "update journal_batch set body = ''",
        "delete from journal_batch where first_seq = 1",
        "truncate journal_batch",
    ],
)
async def test_the_journal_only_grows(postgres: PostgresBackend, statement: str) -> None:
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="only grows"):
        await postgres.admin.execute(statement)


async def test_shards_do_not_see_each_other(postgres: PostgresBackend) -> None:
    neighbour = PostgresJournal(postgres.dsn, postgres.shard + 1_000_000)
    await neighbour.open_epoch()
    journal = postgres.journal()
    batch = a_batch(await journal.open_epoch(), shard=postgres.shard)
    await journal.append(batch)
    await journal.save_snapshot(a_snapshot(3))
    await journal.quarantine(bytes(32), "an assertion")

    assert await everything(neighbour) == []
    assert await neighbour.latest_snapshot() is None
    assert await neighbour.quarantined() == frozenset()
    assert (await neighbour.open_epoch()).epoch == 2
    await neighbour.close()


async def test_bodies_are_kept_as_they_are(postgres: PostgresBackend) -> None:
    """Salts don't compress; trying would cost the writer time."""
    storage = await postgres.admin.fetchval(
        "select attstorage from pg_attribute where attrelid = 'journal_batch'::regclass and attname = 'body'"
    )

    assert storage == b"e"
