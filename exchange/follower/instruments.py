"""The table in which instruments are searched: a picture of the kernel's instruments with their descriptions.

Guarantees: the rows are a function of the instruments and of `instrument_texts`, so they can be made again at
any time; whoever wiped the table finds it whole after the next start of the follower.
Known limits: a description is read when its instrument is archived and isn't looked at again.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg
from msgspec import Struct
from msgspec.structs import astuple

from exchange.core.goods.instruments import Instrument
from exchange.core.goods.parts import manufacturer_key, part_key
from exchange.core.messages import InstrumentCreated, Part

STRETCH_ROWS_MAX: Final = 10_000
"""Rows in one statement when the table is made anew."""

COLUMNS: Final = (
    "instrument_id", "symbol", "currency", "search_key", "manufacturer", "manufacturer_key", "part_number",
    "condition", "packaging", "date_code_from", "date_code_to", "rohs", "origin", "traceability", "text_hash",
)  # fmt: skip
INSERT: Final = f"""
insert into instruments ({", ".join(COLUMNS)}, words)
select
    made.*,
    to_tsvector('simple', concat_ws(
        ' ', made.symbol, made.manufacturer, made.part_number, made.condition, made.packaging,
        regexp_replace(
            concat_ws(' ', made.symbol, made.manufacturer, made.part_number, texts.text),
            '[^[:alnum:]]+', ' ', 'g'
        )
    )) || to_tsvector('english', coalesce(texts.text, ''))
from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::integer[], $11::integer[], $12::text[], $13::text[], $14::text[], $15::text[]
) as made ({", ".join(COLUMNS)})
left join instrument_texts texts on texts.text_hash = made.text_hash
"""  # noqa: S608 (made of constants only)


class InstrumentRow(Struct, gc=False):
    """An instrument; fields as in the table `instruments`, empty where it is no described part."""

    instrument_id: str
    symbol: str
    currency: str
    search_key: str
    manufacturer: str = ""
    manufacturer_key: str = ""
    part_number: str = ""
    condition: str = ""
    packaging: str = ""
    date_code_from: int = 0
    date_code_to: int = 0
    rohs: str = ""
    origin: str = ""
    traceability: str = ""
    text_hash: str = ""

    def describe(self, part: Part) -> None:
        """It is this part."""
        self.search_key = part_key(part.part_number) or self.search_key
        self.manufacturer, self.part_number = part.manufacturer, part.part_number
        self.manufacturer_key = manufacturer_key(part.manufacturer) or ""
        self.condition, self.packaging = part.condition, part.packaging
        self.date_code_from, self.date_code_to = part.date_code_from, part.date_code_to
        self.rohs, self.origin, self.traceability = part.rohs, part.origin, part.traceability


def new_row(made: InstrumentCreated | Instrument) -> InstrumentRow:
    """The row of an instrument that is no described part yet."""
    symbol = made.symbol.replace("\0", "")  # which the database's text can't hold
    return InstrumentRow(made.instrument_id, symbol, made.currency, part_key(symbol) or symbol.upper())


async def insert(connection: "asyncpg.Connection[asyncpg.Record]", rows: Sequence[InstrumentRow]) -> None:
    """Add rows, with the descriptions that stand under their hashes."""
    columns = zip(*map(astuple, rows), strict=True)
    await connection.execute(INSERT, *map(list, columns))


async def make_whole(
    connection: "asyncpg.Connection[asyncpg.Record]", instruments: Sequence[Instrument]
) -> bool:
    """Make the table anew unless it has a row for each instrument; whether it had to be."""
    if await connection.fetchval("select count(*) from instruments") == len(instruments):
        return False
    rows = []
    for made in instruments:
        rows.append(new_row(made))
        rows[-1].text_hash = made.text_hash
        if made.part:
            rows[-1].describe(made.part)
    async with connection.transaction():
        await connection.execute("delete from instruments")
        for first in range(0, len(rows), STRETCH_ROWS_MAX):
            await insert(connection, rows[first : first + STRETCH_ROWS_MAX])
    return True
