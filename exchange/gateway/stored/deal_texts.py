"""Words of members about their deals: tracking codes, claims and answers, which the core never holds.

Guarantees: a text is on disk before the command that carries its salted hash; one that no command took is swept,
an hour after the follower has passed it. Erasing a row leaves only the hash, which tells nothing without its salt.
Does not decide who may read a text: whoever asks names hashes that it may see.
"""

import asyncio
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from exchange.core.limits import IDEMPOTENCY_KEPT_US
from exchange.engine.randomness import Randomness
from exchange.gateway.stored.records import Records

SALT_BYTES: Final = 16
ORPHAN_US: Final = 3_600 * 1_000_000
"""A text that no command took within an hour of the records belongs to one that never took effect."""

_SALT: Final = "select salt from deal_texts where idempotency = $1 and created_at_us > $2 limit 1"
_WRITE: Final = """
insert into deal_texts (text_hash, salt, member_id, words, idempotency, created_at_us)
values ($1, $2, $3, $4, $5, $6) on conflict (text_hash) do nothing
"""
_READ: Final = "select text_hash, words from deal_texts where text_hash = any($1)"
_SWEEP: Final = """
delete from deal_texts
where created_at_us < (select coalesce(max(at_us), 0) - $1 from follower_position)
    and not exists (select from deal_text_uses as used where used.text_hash = deal_texts.text_hash)
"""


class DealTexts:
    """The table `deal_texts`."""

    def __init__(self, records: Records, randomness: Randomness) -> None:
        self._records = records
        self._randomness = randomness
        self._writing = asyncio.Lock()  # equal requests at once must find one salt

    async def write(self, member_id: str, words: str, idempotency: str, now_us: int) -> str:
        """The hash for the command, empty for no words. A repeated Idempotency-Key gives equal words an equal hash."""
        if not words:
            return ""
        async with self._writing:
            known = await self._known_salt(idempotency, now_us)
            salt = known or self._randomness.salts(SALT_BYTES)
            text_hash = sha256(salt + words.encode()).hexdigest()
            first_with_key = idempotency if known is None and idempotency else None
            await self._records.execute(_WRITE, text_hash, salt, member_id, words, first_with_key, now_us)
        return text_hash

    async def read(self, hashes: Iterable[str]) -> dict[str, str]:
        """The words that are there, by hash."""
        wanted = [each for each in hashes if each]
        rows = await self._records.fetch(_READ, wanted) if wanted else []
        return {row["text_hash"]: row["words"] for row in rows}

    async def sweep(self) -> int:
        """How many orphans went."""
        return await self._records.execute(_SWEEP, ORPHAN_US)

    async def _known_salt(self, idempotency: str, now_us: int) -> bytes | None:
        if not idempotency:
            return None
        row = await self._records.fetch_row(_SALT, idempotency, now_us - IDEMPOTENCY_KEPT_US)
        return None if row is None else bytes(row["salt"])
