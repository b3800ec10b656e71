"""Who the members are: names and addresses, which the core never holds.

Guarantees: a profile is on disk before the command that carries its salted hash; a profile whose command
never took effect is swept. Erasing a row leaves only the hash in the journal, which tells nothing without
its salt.
Known limits: a profile is written once; a change of name is not known here.
"""

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

from exchange.core.limits import IDEMPOTENCY_KEPT_US
from exchange.engine.randomness import Randomness
from exchange.gateway.stored.records import Records

SALT_BYTES: Final = 16
ORPHAN_US: Final = 3_600 * 1_000_000
"""A profile without its member after an hour belongs to a command that never took effect."""

_SALT: Final = "select salt from member_profiles where idempotency = $1 and created_at_us > $2 limit 1"
_WRITE: Final = """
insert into member_profiles (profile_hash, salt, name, country, contact, idempotency, created_at_us)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (profile_hash) do nothing
"""
_NAME: Final = "update member_profiles set member_id = $2 where profile_hash = $1 and member_id is null"
_READ: Final = "select member_id, name, country, contact from member_profiles where member_id = any($1)"
_UNNAMED: Final = "select profile_hash from member_profiles where member_id is null"
_SWEEP: Final = "delete from member_profiles where member_id is null and created_at_us < $1"


class Profile(Struct, frozen=True, array_like=True):
    """What the operator knows of a legal entity; the fields stand in the order in which they are hashed."""

    name: str
    country: str  # ISO 3166 alpha-2
    contact: str


class Profiles:
    """The table `member_profiles`."""

    def __init__(self, records: Records, randomness: Randomness) -> None:
        self._records = records
        self._randomness = randomness
        self._writing = asyncio.Lock()  # equal requests at once must find one salt

    async def write(self, profile: Profile, idempotency: str, now_us: int) -> str:
        """The hash for the command. A repeated Idempotency-Key gives an equal profile an equal hash."""
        name, country, contact = profile.name, profile.country, profile.contact
        async with self._writing:
            known = await self._known_salt(idempotency, now_us)
            salt = known or self._randomness.salts(SALT_BYTES)
            profile_hash = sha256(salt + msgspec.json.encode(profile)).hexdigest()
            first_with_key = idempotency if known is None and idempotency else None
            await self._records.execute(
                _WRITE, profile_hash, salt, name, country, contact, first_with_key, now_us
            )
        return profile_hash

    async def take_effect(self, profile_hash: str, member_id: str) -> None:
        """The command made this member; asking twice changes nothing."""
        await self._records.execute(_NAME, profile_hash, member_id)

    async def of_members(self, member_ids: Sequence[str]) -> dict[str, Profile]:
        """The profiles that are there, by member id."""
        rows = await self._records.fetch(_READ, list(member_ids))
        return {row["member_id"]: Profile(row["name"], row["country"], row["contact"]) for row in rows}

    async def sweep(self, member_of: Mapping[str, str], now_us: int) -> int:
        """How many orphans went; `member_of` has the member of every profile hash that took effect."""
        for row in await self._records.fetch(_UNNAMED):
            if member_id := member_of.get(row["profile_hash"]):
                await self.take_effect(row["profile_hash"], member_id)
        return await self._records.execute(_SWEEP, now_us - ORPHAN_US)

    async def _known_salt(self, idempotency: str, now_us: int) -> bytes | None:
        """That of the first profile that came with the key, for as long as the core remembers the key."""
        if not idempotency:
            return None
        row = await self._records.fetch_row(_SALT, idempotency, now_us - IDEMPOTENCY_KEPT_US)
        return None if row is None else bytes(row["salt"])
