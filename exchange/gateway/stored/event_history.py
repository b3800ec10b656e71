"""The past of sourcing events, read from the history tables: what happened when, and every bid by alias.

Guarantees: no row names a supplier. The follower writes the tables a little after the commit; of events that ran
before there was a table of steps it has none.
"""

from collections.abc import AsyncIterator
from typing import Final

from exchange.gateway.stored.records import Records, Row

PORTION: Final = 500
_STEPS: Final = "select * from event_steps where subject = any($1) order by seq, place"
_BIDS: Final = """
select b.lot_id, b.bid_number, b.alias, b.price, b.at_us, r.reason as revoked, s.reason as surrogate
from bids b left join bid_notes r on r.lot_id = b.lot_id and r.bid_number = b.bid_number and r.kind = 'revoked'
left join bid_notes s on s.lot_id = b.lot_id and s.bid_number = b.bid_number and s.kind = 'surrogate'
where b.lot_id = $1 and b.bid_number > $2 order by b.bid_number limit $3
"""
_LATEST: Final = """
select b.lot_id, b.bid_number, b.alias, b.price, b.at_us, r.reason as revoked, s.reason as surrogate
from unnest($1::text[]) as lot (id) cross join lateral (
    select * from bids where lot_id = lot.id order by bid_number desc limit $2
) as b left join bid_notes r on r.lot_id = b.lot_id and r.bid_number = b.bid_number and r.kind = 'revoked'
left join bid_notes s on s.lot_id = b.lot_id and s.bid_number = b.bid_number and s.kind = 'surrogate'
order by b.lot_id, b.bid_number desc
"""
_COUNT: Final = "select count(*) as bids from (select 1 from bids where lot_id = any($1) limit $2) as b"


async def steps(records: Records, subjects: list[str]) -> list[Row]:
    """All steps of an event and its lots, in their order."""
    return await records.fetch(_STEPS, subjects)


async def latest_bids(records: Records, lot_ids: list[str], limit: int) -> list[Row]:
    """The last bids of each lot, by all bidders, the latest first."""
    return await records.fetch(_LATEST, lot_ids, limit)


async def count_bids(records: Records, lot_ids: list[str], limit: int) -> int:
    """How many bids these lots have, at most so many."""
    row = await records.fetch_row(_COUNT, lot_ids, limit)
    return int(row["bids"]) if row else 0


async def bids(
    records: Records, lot_ids: list[str], lot_number: int, bid_number: int, limit: int
) -> list[Row]:
    """So many bids, lot by lot, from behind a bid of the lot of this number on (from 0)."""
    found: list[Row] = []
    for lot_id in lot_ids[lot_number:]:
        found += await records.fetch(_BIDS, lot_id, bid_number, limit - len(found))
        bid_number = 0
        if len(found) == limit:
            break
    return found


async def all_bids(records: Records, lot_ids: list[str]) -> AsyncIterator[list[Row]]:
    """Every bid, portion by portion."""
    for lot_id in lot_ids:
        rows = await records.fetch(_BIDS, lot_id, 0, PORTION)
        while rows:
            yield rows
            rows = await records.fetch(_BIDS, lot_id, rows[-1]["bid_number"], PORTION)
