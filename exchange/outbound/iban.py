"""The check number of an International Bank Account Number (ISO 13616; ISO 7064, MOD 97-10)."""

from re import ASCII
from re import compile as pattern
from typing import Final

_IBAN: Final = pattern(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", ASCII)


def is_iban(text: str) -> bool:
    """Whether it has the form and the check number fits; no spaces, capitals."""
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1
