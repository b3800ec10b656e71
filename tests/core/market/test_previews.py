"""When suppliers are shown the lots of a published event: at their preview, and no later than the first one opens."""

import pytest

from exchange.core.kernel import Exchange
from exchange.core.messages import SYSTEM, CancelEvent, FireDeadlines, Role, SubmitBid
from exchange.core.messages.lot_rules import EventRules, Prebid
from exchange.core.messages.preview import LotsPreviewed
from exchange.core.messages.sourcing import AddLot, CreateEvent, EventPublished, InviteSupplier, PublishEvent
from exchange.core.rejects import RejectCode
from exchange.engine.base import Released
from exchange.views.views import Views
from tests.core.venue import SECOND, Venue, refusal

MINUTE = 60 * SECOND


def a_hall(preview_us: int, publish_after_us: int = 1_000) -> Venue:
    """`E` opens after an hour; its lots are shown so long after its draft."""
    venue = Venue()
    venue.member("B", Role.BUYER)
    venue.member("S", Role.SELLER)
    event = CreateEvent(
        title="E", currency="USD", open_at_us=venue.at_us + 60 * MINUTE, duration_us=60 * MINUTE,
        rules=EventRules(prebid=Prebid.OPEN), preview_at_us=venue.at_us + preview_us,
    )  # fmt: skip
    venue.send("B", event, new_id="E")
    lot = AddLot(event_id="E", title="L", quantity=1, ceiling_price=900, min_step=5)
    venue.send("B", lot, new_id="L")
    venue.send("B", InviteSupplier(event_id="E", member_id="S"))
    assert venue.send("B", PublishEvent(event_id="E"), after_us=publish_after_us).reply.code == 0
    return venue


def bid(venue: Venue) -> RejectCode | None:
    outcome = venue.send("S", SubmitBid(lot_id="L", price=800))
    return refusal(outcome)[0] if outcome.reply.code else None


def test_a_lot_that_is_not_shown_takes_no_bid_and_is_said_not_to_be() -> None:
    venue = a_hall(30 * MINUTE)
    before = bid(venue)
    fired = venue.send(SYSTEM, FireDeadlines(), after_us=30 * MINUTE)

    assert (before, bid(venue)) == (RejectCode.LOT_UNKNOWN, None)
    assert fired.events == [LotsPreviewed("E")]


def test_a_preview_that_is_past_comes_with_the_publication() -> None:
    venue = a_hall(MINUTE, publish_after_us=2 * MINUTE)

    assert venue.outcomes[-1].events == [EventPublished("E"), LotsPreviewed("E")]
    assert bid(venue) is None


@pytest.mark.parametrize("preview_us", [30 * MINUTE, 60 * MINUTE])
def test_lots_are_shown_once_and_before_the_first_one_opens(preview_us: int) -> None:
    venue = a_hall(preview_us)

    fired = venue.send(SYSTEM, FireDeadlines(), after_us=61 * MINUTE)

    assert [type(event).__name__ for event in fired.events] == ["LotsPreviewed", "LotOpened"]


def test_a_cancelled_event_previews_nothing() -> None:
    venue = a_hall(30 * MINUTE)
    venue.send("B", CancelEvent(event_id="E", reason="Enough"))

    assert venue.send(SYSTEM, FireDeadlines(), after_us=40 * MINUTE).events == []


@pytest.mark.parametrize("after_us", [MINUTE, 31 * MINUTE])
def test_read_models_and_snapshots_know_what_is_shown(after_us: int) -> None:
    venue = a_hall(30 * MINUTE)
    venue.send(SYSTEM, FireDeadlines(), after_us=after_us)
    views = Views.from_kernel(Exchange())
    pairs = zip(venue.log, venue.outcomes, strict=True)
    views.apply([Released(seq, *pair, None) for seq, pair in enumerate(pairs, 1)])

    fresh = Views.from_kernel(Exchange.load(venue.kernel.dump()))

    shown = [each.sourcing.events["E"].shows(each.sourcing.lots["L"]) for each in (views, fresh)]
    assert shown == [after_us > 30 * MINUTE] * 2
    assert views.sourcing.events["E"].dump() == fresh.sourcing.events["E"].dump()
