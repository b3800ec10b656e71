"""What a proxy may bid for its bidder, told in plain words.

Guarantees: what is bid for somebody else than the sender comes from whoever has left the lot a limit, and never beyond
it; an answer is given once, to take back a lead that was lost; a proxy that stays is the leader's.

Known limits: where a proxy is set against another one, both may bid more than once. Where prices don't compare by
number, nothing is said.
"""

from collections.abc import Iterator

from exchange.core.kernel import Exchange
from exchange.core.market.sourcing import Lot
from exchange.core.messages import AnyEvent, BidSubmitted, Sequenced
from exchange.core.messages.bids import ProxyEnded, ProxySet, SetProxy
from exchange.core.messages.lot_rules import LotDirection
from tests.simulation.overtime_watch import BY_HAND, Bids, actor, by_price, standing


class ProxyWatch:
    """`objections` with the bids before the command."""

    def __init__(self, kernel: Exchange) -> None:
        self._kernel = kernel
        self._limits: dict[tuple[str, str], int] = {}  # by lot and bidder, as it was set last

    def objections(self, sent: Sequenced, events: list[AnyEvent], bids: Bids) -> Iterator[str]:
        """Which bids of proxies can't be right."""
        command = sent.command
        lot = self._kernel.auctions.lot(command.lot_id) if isinstance(command, BY_HAND) else None
        if isinstance(command, SetProxy) and events:
            self._limits[command.lot_id, sent.member_id] = command.price
        if lot is not None and by_price(lot):
            yield from self._answers(lot, sent, events, dict(bids))
        for event in events:
            if isinstance(event, ProxyEnded):
                self._limits.pop((event.lot_id, event.member_id), None)

    def _answers(self, lot: Lot, sent: Sequenced, events: list[AnyEvent], bids: Bids) -> Iterator[str]:
        own, contended = actor(sent), isinstance(sent.command, SetProxy)
        for event in events:
            lead = "".join(standing(lot, bids)[:1])
            if isinstance(event, ProxySet) and event.member_id != lead:
                yield f"P3: {event}, but {lead} leads"
            if not isinstance(event, BidSubmitted):
                continue
            if event.member_id != own and self._is_beyond(lot, event):
                yield f"P3: {event} is beyond the limit that was left for it"
            if event.member_id != own and event.member_id == lead and not contended:
                yield f"P3: {event} answers nobody: {lead} leads already"
            bids[event.bid_number] = event.price, event.member_id

    def _is_beyond(self, lot: Lot, bid: BidSubmitted) -> bool:
        limit = self._limits.get((bid.lot_id, bid.member_id))
        if limit is None:
            return True
        return bid.price < limit if lot.direction is LotDirection.REVERSE else bid.price > limit
