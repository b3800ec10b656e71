"""Proxies as their bidders set, change and withdraw them.

Guarantees: a proxy's first bid counts as its bidder's own, overtime included; its answers move no close. Questions
and changes as in `auction`, whose lots these are; what a proxy bids is in `proxies`.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.limits import BIDS_PER_SUPPLIER_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.lots.sight import is_newcomer, sight_in
from exchange.core.market.proxies import contend, end, limit_refusal
from exchange.core.market.sourcing import Proxy
from exchange.core.messages import AnyEvent
from exchange.core.messages.bids import ProxyEnd, SetProxy, WithdrawProxy
from exchange.core.rejects import Reject, RejectCode


class Proxying:
    """Sets proxies and withdraws them."""

    def __init__(self, auctions: Auctions, deadlines: Deadlines) -> None:
        self._auctions = auctions
        self._deadlines = deadlines

    def set_refusal(self, member_id: str, command: SetProxy, at_us: int) -> Reject | None:
        """Those of `Auctions.closed_to`, PROXY_NOT_TAKEN, PROXY_BEFORE_BID (where the lead is shown only
        after an own bid, a proxy needs one), those of `proxies.limit_refusal`, TOO_MANY_BIDS.
        """
        lot = self._auctions.lot(command.lot_id)
        if refused := self._auctions.closed_to(member_id, lot, at_us):
            return refused
        assert lot is not None
        if not lot.rules.proxies:
            return Reject(RejectCode.PROXY_NOT_TAKEN)
        event = self._auctions.event_of(lot.event_id)
        if is_newcomer(event, lot, member_id):
            return Reject(RejectCode.PROXY_BEFORE_BID)
        sight = sight_in(event, lot, newcomer=False)
        if refused := limit_refusal(lot, member_id, command.price, sight):
            return refused
        if lot.board.bids_of(member_id) >= BIDS_PER_SUPPLIER_MAX:
            return Reject(RejectCode.TOO_MANY_BIDS, BIDS_PER_SUPPLIER_MAX)
        return None

    def set(self, member_id: str, command: SetProxy, at_us: int, events: list[AnyEvent]) -> int:
        """Let the proxy bid; how many bids the bidder has made now."""
        lot = self._auctions.lot_of(command.lot_id)

        def place(bidder_id: str, price: int) -> None:
            self._auctions.place(lot, bidder_id, price, at_us, self._deadlines, events)

        contend(lot, Proxy(member_id, command.price), place, at_us, events)
        return lot.board.bids_of(member_id)

    def withdraw_refusal(self, member_id: str, command: WithdrawProxy, at_us: int) -> Reject | None:
        """Those of `Auctions.closed_to`, NO_PROXY."""
        lot = self._auctions.lot(command.lot_id)
        if refused := self._auctions.closed_to(member_id, lot, at_us):
            return refused
        assert lot is not None
        if lot.proxy is None or lot.proxy.member_id != member_id:
            return Reject(RejectCode.NO_PROXY)
        return None

    def withdraw(self, command: WithdrawProxy, events: list[AnyEvent]) -> None:
        """What it has bid stands."""
        end(self._auctions.lot_of(command.lot_id), ProxyEnd.WITHDRAWN, events)
