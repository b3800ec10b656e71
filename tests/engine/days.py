"""A market day drawn from a seed, and the journal that an engine would have left of it."""

from array import array
from collections.abc import Sequence
from hashlib import shake_128
from random import Random

from msgspec import msgpack

from exchange.core.kernel import RULES, Exchange
from exchange.core.messages import (
    AddLot,
    AmendOrder,
    AnyCommand,
    AwardLot,
    CancelOrder,
    ConfirmReceipt,
    CreateEvent,
    EndOutage,
    FireDeadlines,
    InviteSupplier,
    IssueInvoices,
    OrderPlaced,
    PlaceOrder,
    PublishEvent,
    Sequenced,
    Side,
    SubmitBid,
    TimeInForce,
)
from exchange.core.messages.bids import RevokeBid
from exchange.core.messages.corrections import BustTrade, CorrectTrade
from exchange.journal.base import Batch, Tail
from exchange.journal.format import SALT_BYTES, seal
from exchange.journal.memory import MemoryStore
from tests.core.venue import SECOND, Venue

MEMBERS = ("M0", "M1", "M2", "M3")
PARTS = ("LM358", "NE555")
LOT_US = 3_600 * SECOND
DAY_US = 24 * LOT_US


def a_day(seed: int, length: int = 200) -> Venue:
    """Members trade two parts, confirm receipts and bid in a lot until it is awarded; M0 and M1 have one owner."""
    venue, random = Venue(), Random(seed)
    for member_id in MEMBERS:
        venue.member(member_id, owner="pair" if member_id in {"M0", "M1"} else "")
        venue.money(member_id, 2_000_000)
    for part in PARTS:
        venue.instrument(part)
        for member_id in MEMBERS:
            venue.stock(member_id, 5_000, part)
    _open_a_lot(venue)
    for _ in range(length):
        member_id, wish = _a_wish(venue, random)
        venue.send(member_id, wish, after_us=random.randint(0, SECOND))
    venue.send("operator", RevokeBid(lot_id="L", number=1, reason="A slip", alias=2))
    venue.send("", EndOutage(down_us=SECOND))
    venue.send("", FireDeadlines(), after_us=2 * LOT_US)
    venue.send("M0", AwardLot(lot_id="L", alias=1))
    venue.send("operator", IssueInvoices(period=202_601), after_us=31 * DAY_US)
    return venue


def _open_a_lot(venue: Venue) -> None:
    opens = venue.at_us + SECOND
    venue.send("M0", CreateEvent(title="E", currency="USD", open_at_us=opens, duration_us=LOT_US), new_id="E")
    venue.send("M0", AddLot(event_id="E", title="L", quantity=9, ceiling_price=900, min_step=1), new_id="L")
    for supplier in MEMBERS[2:]:
        venue.send("operator", InviteSupplier(event_id="E", member_id=supplier))
    venue.send("M0", PublishEvent(event_id="E"))
    venue.send("", FireDeadlines(), after_us=2 * SECOND)


def _a_wish(venue: Venue, random: Random) -> tuple[str, AnyCommand]:
    """Mostly an order; else something about one of the latest orders, or a bid."""
    price, quantity = random.randint(95, 105), random.randint(1, 40)
    if random.random() < 0.4 and (order := _an_order(venue, random)):
        order_id, owner = order
        about: list[AnyCommand] = [
            CancelOrder(order_id=order_id),
            AmendOrder(
                order_id=order_id, price=random.choice((0, price)), quantity=random.choice((0, quantity, 60))
            ),
            ConfirmReceipt(contract_id=order_id),
        ]
        return owner, random.choice(about)
    if random.random() < 0.08:
        return "operator", _an_afterthought(venue, random)
    if random.random() < 0.1:
        return random.choice(MEMBERS[2:]), SubmitBid(lot_id="L", price=random.randint(1, 900))
    return random.choice(MEMBERS), PlaceOrder(
        instrument_id=random.choice(PARTS),
        side=random.choice(list(Side)),
        price=price,
        quantity=quantity,
        time_in_force=random.choice([TimeInForce.GTC, *TimeInForce]),
    )


def _an_afterthought(venue: Venue, random: Random) -> AnyCommand:
    """A bust or a correction of one of the latest trades."""
    part = random.choice(PARTS)
    number = max(1, venue.kernel.books.books[part].trades - random.randrange(4))
    if random.random() < 0.5:
        return BustTrade(instrument_id=part, trade_number=number)
    price, quantity = random.randint(90, 110), random.choice((0, random.randint(1, 9)))
    return CorrectTrade(instrument_id=part, trade_number=number, price=price, quantity=quantity)


def _an_order(venue: Venue, random: Random) -> tuple[str, str] | None:
    """One of the latest twenty, whatever became of it, and whose it is."""
    placed = [
        event
        for outcome in venue.outcomes[-60:]
        for event in outcome.events
        if isinstance(event, OrderPlaced)
    ]
    order = random.choice(placed[-20:]) if placed else None
    return (order.order_id, order.member_id) if order else None


def batches_of(log: Sequence[Sequenced], size: int, kernel: Exchange | None = None) -> list[Batch]:
    """The log in batches of so many commands, as the engine seals them; `kernel` is where they are executed."""
    kernel, tail, batches = kernel or Exchange(), Tail(epoch=1), []
    for start in range(0, len(log), size):
        commands = log[start : start + size]
        crcs = array("I", [kernel.digest.add(kernel.execute(each)) for each in commands])
        batch = sealed(
            tail, [msgpack.encode(each) for each in commands], crcs, kernel.digest.seal(), commands
        )
        batches.append(batch)
        tail = tail.after(batch)
    return batches


def sealed(
    tail: Tail, entries: list[bytes], crcs: "array[int]", digest: bytes, commands: Sequence[Sequenced]
) -> Batch:
    """A batch that holds together, whatever is in it."""
    return seal(
        tail,
        entries,
        shake_128(tail.chain).digest(SALT_BYTES * len(entries)),
        crcs,
        first_at_us=commands[0].at_us,
        last_at_us=commands[-1].at_us,
        rules=RULES,
        outcome_digest=digest,
    )


def a_store(log: Sequence[Sequenced], size: int = 7) -> MemoryStore:
    """A journal in memory that holds the log."""
    return MemoryStore(epoch=1, batches=batches_of(log, size))
