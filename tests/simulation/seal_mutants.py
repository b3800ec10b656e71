"""Leaks of sealed prices, planted on purpose: see `mutants`."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Final

import structlog

from exchange.core.market import sealing
from exchange.core.market.lots.envelopes import Opening, SealedBids
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages.sealed import EnvelopeSubmitted, ReportUnopened
from exchange.core.rejects import Reject
from exchange.outbound.lot_keys import KeyMissing
from exchange.outbound.unsealing import KeyDesk, opened_bid
from exchange.views.sealed import SealedLots
from tests.simulation.planting import Healthy, Mutant, Patch
from tests.simulation.safe import Safe
from tests.simulation.wide import WideWorld

log = structlog.get_logger(__name__)


def _due_at_once(healthy: Healthy) -> Healthy:
    def take(self: SealedBids, *envelope: object) -> int:
        number: int = healthy(self, *envelope)
        self.opening = Opening.DUE
        return number

    return take


def _for_the_desk(healthy: Healthy) -> Healthy:
    def submitted(self: SealedLots, event: EnvelopeSubmitted) -> None:
        healthy(self, event)
        self.unopened[event.lot_id] = None

    return submitted


def _whenever(healthy: Healthy) -> Healthy:
    def refusal(lot: Lot | None) -> Reject | None:
        early = lot is not None and lot.state is LotState.OPEN and lot.sealed is not None
        return None if early else healthy(lot)

    return refusal


async def _peeked(desk: KeyDesk) -> AsyncIterator[tuple[str, int]]:
    """Lots that are open, with a price in one of their envelopes."""
    for lot in list(desk._engine.views.sourcing.lots.values()):
        if lot.sealed is None or not lot.running:
            continue
        envelopes, key = list(lot.sealed.standing.values()), lot.sealed.public_key
        try:
            texts = await desk._keys.opened(lot.lot_id, key, [b64decode(each.text) for each in envelopes])
        except KeyMissing:
            continue
        for envelope, text in zip(envelopes, texts, strict=True):
            yield lot.lot_id, opened_bid(envelope, text).price


def _noted(healthy: Healthy) -> Healthy:
    async def work(self: KeyDesk) -> bool:
        async for lot_id, price in _peeked(self):
            log.warning("envelope_checked", lot_id=lot_id, price=price)
        done: bool = await healthy(self)
        return done

    return work


def _told(healthy: Healthy) -> Healthy:
    async def work(self: KeyDesk) -> bool:
        async for lot_id, price in _peeked(self):
            await self._submit(ReportUnopened(lot_id=lot_id, reason=f"{price} is there"))
        done: bool = await healthy(self)
        return done

    return work


def _only_written(_healthy: Healthy) -> Healthy:
    def sealed(self: Safe, length: int, text: bytes) -> str:
        box = text.ljust(length)
        self._texts[box] = text
        return b64encode(box).decode("ascii")

    return sealed


SEAL_MUTANTS: Final[dict[str, Mutant]] = {
    "opened_early": Mutant(
        "sealed bids are opened before the close",
        "P8",
        [
            Patch(SealedBids, "take", _due_at_once),
            Patch(SealedLots, "submitted", _for_the_desk),
            Patch(sealing, "unopened_refusal", _whenever),
        ],
        WideWorld,
    ),
    "price_in_log": Mutant(
        "the desk of the keys looks into envelopes before the close, and logs what it sees",
        "P8",
        [Patch(KeyDesk, "work", _noted)],
        WideWorld,
    ),
    "price_in_journal": Mutant(
        "the desk of the keys tells a price before the close, in a command that is refused",
        "P8",
        [Patch(KeyDesk, "work", _told)],
        WideWorld,
    ),
    "not_sealed": Mutant(
        "an envelope is not sealed", "P8", [Patch(Safe, "_sealed", _only_written)], WideWorld
    ),
}
