"""A history with every command of the present rules, by members who want what those of the wide world want."""

from base64 import b64decode
from collections.abc import Iterator
from random import Random
from typing import get_args

from exchange.core.kernel import Exchange
from exchange.core.market.lots.envelopes import Opening, SealedBids
from exchange.core.market.sourcing import LotState
from exchange.core.messages import (
    COMMANDS,
    DRAWS_ID,
    SYSTEM,
    AnyCommand,
    Delivery,
    EndOutage,
    FireDeadlines,
    OpenSession,
    Role,
)
from exchange.core.messages.sealed import (
    KeyCommand,
    ReportUnopened,
    RevealBids,
    RevealTechnical,
    SetLotKey,
)
from exchange.outbound.lot_keys import KeyMissing
from exchange.outbound.unsealing import NO_KEY, opened_bid, opened_technical
from tests.core.lives import meet
from tests.core.venue import SECOND, Venue
from tests.simulation.safe import Safe
from tests.simulation.wishes import Wishes

STEPS = 1_500
TRIES = 40
"""How often a kind of command is drawn until its fields fit together."""
MEMBERS = {
    "operator": (Role.OPERATOR,),
    "trader-1": (Role.BUYER, Role.SELLER),
    "trader-2": (Role.BUYER, Role.SELLER),
    "buyer": (Role.BUYER,),
    "supplier-1": (Role.SELLER,),
    "supplier-2": (Role.SELLER,),
    "supplier-3": (Role.SELLER,),
    "inspector": (Role.INSPECTOR,),
}


def every_command() -> Venue:
    """Each kind at least once, done or refused, amid a life of all of them."""
    venue, chance = _town(), Random(2026)
    done: dict[type[AnyCommand], None] = {}
    safe = Safe(chance)
    wishes = Wishes(venue.kernel, chance, done, safe)
    for _ in range(STEPS):
        _live(venue, wishes, safe, chance)
        if venue.outcomes and not venue.outcomes[-1].reply.code:
            done[type(venue.log[-1].command)] = None
    for command in _missing(venue, wishes):
        _send(venue, chance, *command)
    return venue


def _town() -> Venue:
    venue = Venue()
    for member_id, roles in MEMBERS.items():
        if member_id != "operator":
            venue.member(member_id, *roles, owner=member_id)
        venue.send(member_id, OpenSession())
    bounds = {"currency": "EUR", "price_min": 50, "price_max": 150}
    venue.instrument("bolt", **bounds)
    venue.instrument("gauge", delivery=Delivery.HUB, **bounds)
    for member_id in ("trader-1", "trader-2", "supplier-1", "supplier-2"):
        venue.money(member_id, 50_000, "EUR")
        for instrument_id in ("bolt", "gauge"):
            venue.stock(member_id, 300, instrument_id)
    return venue


def _live(venue: Venue, wishes: Wishes, safe: Safe, chance: Random) -> None:
    """Let a while pass, with what falls due in it; then somebody wants something."""
    for _ in meet(venue, venue.at_us + chance.choice((1_000, 200_000, SECOND))):
        pass
    if chance.random() < 0.01:
        venue.send(SYSTEM, EndOutage(down_us=chance.choice((0, SECOND))))
    for told in list(_keys_wanted(venue.kernel, safe)):
        _send(venue, chance, SYSTEM, told)
    member_id = chance.choice(list(MEMBERS))
    wish = wishes.wish(member_id, MEMBERS[member_id], venue.at_us)
    if wish is not None:
        _send(venue, chance, member_id, wish)


def _keys_wanted(kernel: Exchange, safe: Safe) -> Iterator[AnyCommand]:
    """What the desk of the lots' keys has to tell: keys that are missing, and envelopes that are to be opened."""
    for lot in kernel.auctions.lots():
        sealed = lot.sealed
        if sealed is None or lot.state in {LotState.DRAFT, LotState.VOID, LotState.AWARDED}:
            continue
        if not sealed.public_key:
            yield SetLotKey(lot_id=lot.lot_id, public_key=safe.key_of(lot.lot_id))
        elif sealed.opening in {Opening.DUE, Opening.TECHNICAL}:
            yield _opened(lot.lot_id, sealed, safe)


def _opened(lot_id: str, sealed: SealedBids, safe: Safe) -> AnyCommand:
    envelopes, technical = list(sealed.standing.values()), sealed.opening is Opening.TECHNICAL
    boxes = [b64decode(each.technical if technical else each.text) for each in envelopes]
    try:
        texts = safe.read(lot_id, boxes)
    except KeyMissing:
        return ReportUnopened(lot_id=lot_id, reason=NO_KEY)
    if technical:
        return RevealTechnical(lot_id=lot_id, offers=list(map(opened_technical, envelopes, texts)))
    return RevealBids(lot_id=lot_id, bids=list(map(opened_bid, envelopes, texts)))


def _missing(venue: Venue, wishes: Wishes) -> Iterator[tuple[str, AnyCommand]]:
    sent = {type(each.command) for each in venue.log}
    for kind in COMMANDS:
        if kind in sent:
            continue
        by = SYSTEM if kind in {*get_args(KeyCommand), FireDeadlines} else "operator"
        drawn = (wishes.drawn(kind, by, venue.at_us) for _ in range(TRIES))
        yield by, next(command for command in drawn if command is not None)


def _send(venue: Venue, chance: Random, member_id: str, command: AnyCommand) -> None:
    """Deadlines that fall due before it are met first."""
    for _ in meet(venue, venue.at_us + 1_000):
        pass
    new_id = f"{chance.randrange(16**8):08x}" if type(command) in DRAWS_ID else ""
    venue.send(member_id, command, new_id=new_id, after_us=0)
