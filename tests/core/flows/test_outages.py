"""What an outage does to the events of all buyers at once."""

from exchange.core.kernel import Exchange
from exchange.core.messages import (
    AddLot,
    CreateEvent,
    EndOutage,
    InviteSupplier,
    PublishEvent,
    Role,
    Sequenced,
)
from exchange.core.messages.sourcing import LotShifted
from tests.core.venue import SECOND, Venue


def test_lots_move_in_the_order_of_their_drafting_after_a_recovery_too() -> None:
    venue = Venue()
    venue.member("buyer", Role.BUYER)
    venue.member("supplier", Role.SELLER)
    for event_id in ("E1", "E2"):
        event = CreateEvent(
            title="E", currency="USD", open_at_us=venue.at_us + 60 * SECOND, duration_us=60 * SECOND
        )
        venue.send("buyer", event, new_id=event_id)
        venue.send("buyer", InviteSupplier(event_id=event_id, member_id="supplier"))
    for event_id in ("E2", "E1"):
        lot = AddLot(event_id=event_id, title="L", quantity=1, ceiling_price=90, min_step=1)
        venue.send("buyer", lot, new_id=f"lot of {event_id}")
        venue.send("buyer", PublishEvent(event_id=event_id))
    recovered = Exchange.load(venue.kernel.dump())
    ends = Sequenced(venue.at_us + SECOND, "", 0, "", "", EndOutage(down_us=SECOND))

    outcome = recovered.execute(ends)

    moved = [event.lot_id for event in outcome.events if isinstance(event, LotShifted)]
    assert moved == ["lot of E2", "lot of E1"]
    assert outcome == venue.kernel.execute(ends)
    assert recovered.dump() == venue.kernel.dump()
