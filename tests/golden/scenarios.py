"""The histories behind the golden journals: each uses what the rules of its time had."""

from array import array
from collections.abc import Callable
from hashlib import shake_128
from random import Random
from typing import Final

from msgspec import msgpack

from exchange.core.digests import RunningDigest
from exchange.core.kernel import RULES
from exchange.core.messages import (
    AddLot,
    AmendOrder,
    AwardLot,
    CancelOrder,
    ConfirmReceipt,
    CreateEvent,
    EndOutage,
    FireDeadlines,
    InviteSupplier,
    OpenSession,
    PlaceOrder,
    PublishEvent,
    Role,
    SetCommission,
    Side,
    SubmitBid,
    TimeInForce,
)
from exchange.journal.base import Batch, Tail
from exchange.journal.format import SALT_BYTES, seal
from tests.core.venue import SECOND, Venue
from tests.golden.every_command import every_command

BATCH: Final = 16
"""Commands in a batch; small, so that a short history has several."""


def surplus_market() -> Venue:
    """Trades, a price improvement, amends, cancels, self-trade prevention, commission with tax, a receipt."""
    venue = Venue()
    for member_id, owner in (("S1", "one"), ("S2", "two"), ("B1", "three"), ("B2", "one")):
        venue.member(member_id, owner=owner)
        venue.send(member_id, OpenSession())
        venue.instrument(f"part of {member_id}", price_scale=4, lot_multiple=100)
    venue.send("operator", SetCommission(rate_bps=800, tax_bps=2_100))
    part = "part of S1"
    for member_id in ("S1", "S2", "B2"):
        venue.stock(member_id, 100_000, part)
    for member_id in ("B1", "B2"):
        venue.money(member_id, 10_000_000)
    random, placed = Random(1991), list[tuple[str, str]]()
    for number in range(200):
        member_id = random.choice(("S1", "S2", "B1", "B2"))
        side = (
            Side.SELL
            if member_id.startswith("S") or (random.random() < 0.2 and member_id == "B2")
            else Side.BUY
        )
        command = PlaceOrder(
            instrument_id=part,
            side=side,
            price=random.randint(20_000, 20_050),
            quantity=100 * random.randint(1, 9),
            time_in_force=random.choice((TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)),
            ref=number + 1,
        )
        order_id = venue.send(member_id, command, session=1).reply.id
        placed.append((member_id, order_id or "refused"))
        owner_id, order_id = random.choice(placed)
        price, quantity = random.randint(20_000, 20_050), 100 * random.randint(0, 9)
        venue.send(owner_id, AmendOrder(order_id=order_id, price=price, quantity=quantity))
        owner_id, order_id = random.choice(placed)
        if number % 3 == 0:
            venue.send(owner_id, CancelOrder(order_id=order_id))
        elif number % 3 == 1:
            venue.send(owner_id, ConfirmReceipt(contract_id=order_id))
    return venue


def reverse_lot() -> Venue:
    """A lot with overtime and an outage, and its award."""
    venue = Venue()
    venue.member("buyer", Role.BUYER)
    suppliers = [venue.member(f"supplier {number}", Role.SELLER) for number in range(4)]
    opens = venue.at_us + 10 * SECOND
    event = CreateEvent(title="E", currency="USD", open_at_us=opens, duration_us=600 * SECOND)
    venue.send("buyer", event, new_id="event")
    lot = AddLot(event_id="event", title="L", quantity=7, ceiling_price=90_000, min_step=60, tick=20)
    venue.send("buyer", lot, new_id="lot")
    for supplier in suppliers:
        venue.send("operator", InviteSupplier(event_id="event", member_id=supplier))
    venue.send("buyer", PublishEvent(event_id="event"))
    venue.send("", FireDeadlines(), after_us=10 * SECOND)
    random, price = Random(2001), 90_000
    for number in range(60):
        price -= 20 * random.randint(0, 9)
        venue.send(random.choice(suppliers), SubmitBid(lot_id="lot", price=price), after_us=9 * SECOND)
        if number == 30:
            venue.send("", EndOutage(down_us=45 * SECOND), after_us=45 * SECOND)
    for _ in range(2):
        venue.send("", FireDeadlines(), after_us=7_200 * SECOND)
    venue.send("buyer", AwardLot(lot_id="lot", alias=2))
    return venue


SCENARIOS: Final[dict[str, Callable[[], Venue]]] = {
    "surplus_market": surplus_market,
    "reverse_lot": reverse_lot,
    "every_command": every_command,
}


def journal_of(venue: Venue) -> list[Batch]:
    """The batches that an engine would have written of this history."""
    digest, tail, batches = RunningDigest(), Tail(1), list[Batch]()
    for start in range(0, len(venue.log), BATCH):
        commands, outcomes = venue.log[start : start + BATCH], venue.outcomes[start : start + BATCH]
        batch = seal(
            tail,
            [msgpack.encode(each) for each in commands],
            shake_128(start.to_bytes(8, "big")).digest(SALT_BYTES * len(commands)),
            array("I", [digest.add(each) for each in outcomes]),
            first_at_us=commands[0].at_us,
            last_at_us=commands[-1].at_us,
            rules=RULES,
            outcome_digest=digest.seal(),
        )
        batches.append(batch)
        tail = tail.after(batch)
    return batches
