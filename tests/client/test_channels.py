from collections.abc import Sequence

import pytest

from exchange_client import shown
from exchange_client.book import Book
from exchange_client.channels import (
    ANSWER_US_MAX,
    HEARTBEATS_MISSED_MAX,
    TROUBLE_US_FIRST,
    ChannelEvent,
    ChannelRefused,
    Channels,
    Resynced,
    Update,
)
from tests.client.frames import an_error, said

BOOK, TRADES, TICKER = "book:i-1", "trades:i-1", "ticker:i-1"
BEAT_US = 1_000_000


def a_snapshot(
    offset: int = 0, epoch: int = 1, quantity: int = 1, crc32: int | None = None
) -> shown.BookSnapshot:
    """A book with one bid, whose checksum is right unless given."""
    bids = [(10, quantity)]
    right = Book(shown.BookSnapshot(BOOK, epoch, offset, "EUR", 0, bids, [], 0)).crc32()
    return shown.BookSnapshot(BOOK, epoch, offset, "EUR", 0, bids, [], right if crc32 is None else crc32)


def a_delta(offset: int, quantity: int, epoch: int = 1, crc32: int | None = None) -> shown.BookDelta:
    """The one bid changes."""
    right = a_snapshot(quantity=quantity).crc32
    return shown.BookDelta(BOOK, epoch, offset, 0, [(10, quantity)], [], right if crc32 is None else crc32)


def some_trades(offset: int, *, snapshot: bool = False, epoch: int = 1) -> shown.Trades:
    return shown.Trades(TRADES, epoch, offset, [], snapshot)


def a_ticker(offset: int, epoch: int = 1) -> shown.Ticker:
    return shown.Ticker(TICKER, epoch, offset, 0, 0, 0, 0, 0, 0, 0, 0)


class Desk:
    """Channels on a connection that stands; pauses are as long as they can be."""

    def __init__(self, *follows: str) -> None:
        self.out: list[bytes] = []
        self.channels = Channels(self.out, draw=lambda ends: ends - 1)
        self.channels.online(0, BEAT_US)
        for name in follows:
            self.channels.subscribe(name, 0)
            self.answer(name)

    def answer(self, name: str, *, recovered: bool = False, now_us: int = 0) -> None:
        """The exchange took the subscription."""
        self.channels.subscribed(shown.Subscribed(name, 1, 0, recovered), now_us)

    def hear(self, *frames: shown.FeedFrame) -> list[str]:
        """What comes of frames, in words."""
        return [word for frame in frames for word in words(self.channels.received(frame, 0))]

    def asked(self) -> list[tuple[str, int, int]]:
        """The subscriptions that were sent, with their positions."""
        return [(each["channel"], each.get("epoch", 0), each.get("offset", 0)) for each in said(self.out)]


def words(events: Sequence[ChannelEvent]) -> list[str]:
    """`resynced: why`, or `update offset`."""
    found = []
    for event in events:
        match event:
            case Resynced(why=why):
                found.append(f"resynced: {why}")
            case Update(frame=frame):
                found.append(f"update {frame.offset}")
            case ChannelRefused(refusal=refusal):
                found.append(f"refused: {refusal.reason}")
    return found


def test_a_channel_begins_with_a_snapshot_and_goes_on_with_each_frame_once() -> None:
    desk = Desk(BOOK)

    heard = desk.hear(a_snapshot(4), a_delta(5, 2), a_delta(5, 2), a_delta(4, 9), a_delta(6, 3))

    assert heard == ["update 4", "update 5", "update 6"]
    book = desk.channels.book(BOOK)
    assert book is not None
    assert [level.quantity for level in book.bids()] == [3]


def test_frames_before_the_snapshot_and_of_other_channels_are_not_shown() -> None:
    desk = Desk(BOOK)

    assert desk.hear(a_delta(1, 2), some_trades(1), a_ticker(1)) == []


def test_missing_frames_are_asked_for_from_the_last_one_seen() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4))
    desk.out.clear()

    assert desk.hear(a_delta(6, 3)) == []
    assert desk.asked() == [(BOOK, 1, 4)]
    desk.answer(BOOK, recovered=True)

    assert desk.hear(a_delta(5, 2), a_delta(6, 3)) == ["update 5", "update 6"]


