"""Where members are paid: bank details in SQL, which core, journal and logs know by a salted hash alone.

Guarantees: a row is on disk before the command that carries its hash; equal details of one member have one
hash. An IBAN is taken only with a right check number (ISO 13616, modulus 97).
Known limits: rows whose command never took effect are kept; nobody asks the bank whose account it is.
"""

from hashlib import sha256
from re import ASCII
from re import compile as pattern
from typing import Final

import msgspec
from msgspec import Struct

from exchange.engine.randomness import Randomness
from exchange.gateway.problems import field_refused
from exchange.gateway.stored.records import Records
from exchange.outbound.iban import is_iban

SALT_BYTES: Final = 16
_BIC: Final = pattern(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?", ASCII)

_KNOWN: Final = """
select details_hash from bank_details where member_id = $1 and name = $2 and iban = $3 and bic = $4
"""
_WRITE: Final = """
insert into bank_details (details_hash, member_id, name, iban, bic, salt, created_at_us)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
"""
_READ: Final = "select name, iban, bic from bank_details where details_hash = $1"


class BankDetails(Struct, frozen=True, array_like=True):
    """An account at a bank; the fields stand in the order in which they are hashed. `bic` may be empty."""

    name: str
    iban: str
    bic: str


def checked_details(name: str, iban: str, bic: str) -> BankDetails:
    """The details without spaces and in capitals; refused with the field that is wrong."""
    iban, bic = iban.replace(" ", "").upper(), bic.replace(" ", "").upper()
    if not name.strip():
        raise field_refused("name", "Name the holder of the account.")
    if not is_iban(iban):
        raise field_refused("iban", "It is not an IBAN: its check number does not fit.")
    if bic and not _BIC.fullmatch(bic):
        raise field_refused("bic", "A BIC has 8 or 11 characters; it may be left out.")
    return BankDetails(name.strip(), iban, bic)


class BankDetailsTable:
    """The table `bank_details`."""

    def __init__(self, records: Records, randomness: Randomness) -> None:
        self._records = records
        self._randomness = randomness

    async def write(self, member_id: str, details: BankDetails, now_us: int) -> str:
        """The hash for the command; an empty member id: nobody's, of a credit that is sent back."""
        name, iban, bic = details.name, details.iban, details.bic
        known = await self._records.fetch_row(_KNOWN, member_id, name, iban, bic)
        if known is not None:
            return str(known["details_hash"])
        salt = self._randomness.salts(SALT_BYTES)
        details_hash = sha256(salt + msgspec.json.encode(details)).hexdigest()
        await self._records.execute(_WRITE, details_hash, member_id, name, iban, bic, salt, now_us)
        return details_hash

    async def read(self, details_hash: str) -> BankDetails | None:
        """The details behind a hash."""
        row = await self._records.fetch_row(_READ, details_hash)
        return None if row is None else BankDetails(row["name"], row["iban"], row["bic"])
