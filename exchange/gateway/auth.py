"""Keys: who speaks, and with which scopes.

Guarantees: a key is 256 random bits, shown once and stored as SHA-256 only; a revoked key is unknown at
once in this process, and within RELOAD_S of a revocation by another. All live keys are in memory, so that
members are known while the database is down.
Does not check what a member may do: `policy` does. Known limits: keys don't expire by themselves.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import Final

import structlog
from msgspec import Struct

from exchange.core.rejects import Reject, RejectCode
from exchange.engine.randomness import Randomness
from exchange.gateway.stored.records import Records, RecordsUnavailable

PREFIX: Final = "qm_"
"""Tells people, and scanners for leaked secrets, what they found."""
KEY_BYTES: Final = 32
KEY_LENGTH_MAX: Final = 128
"""Characters; whatever is longer is no key and is not hashed."""
KEYS_PER_MEMBER_MAX: Final = 64
RELOAD_S: Final = 5.0

_LIVE: Final = """
select sha256, member_id, key_id, scopes, label, created_at_us from api_keys
where revoked_at_us is null order by created_at_us, key_id
"""
_CREATE: Final = """
insert into api_keys (sha256, member_id, key_id, scopes, label, created_at_us) values ($1, $2, $3, $4, $5, $6)
"""
_REVOKE: Final = "update api_keys set revoked_at_us = $2 where key_id = $1 and revoked_at_us is null"

log = structlog.get_logger(__name__)


class Scope(StrEnum):
    """What a key may be used for; its member's roles and standing limit it further."""

    READ = "read"  # feeds and reads
    TRADE = "trade"  # the commands of a member
    MANAGE = "manage"  # keys, and an operator's commands


class Identity(Struct, frozen=True):
    """A live key without its secret: who holds it, and what for."""

    member_id: str
    key_id: str
    scopes: frozenset[Scope]
    label: str = ""
    created_at_us: int = 0


def _nobody_hears(key_id: str) -> None:
    del key_id


class Keys:
    """All live keys, in memory and in the table `api_keys`; `reload` fills the memory.

    `on_revoked` hears the id of every key that stops being valid, whoever revoked it.
    """

    def __init__(self, records: Records, randomness: Randomness) -> None:
        self.on_revoked: Callable[[str], None] = _nobody_hears
        self._records = records
        self._randomness = randomness
        self._live: dict[bytes, Identity] = {}  # by SHA-256, oldest first
        self._changing = asyncio.Lock()  # so that a reload forgets no key made meanwhile

    def find(self, key: str) -> Identity | None:
        """Who holds the key; nobody if it is unknown or revoked. The text may be anything."""
        if len(key) > KEY_LENGTH_MAX:
            return None
        return self._live.get(_hashed(key))

    def of_member(self, member_id: str) -> list[Identity]:
        """The member's live keys, oldest first."""
        return [identity for identity in self._live.values() if identity.member_id == member_id]

    def named(self, key_id: str) -> Identity | None:
        """The live key with this id, if there is one."""
        return next((identity for identity in self._live.values() if identity.key_id == key_id), None)

    async def create(
        self, member_id: str, scopes: frozenset[Scope], label: str, now_us: int
    ) -> tuple[str, Identity] | Reject:
        """A new key, the only time that it can be read; TOO_MANY_KEYS beyond the bound."""
        assert member_id, "nobody acts as the exchange itself by a key"
        key = PREFIX + urlsafe_b64encode(self._randomness.salts(KEY_BYTES)).rstrip(b"=").decode()
        identity = Identity(member_id, self._randomness.public_id(), scopes, label, now_us)
        async with self._changing:
            if len(self.of_member(member_id)) >= KEYS_PER_MEMBER_MAX:
                return Reject(RejectCode.TOO_MANY_KEYS, KEYS_PER_MEMBER_MAX)
            digest = _hashed(key)
            await self._records.execute(
                _CREATE, digest, member_id, identity.key_id, sorted(scopes), label, now_us
            )
            self._live[digest] = identity
        return key, identity

    async def revoke(self, key_id: str, now_us: int) -> bool:
        """Whether the key was live; it is valid for nobody from now on."""
        async with self._changing:
            revoked = await self._records.execute(_REVOKE, key_id, now_us)
            self._remember({digest: each for digest, each in self._live.items() if each.key_id != key_id})
        return revoked > 0

    async def reload(self) -> None:
        """Take over what other processes created and revoked."""
        async with self._changing:
            rows = await self._records.fetch(_LIVE)
            self._remember(
                {
                    row["sha256"]: Identity(
                        row["member_id"],
                        row["key_id"],
                        frozenset(map(Scope, row["scopes"])),
                        row["label"],
                        row["created_at_us"],
                    )
                    for row in rows
                }
            )

    async def watch(self) -> None:
        """Reload until cancelled; while the database is down, the keys in memory stay valid."""
        while True:
            await asyncio.sleep(RELOAD_S)
            try:
                await self.reload()
            except RecordsUnavailable as error:
                log.warning("keys_not_reloaded", reason=str(error))

    def _remember(self, live: dict[bytes, Identity]) -> None:
        gone = [identity.key_id for digest, identity in self._live.items() if digest not in live]
        self._live = live
        for key_id in gone:
            self.on_revoked(key_id)


def _hashed(key: str) -> bytes:
    return sha256(key.encode(errors="surrogatepass")).digest()
