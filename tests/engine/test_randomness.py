"""Public ids and salts are the source's bytes, each used once."""

from base64 import urlsafe_b64decode

from exchange.engine.randomness import ID_BYTES, Randomness
from tests.engine.venue import CountingSource


class Recorded:
    """A source that keeps what it gave."""

    def __init__(self) -> None:
        self.given: list[bytes] = []
        self._source = CountingSource()

    def __call__(self, length: int) -> bytes:
        self.given.append(self._source(length))
        return self.given[-1]


def _begins_with_a_dash(piece: bytes) -> bool:
    """Its first six bits are those of the 63rd letter."""
    return piece[0] >> 2 == 62


def test_an_id_is_sixteen_bytes_of_the_source_in_letters_that_a_url_takes() -> None:
    source = Recorded()
    randomness = Randomness(source)

    ids = [randomness.public_id() for _ in range(1_000)]

    given = b"".join(source.given)
    pieces = [given[at : at + ID_BYTES] for at in range(0, len(given), ID_BYTES)]
    drawn = [urlsafe_b64decode(f"{each}==") for each in ids]
    assert drawn == [each for each in pieces if not _begins_with_a_dash(each)][:1_000]
    assert len(pieces) > len(ids), "one in 64 is passed over"
    assert {len(each) for each in ids} == {22}
    assert len(set(ids)) == len(ids)


def test_salts_share_no_bytes_with_ids_or_with_each_other() -> None:
    source = Recorded()
    randomness = Randomness(source)

    first, _, second = randomness.salts(64), randomness.public_id(), randomness.salts(64)

    assert [source.given[0], source.given[2]] == [first, second]
    assert len(source.given) == 3


def test_no_id_is_taken_for_an_option_of_a_command() -> None:
    dash, other = b"\xf8" * ID_BYTES, b"\x00" * ID_BYTES
    blocks = iter([dash * 256, (dash + other) * 128])

    assert Randomness(lambda _: next(blocks)).public_id() == "A" * 22
