"""Every SQL statement of the journal; the tables are those of migrations/0001_journal.sql."""

from typing import Final

UNFIT_SETTINGS: Final = """
    select name from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'
    order by name
"""

# $1 the writers' application name, $2 milliseconds to wait for each to be gone.
CUT_OFF_WRITERS: Final = """
    select count(pg_terminate_backend(pid, $2)) from pg_stat_activity
    where application_name = $1 and datname = current_database() and pid <> pg_backend_pid()
"""

ADD_SHARD: Final = """
    with added as (insert into journal_shard (shard, epoch) values ($1, 0) on conflict do nothing returning shard)
    insert into journal_alive (shard, alive_us) select shard, 0 from added
"""

EPOCH: Final = "select epoch from journal_shard where shard = $1"

# Waits for an append that holds the row. $2 is the epoch that must still be current; 0 takes any.
NEXT_EPOCH: Final = """
    update journal_shard set epoch = epoch + 1 where shard = $1 and ($2 = 0::bigint or epoch = $2) returning epoch
"""

TAIL: Final = r"""
    select
        shard.epoch,
        coalesce(last.first_seq + last.count, 1),
        coalesce(last.chain, decode(repeat('00', 32), 'hex')),
        coalesce(last.last_at_us, 0),
        alive.alive_us
    from journal_shard as shard
    join journal_alive as alive using (shard)
    left join lateral (
        select * from journal_batch as batch where batch.shard = shard.shard order by first_seq desc limit 1
    ) as last on true
    where shard.shard = $1
"""

# One statement, so that fence and row land together or not at all. The lock makes the next epoch wait for
# this append, and makes this append look again if the next epoch came first: it then finds no row.
APPEND: Final = """
    insert into journal_batch (
        shard, epoch, first_seq, count, first_at_us, last_at_us, rules,
        merkle_root, outcome_digest, previous, chain, body
    )
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
    from journal_shard as shard
    left join lateral (
        select first_seq + count as next_seq, chain
        from journal_batch as batch where batch.shard = shard.shard order by first_seq desc limit 1
    ) as last on true
    where shard.shard = $1 and shard.epoch = $2
        and coalesce(last.next_seq, 1) = $3
        and coalesce(last.chain, decode(repeat('00', 32), 'hex')) = $10
    for no key update of shard
    returning first_seq
"""

# From the batch that contains sequence $2, at most $3 rows, and no more bytes than $4 unless one row has them.
READ: Final = """
    select
        shard, epoch, first_seq, count, first_at_us, last_at_us, rules,
        merkle_root, outcome_digest, previous, chain, body
    from (
        select *, sum(octet_length(body)) over (order by first_seq) - octet_length(body) as bytes_before
        from journal_batch
        where shard = $1 and first_seq >= coalesce(
            (select max(first_seq) from journal_batch where shard = $1 and first_seq <= $2), 1)
        order by first_seq
        limit $3
    ) as ahead
    where bytes_before < $4 and first_seq + count > $2
    order by first_seq
"""

MARK_ALIVE: Final = """
    update journal_alive as alive set alive_us = greatest(alive.alive_us, $3)
    from journal_shard as shard
    where alive.shard = $1 and shard.shard = $1 and shard.epoch = $2
    returning alive.alive_us
"""

REMOVE_SNAPSHOT: Final = "delete from journal_snapshot where shard = $1 and seq = $2"

ADD_SNAPSHOT: Final = """
    insert into journal_snapshot (shard, seq, rules, chain, outcome_digest, digest)
    values ($1, $2, $3, $4, $5, $6)
"""

ADD_CHUNK: Final = "insert into journal_snapshot_chunk (shard, seq, number, chunk) values ($1, $2, $3, $4)"

KEEP_NEWEST_SNAPSHOTS: Final = """
    delete from journal_snapshot where shard = $1 and seq not in (
        select seq from journal_snapshot where shard = $1 order by seq desc limit $2)
"""

SNAPSHOTS: Final = """
    select seq, rules, chain, outcome_digest, digest from journal_snapshot
    where shard = $1 and seq <= $2 order by seq desc
"""

CHUNKS: Final = """
    select chunk from journal_snapshot_chunk where shard = $1 and seq = $2 order by number
"""

QUARANTINE: Final = """
    insert into journal_quarantine (shard, command_hash, reason) values ($1, $2, $3) on conflict do nothing
"""

QUARANTINED: Final = "select command_hash from journal_quarantine where shard = $1"
