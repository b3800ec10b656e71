"""What the load generator has ready before it begins."""

import msgspec

from benchmarks.load import frames
from benchmarks.load.script import ID_LENGTH, Script, stand_ins
from exchange.core.messages import CancelOrder, PlaceOrder

IDS = ["A" * ID_LENGTH, "B" * ID_LENGTH]
_decode = msgspec.json.Decoder(PlaceOrder | CancelOrder).decode


def read(stream: bytes) -> list[PlaceOrder | CancelOrder]:
    """Frames are masked with zeros, so their payload stands in them as it is."""
    commands = []
    while stream:
        header = 8 if stream[1] & 0x7F == 126 else 6
        length = int.from_bytes(stream[2:4], "big") if header == 8 else stream[1] & 0x7F
        assert stream[0] == frames.TEXT and stream[1] & 0x80
        commands.append(_decode(stream[header : header + length]))
        stream = stream[header + length :]
    return commands


def test_frames_are_cut_where_commands_end() -> None:
    script = Script.of(7, 0, 2, 50).named(IDS)

    parts = [command for start in range(0, 50, 10) for command in read(script.frames(start, 10))]

    assert parts == read(script.frames(0, 50))
    assert [command.ref for command in parts] == list(range(1, 51))


def test_a_servers_instruments_take_the_place_of_the_stand_ins() -> None:
    script = Script.of(7, 0, 2, 200)

    named = {
        command.instrument_id
        for command in read(script.named(IDS).frames(0, 200))
        if isinstance(command, PlaceOrder)
    }

    assert named == set(IDS)
    assert stand_ins(2)[0].encode() in script.frames(0, 200)  # the script itself stays as it was


def test_the_same_seed_makes_the_same_frames_and_another_member_others() -> None:
    first, again, other = Script.of(7, 0, 2, 100), Script.of(7, 0, 2, 100), Script.of(7, 1, 2, 100)

    assert first.frames(0, 100) == again.frames(0, 100) != other.frames(0, 100)
