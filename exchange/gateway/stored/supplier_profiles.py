"""What suppliers say of themselves, and which of them meet how many of a buyer's requirements.

Guarantees: a profile is on disk before the command that carries its salted hash; only current profiles are found, and
what is none any more is swept after an hour. A requirement is met by an equal category, region or valid certificate,
case aside, or by a capability that has its words or looks like it.
Known limits: a search reads every current profile once; a certificate is named by its supplier, its SHA-256 lets
the buyer check the file.
"""

import asyncio
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

from exchange.core.limits import IDEMPOTENCY_KEPT_US, INSTANT_US_MAX
from exchange.engine.randomness import Randomness
from exchange.gateway.stored.records import Records

SALT_BYTES: Final = 16
ORPHAN_US: Final = 3_600 * 1_000_000

_SALT: Final = "select salt from supplier_profiles where idempotency = $1 and created_at_us > $2 limit 1"
_WRITE: Final = """
insert into supplier_profiles (
    profile_hash, salt, member_id, name, profile, categories, regions, certificates, certificates_until_us, piece,
    words, idempotency, created_at_us
) values ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9, $10, to_tsvector('english', $10::text), $11, $12)
on conflict (profile_hash) do nothing
"""
_READ: Final = "select profile::text as profile from supplier_profiles where profile_hash = $1"
_FIND: Final = """
select * from (
    select member_id, name, profile::text as profile,
        array(select each from unnest($2::text[]) each where each = any (categories)) as categories,
        array(select each from unnest($3::text[]) each where each = any (regions)) as regions,
        array(
            select each from unnest($4::text[]) each
            where words @@ websearch_to_tsquery('english', each) or each <% piece
        ) as capabilities,
        array(
            select each from unnest($5::text[]) each
            where exists (
                select from unnest(certificates, certificates_until_us) as held (key, until_us)
                where held.key = each and held.until_us > $6
            )
        ) as certificates
    from supplier_profiles where profile_hash = any ($1)
) found
where cardinality(categories || regions || capabilities || certificates) > 0
order by cardinality(categories || regions || capabilities || certificates) desc, name, member_id limit $7
"""
_SWEEP: Final = "delete from supplier_profiles where created_at_us < $1 and not profile_hash = any ($2)"


class Certificate(Struct, frozen=True):
    """A file that lies elsewhere; 0: without an end."""

    name: str
    sha256: str
    valid_until_us: int


class SupplierProfile(Struct, frozen=True):
    """As its supplier gave it."""

    name: str
    categories: list[str]
    regions: list[str]
    capabilities: list[str]
    certificates: list[Certificate]


class Requirements(Struct, frozen=True):
    """What a buyer asks for."""

    categories: Sequence[str]
    regions: Sequence[str]
    capabilities: Sequence[str]
    certificates: Sequence[str]


class Found(Struct, frozen=True):
    """A supplier, with the requirements that it meets, as the buyer wrote them."""

    member_id: str
    profile: SupplierProfile
    met: Requirements


class SupplierProfiles:
    """The table `supplier_profiles`."""

    def __init__(self, records: Records, randomness: Randomness) -> None:
        self._records = records
        self._randomness = randomness
        self._writing = asyncio.Lock()  # equal requests at once must find one salt

    async def write(self, member_id: str, profile: SupplierProfile, idempotency: str, now_us: int) -> str:
        """The hash for the command. A repeated Idempotency-Key gives an equal profile an equal hash."""
        encoded = msgspec.json.encode(profile)
        piece = " \n".join(profile.capabilities).lower()
        async with self._writing:
            known = await self._known_salt(idempotency, now_us)
            salt = known or self._randomness.salts(SALT_BYTES)
            profile_hash = sha256(salt + encoded).hexdigest()
            await self._records.execute(
                _WRITE,
                profile_hash,
                salt,
                member_id,
                profile.name,
                encoded.decode(),
                list(_keys(profile.categories)),
                list(_keys(profile.regions)),
                [each.name.lower() for each in profile.certificates],
                [each.valid_until_us or INSTANT_US_MAX for each in profile.certificates],
                piece,
                idempotency if known is None and idempotency else None,
                now_us,
            )
        return profile_hash

    async def read(self, profile_hash: str) -> SupplierProfile | None:
        """The profile behind a hash."""
        row = await self._records.fetch_row(_READ, profile_hash)
        return None if row is None else msgspec.json.decode(row["profile"], type=SupplierProfile)

    async def find(
        self, current: Collection[str], wanted: Requirements, now_us: int, limit: int
    ) -> list[Found]:
        """Of these profiles, by their hashes, those that meet any requirement; who meets most comes first."""
        keys = [_keys(each) for each in (wanted.categories, wanted.regions, wanted.capabilities)]
        held = _keys(wanted.certificates)
        rows = await self._records.fetch(
            _FIND, list(current), *(list(each) for each in keys), list(held), now_us, limit
        )
        return [
            Found(
                row["member_id"],
                msgspec.json.decode(row["profile"], type=SupplierProfile),
                Requirements(
                    [keys[0][each] for each in row["categories"]],
                    [keys[1][each] for each in row["regions"]],
                    [keys[2][each] for each in row["capabilities"]],
                    [held[each] for each in row["certificates"]],
                ),
            )
            for row in rows
        ]

    async def sweep(self, current: Collection[str], now_us: int) -> int:
        """How many went that are nobody's current profile."""
        return await self._records.execute(_SWEEP, now_us - ORPHAN_US, list(current))

    async def _known_salt(self, idempotency: str, now_us: int) -> bytes | None:
        if not idempotency:
            return None
        row = await self._records.fetch_row(_SALT, idempotency, now_us - IDEMPOTENCY_KEPT_US)
        return None if row is None else bytes(row["salt"])


def _keys(words: Sequence[str]) -> dict[str, str]:
    """Each once, by what is compared."""
    return {each.lower(): each for each in words}
