"""Many subscriptions in one turn: small frames that come in never pile up large ones on their way out."""

from exchange.core.messages import Side, shown
from exchange.core.messages.shown import Subscribe
from exchange.gateway.limits import BUFFERED_HARD_BYTES, BUFFERED_SOFT_BYTES
from exchange.gateway.websocket.closing import CloseCode
from tests.gateway.floor import Floor, a_floor

BOOK = "book:LM358"


def a_rich_member() -> tuple[Floor, int]:
    """`m` has so many orders that its own snapshot is over the soft bound; how large that is."""
    floor = a_floor()
    floor.venue.stock("m", 5_000)
    for _ in range(5_000):
        floor.venue.order("m", Side.SELL, 100, 1)
    floor.commit()
    caller = floor.caller("m")
    caller.say(Subscribe("own"))
    snapshot_bytes = max(map(len, caller.line.heard_bytes()))
    assert snapshot_bytes > BUFFERED_SOFT_BYTES
    return floor, snapshot_bytes


def test_whoever_asks_for_far_more_than_it_reads_is_closed_before_it_is_made() -> None:
    floor, snapshot_bytes = a_rich_member()
    caller = floor.caller("m")
    caller.line.reads = False

    caller.say(*[Subscribe("own")] * 1_000)
    floor.feed.tick()

    assert caller.line.closed is not None and caller.line.closed[0] == CloseCode.SLOW
    assert sum(map(len, caller.line.writes)) < BUFFERED_HARD_BYTES + 2 * snapshot_bytes
    outlet = caller.session.outlet
    assert (outlet.streams, outlet.first, outlet.more) == ({}, b"", [])


def test_whoever_reads_gets_all_that_it_asks_for() -> None:
    floor, _ = a_rich_member()
    caller = floor.caller("m")

    caller.say(*[Subscribe("own")] * 100)

    kinds = [type(frame) for frame in caller.hear()]
    assert kinds == [shown.Subscribed, shown.OwnSnapshot] * 100
    assert caller.line.closed is None


def test_a_snapshot_asked_for_while_behind_comes_when_the_rest_was_read() -> None:
    floor, _ = a_rich_member()
    caller = floor.caller("m")
    caller.line.reads = False
    caller.say(Subscribe("own"), Subscribe("own"), Subscribe(BOOK), Subscribe(BOOK))
    *_, first, second = caller.hear()
    assert isinstance(first, shown.Subscribed) and isinstance(second, shown.Subscribed)
    assert not first.recovered

    caller.line.reads, caller.line.stuck_bytes = True, 0
    floor.feed.tick()

    snapshot, *_ = caller.hear()
    assert isinstance(snapshot, shown.BookSnapshot) and snapshot.asks == [(100, 5_000)]
    assert caller.line.closed is None
