"""Descriptions of instruments, which the core knows by their hash only.

Guarantees: a description is on disk before the command that carries its hash; one that no instrument came to
carry is swept after an hour. Equal texts are one row. The hash has no salt: a description is public, and
whoever reads it may check that it is the one of the journal.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from exchange.gateway.stored.records import Records

ORPHAN_US: Final = 3_600 * 1_000_000
TEXT_LENGTH_MAX: Final = 2_000
"""Characters of a description: a paragraph; more belongs into a data sheet."""

# What is written again is young again, or the sweep could take it away under a command that is under way.
_WRITE: Final = """
insert into instrument_texts (text_hash, text, written_at_us)
select hash, text, $3 from unnest($1::text[], $2::text[]) as given (hash, text)
on conflict (text_hash) do update set written_at_us = excluded.written_at_us
"""
_READ: Final = "select text_hash, text from instrument_texts where text_hash = any($1)"
# The follower must have archived whatever could still carry the hash.
_SWEEP: Final = """
delete from instrument_texts texts
where written_at_us < $1 and written_at_us < (select at_us from follower_position where shard = 0) - $2
    and not exists (select from instruments made where made.text_hash = texts.text_hash)
"""


def hash_of(text: str) -> str:
    """What the command carries; empty for no text."""
    return sha256(text.encode()).hexdigest() if text else ""


async def write(records: Records, texts: Sequence[str], now_us: int) -> None:
    """Keep descriptions; empty ones and repeated ones cost nothing."""
    by_hash = {hash_of(text): text for text in texts if text}
    if by_hash:
        await records.execute(_WRITE, list(by_hash), list(by_hash.values()), now_us)


async def read(records: Records, hashes: Sequence[str]) -> dict[str, str]:
    """The descriptions that are there, by hash."""
    wanted = [each for each in hashes if each]
    if not wanted:
        return {}
    return {row["text_hash"]: row["text"] for row in await records.fetch(_READ, wanted)}


async def sweep(records: Records, now_us: int) -> int:
    """How many orphans went."""
    return await records.execute(_SWEEP, now_us - ORPHAN_US, ORPHAN_US)
