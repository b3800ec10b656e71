"""Bank statements, ISO 20022 camt.053.001.02 and later: each booked entry becomes one command. Pure.

Guarantees: whatever bytes come, a list of commands or `StatementRefused` with a reason; no entity is
expanded, no document type or outside reference is followed. A statement is taken whole or not at all.
Known limits: pending entries are left out, since they come again when they are booked.
"""

from collections.abc import Iterator
from decimal import Decimal
from re import compile as pattern
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from exchange.core.messages.bank import BankAccount, BookBankEntry, Direction
from exchange.core.values import CURRENCY_EXPONENT

BYTES_MAX: Final = 16 * 2**20
ENTRIES_MAX: Final = 100_000
ENTRY_ID_LENGTH_MAX: Final = 64
REFERENCE_LENGTH_MAX: Final = 140
FEE_CODES: Final = frozenset({"CHRG", "FEES", "COMM"})
"""Subfamilies of the bank's charges among the external bank transaction codes."""
_NAMESPACE: Final = pattern(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-9])\}Document")
_DIRECTIONS: Final = {"CRDT": Direction.CREDIT, "DBIT": Direction.DEBIT}
_UNSAID: Final = frozenset({"", "NOTPROVIDED"})
_AMOUNT: Final = pattern(r"[0-9]{1,18}(\.[0-9]{0,5})?")
_CONTROL: Final = pattern(r"[\x00-\x1f\x7f]")


class StatementRefused(Exception):
    """The bytes are no statement that can be booked; the text says why, without repeating what is in it."""


def entries_of(statement: bytes, accounts: dict[str, BankAccount]) -> list[BookBankEntry]:
    """All booked entries, in their order; `accounts` by IBAN. Raises StatementRefused."""
    if len(statement) > BYTES_MAX:
        raise StatementRefused(f"it has more than {BYTES_MAX} bytes")
    try:
        root = fromstring(statement, forbid_dtd=True)
    except DefusedXmlException as error:
        raise StatementRefused("it has a document type or entities, which no statement needs") from error
    except (ParseError, ValueError, LookupError) as error:
        raise StatementRefused("it is not XML") from error
    if not _NAMESPACE.fullmatch(root.tag):
        raise StatementRefused("it is not a camt.053 document of version 02 or later")
    commands = [each for found in _all(root, "BkToCstmrStmt", "Stmt") for each in _statement(found, accounts)]
    if len(commands) > ENTRIES_MAX:
        raise StatementRefused(f"it has more than {ENTRIES_MAX} entries")
    if not list(_all(root, "BkToCstmrStmt", "Stmt")):
        raise StatementRefused("it holds no statement")
    return commands


def _statement(statement: Element, accounts: dict[str, BankAccount]) -> Iterator[BookBankEntry]:
    account = accounts.get(_text(statement, "Acct", "Id", "IBAN"))
    if account is None:
        raise StatementRefused("it is of an account that is not ours")
    statement_id = _text(statement, "Id")
    for number, entry in enumerate(_all(statement, "Ntry"), 1):
        status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
        if status == "BOOK":
            yield from _entry(entry, f"{statement_id}/{number}", account)


def _entry(entry: Element, fallback_id: str, account: BankAccount) -> Iterator[BookBankEntry]:
    """One command per payment of the entry; one for all of it where the bank does not tell them apart."""
    entry_id = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef") or fallback_id
    details = list(_all(entry, "NtryDtls", "TxDtls"))
    if len(details) <= 1:
        yield _command(entry, entry, details[0] if details else entry, entry_id, account)
        return
    parts = [
        _command(
            entry, detail, detail, _text(detail, "Refs", "AcctSvcrRef") or f"{entry_id}-{number}", account
        )
        for number, detail in enumerate(details, 1)
    ]
    if sum(part.amount_minor for part in parts) != _amount(entry)[1]:
        raise StatementRefused(f"the payments of entry {entry_id} do not add up to it")
    yield from parts


def _command(
    entry: Element, amounts: Element, detail: Element, entry_id: str, account: BankAccount
) -> BookBankEntry:
    direction = _DIRECTIONS.get(_text(entry, "CdtDbtInd"))
    if direction is None:
        raise StatementRefused(f"entry {entry_id} is neither a credit nor a debit")
    if len(entry_id) > ENTRY_ID_LENGTH_MAX or _CONTROL.search(entry_id):
        raise StatementRefused("the bank's reference of an entry is too long")
    currency, amount_minor = _amount(amounts)
    code = _text(entry, "BkTxCd", "Domn", "Fmly", "SubFmlyCd")
    command = BookBankEntry(
        entry_id=entry_id,
        direction=direction,
        currency=currency,
        amount_minor=amount_minor,
        reference=_reference(entry, detail, direction),
        account=account,
        is_fee=direction is Direction.DEBIT and code in FEE_CODES,
    )
    try:
        return msgspec.convert(msgspec.to_builtins(command), BookBankEntry)
    except msgspec.ValidationError as error:
        raise StatementRefused(f"entry {entry_id} has a field that is out of bounds") from error


def _reference(entry: Element, detail: Element, direction: Direction) -> str:
    """Ours for what we sent, also when it comes back; for other credits what the sender wrote."""
    ours = _text(detail, "Refs", "EndToEndId")
    written = " ".join(each.text or "" for each in _all(detail, "RmtInf", "Ustrd")).strip()
    returned = _text(entry, "RvslInd") == "true" or next(_all(detail, "RtrInf"), None) is not None
    first, second = (written, ours) if direction is Direction.CREDIT and not returned else (ours, written)
    chosen = second if first in _UNSAID else first
    return "" if chosen in _UNSAID else _CONTROL.sub(" ", chosen)[:REFERENCE_LENGTH_MAX]


def _amount(holder: Element) -> tuple[str, int]:
    """Currency and minor units; exact, or the statement is refused."""
    amount = next(_all(holder, "Amt"), None)
    if amount is None:
        amount = next(_all(holder, "AmtDtls", "TxAmt", "Amt"), None)
    currency = "" if amount is None else amount.get("Ccy", "")
    if amount is None or currency not in CURRENCY_EXPONENT:
        raise StatementRefused("an entry has no amount in a currency that is traded here")
    if not _AMOUNT.fullmatch((amount.text or "").strip()):
        raise StatementRefused("an entry has an amount that is no number")
    minor = Decimal((amount.text or "").strip()).scaleb(CURRENCY_EXPONENT[currency])
    whole = int(minor)
    if minor != whole or whole <= 0:
        raise StatementRefused("an entry has an amount that is not a whole number of minor units above 0")
    return currency, whole


def _all(element: Element, *path: str) -> Iterator[Element]:
    """All descendants on a path of local names."""
    if not path:
        yield element
        return
    for child in element:
        if child.tag.rpartition("}")[2] == path[0]:
            yield from _all(child, *path[1:])


def _text(element: Element, *path: str) -> str:
    """The text of the first on the path, or nothing."""
    found = next(_all(element, *path), None)
    return "" if found is None else (found.text or "").strip()