def test_what_is_not_kept_any_more_is_healed_by_a_snapshot_and_said() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4), a_delta(6, 3))
    desk.answer(BOOK)

    assert desk.hear(a_delta(7, 4), a_snapshot(7, quantity=4)) == ["resynced: gap", "update 7"]


def test_after_a_reconnect_the_channel_goes_on_where_it_was() -> None:
    desk = Desk(BOOK, TRADES)
    desk.hear(a_snapshot(4), some_trades(2, snapshot=True))
    desk.out.clear()

    desk.channels.offline()
    desk.channels.online(0, BEAT_US)

    assert desk.asked() == [(BOOK, 1, 4), (TRADES, 1, 2)]


def test_a_snapshot_at_the_place_where_the_channel_was_missed_nothing() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4))
    desk.channels.offline()
    desk.channels.online(0, BEAT_US)
    desk.answer(BOOK)

    assert desk.hear(a_snapshot(4)) == ["update 4"]


def test_a_new_epoch_is_another_stream() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4))
    desk.channels.offline()
    desk.channels.online(0, BEAT_US)
    desk.answer(BOOK)

    assert desk.hear(a_snapshot(0, epoch=2), a_delta(1, 5, epoch=2)) == [
        "resynced: epoch",
        "update 0",
        "update 1",
    ]


def test_a_frame_of_another_epoch_in_the_stream_is_a_gap() -> None:
    desk = Desk(TRADES)
    desk.hear(some_trades(4, snapshot=True))
    desk.out.clear()

    assert desk.hear(some_trades(5, epoch=2)) == []
    assert desk.asked() == [(TRADES, 1, 4)]


def test_a_book_that_does_not_match_its_checksum_is_thrown_away_and_asked_for_anew() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4))
    desk.out.clear()

    assert desk.hear(a_delta(5, 2, crc32=7)) == []
    assert desk.channels.book(BOOK) is None
    assert desk.asked() == [(BOOK, 0, 0)]
    desk.answer(BOOK)

    assert desk.hear(a_snapshot(5, quantity=2)) == ["resynced: checksum", "update 5"]


def test_a_snapshot_that_does_not_match_either_is_asked_for_again_but_not_at_once() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4, crc32=7))
    desk.answer(BOOK)
    desk.out.clear()

    assert desk.hear(a_snapshot(4, crc32=7)) == []
    desk.channels.check(TROUBLE_US_FIRST - 1)
    assert desk.asked() == []
    desk.channels.check(TROUBLE_US_FIRST)

    assert desk.asked() == [(BOOK, 0, 0)]


def test_a_snapshot_that_the_exchange_sends_to_a_slow_reader_says_that_something_was_missed() -> None:
    desk = Desk(TRADES)

    heard = desk.hear(some_trades(4, snapshot=True), some_trades(9, snapshot=True), some_trades(10))

    assert heard == ["update 4", "resynced: gap", "update 9", "update 10"]


def test_a_frame_that_is_whole_by_itself_needs_nothing_before_it() -> None:
    desk = Desk(TICKER)
    desk.out.clear()

    heard = desk.hear(a_ticker(4), a_ticker(5), a_ticker(9), a_ticker(3))

    assert heard == ["update 4", "update 5", "resynced: gap", "update 9"]
    assert desk.asked() == []


@pytest.mark.parametrize(
    "epoch,offset,asks", [(1, 4, []), (1, 3, []), (1, 5, [(BOOK, 1, 4)]), (2, 4, [(BOOK, 1, 4)])]
)
def test_a_heartbeat_tells_whether_something_was_missed(
    epoch: int, offset: int, asks: list[tuple[str, int, int]]
) -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4))
    desk.out.clear()

    desk.channels.heartbeat(shown.Heartbeat(BOOK, epoch, offset, 0), 0)

    assert desk.asked() == asks


def test_a_book_without_heartbeats_is_asked_for_again() -> None:
    desk = Desk(BOOK, TRADES)
    desk.hear(a_snapshot(4), some_trades(1, snapshot=True))
    desk.out.clear()

    assert desk.channels.check(HEARTBEATS_MISSED_MAX * BEAT_US)
    assert desk.asked() == []
    assert desk.channels.check(HEARTBEATS_MISSED_MAX * BEAT_US + 1)

    assert desk.asked() == [(BOOK, 1, 4)]


