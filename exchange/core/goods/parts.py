"""What makes two descriptions of a part the same: the normalised part number, and the identity around it.

Guarantees: pure tables, equal on every machine and in every version of Unicode; a normalised text is its own
normal form. What can't be read as a part number ends in None, never in a near guess.
Does not know that two makers are one, nor that two numbers are equivalents.

| in a part number | becomes | so that these are one |
|---|---|---|
| small letters | capitals | lm358p, LM358P |
| blanks of every width, also invisible ones | nothing | LM358 P, LM358P |
| dashes, minus signs, hyphens, underscores | nothing | LM-358P, LM358P |
| full-width letters, digits and marks | the plain ones | ＬＭ３５８Ｐ, LM358P |
| the signs for micro and mu | U | µPC1237, uPC1237 |
| `. + / # , = : & * ( ) '` | stay: they tell parts apart | 1.5KE6.8A is not 15KE68A |
| anything else | no part number | |
"""

from hashlib import sha256
from typing import Final

from exchange.core.limits import PART_NUMBER_LENGTH_MAX
from exchange.core.messages.goods import Part

Identity = tuple[str, str, str, str, int, int, str, str, str]
"""Maker and number normalised, and every other field of a part as it is."""

DATE_CODE_YEAR_MIN: Final = 1950
_WEEKS: Final = range(1, 54)
_BLANKS: Final = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\xad\u200b\u200c\u200d\u2060\ufeff"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_DASHES: Final = "-_\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d\uff3f\u30fc"
_PLAIN: Final = (
    {ord(sign): "U" for sign in "\xb5\u03bc\u039c"}
    | {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, _BLANKS + _DASHES), "")
)
_CAPITALS: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LETTERS_AND_DIGITS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_KEPT: Final = _LETTERS_AND_DIGITS | frozenset(".+/#,=:&*()'")
_DROPPED_OF_A_MAKER: Final = str.maketrans("", "", ".,&'()/")
_LATIN_END: Final = "\u0250"


def part_key(part_number: str) -> str | None:
    """The normalised part number; None if it holds a foreign sign, no letter and digit at all, or is too long."""
    key = part_number.translate(_PLAIN).translate(_CAPITALS)
    readable = all(sign in _KEPT for sign in key) and any(sign in _LETTERS_AND_DIGITS for sign in key)
    return key if readable and len(key) <= PART_NUMBER_LENGTH_MAX else None


def manufacturer_key(manufacturer: str) -> str | None:
    """The maker without case, blanks and punctuation; None if nothing is left.

    Only Latin letters lose their case: their capitals have not changed since Unicode has them.
    """
    plain = manufacturer.translate(_PLAIN).translate(_DROPPED_OF_A_MAKER)
    return "".join(sign.upper() if sign < _LATIN_END else sign for sign in plain) or None


def identity_of(part: Part) -> Identity | None:
    """What no two instruments share; None where maker or number can't be read."""
    maker, number = manufacturer_key(part.manufacturer), part_key(part.part_number)
    if maker is None or number is None:
        return None
    return (
        maker,
        number,
        part.condition,
        part.packaging,
        part.date_code_from,
        part.date_code_to,
        part.rohs,
        part.origin,
        part.traceability,
    )


def symbol_of(identity: Identity) -> str:
    """A symbol for an instrument that was given none: its number, and six characters drawn from its identity."""
    digest = sha256("\0".join(map(str, identity)).encode()).hexdigest()
    return f"{identity[1][: PART_NUMBER_LENGTH_MAX - 7]}-{digest[:6].upper()}"


def is_date_code(code: int) -> bool:
    """Whether it is a year times 100 plus an ISO week, or 0 for no bound."""
    return not code or (code // 100 >= DATE_CODE_YEAR_MIN and code % 100 in _WEEKS)
