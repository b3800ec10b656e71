"""Beside the engine: draws the keys of sealed lots, and has their envelopes opened after the close.

Guarantees: a key is stored before its lot is told of it; an envelope is opened only once the close of its lot is
committed. Both are told to the exchange as commands, and asked for again until it has taken them: after a crash, a
halt or a full disk nothing is lost, and nothing is done twice. Whatever a bidder has put into its envelope spoils that
envelope alone. Where a key is missing the lot stays closed and
sealed, the operator is told why, and `retry_reveal` asks again.
"""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Annotated, Final, Literal, TypeVar

import structlog
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from exchange.core.limits import PRICE_MAX, PUBLIC_ID_LENGTH_MAX, TECHNICAL_DOCUMENTS_MAX
from exchange.core.market.lots.envelopes import Envelope, Opening
from exchange.core.messages import SYSTEM, Reply
from exchange.core.messages.sealed import (
    DocumentHash,
    KeyCommand,
    OpenedBid,
    OpenedTechnical,
    ReportUnopened,
    RevealBids,
    RevealTechnical,
    SetLotKey,
)
from exchange.engine.answer import Answer
from exchange.engine.base import Released
from exchange.engine.sequencer import Engine
from exchange.outbound.lot_keys import KeyMissing, LotKeys
from exchange.views.sealed import SealedLots

ROUND_MAX: Final = 256
"""Keys that are drawn, and lots that are opened, before the exchange is told of them."""
AGAIN_S: Final = 1.0
"""Pause after something could not be done."""
ANSWER_S_MAX: Final = 30.0
NO_KEY: Final = "The lot's private key is not where it was stored"

log = structlog.get_logger(__name__)
T = TypeVar("T")


class BidText(Struct, frozen=True):
    """What a bidder seals: JSON, padded with blanks to a length that tells nothing.

    It names its lot and its bidder, so that no envelope serves for another lot or member.
    """

    form: Literal["bid/1"]
    lot_id: Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)]
    member_id: Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)]
    price: Annotated[int, Meta(ge=1, le=PRICE_MAX)]
    nonce: str = ""


class TechnicalText(Struct, frozen=True):
    """What a bidder seals of its technical offer: documents by their SHA-256."""

    form: Literal["technical/1"]
    lot_id: Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)]
    member_id: Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)]
    documents: Annotated[list[DocumentHash], Meta(max_length=TECHNICAL_DOCUMENTS_MAX)]
    nonce: str = ""


class KeyDesk:
    """Between an engine and the port that keeps the keys. `run` until it is cancelled."""

    def __init__(self, engine: Engine, keys: LotKeys) -> None:
        self._engine = engine
        self._keys = keys
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Look after every commit that left something to do."""
        before = self._engine.on_release
        self._engine.on_release = self._after(before)
        try:
            self._wake.set()
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not await self.work():
                    await asyncio.sleep(AGAIN_S)
                    self._wake.set()
        finally:
            self._engine.on_release = before

    def _after(self, before: Callable[[Sequence[Released]], None]) -> Callable[[Sequence[Released]], None]:
        def released(commands: Sequence[Released]) -> None:
            before(commands)
            lots = self._lots
            if lots.unkeyed or lots.unopened:
                self._wake.set()

        return released

    @property
    def _lots(self) -> SealedLots:
        return self._engine.views.sourcing.sealed

    async def work(self) -> bool:
        """Do all that is to be done now; whether it could be."""
        while self._lots.unkeyed or self._lots.unopened:
            commands = [*await self._draw(), *await self._open()]
            answers = await asyncio.gather(*map(self._submit, commands))
            if not commands or not all(answers):
                return False
        return True

    async def _draw(self) -> list[KeyCommand]:
        lot_ids = list(islice(self._lots.unkeyed, ROUND_MAX))
        if not lot_ids:
            return []
        try:
            public_keys = await self._keys.drawn(lot_ids)
        except OSError as error:
            log.error("lot_keys_not_stored", lots=len(lot_ids), reason=str(error))
            return []
        pairs = zip(lot_ids, public_keys, strict=True)
        return [SetLotKey(lot_id=lot_id, public_key=public_key) for lot_id, public_key in pairs]

    async def _open(self) -> list[KeyCommand]:
        return [await self._opened(lot_id) for lot_id in list(islice(self._lots.unopened, ROUND_MAX))]

    async def _opened(self, lot_id: str) -> KeyCommand:
        sealed = self._engine.views.sourcing.lots[lot_id].sealed
        assert sealed is not None
        envelopes, technical = list(sealed.standing.values()), sealed.opening is Opening.TECHNICAL
        boxes = [_box(each.technical if technical else each.text) for each in envelopes]
        try:
            texts = await self._keys.opened(lot_id, sealed.public_key, boxes)
        except KeyMissing as error:
            log.error("lot_not_opened", lot_id=lot_id, reason=str(error))
            return ReportUnopened(lot_id=lot_id, reason=NO_KEY)
        if technical:
            return RevealTechnical(lot_id=lot_id, offers=list(map(opened_technical, envelopes, texts)))
        return RevealBids(lot_id=lot_id, bids=list(map(opened_bid, envelopes, texts)))

    async def _submit(self, command: KeyCommand) -> bool:
        """Whether the exchange took it, or didn't need it any more."""
        answer = Answer()
        if self._engine.submit(SYSTEM, 0, command, answer) is not None:
            return False
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                heard = await answer.heard
        except TimeoutError:
            return False
        if not isinstance(heard, Reply):
            return False
        if heard.code:
            log.warning("key_command_refused", lot_id=command.lot_id, code=heard.code)
        return not heard.code


def opened_bid(envelope: Envelope, text: bytes | None) -> OpenedBid:
    """What the exchange is told of an opened envelope; no price where nothing can be read."""
    bid = _read(text, BidText)
    if bid is None:
        return OpenedBid(envelope.number)
    return OpenedBid(envelope.number, bid.lot_id, bid.member_id, bid.price)


def opened_technical(envelope: Envelope, text: bytes | None) -> OpenedTechnical:
    """What the exchange is told of an opened technical envelope; no lot where nothing can be read."""
    told = _read(text, TechnicalText)
    if told is None:
        return OpenedTechnical(envelope.number)
    return OpenedTechnical(envelope.number, told.lot_id, told.member_id, told.documents)


def _box(text: str) -> bytes:
    """The sealed box of an envelope; nothing, which no key opens, where there is none."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""


def _read(text: bytes | None, kind: type[T]) -> T | None:
    """What was sealed; nothing where it couldn't be opened, or is nothing of that kind."""
    try:
        return None if text is None else json.decode(text, type=kind)
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return None
