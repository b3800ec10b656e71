"""Feeds of the continuous market and of its members: snapshots, numbers, recovery, slow readers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.messages import AmendOrder, CancelOrder, DeclareStock, PlaceOrder, Side, TimeInForce, shown
from exchange.core.messages.shown import AccountState, Print, Subscribe, Subscribed, Unsubscribe
from exchange.core.rejects import RejectCode
from exchange.gateway.limits import BUFFERED_SOFT_BYTES, IDLE_US_MAX, RING_FRAMES_MAX
from exchange.gateway.websocket import feed
from exchange.views.views import Views
from tests.gateway.floor import EPOCH, Floor, a_floor, an_order, codes
from tests.gateway.readers import BookReader

BUY, SELL = Side.BUY, Side.SELL
BOOK = "book:LM358"


def a_market() -> Floor:
    """Bids at 99 and 98 of `m`, an offer at 101 of `n`."""
    floor = a_floor()
    floor.member("n")
    floor.venue.money("n", 1_000_000)
    floor.venue.stock("n", 1_000)
    floor.venue.order("m", BUY, 99, 10)
    floor.venue.order("m", BUY, 98, 5)
    floor.venue.order("n", SELL, 101, 7)
    floor.commit()
    return floor


# --- books ------------------------------------------------------------------------------------------


def test_a_book_begins_with_all_its_levels_and_goes_on_with_what_changes() -> None:
    floor = a_market()
    caller = floor.caller("m")

    subscribed, snapshot = caller.follow(BOOK)
    assert subscribed == Subscribed(BOOK, EPOCH, 0, recovered=False)
    assert isinstance(snapshot, shown.BookSnapshot)
    assert (snapshot.epoch, snapshot.offset, snapshot.currency, snapshot.price_scale) == (EPOCH, 0, "USD", 2)
    assert (snapshot.bids, snapshot.asks) == ([(99, 10), (98, 5)], [(101, 7)])

    floor.venue.order("m", BUY, 99, 1)
    floor.venue.order("n", SELL, 98, 11)
    floor.commit()

    (delta,) = caller.hear()
    assert isinstance(delta, shown.BookDelta)
    assert (delta.epoch, delta.offset, delta.at_us) == (EPOCH, 1, floor.now_us())
    assert (delta.bids, delta.asks) == ([(99, 0)], [])


def test_a_commit_that_leaves_every_level_as_it_was_sends_nothing() -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK)

    floor.venue.order("m", BUY, 97, 3)
    floor.venue.send("m", CancelOrder(order_id="id-4"))
    floor.venue.member("x")
    floor.commit()

    assert caller.hear() == []


def test_everybody_gets_the_same_bytes() -> None:
    floor = a_market()
    callers = [floor.caller(member_id) for member_id in "mnm"]
    for caller in callers:
        caller.follow(BOOK, "trades:LM358", "ticker:LM358", "notices")

    floor.venue.order("n", SELL, 99, 1)
    floor.venue.instrument("NE555")
    floor.commit()

    first, *others = [caller.line.heard_bytes() for caller in callers]
    assert len(first) == 4
    assert others == [first, first]


def test_each_commit_is_one_write_whatever_it_holds() -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK, "trades:LM358", "ticker:LM358", "own")

    caller.say(an_order(ref=1, price=101), an_order(ref=2))
    floor.commit()

    assert len(caller.line.writes) == 1
    assert [type(frame) for frame in caller.hear()] == [
        shown.Ack, shown.Ack, shown.BookDelta, shown.Trades, shown.Ticker, shown.Own,
    ]  # fmt: skip


def test_a_heartbeat_tells_where_each_book_stands() -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK, "trades:LM358", "own")
    floor.venue.order("m", BUY, 99, 1)
    floor.commit()
    caller.hear()

    floor.feed.tick()

    assert caller.hear() == [shown.Heartbeat(BOOK, EPOCH, 1, floor.now_us())]


# --- coming back ------------------------------------------------------------------------------------


def test_whoever_comes_back_in_time_misses_nothing() -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK)
    stayed = floor.caller("m")
    stayed.follow(BOOK)
    caller.session.ended()
    for quantity in (1, 2, 3):
        floor.venue.order("m", BUY, 97, quantity)
        floor.commit()
    back = floor.caller("m")

    back.say(Subscribe(BOOK, EPOCH, 1))

    subscribed, *missed = back.line.heard_bytes()
    assert b'"recovered":true' in subscribed and b'"offset":3' in subscribed
    assert missed == stayed.line.heard_bytes()[-2:]


POSITIONS = [
    ("nowhere", 0, 0, False),
    ("another epoch", EPOCH - 1, 2, False),
    ("ahead", EPOCH, 4, False),
    ("here", EPOCH, 3, True),
    ("the beginning", EPOCH, 0, True),
]


@pytest.mark.parametrize("case,epoch,offset,recovered", POSITIONS)
def test_a_position_is_recovered_or_replaced(case: str, epoch: int, offset: int, recovered: bool) -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK)
    for _ in range(3):
        floor.venue.order("m", BUY, 97, 1)
        floor.commit()
    caller.hear()

    caller.say(Subscribe(BOOK, epoch, offset))

    subscribed, *frames = caller.hear()
    assert subscribed == Subscribed(BOOK, EPOCH, 3, recovered)
    assert len(frames) == (3 - offset if recovered else 1)
    assert isinstance(
        frames[0] if frames else None, shown.BookDelta | None if recovered else shown.BookSnapshot
    )


def test_what_is_too_long_ago_is_replaced_by_a_snapshot() -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK)
    for _ in range(RING_FRAMES_MAX + 1):
        floor.venue.order("m", BUY, 97, 1)
        floor.commit()
    caller.hear()

    caller.say(Subscribe(BOOK, EPOCH, 1))
    assert len(caller.hear()) == 1 + RING_FRAMES_MAX
    caller.say(Subscribe(BOOK, EPOCH, 0))
    assert isinstance(caller.hear()[1], shown.BookSnapshot)


def test_a_stream_goes_on_for_a_minute_without_readers_and_then_leaves_a_gap() -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK)
    caller.session.ended()
    floor.feed.tick()
    floor.venue.at_us += IDLE_US_MAX
    floor.feed.tick()
    assert floor.feed.streams == 1
    assert floor.views.market.books["LM358"].watchers == 1

    floor.venue.at_us += 1
    floor.feed.tick()
    assert floor.feed.streams == 0
    assert floor.views.market.books["LM358"].watchers == 0
    floor.venue.order("m", BUY, 97, 1)
    floor.commit()
    back = floor.caller("m")
    back.say(Subscribe(BOOK, EPOCH, 0))

    subscribed, snapshot = back.hear()
    assert subscribed == Subscribed(BOOK, EPOCH, 1, recovered=False)
    assert isinstance(snapshot, shown.BookSnapshot) and snapshot.offset == 1


def test_a_reader_that_returns_within_the_minute_starts_another_one() -> None:
    floor = a_market()
    floor.caller("m").session.ended()
    for _ in range(3):
        caller = floor.caller("m")
        caller.say(Subscribe(BOOK, EPOCH, 0))
        floor.feed.tick()
        caller.session.ended()
        floor.feed.tick()
        floor.venue.at_us += IDLE_US_MAX
        floor.feed.tick()

        assert floor.feed.streams == 1


def test_a_stream_with_a_reader_goes_on_for_ever() -> None:
    floor = a_market()
    floor.caller("m").follow(BOOK)
    for _ in range(3):
        floor.feed.tick()
        floor.venue.at_us += 10 * IDLE_US_MAX

    assert floor.feed.streams == 1


def test_following_again_starts_anew_and_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SUBSCRIPTIONS_MAX", 2)
    floor = a_market()
    caller = floor.caller("m")
    caller.follow(BOOK, "own")

    assert codes(caller.follow("notices")) == [("Error", RejectCode.TOO_MANY_SUBSCRIPTIONS, "channel")]
    assert isinstance(caller.follow(BOOK)[1], shown.BookSnapshot)
    floor.venue.order("n", SELL, 102, 1)
    floor.commit()
    assert len(caller.hear()) == 1

    caller.say(Unsubscribe(BOOK))
    assert caller.hear() == [shown.Unsubscribed(BOOK)]
    assert isinstance(caller.follow("notices")[1], shown.Notices)
    floor.venue.order("n", SELL, 102, 1)
    floor.commit()
    assert caller.hear() == []


UNKNOWN = [
    "",
    "book",
    "book:",
    "book:nothing",
    "Book:LM358",
    "own:m",
    "notices:",
    "lot:LM358",
    "trades:LM358:",
    "x",
]


@pytest.mark.parametrize("channel", UNKNOWN)
def test_there_is_no_other_channel(channel: str) -> None:
    caller = a_market().caller("m")

    caller.session.receive(b'{"type":"subscribe","channel":"%b"}' % channel.encode())
    caller.floor.turn()

    (refused,) = codes(caller.hear())
    assert refused[1] in {RejectCode.CHANNEL_UNKNOWN, RejectCode.MALFORMED}
    assert caller.floor.feed.streams == 0


# --- trades, ticker, notices ------------------------------------------------------------------------


def test_trades_are_told_commit_by_commit_after_the_recent_ones() -> None:
    floor = a_market()
    floor.venue.order("m", BUY, 101, 2)
    floor.commit()
    first_us = floor.now_us()
    caller = floor.caller("n")
    earlier = caller.follow("trades:LM358")[1]
    floor.venue.order("m", BUY, 101, 1)
    second_us = floor.now_us()
    floor.venue.order("n", SELL, 99, 4)
    floor.commit()

    assert earlier == shown.Trades("trades:LM358", EPOCH, 0, [Print(1, 101, 2, BUY, first_us)], snapshot=True)
    assert caller.hear() == [
        shown.Trades(
            "trades:LM358",
            EPOCH,
            1,
            [Print(2, 101, 1, BUY, second_us), Print(3, 99, 4, SELL, floor.now_us())],
        )
    ]


def test_a_ticker_is_told_when_it_changes() -> None:
    floor = a_market()
    caller = floor.caller("m")
    channel = "ticker:LM358"
    assert caller.follow(channel)[1] == shown.Ticker(
        channel, EPOCH, 0, 99, 10, 101, 7, 0, 0, 0, floor.now_us()
    )

    floor.venue.order("m", BUY, 97, 1)  # behind the best
    floor.commit()
    assert caller.hear() == []

    floor.venue.order("m", BUY, 101, 2)
    floor.commit()
    assert caller.hear() == [shown.Ticker(channel, EPOCH, 1, 99, 10, 101, 5, 101, 2, 2, floor.now_us())]


def test_notices_tell_of_new_instruments_after_all_there_are() -> None:
    floor = a_market()
    caller = floor.caller("m")
    (_, every) = caller.follow("notices")
    assert isinstance(every, shown.Notices) and every.snapshot
    assert [each.instrument_id for each in every.instruments] == ["LM358"]

    floor.venue.instrument("NE555", tick=5)
    floor.commit()

    (fresh,) = caller.hear()
    assert isinstance(fresh, shown.Notices) and (fresh.offset, fresh.snapshot) == (1, False)
    assert [(each.symbol, each.tick) for each in fresh.instruments] == [("NE555", 5)]


def test_notices_advertise_new_stock_without_its_seller() -> None:
    floor = a_market()
    caller = floor.caller("m")
    caller.follow("notices")
    for member_id in ("s1", "s2"):
        floor.venue.member(member_id)
        advertised = DeclareStock(instrument_id="LM358", quantity=4_830, advertise=True, lead_days=3)
        floor.venue.send(member_id, advertised)
    floor.commit()

    (fresh,) = caller.hear()

    advert = shown.Advert("LM358", 1_000, 3)
    assert fresh == shown.Notices("notices", EPOCH, 1, [], adverts=[advert, advert])
    (_, picture) = caller.follow("notices")
    assert isinstance(picture, shown.Notices) and picture.adverts == [advert, advert]
    assert not Views.from_kernel(floor.venue.kernel).catalogue.fresh_adverts


# --- own --------------------------------------------------------------------------------------------


def test_a_member_sees_its_orders_and_balances_and_what_happens_to_them() -> None:
    floor = a_market()
    caller = floor.caller("n")
    (_, snapshot) = caller.follow("own")
    assert snapshot == shown.OwnSnapshot(
        "own",
        EPOCH,
        0,
        [shown.OrderState("id-3", "LM358", SELL, 101, 7, 7)],
        [
            AccountState("reserved", "LM358", 7),
            AccountState("stock", "LM358", 993),
            AccountState("wallet", "USD", 1_000_000),
        ],
    )

    floor.venue.order("m", BUY, 101, 2)
    floor.commit()

    assert caller.hear() == [
        shown.Own(
            "own",
            EPOCH,
            1,
            floor.now_us(),
            [
                shown.OwnFill("id-3", "LM358", SELL, 1, 101, 2, 5, maker=True),
                shown.OwnContractLine("id-3", SELL, 1, 101, 2, 202),
            ],
            [AccountState("reserved", "LM358", 5)],
        )
    ]


def test_own_numbers_count_what_concerns_the_member_alone() -> None:
    floor = a_market()
    caller = floor.caller("n")
    caller.follow("own")
    for _ in range(5):
        floor.venue.order("m", BUY, 97, 1)
        floor.commit()

    floor.venue.money("n", 5)
    touched_us = floor.now_us()
    floor.venue.order("m", BUY, 97, 1)
    floor.commit()

    assert caller.hear() == [
        shown.Own("own", EPOCH, 1, touched_us, [], [AccountState("wallet", "USD", 1_000_005)])
    ]


# --- slow readers -----------------------------------------------------------------------------------


def test_a_slow_reader_is_skipped_and_then_gets_the_book_as_it_is() -> None:
    floor = a_market()
    slow, quick = floor.caller("m"), floor.caller("n")
    for caller in (slow, quick):
        caller.follow(BOOK, "trades:LM358", "own")
    reader = BookReader(BOOK)
    slow.line.stuck_bytes = BUFFERED_SOFT_BYTES + 1
    for _ in range(4):
        floor.venue.order("n", SELL, 99, 2)
        floor.commit()
    floor.feed.tick()

    # The frames of the first commit found that it is slow; of the others only its own come.
    frames = slow.hear()
    assert [type(frame) for frame in frames] == [shown.BookDelta, shown.Trades, *[shown.Own] * 4]
    assert [frame.offset for frame in quick.hear() if isinstance(frame, shown.BookDelta)] == [1, 2, 3, 4]

    slow.line.stuck_bytes = 0
    floor.commit()
    book, trades = slow.hear()
    reader.read([book])
    assert (reader.offset, reader.bids) == (4, {99: 2, 98: 5})
    assert isinstance(trades, shown.Trades) and (trades.offset, trades.snapshot) == (4, True)

    floor.venue.order("n", SELL, 99, 1)
    floor.commit()
    reader.read(slow.hear())
    assert reader.offset == 5


# --- all of it together -----------------------------------------------------------------------------

prices = st.integers(90, 110)
wishes = st.one_of(
    st.builds(
        PlaceOrder,
        instrument_id=st.just("LM358"),
        side=st.sampled_from(Side),
        price=prices,
        quantity=st.integers(1, 20),
        time_in_force=st.sampled_from(TimeInForce),
    ),
    st.builds(CancelOrder, order_id=st.integers(1, 40).map("id-{}".format)),
    st.builds(
        AmendOrder,
        order_id=st.integers(1, 40).map("id-{}".format),
        price=st.just(0) | prices,
        quantity=st.integers(0, 30),
    ),
)
happenings = st.sampled_from(["commit", "commit", "commit", "drop", "stall", "drain", "tick", "late"])


@settings(max_examples=80)
@given(st.lists(st.tuples(st.sampled_from("mn"), wishes, happenings), max_size=80))
def test_a_book_rebuilt_over_drops_and_stalls_is_the_exchanges_own(
    flow: list[tuple[str, PlaceOrder | CancelOrder | AmendOrder, str]],
) -> None:
    floor = a_market()
    caller, reader = floor.caller("m"), BookReader(BOOK)
    reader.read(caller.follow(BOOK))

    for member_id, wish, happening in flow:
        floor.venue.send(member_id, wish)
        if happening == "commit":
            floor.commit()
        elif happening in {"drop", "late"}:
            caller.session.ended()
            floor.commit()
            if happening == "late":
                floor.feed.tick()
                floor.venue.at_us += IDLE_US_MAX + 1
                floor.feed.tick()
            floor.venue.order("m", BUY, 95, 1)
            caller = floor.caller("m")
            caller.say(Subscribe(BOOK, reader.epoch, reader.offset))
        elif happening == "tick":
            floor.feed.tick()
        else:
            caller.line.stuck_bytes = BUFFERED_SOFT_BYTES + 1 if happening == "stall" else 0
        reader.read(caller.hear())
    caller.line.stuck_bytes = 0
    floor.commit()
    floor.feed.tick()
    reader.read(caller.hear())

    book = floor.views.market.books["LM358"]
    assert (reader.bids, reader.asks) == (book.bids, book.asks)
