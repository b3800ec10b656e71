"""What members write of deals: texts in SQL, which core, journal and logs know by a salted hash alone.

Guarantees: a row is on disk before the command that carries its hash; the same text of a member on the same contract
has one hash, so that a repeated request is the same request.
A text that no rating has (its command never took effect, or it was replaced) is swept, a day after it was last written:
for as long the core remembers the request that brought it.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from exchange.core.limits import IDEMPOTENCY_KEPT_US
from exchange.engine.randomness import Randomness
from exchange.gateway.stored.records import Records

SALT_BYTES: Final = 16

_KNOWN: Final = """
update feedback_texts set created_at_us = $4 where contract_id = $1 and member_id = $2 and text = $3
returning text_hash
"""
_WRITE: Final = """
insert into feedback_texts (text_hash, member_id, contract_id, text, salt, created_at_us)
values ($1, $2, $3, $4, $5, $6)
"""
_SWEEP: Final = "delete from feedback_texts where created_at_us < $1 and text_hash <> all($2::text[])"
_READ: Final = "select text_hash, text from feedback_texts where text_hash = any($1::text[])"


class FeedbackTexts:
    """The table `feedback_texts`."""

    def __init__(self, records: Records, randomness: Randomness) -> None:
        self._records = records
        self._randomness = randomness

    async def write(self, member_id: str, contract_id: str, text: str, now_us: int) -> str:
        """The hash for the command; empty for a text without words."""
        if not text.strip():
            return ""
        known = await self._records.fetch_row(_KNOWN, contract_id, member_id, text, now_us)
        if known is not None:
            return str(known["text_hash"])
        salt = self._randomness.salts(SALT_BYTES)
        text_hash = sha256(salt + text.encode()).hexdigest()
        await self._records.execute(_WRITE, text_hash, member_id, contract_id, text, salt, now_us)
        return text_hash

    async def read(self, hashes: Sequence[str]) -> dict[str, str]:
        """The texts behind these hashes."""
        return {row["text_hash"]: row["text"] for row in await self._records.fetch(_READ, hashes)}

    async def sweep(self, used: Sequence[str], now_us: int) -> int:
        """How many orphans went; `used` are the hashes of all last words."""
        return await self._records.execute(_SWEEP, now_us - IDEMPOTENCY_KEPT_US, used)
