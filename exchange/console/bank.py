"""`exchange bank`: book a statement by hand, list payouts and what is in suspense."""

from pathlib import Path
from typing import Any, Final

from cyclopts import App

from exchange.console import CallRefused, ConsoleError
from exchange.console.remote import HERE, Remote
from exchange.core.messages.bank import BankAccount, BookBankEntry
from exchange.outbound.camt import BYTES_MAX, StatementRefused, entries_of
from exchange.outbound.iban import is_iban
from exchange.outbound.pain import decimal

app: Final = App(name="bank", help="Book statements, list payouts and suspense (operator).")


@app.command
def book(file: Path, *, iban: str, operating_iban: str = "", remote: Remote = HERE) -> int:
    """Book every entry of a camt.053 statement; an entry that is booked already moves nothing.

    Exits with 1 if any entry was refused. A file that is no statement of these accounts books nothing.

    Parameters
    ----------
    file
        The statement.
    iban
        The account that holds the clients' money.
    operating_iban
        The house's own account, if the file is about it.
    """
    answers = [_booked(entry, remote) for entry in _entries(file, iban, operating_iban)]
    remote.show({"entries": answers}, "entries")
    return 1 if any(answer["refused"] for answer in answers) else 0


def _entries(file: Path, iban: str, operating_iban: str) -> list[BookBankEntry]:
    """What the file says. Raises ConsoleError."""
    accounts = {_account(iban): BankAccount.CLIENT}
    if operating_iban:
        accounts[_account(operating_iban)] = BankAccount.OPERATING
    try:
        if file.stat().st_size > BYTES_MAX:
            raise StatementRefused(f"it has more than {BYTES_MAX} bytes")
        return entries_of(file.read_bytes(), accounts)
    except OSError as error:
        raise ConsoleError(f"{file} cannot be read: {error.strerror}.") from error
    except StatementRefused as refused:
        raise ConsoleError(f"{file} is not booked: {refused}. Nothing was moved.") from refused


def _account(text: str) -> str:
    iban = text.replace(" ", "").upper()
    if not is_iban(iban):
        raise ConsoleError(f"{text} is not an IBAN: its check number does not fit.")
    return iban


def _booked(entry: BookBankEntry, remote: Remote) -> dict[str, Any]:
    """One entry and its answer; empty `refused`: it is booked."""
    amount = decimal(entry.amount_minor, entry.currency)
    body = {
        "entry_id": entry.entry_id,
        "direction": entry.direction.value,
        "currency": entry.currency,
        "amount": amount,
        "reference": entry.reference,
        "account": entry.account.value,
        "bank_charge": entry.is_fee,
    }
    told = {"entry_id": entry.entry_id, "direction": entry.direction.value, "amount": amount}
    try:
        remote.call("POST", "/v1/bank-entries", body)
        refused = ""
    except CallRefused as why:
        refused = str(why)
    return {**told, "currency": entry.currency, "refused": refused}


@app.command
def payouts(*, remote: Remote = HERE) -> None:
    """List all payouts and sweeps."""
    remote.show(remote.all_pages("/v1/payouts", "payouts"), "payouts")


@app.command
def suspense(*, remote: Remote = HERE) -> None:
    """List the credits that nobody expected."""
    remote.show(remote.call("GET", "/v1/suspense"), "credits")
