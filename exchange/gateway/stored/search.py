"""Search for instruments in the table that the follower fills: by number, by piece of a number, by words.

Guarantees: hits come best first and in pages that neither skip nor repeat: the number itself, then numbers that
begin with it (the shortest first), that contain it, then instruments whose words begin with the words asked for.
Only where there is none of these, numbers that look alike.
Known limits: an instrument is found a moment after its commit, and not at all where no follower runs.
"""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.goods.parts import manufacturer_key, part_key
from exchange.gateway.notation import Id
from exchange.gateway.stored.records import Records, Row

WORDS_MAX: Final = 16
PIECE_LENGTH_MIN: Final = 3
"""A shorter piece has no trigram of its own: only numbers that begin with it are found."""
PLACE_LENGTH: Final = 24
"""Characters of the table's column `place`: few enough for a cursor."""
EXACT, BEGINS, CONTAINS, WORDS = 4_000, 3_000, 2_000, 1_000
"""Least score of each kind of hit; below are numbers that look alike."""

_WORD: Final = re.compile(r"[^\W_]+")
_FILTERED: Final = """
    ($4 = '' or manufacturer_key = $4) and ($5 = '' or condition = $5) and ($6 = '' or packaging = $6)
    and ($7 = '' or rohs = $7) and ($8 = '' or traceability = $8) and ($9 = '' or origin = $9)
    and ($10 = '' or currency = $10)
    and ($11 = 0 or ((date_code_from = 0 or date_code_from <= $11) and (date_code_to = 0 or date_code_to >= $11)))
"""
_BEHIND: Final = """
where $12::integer is null or score < $12
    or (score = $12 and (place, instrument_id) > ($13, $14))
order by score desc, place, instrument_id limit $15
"""
_QUERY: Final = "websearch_to_tsquery('english', $2) || to_tsquery('simple', $3)"
_FIND: Final = f"""
select * from (
    select instrument_id, place, text_hash, case
        when $1 = '' then {WORDS}
        when search_key = $1 then {EXACT}
        when starts_with(search_key, $1) then {BEGINS} + 99 - least(99, length(search_key) - length($1))
        when strpos(search_key, $1) > 0 then {CONTAINS} + 99 - least(99, length(search_key) - length($1))
        else {WORDS}
    end as score
    from instruments
    where (search_key like $16::text or words @@ ({_QUERY})) and {_FILTERED}
) hits {_BEHIND}
"""  # noqa: S608 (made of constants only)
_ALIKE: Final = f"""
select * from (
    select instrument_id, place, text_hash, (similarity(search_key, $1) * 999)::integer as score
    from instruments where search_key % $1 and $2 = $2 and $3 = $3 and {_FILTERED} and $16 = $16::text
) hits {_BEHIND}
"""  # noqa: S608 (made of constants only)
_LIST: Final = f"""
select instrument_id, place, text_hash, 0 as score from instruments
where $1 = $1 and $2 = $2 and $3 = $3 and {_FILTERED} and $16::text is null
    and ($12::integer is null or (place, instrument_id) > ($13, $14))
order by place, instrument_id limit $15
"""  # noqa: S608 (made of constants only)


class Filters(Struct, frozen=True, kw_only=True):
    """What hits must be; empty: anything."""

    manufacturer: str = ""
    condition: str = ""
    packaging: str = ""
    rohs: str = ""
    traceability: str = ""
    origin: str = ""
    currency: str = ""
    date_code: int = 0  # a week in which the goods may have been made


class Place(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which hit a page goes on."""

    score: Annotated[int, Meta(ge=0, le=EXACT)]
    place: Annotated[str, Meta(pattern="^[^\\u0000-\\u001f\\u007f]*$", max_length=PLACE_LENGTH)]
    instrument_id: Id


class Unsearchable(ValueError):
    """The text has neither a word nor anything of a part number."""


async def find(records: Records, text: str, filters: Filters, after: Place | None, limit: int) -> list[Row]:
    """Hits behind a place, best first, with `instrument_id`, `place`, `text_hash`, `score`.

    Without a text: all that the filters let through, by number. Raises Unsearchable.
    """
    key = part_key(text) or ""
    words = [word.lower() for word in _WORD.findall(text)][:WORDS_MAX]
    if text and not key and not words:
        raise Unsearchable
    if not text:
        return await _fetch(records, _LIST, "", "", filters, after, limit)
    if after is None or after.score >= WORDS:
        hits = await _fetch(records, _FIND, key, " ".join(words), filters, after, limit)
        if hits or after is not None or not key:
            return hits
    return await _fetch(records, _ALIKE, key, "", filters, after, limit)


async def _fetch(
    records: Records, statement: str, key: str, words: str, filters: Filters, after: Place | None, limit: int
) -> list[Row]:
    piece = None
    if key:
        piece = f"%{key}%" if len(key) >= PIECE_LENGTH_MIN else f"{key}%"
    begins = " & ".join(f"{word}:*" for word in words.split())
    # A maker that can't be read is none that anybody has.
    maker = filters.manufacturer and (manufacturer_key(filters.manufacturer) or "\x7f")
    place = (after.score, after.place, after.instrument_id) if after else (None, "", "")
    return await records.fetch(
        statement,
        key,
        words,
        begins,
        maker,
        filters.condition,
        filters.packaging,
        filters.rohs,
        filters.traceability,
        filters.origin,
        filters.currency,
        filters.date_code,
        *place,
        limit,
        piece,
    )
