"""Our accounts and units under names that beancount and hledger take, and back.

Guarantees: different names stay different, and each can be read back. An account of the chart is
`Root:Ring:Kind`, its root told by the kind's nature, with its owner behind it. A word of the chart (`float:house`)
only gets its capital; an id stands behind an N, with every character but letters and digits escaped: `-0` is a
hyphen, `-1` an underscore, `-u0020ac` any other by its code point. A currency keeps its name; an instrument is `P.`
and its id, where capitals and digits stand for themselves, `'A` for a small letter, `.0`, `.1` and `.U0020AC` for
the others.
"""

import re
from functools import lru_cache
from typing import Final

from exchange.core.ledger.accounts import KINDS, AccountKind, Nature
from exchange.core.values import CURRENCY_EXPONENT

ROOTS: Final = {
    Nature.ASSET: "Assets",
    Nature.LIABILITY: "Liabilities",
    Nature.INCOME: "Income",
    Nature.EXPENSE: "Expenses",
    Nature.EQUITY: "Equity",
}
OPENING: Final = "Equity:Opening-Balances"
"""Where balances come from that were there before the period; it comes to zero."""

WORDS: Final = frozenset(
    {
        AccountKind.BANK,
        AccountKind.CLEARING,
        AccountKind.SUSPENSE,
        AccountKind.FLOAT,
        AccountKind.HOUSE,
        AccountKind.TAX,
        AccountKind.COMMISSION,
    }
)
"""Kinds whose owner is a word of the chart and no id."""

_STEMS: Final = {
    kind: ":".join((ROOTS[rules.nature], rules.ring.value.title(), re.sub("[:_]", "-", kind.value).title()))
    for kind, rules in KINDS.items()
}
_KINDS: Final = {stem: kind for kind, stem in _STEMS.items()}
_WORD: Final = re.compile("[a-mo-z][a-z0-9]*")  # An N begins an id.
_ESCAPED: Final = re.compile(r"-(?:([01])|u([0-9a-f]{6}))")
_UNIT_ESCAPED: Final = re.compile(r"'([A-Z])|\.([01])|\.U([0-9A-F]{6})")


@lru_cache(maxsize=65_536)  # Every posting asks, nearly always for one of the latest names.
def book_account(name: str) -> str:
    """The account's name in the books. Asserts that it is one of the chart."""
    kind, owner = parted(name)
    if not owner:
        return _STEMS[kind]
    if kind in WORDS and _WORD.fullmatch(owner):
        return f"{_STEMS[kind]}:{owner.capitalize()}"
    return f"{_STEMS[kind]}:N{''.join(map(_escaped, owner))}"


def account_of(book_name: str) -> str:
    """The account behind a name in the books."""
    if (kind := _KINDS.get(book_name)) is not None:
        return kind.value
    stem, _, owner = book_name.rpartition(":")
    kind = _KINDS[stem]
    if kind in WORDS and not owner.startswith("N"):
        return f"{kind}:{owner.lower()}"
    return f"{kind}:{_ESCAPED.sub(_plain, owner[1:])}"


def parted(name: str) -> tuple[AccountKind, str]:
    """Kind and owner of an account's name; the owner is empty where the chart has none."""
    first, _, rest = name.partition(":")
    second, _, owner = rest.partition(":")
    for kind, left in ((f"{first}:{second}", owner), (first, rest)):
        if kind in _BY_NAME:
            return _BY_NAME[kind], left
    raise AssertionError(f"{name} is no account of the chart")


_BY_NAME: Final = {kind.value: kind for kind in KINDS}


@lru_cache(maxsize=4_096)
def commodity(unit: str) -> str:
    """The unit's name in the books."""
    return unit if unit in CURRENCY_EXPONENT else f"P.{''.join(map(_unit_escaped, unit))}"


def unit_of(name: str) -> str:
    """The unit behind a name in the books."""
    return name if name in CURRENCY_EXPONENT else _UNIT_ESCAPED.sub(_unit_plain, name[2:])


def _escaped(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    return {"-": "-0", "_": "-1"}.get(character) or f"-u{ord(character):06x}"


def _plain(found: re.Match[str]) -> str:
    return "-_"[int(found[1])] if found[1] else chr(int(found[2], 16))


def _unit_escaped(character: str) -> str:
    if character.isascii() and (character.isdigit() or character.isupper()):
        return character
    if character.isascii() and character.islower():
        return f"'{character.upper()}"
    return {"-": ".0", "_": ".1"}.get(character) or f".U{ord(character):06X}"


def _unit_plain(found: re.Match[str]) -> str:
    if found[1]:
        return found[1].lower()
    return "-_"[int(found[2])] if found[2] else chr(int(found[3], 16))
