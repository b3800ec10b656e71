"""What members were told, the journal, its replay and the history tables: all of them say the same."""

import asyncio
from collections import Counter

import asyncpg

from exchange.core.kernel import Exchange
from exchange.core.messages import PlaceOrder
from exchange.engine.audit import audit
from exchange.engine.base import Released
from exchange.engine.replica import Replica, replayed
from exchange.journal.postgres import PostgresJournal
from tests.whole.load import Loads

POSITION = "select coalesce(max(seq), 0) from follower_position"
"""Of the follower, which may not have begun."""


async def agrees(dsn: str, loads: Loads) -> list[Released]:
    """Assert it, as soon as the follower has archived everything; returns all that was ever done."""
    journal = PostgresJournal(dsn)
    verdict, kernel = await audit(journal)
    assert verdict.ok, verdict
    assert not any(verdict.ledger_sums.values())

    everything = [each async for released in replayed(journal, Replica()) for each in released]
    placed = [each.sequenced for each in everything if type(each.sequenced.command) is PlaceOrder]
    refs = Counter((each.member_id, each.session, each.command.ref) for each in placed)
    acknowledged = loads.acknowledged
    assert not loads.unknown, "every command was resolved"
    assert max(refs.values()) == 1, "a ref took effect twice"
    assert len(placed) == loads.sent
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= {each.new_id for each in placed}

    connection = await asyncpg.connect(dsn)
    while await connection.fetchval(POSITION) < verdict.commands:
        await asyncio.sleep(0.01)
    assert await history_of(connection) == books_of(kernel)
    orders = await connection.fetch("select order_id from orders")
    assert {row["order_id"] for row in orders} == set(acknowledged)
    await connection.close()
    await journal.close()
    return everything


async def history_of(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[tuple[str, str], int]:
    """Balances by unit and account, summed from the follower's transfers."""
    rows = await connection.fetch("select unit, account, sum(amount) as balance from postings group by 1, 2")
    return {(row["unit"], row["account"]): int(row["balance"]) for row in rows if row["balance"]}


def books_of(kernel: Exchange) -> dict[tuple[str, str], int]:
    """The same from the ledger itself."""
    return {
        (account.unit, f"{account.kind}:{account.owner}"): account.balance
        for account in kernel.ledger.dump().accounts
        if account.balance
    }
