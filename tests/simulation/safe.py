"""What is in the sealed envelopes of a world, and the search for it in all that leaves the exchange or is kept by it.

Guarantees: an envelope is random bytes, and only the safe knows what was sealed in it: it keeps the lots' keys, as the
port that the exchange asks after a close, and fails now and then as a port does. A price is secret until the exchange
is told it for a lot that is closed; until then no frame, batch, snapshot, row or line of a log may hold it. Prices have
eight digits or nine, as no other number here has.
"""

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from random import Random
from typing import Final

from msgspec import json

from exchange.core.limits import ENVELOPE_BYTES, TECHNICAL_BYTES
from exchange.core.market.sourcing import Lot
from exchange.core.messages.sealed import ENVELOPE_CHARS, RevealBids, SubmitEnvelope
from exchange.outbound.lot_keys import KeyMissing
from exchange.outbound.unsealing import BidText, TechnicalText
from tests.simulation.truth import Broken

SECRET_MIN: Final = 10_000_000
STUCK: Final = 0.3
"""Share of closed lots whose key is not found at once."""
SPOILT: Final = 0.1
"""Share of envelopes that nobody can read."""
UNSTORED: Final = 0.1
"""How often a key can't be stored at once."""
_DECIMAL: Final = re.compile(rb"(?<!\d)\d{8,9}(?!\d)")
_BOX: Final = re.compile(rb"[A-Za-z0-9+/]{%d}" % ENVELOPE_CHARS)
_PACKED: Final = re.compile(rb"(?=\xce(.{4}))", re.DOTALL)


class Safe:
    """The port of the lots' keys."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._texts: dict[bytes, bytes] = {}  # by envelope
        self._secret: dict[int, str] = {}  # prices, with whose they are

    # --- sealing and opening -----------------------------------------------------------------------

    def envelope_for(self, lot: Lot, member_id: str) -> SubmitEnvelope:
        """A bid, with a technical offer where the lot takes two envelopes."""
        price = self._chance.randint(SECRET_MIN // lot.tick + 1, lot.ceiling_price // lot.tick) * lot.tick
        self._secret[price] = f"{member_id} in {lot.lot_id}"
        bid = self._sealed(ENVELOPE_BYTES, json.encode(BidText("bid/1", lot.lot_id, member_id, price)))
        offer = TechnicalText("technical/1", lot.lot_id, member_id, [sha256(bid.encode()).hexdigest()])
        technical = self._sealed(TECHNICAL_BYTES, json.encode(offer)) if lot.rules.two_envelopes else ""
        return SubmitEnvelope(lot_id=lot.lot_id, envelope=bid, technical=technical)

    def _sealed(self, length: int, text: bytes) -> str:
        box = self._chance.randbytes(length)
        self._texts[box] = text
        return b64encode(box).decode("ascii")

    async def drawn(self, lot_ids: Sequence[str]) -> list[str]:
        """See `LotKeys.drawn`."""
        await asyncio.sleep(self._chance.random() / 10)
        if self._chance.random() < UNSTORED:
            raise OSError("the disk is full")
        return list(map(self.key_of, lot_ids))

    async def opened(self, lot_id: str, _public_key: str, envelopes: Sequence[bytes]) -> list[bytes | None]:
        """See `LotKeys.opened`."""
        await asyncio.sleep(self._chance.random() / 10)
        return self.read(lot_id, envelopes)

    def key_of(self, lot_id: str) -> str:
        """The lot's public key."""
        return sha256(lot_id.encode()).hexdigest()

    def read(self, lot_id: str, envelopes: Sequence[bytes]) -> list[bytes | None]:
        """As `opened`, at once."""
        if self._chance.random() < STUCK:
            raise KeyMissing(f"no key of {lot_id}")
        return [None if self._chance.random() < SPOILT else self._texts.get(box) for box in envelopes]

    # --- the search --------------------------------------------------------------------------------

    def told(self, command: RevealBids) -> None:
        """The exchange knows these prices, and may."""
        for bid in command.bids:
            self._secret.pop(bid.price, None)

    def search(self, where: str, told: bytes) -> None:
        """Raises `Broken` where a secret is in what is told, as digits, packed or in base64."""
        found = [int(each) for each in _DECIMAL.findall(told)]
        found += [int.from_bytes(each, "big") for each in _PACKED.findall(told)]
        for box in _BOX.findall(told):
            found += [int(each) for each in _DECIMAL.findall(b64decode(box))]
        for number in found:
            if number in self._secret:
                raise Broken("P8", f"{where} tells the sealed price {number} of {self._secret[number]}")
