"""A history with every command of the present rules, by members who want what those of the wide world want."""

from collections.abc import Iterator
from random import Random
from typing import get_args

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
from exchange.core.messages.sealed import KeyCommand
from tests.core.lives import meet
from tests.core.venue import SECOND, Venue
from tests.simulation.next_steps import keys_wanted
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
    wishes = Wishes(venue.kernel, chance, done)
    for _ in range(STEPS):
        _live(venue, wishes, chance)
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


def _live(venue: Venue, wishes: Wishes, chance: Random) -> None:
    """Let a while pass, with what falls due in it; then somebody wants something."""
    for _ in meet(venue, venue.at_us + chance.choice((1_000, 200_000, SECOND))):
        pass
    if chance.random() < 0.01:
        venue.send(SYSTEM, EndOutage(down_us=chance.choice((0, SECOND))))
    for told in keys_wanted(venue.kernel, chance):
        _send(venue, chance, SYSTEM, told)
    member_id = chance.choice(list(MEMBERS))
    wish = wishes.wish(member_id, MEMBERS[member_id], venue.at_us)
    if wish is not None:
        _send(venue, chance, member_id, wish)


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
