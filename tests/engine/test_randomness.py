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


def test_an_id_is_sixteen_bytes_of_the_source_in_letters_that_a_url_takes() -> None:
    source = Recorded()
    randomness = Randomness(source)

    ids = [randomness.public_id() for _ in range(1_000)]

    drawn = [urlsafe_b64decode(f"{each}==") for each in ids]
    assert b"".join(drawn) == b"".join(source.given)[: ID_BYTES * len(ids)]
    assert {len(each) for each in ids} == {22}
    assert len(set(ids)) == len(ids)


def test_salts_share_no_bytes_with_ids_or_with_each_other() -> None:
    source = Recorded()
    randomness = Randomness(source)

    first, _, second = randomness.salts(64), randomness.public_id(), randomness.salts(64)

    assert [source.given[0], source.given[2]] == [first, second]
    assert len(source.given) == 3
