"""What the lot bids for a leader who has left it a limit.

Guarantees: a proxy never bids beyond its limit, nor a bid that the lot wouldn't take of its bidder, but that the
largest step, which guards against slips of the hand, doesn't bind it. It bids no more than it takes to lead: one
step beyond the price it meets or, where that is another's limit, beyond that limit. Of equal limits the
earlier leads. Whoever can't lead within its limit stands at it, or as near to it as the lot takes, and its proxy
has ended: so there is one at most, the leader's, and a command is answered in a few bids. Answers move no close. In
a forward lot whose reserve isn't met, a proxy whose limit meets it bids the reserve at once.

Known limits: a bid at exactly a proxy's limit leads, since it reached that price first. Two bids at one
instant tell the buyer that one of them was a proxy's.
"""

from collections.abc import Callable
from fractions import Fraction

from exchange.core.limits import BIDS_PER_SUPPLIER_MAX
from exchange.core.market.lots.admission import FIXED_BOUNDS, Admission, Bounds, meets_reserve, step_at
from exchange.core.market.sourcing import Lot, Proxy, Sight
from exchange.core.messages import AnyEvent
from exchange.core.messages.bids import ProxyEnd, ProxyEnded, ProxySet
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.sourcing import BidSubmitted
from exchange.core.rejects import Reject, RejectCode

Place = Callable[[str, int], None]
"""(bidder, price): takes a bid."""


def limit_refusal(lot: Lot, member_id: str, price: int, sight: Sight) -> Reject | None:
    """PRICE_OFF_TICK, BID_ABOVE_CEILING, BID_BELOW_FLOOR, NOT_QUALIFYING, STEP_TOO_SMALL where the member could
    bid nothing within the limit: with the nearest limit that would do, as far as the bidder can know it.
    """
    admission = _unguarded(lot, member_id)
    code = admission.refusal(price)
    if code is not None and (fixed := FIXED_BOUNDS.get(code)) is not None:
        return Reject(code, fixed(admission), "price")
    value = admission.value(price)
    if admission.best(value) is not None:
        return None
    seen = _unguarded(lot, member_id, sight)
    bound = 0 if seen.best(value) is not None else seen.price(seen.nearest(value))
    return Reject(RejectCode.STEP_TOO_SMALL, bound, "price")


def contend(lot: Lot, proxy: Proxy, place: Place, at_us: int, events: list[AnyEvent]) -> None:
    """Let a new proxy try for the lead; `place` takes its bid as if its bidder had made it."""
    rival = lot.proxy
    if rival is not None and rival.member_id == proxy.member_id:
        rival = None
    price = _opening_bid(lot, proxy, rival, at_us, events)
    if price is not None:
        place(proxy.member_id, price)
    if rival is not None and _limit(lot, rival) <= _limit(lot, proxy):
        _stand(lot, proxy, at_us, events)
    if rival is None:
        _settle(lot, proxy, at_us, events)
    elif _leads(lot, rival) or _take_lead(lot, rival, at_us, events):
        _spend(lot, proxy, at_us, events)
        _settle(lot, rival, at_us, events)
    else:
        _spend(lot, rival, at_us, events)
        _settle(lot, proxy, at_us, events)
    if lot.proxy is proxy:
        events.append(ProxySet(lot.lot_id, proxy.member_id, proxy.limit_price))


def answer(lot: Lot, at_us: int, events: list[AnyEvent]) -> None:
    """Let the proxy that there may be take back the lead, after a bid."""
    if (proxy := lot.proxy) is None:
        return
    if not _leads(lot, proxy):
        _take_lead(lot, proxy, at_us, events)
    _settle(lot, proxy, at_us, events)


def end(lot: Lot, cause: ProxyEnd, events: list[AnyEvent]) -> None:
    """The leader's proxy bids no more."""
    assert lot.proxy is not None
    events.append(ProxyEnded(lot.lot_id, lot.proxy.member_id, cause))
    lot.proxy = None


def _opening_bid(
    lot: Lot, proxy: Proxy, rival: Proxy | None, at_us: int, events: list[AnyEvent]
) -> int | None:
    """What the new proxy bids first: all it has where an earlier limit is as good, else what it takes to lead."""
    limit = _limit(lot, proxy)
    admission = _unguarded(lot, proxy.member_id)
    if _leads(lot, proxy):
        return _jump(lot, proxy)
    if rival is not None and _limit(lot, rival) <= limit:
        if _limit(lot, rival) == limit:
            _stand(lot, rival, at_us, events)
        return _price_or_none(_unguarded(lot, proxy.member_id), limit)
    met = _limit(lot, rival) if rival is not None else _lead(lot)
    leading = _leading_price(lot, proxy, met)
    return leading if leading is not None else _price_or_none(admission, limit)


