"""What is measured is what it says: every transfer is posted, none is lost, the books of both stay at zero."""

import asyncpg

from benchmarks import ledger
from exchange.engine.audit import audit
from exchange.journal.postgres import PostgresJournal


async def test_the_desk_posts_what_it_is_timed_for(database_url: str) -> None:
    async with ledger.desk_at(database_url, throwaway=True, wallets=40) as desk:
        await desk.top_ups(300, 40)
        await desk.top_ups(300, 1)
        await desk.settlements(2)

    journal = PostgresJournal(database_url, throwaway=True)
    verdict, kernel = await audit(journal)
    await journal.close()
    assert verdict.ok
    held = {account.name: account.balance for account in kernel.ledger._accounts.values() if account.balance}
    assert held["bank:client"] == 10**12 + 600 * 10_000
    assert -held["commission:surplus"] == 2 * ledger.LINES * 24
    assert -held["tax:output"] > 0


async def test_the_peer_inserts_every_transfer_and_its_accounts_sum_to_zero(database_url: str) -> None:
    async with ledger.peer_at(database_url) as peer:
        await peer.batches(2_500, 100, ledger.SQL_BATCH_SHORT)
        await peer.batches(500, 1, ledger.SQL_BATCH)

    connection = await asyncpg.connect(database_url)
    count, total, hot = await connection.fetchrow(
        "select (select count(*) from peer_transfers), (select sum(balance) from peer_accounts),"
        " (select balance from peer_accounts where id = 1)"
    ) or (0, 1, 0)
    await connection.close()
    assert (count, total, hot) == (3_000, 0, -(2_500 + 50_000))