def test_a_subscription_that_nobody_answers_condemns_the_connection() -> None:
    desk = Desk()
    desk.channels.subscribe(BOOK, 0)

    assert desk.channels.check(ANSWER_US_MAX)
    assert not desk.channels.check(ANSWER_US_MAX + 1)


def test_a_channel_that_is_not_shown_is_refused_by_name() -> None:
    desk = Desk()
    desk.channels.subscribe(BOOK, 0)
    desk.channels.subscribe(TRADES, 0)

    refused = desk.channels.refused(an_error(608, field="channel", channel=TRADES))
    desk.answer(BOOK)

    assert words(refused) == ["refused: CHANNEL_UNKNOWN"]
    assert desk.hear(a_snapshot(0), some_trades(0, snapshot=True)) == ["update 0"]


def test_answers_to_questions_of_the_past_do_not_count() -> None:
    desk = Desk()
    desk.channels.subscribe(BOOK, 0)
    desk.channels.unsubscribe(BOOK, 0)
    desk.channels.subscribe(BOOK, 0)

    desk.answer(BOOK)
    assert desk.hear(a_snapshot(1)) == []
    assert desk.channels.refused(an_error(608, channel=BOOK)) == []
    desk.answer(BOOK)

    assert desk.hear(a_snapshot(2)) == ["update 2"]


def test_a_channel_that_was_left_is_silent() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(1))
    desk.out.clear()

    desk.channels.unsubscribe(BOOK, 0)

    assert said(desk.out) == [{"type": "unsubscribe", "channel": BOOK}]
    assert desk.hear(a_delta(2, 2)) == []


def test_following_twice_is_following_once() -> None:
    desk = Desk(BOOK)
    desk.out.clear()

    assert not desk.channels.subscribe(BOOK, 0)
    assert desk.out == []


@pytest.mark.parametrize(
    "missed,heard", [("", ["update 4"]), ("slow reader", ["resynced: slow reader", "update 4"])]
)
def test_a_channel_begins_anew_when_it_is_refreshed(missed: str, heard: list[str]) -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(4))
    desk.out.clear()

    desk.channels.refresh(BOOK, 0, missed=missed)

    assert desk.asked() == [(BOOK, 0, 0)]
    desk.answer(BOOK)
    assert desk.hear(a_snapshot(4)) == heard


def test_a_refresh_costs_those_who_follow_all_along_nothing() -> None:
    desk = Desk(TRADES)
    desk.hear(some_trades(4, snapshot=True))

    desk.channels.refresh(TRADES, 0)
    before = desk.hear(some_trades(5), some_trades(6))
    desk.answer(TRADES)

    assert before == ["update 5", "update 6"]
    assert desk.hear(some_trades(6, snapshot=True), some_trades(7)) == ["update 6", "update 7"]


def test_a_refresh_that_got_lost_with_its_connection_is_asked_for_again() -> None:
    desk = Desk(TRADES)
    desk.hear(some_trades(4, snapshot=True))
    desk.channels.refresh(TRADES, 0)
    desk.out.clear()

    desk.channels.offline()
    desk.channels.online(0, BEAT_US)

    assert desk.asked() == [(TRADES, 0, 0)]


def test_an_unsubscribe_that_nobody_answers_condemns_the_connection_too() -> None:
    desk = Desk(BOOK)
    desk.hear(a_snapshot(1))

    desk.channels.unsubscribe(BOOK, 0)

    assert not desk.channels.check(ANSWER_US_MAX + 1)


def test_a_refusal_of_the_past_does_not_end_who_came_back() -> None:
    desk = Desk()
    desk.channels.subscribe(BOOK, 0)
    desk.channels.unsubscribe(BOOK, 0)
    desk.channels.subscribe(BOOK, 0)

    assert desk.channels.refused(an_error(608, channel=BOOK)) == []
    assert desk.channels.refused(an_error(608, channel=BOOK)) == []
    desk.answer(BOOK)

    assert desk.hear(a_snapshot(2)) == ["update 2"]