def _take_lead(lot: Lot, proxy: Proxy, at_us: int, events: list[AnyEvent]) -> bool:
    assert lot.board.lead is not None
    price = _leading_price(lot, proxy, _lead(lot))
    return price is not None and _bid(lot, proxy, price, at_us, events)


def _stand(lot: Lot, proxy: Proxy, at_us: int, events: list[AnyEvent]) -> None:
    """Bid as near to the limit as the lot takes: in several bids where steps get smaller on the way."""
    limit = _limit(lot, proxy)
    while (price := _price_or_none(_unguarded(lot, proxy.member_id), limit)) is not None:
        if not _bid(lot, proxy, price, at_us, events):
            return


def _settle(lot: Lot, proxy: Proxy, at_us: int, events: list[AnyEvent]) -> None:
    """Keep the proxy while it leads and can bid on."""
    own = lot.board.of(proxy.member_id)
    room = own is not None and _value(lot, lot.board.worth_of(own)) > _limit(lot, proxy)
    if room and _leads(lot, proxy):
        lot.proxy = proxy
        return
    _spend(lot, proxy, at_us, events)


def _spend(lot: Lot, proxy: Proxy, at_us: int, events: list[AnyEvent]) -> None:
    if not _leads(lot, proxy):
        _stand(lot, proxy, at_us, events)
    events.append(ProxyEnded(lot.lot_id, proxy.member_id, ProxyEnd.SPENT))
    lot.proxy = None


def _bid(lot: Lot, proxy: Proxy, price: int, at_us: int, events: list[AnyEvent]) -> bool:
    if lot.board.bids_of(proxy.member_id) >= BIDS_PER_SUPPLIER_MAX:
        return False
    alias, bid_number = lot.board.submit(proxy.member_id, price)
    events.append(BidSubmitted(lot.lot_id, proxy.member_id, price, alias, bid_number, at_us))
    return True


def _leading_price(lot: Lot, proxy: Proxy, met: int | Fraction | None) -> int | None:
    """The least that leads: a step beyond the value that is met, the opening price where none is."""
    admission = _unguarded(lot, proxy.member_id)
    limit, lead, sign = _limit(lot, proxy), _lead(lot), admission.bounds.sign
    target = admission.first if met is None else met - step_at(lot, sign * met)
    if _jumps(lot, proxy):
        target = min(target, sign * lot.rules.reserve_price)
    value = admission.nearest(max(target, limit))
    if value is None or value < limit:
        value = admission.best(limit)
    if value is None or (lead is not None and value >= lead):
        return None
    return admission.price(value)


def _jumps(lot: Lot, proxy: Proxy) -> bool:
    """Whether the limit meets a reserve of a forward lot that the lead doesn't."""
    reserve = lot.rules.reserve_price
    if lot.direction is LotDirection.REVERSE or not reserve:
        return False
    return not meets_reserve(lot) and -_limit(lot, proxy) >= reserve


def _jump(lot: Lot, proxy: Proxy) -> int | None:
    """What a leader bids at once: the reserve, where only it stands in between."""
    if not _jumps(lot, proxy):
        return None
    admission = _unguarded(lot, proxy.member_id)
    value = admission.nearest(admission.bounds.sign * lot.rules.reserve_price)
    if value is None or value < _limit(lot, proxy):
        return None
    return admission.price(value)


def _price_or_none(admission: Admission, limit: int | Fraction) -> int | None:
    value = admission.best(limit)
    return None if value is None else admission.price(value)


def _leads(lot: Lot, proxy: Proxy) -> bool:
    return lot.board.lead is not None and lot.board.lead.member_id == proxy.member_id


def _value(lot: Lot, price: int | Fraction) -> int | Fraction:
    return price if lot.direction is LotDirection.REVERSE else -price


def _limit(lot: Lot, proxy: Proxy) -> int | Fraction:
    return _value(lot, proxy.limit_price * lot.rate_of(proxy.member_id))


def _lead(lot: Lot) -> int | Fraction | None:
    lead = lot.board.lead
    return None if lead is None else _value(lot, lot.board.worth_of(lead))


def _unguarded(lot: Lot, member_id: str, sight: Sight = Sight.ALL) -> Admission:
    """The rules without the largest step."""
    admission = Admission(Bounds(lot, sight), member_id)
    admission.farthest = admission.last
    return admission
