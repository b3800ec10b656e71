"""What happened, read from the history tables: closed orders, fills, prints, bids, postings, contract lines.

Guarantees: every statement names the member whose history it is, or reads what is public; no row shows a
number that counts what others do. The follower writes the tables a little after the commit.
"""

from typing import Final

from exchange.core.visibility import OWN_KINDS
from exchange.gateway.stored.records import Records, Row

_ORDER: Final = (
    "select * from orders left join order_terms using (order_id) where order_id = $1 and member_id = $2"
)
_CLOSED: Final = """
select * from orders left join order_terms using (order_id)
where member_id = $1 and status <> 'open' and ($2 = '' or instrument_id = $2)
    and ($3::bigint is null or (placed_at_us, order_id) < ($3, $4))
order by placed_at_us desc, order_id desc limit $5
"""
_PRINTS: Final = """
select trade_number, price, quantity, taker_side, at_us, in_call, status from trades
where instrument_id = $1 and trade_number < $2 order by trade_number desc limit $3
"""
_FILLS: Final = """
select * from (
    (select *, true as maker from trades
    where maker_member_id = $1 and ($2 = '' or instrument_id = $2)
        and ($3::bigint is null or (at_us, instrument_id, trade_number) < ($3, $4, $5))
    order by at_us desc, instrument_id desc, trade_number desc limit $6)
    union all
    (select *, false as maker from trades
    where taker_member_id = $1 and maker_member_id <> $1 and ($2 = '' or instrument_id = $2)
        and ($3::bigint is null or (at_us, instrument_id, trade_number) < ($3, $4, $5))
    order by at_us desc, instrument_id desc, trade_number desc limit $6)
) as both_sides
order by at_us desc, instrument_id desc, trade_number desc limit $6
"""
_BIDS: Final = """
select b.bid_number, b.alias, b.price, b.at_us, row_number() over (partition by b.alias order by b.bid_number) as number,
    r.reason as revoked, s.reason as surrogate
from bids b left join bid_notes r on r.lot_id = b.lot_id and r.bid_number = b.bid_number and r.kind = 'revoked'
left join bid_notes s on s.lot_id = b.lot_id and s.bid_number = b.bid_number and s.kind = 'surrogate'
where b.lot_id = $1 and ($2 = '' or b.member_id = $2) order by b.bid_number offset $3 limit $4
"""
_OWN_BID: Final = """
select seq, at_us from bids where lot_id = $1 and member_id = $2 order by bid_number offset $3 limit 1
"""
_OWN_ENVELOPE: Final = """
select seq, at_us from envelopes where lot_id = $1 and member_id = $2 order by number offset $3 limit 1
"""
_POSTINGS: Final = """
with page as (
    select p.* from unnest($1::text[]) as own (name) cross join lateral (
        (select number, debit as account, credit as counter, unit, amount, reason, subject, at_us from transfers
        where debit = own.name and at_us >= $3 and ($4 = '' or unit = $4)
        order by at_us, number limit $5::bigint + $6::bigint)
        union all
        (select number, credit, debit, unit, -amount, reason, subject, at_us from transfers
        where credit = own.name and at_us >= $3 and ($4 = '' or unit = $4)
        order by at_us, number limit $5::bigint + $6::bigint)
    ) as p order by number, account offset $5 limit $6
)
select p.account, p.unit, p.amount, p.reason, p.at_us,
    case when p.counter = any($1) then p.counter else '' end as counter_account,
    case when p.reason = 'top_up' then p.subject else coalesce(o.order_id, '') end as subject
from page as p left join orders o on o.order_id = p.subject and o.member_id = $2
order by p.number, p.account
"""
_LINES: Final = "select * from contract_lines where contract_id = $1 and member_id = $2 order by line"
_STEPS: Final = """
select * from deal_steps where contract_id = $1 and member_id = $2 order by seq, line
"""
_RESOLVED: Final = """
select buyer_contract_id as contract_id, buyer_line as line, 'buy' as side, instrument_id, state, reason, quantity,
    answer, refund_minor, seq, at_us
from resolved_claims where buyer_id = $1
union all
select seller_contract_id, seller_line, 'sell', instrument_id, state, reason, quantity, answer, 0, seq, at_us
from resolved_claims where seller_id = $1
order by seq desc limit 500
"""


async def order(records: Records, member_id: str, order_id: str) -> Row | None:
    """The member's order, open or closed."""
    return await records.fetch_row(_ORDER, order_id, member_id)


async def closed_orders(
    records: Records, member_id: str, instrument_id: str, after: tuple[int, str] | None, limit: int
) -> list[Row]:
    """The member's closed orders, the one placed last first; `after` is an instant and an order id."""
    return await records.fetch(_CLOSED, member_id, instrument_id, *(after or (None, "")), limit)


async def prints(records: Records, instrument_id: str, before: int, limit: int) -> list[Row]:
    """Public trades with numbers below `before`, the latest first."""
    return await records.fetch(_PRINTS, instrument_id, before, limit)


async def fills(
    records: Records, member_id: str, instrument_id: str, after: tuple[int, str, int] | None, limit: int
) -> list[Row]:
    """The member's side of its trades, the latest first; `after` is an instant, an instrument, a trade number."""
    return await records.fetch(_FILLS, member_id, instrument_id, *(after or (None, "", 0)), limit)


async def bids(records: Records, lot_id: str, member_id: str, skipped: int, limit: int) -> list[Row]:
    """Bids of a lot in their order, of one member or (empty) of all."""
    return await records.fetch(_BIDS, lot_id, member_id, skipped, limit)


async def own_bid(records: Records, lot_id: str, member_id: str, number: int) -> Row | None:
    """A member's bid of this number, counted from 1: by which command it was made, and when."""
    return await records.fetch_row(_OWN_BID, lot_id, member_id, number - 1)


async def own_envelope(records: Records, lot_id: str, member_id: str, number: int) -> Row | None:
    """A member's envelope of this number, counted from 1, replaced ones too: by which command it came, and when."""
    return await records.fetch_row(_OWN_ENVELOPE, lot_id, member_id, number - 1)


async def postings(
    records: Records, member_id: str, unit: str, since_us: int, skipped: int, limit: int
) -> list[Row]:
    """Postings on the member's own accounts in their order; what is another's in them is left empty."""
    accounts = [f"{kind}:{member_id}" for kind in sorted(OWN_KINDS)]
    return await records.fetch(_POSTINGS, accounts, member_id, since_us, unit, skipped, limit)


async def contract_lines(records: Records, member_id: str, contract_id: str) -> list[Row]:
    """All lines of the member's contract."""
    return await records.fetch(_LINES, contract_id, member_id)


async def deal_steps(records: Records, member_id: str, contract_id: str) -> list[Row]:
    """What the member could see of the steps of its contract's deals, in their order."""
    return await records.fetch(_STEPS, contract_id, member_id)


async def resolved_claims(records: Records, member_id: str) -> list[Row]:
    """The latest resolved claims by and against the member, each by its own line."""
    return await records.fetch(_RESOLVED, member_id)
