"""What people search is a picture of the instruments, and comes back after a wipe."""

from exchange.core.messages import Condition, Part
from exchange.follower.history import History
from tests.core.venue import Venue
from tests.follower.tables import Connection, Database, released_of

PART = Part("Texas Instruments", "lm-358 P", Condition.NOS, origin="MA")
TEXT_HASH = "ab" * 32
ROWS = (
    "select instrument_id, search_key, manufacturer_key, text_hash, words::text from instruments order by 1"
)


def a_list() -> Venue:
    """A part with a description, and a kit."""
    venue = Venue()
    venue.instrument("I1", symbol="", part=PART, text_hash=TEXT_HASH)
    venue.instrument("I2", symbol="Kit 17")
    return venue


async def rows_of(reader: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await reader.fetch(ROWS)]


async def test_an_instrument_is_searchable_with_its_description(
    database: Database, reader: Connection
) -> None:
    await reader.execute("insert into instrument_texts values ($1, 'Dual amplifiers', 0)", TEXT_HASH)
    archive, history = await database.archive(), History()
    history.add(released_of(a_list()))

    await archive.write(history)

    (described, plain) = await rows_of(reader)
    assert described[:4] == ("I1", "LM358P", "TEXASINSTRUMENTS", TEXT_HASH)
    assert all(f"'{word}'" in str(described[4]) for word in ("texas", "amplifiers", "amplifi", "lm"))
    assert plain[:4] == ("I2", "KIT17", "", "")


async def test_a_wiped_table_is_made_again_as_it_was(database: Database, reader: Connection) -> None:
    await reader.execute("insert into instrument_texts values ($1, 'Dual amplifiers', 0)", TEXT_HASH)
    venue, archive, history = a_list(), await database.archive(), History()
    history.add(released_of(venue))
    await archive.write(history)
    before, every = await rows_of(reader), venue.kernel.instruments.dump()

    assert not await archive.keep_instruments(every)
    await reader.execute("delete from instruments where instrument_id = 'I1'")
    assert await archive.keep_instruments(every)

    assert await rows_of(reader) == before
