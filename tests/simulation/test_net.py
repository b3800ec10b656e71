"""A simulated connection does what TCP does, and nothing that it does not."""

from random import Random

import pytest

from exchange.gateway.websocket.wire import text_frame
from tests.simulation.loop import SimLoop
from tests.simulation.net import Link, Weather, payloads_of

SECOND = 1_000_000


class Ends:
    """Both ends of a connection, and what they heard."""

    def __init__(self, seed: int = 1) -> None:
        self.loop = SimLoop(Random(seed))  # type: ignore[abstract]  # what it lacks nobody asks for
        self.weather = Weather(Random(seed), 50_000, 0.2, 10)
        self.at_client: list[bytes] = []
        self.at_server: list[bytes] = []
        self.written: list[bytes] = []
        self.codes: list[int] = []
        self.server_ends = 0
        client, server = self.loop.context_of("client"), self.loop.context_of("server")
        own = (self.at_server.append, self.end, server)
        self.link = Link(self.loop, self.weather, (self, client), own, self.written.append)

    def heard(self, frame: bytes) -> None:
        self.at_client.append(frame)

    def hung_up(self, code: int) -> None:
        self.codes.append(code)

    def end(self) -> None:
        self.server_ends += 1

    def told(self) -> tuple[list[int], int]:
        """The codes that the client heard, and how often the server was told the end."""
        return list(self.codes), self.server_ends

    def pass_us(self, us: int) -> None:
        self.loop.run_until(self.loop.now_us + us)


FRAMES = [b'{"number":%d}' % number for number in range(40)]


@pytest.mark.parametrize("length", [1, 125, 126, 65_535, 65_536])
def test_joined_frames_are_taken_apart(length: int) -> None:
    payloads = [b"x" * length, b"y"]

    assert payloads_of(b"".join(map(text_frame, payloads))) == payloads


def test_frames_arrive_late_in_their_order_and_each_once() -> None:
    ends = Ends()

    for frame in FRAMES:
        ends.link.up.send([frame])
        ends.link.write(text_frame(frame))
        ends.pass_us(1_000)
    assert len(ends.at_client) < len(FRAMES)
    ends.pass_us(10 * SECOND)

    assert ends.at_client == ends.at_server == ends.written == FRAMES


def test_a_break_loses_all_but_a_prefix_and_both_ends_learn_of_it() -> None:
    kept = set()
    for seed in range(30):
        ends = Ends(seed)
        ends.link.up.send(FRAMES)
        ends.link.write(b"".join(map(text_frame, FRAMES)))
        ends.link.tear(lambda: 2 * SECOND)
        ends.pass_us(SECOND)
        assert ends.told() == ([], 0)
        ends.pass_us(20 * SECOND)

        assert ends.at_client == FRAMES[: len(ends.at_client)]
        assert ends.at_server == FRAMES[: len(ends.at_server)]
        assert ends.told() == ([0], 1)
        kept.add(len(ends.at_client))

    assert len(kept) > 3


def test_nothing_sent_after_a_break_arrives() -> None:
    ends = Ends()
    ends.link.tear(lambda: SECOND)

    ends.link.up.send(FRAMES)
    ends.link.write(text_frame(FRAMES[0]))
    ends.pass_us(10 * SECOND)

    assert ends.at_client == ends.at_server == []


def test_a_close_tells_its_code() -> None:
    ends = Ends()

    ends.link.close(4_008, "slow")
    ends.pass_us(SECOND)

    assert ends.codes == [4_008] and ends.server_ends == 1


def test_a_client_that_leaves_hears_nothing_more() -> None:
    ends = Ends()
    ends.link.write(text_frame(FRAMES[0]))

    ends.link.leave()
    ends.pass_us(20 * SECOND)

    assert ends.at_client == [] and ends.codes == [] and ends.server_ends == 1


def test_a_slow_reader_has_something_buffered_until_it_reads() -> None:
    ends = Ends()
    ends.link.slow = True
    ends.link.down.stall(5 * SECOND)

    ends.link.write(text_frame(FRAMES[0]))
    ends.pass_us(SECOND)
    assert ends.link.buffered() == 10 * len(FRAMES[0])
    ends.link.hurry()
    ends.pass_us(1)

    assert ends.at_client == FRAMES[:1] and ends.link.buffered() == 0


def test_with_a_host_dies_what_is_on_its_way_to_it() -> None:
    ends = Ends()
    ends.link.up.send(FRAMES)
    ends.link.write(text_frame(FRAMES[0]))

    ends.loop.cut_power("server")
    ends.pass_us(10 * SECOND)

    assert ends.at_server == [] and ends.at_client == FRAMES[:1]
