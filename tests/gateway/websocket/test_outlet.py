"""One write per connection and commit; a slow reader costs bounded memory and nobody else anything."""

from collections.abc import Callable
from pathlib import Path

from exchange.gateway.limits import BEHIND_US_MAX, BUFFERED_HARD_BYTES, BUFFERED_SOFT_BYTES
from exchange.gateway.websocket import closing
from exchange.gateway.websocket.closing import REASONS, CloseCode
from exchange.gateway.websocket.outlet import Outlet, Post
from exchange.gateway.websocket.wire import text_frame
from tests.gateway.floor import Line


class Desk:
    """A post office with a clock set by hand."""

    def __init__(self) -> None:
        self.now_us = 0
        self.soon: list[Callable[[], None]] = []
        self.post = Post(lambda: self.now_us, self.soon.append)
        self.lines: list[Line] = []

    def outlet(self, *, stuck_bytes: int = 0) -> tuple[Outlet, Line]:
        line = Line()
        line.stuck_bytes = stuck_bytes
        self.lines.append(line)
        return Outlet(line, self.post), line


class Stream:
    """A followed stream whose snapshot is its name."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.outlets: dict[Outlet, None] = {}

    def snapshot(self) -> bytes:
        return text_frame(self.name)

    def join(self, outlet: Outlet) -> None:
        outlet.streams[self.name.decode()] = self
        self.outlets[outlet] = None


def test_frames_leave_as_one_write_in_their_order() -> None:
    desk = Desk()
    outlet, line = desk.outlet()

    for text in (b"a", b"b", b"c"):
        outlet.send(text_frame(text))
    assert line.writes == []
    desk.post.flush()

    assert line.writes == [b"\x81\x01a\x81\x01b\x81\x01c"]


def test_what_is_sent_outside_a_commit_leaves_at_the_end_of_the_turn() -> None:
    desk = Desk()
    outlet, line = desk.outlet()

    outlet.send(text_frame(b"a"))
    outlet.send(text_frame(b"b"))
    (flush,) = desk.soon
    flush()

    assert line.heard_bytes() == [b"a", b"b"]
    outlet.send(text_frame(b"c"))
    assert len(desk.soon) == 2


def test_what_has_left_before_the_turn_ends_does_not_leave_again() -> None:
    desk = Desk()
    outlet, line = desk.outlet()

    outlet.send(text_frame(b"a"))
    desk.post.flush()
    outlet.send(text_frame(b"b"))
    (flush,) = desk.soon
    flush()

    assert line.writes == [b"\x81\x01a", b"\x81\x01b"]


def test_nobody_is_always_last() -> None:
    desk = Desk()
    written: list[int] = []
    outlets = [desk.outlet()[0] for _ in range(10)]
    for number, line in enumerate(desk.lines):
        line.write = lambda frames, number=number: written.append(number)  # type: ignore[method-assign,misc]

    last = []
    for _ in range(20):
        for outlet in outlets:
            outlet.send(b"x")
        desk.post.flush()
        last.append(written[-1])

    assert sorted(set(written)) == list(range(10))
    assert len(written) == 200
    assert len(set(last)) > 5


def test_over_the_soft_bound_a_reader_is_behind_until_it_has_read_all() -> None:
    desk = Desk()
    outlet, line = desk.outlet()
    behind = []
    for stuck_bytes in (BUFFERED_SOFT_BYTES, BUFFERED_SOFT_BYTES + 1, 1, 0):
        line.stuck_bytes = stuck_bytes
        desk.post.catch_up()
        outlet.send(b"x")
        desk.post.flush()
        behind.append(outlet.behind)

    assert behind == [False, True, True, False]


def test_a_reader_that_caught_up_gets_a_snapshot_of_each_stream_that_it_missed() -> None:
    desk = Desk()
    outlet, line = desk.outlet(stuck_bytes=BUFFERED_SOFT_BYTES + 1)
    streams = [Stream(name) for name in (b"one", b"two", b"three")]
    for stream in streams:
        stream.join(outlet)
    outlet.send(text_frame(b"x"))
    desk.post.flush()
    outlet.missed.update(dict.fromkeys(streams[:2]))
    outlet.leave("two")
    line.heard_bytes()

    line.stuck_bytes = 0
    desk.post.catch_up()
    desk.post.flush()

    assert line.heard_bytes() == [b"one"]

    # Behind once more, but nothing was missed this time.
    line.stuck_bytes = BUFFERED_SOFT_BYTES + 1
    outlet.send(text_frame(b"y"))
    desk.post.flush()
    line.stuck_bytes = 0
    desk.post.catch_up()
    desk.post.flush()
    assert line.heard_bytes() == [b"y"]


def test_over_the_hard_bound_a_reader_is_told_to_come_back() -> None:
    desk = Desk()
    outlet, line = desk.outlet(stuck_bytes=BUFFERED_HARD_BYTES + 1)
    other, other_line = desk.outlet()
    stream = Stream(b"one")
    stream.join(outlet)

    outlet.send(text_frame(b"x"))
    other.send(text_frame(b"y"))
    desk.post.flush()

    assert line.closed == (4008, REASONS[CloseCode.SLOW])
    assert line.writes == []
    assert stream.outlets == {}
    assert other_line.heard_bytes() == [b"y"]
    assert desk.post.slow_closed == 1


def test_whoever_takes_too_long_is_told_to_come_back() -> None:
    desk = Desk()
    outlet, line = desk.outlet(stuck_bytes=BUFFERED_SOFT_BYTES + 1)
    outlet.send(b"x")
    desk.post.flush()

    desk.now_us += BEHIND_US_MAX
    desk.post.catch_up()
    in_time = line.closed
    desk.now_us += 1
    desk.post.catch_up()
    desk.post.catch_up()  # once is enough

    assert in_time is None
    assert line.closed == (CloseCode.SLOW, REASONS[CloseCode.SLOW])


def test_closing_sends_what_waits_and_then_nothing() -> None:
    desk = Desk()
    outlet, line = desk.outlet()

    outlet.send(text_frame(b"last"))
    outlet.close(CloseCode.GOING_AWAY)
    outlet.close(CloseCode.SLOW)
    desk.post.flush()

    assert line.heard_bytes() == [b"last"]
    assert line.closed == (4000, REASONS[CloseCode.GOING_AWAY])


def test_a_connection_that_is_gone_is_not_written_to() -> None:
    desk = Desk()
    outlet, line = desk.outlet()
    stream = Stream(b"one")
    stream.join(outlet)

    outlet.send(text_frame(b"x"))
    outlet.shut()
    desk.post.flush()

    assert line.writes == []
    assert stream.outlets == {} and outlet.streams == {}


def test_every_close_code_has_its_line_in_the_readme() -> None:
    readme = Path(closing.__file__).with_name("README.md").read_text(encoding="utf-8")

    assert [line for line in readme.splitlines() if line.startswith("| 4")] == [
        f"| {code:d} | {reason} |" for code, reason in REASONS.items()
    ]


def test_close_codes_tell_whether_to_come_back() -> None:
    come_back = {CloseCode.GOING_AWAY, CloseCode.SLOW, CloseCode.TOO_MANY_CONNECTIONS}

    for code, reason in REASONS.items():
        assert (4000 <= code < 4500) == (code in come_back) == ("reconnect" in reason)
        assert 4000 <= code < 5000
        assert len(reason.encode()) <= 123
