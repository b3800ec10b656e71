"""Books for hledger: a journal whose balance assertions `hledger check` holds against its transactions.

hledger compares exactly, so its assertions need no tolerance. An assertion stands in a transaction of its own on
the last day that it speaks of, behind that day's.
"""

from datetime import date

from exchange.accounting.chart import OPENING, book_account, commodity
from exchange.accounting.period import DAY, Period, day_of
from exchange.accounting.transfers import Balance, Chain, Position
from exchange.core.values import CURRENCY_EXPONENT, decimal_of, instant_of, scale_of_unit


class Hledger:
    """The directives, each as the text of its lines."""

    def head(self, period: Period, position: Position) -> str:
        """What these books are, as comments."""
        return (
            f"; Books of the exchange from {period.first} up to, not including, {period.end} (UTC).\n"
            f"; From the history up to sequence {position.seq:,} of {instant_of(position.at_us)}.\n"
            f"decimal-mark .\naccount {OPENING}\n"
        )

    def unit(self, period: Period, unit: str) -> str:
        """A currency, or the pieces of an instrument."""
        return f"commodity {_named(unit)}  ; unit:{unit}\n"

    def account(self, period: Period, name: str) -> str:
        """An account of the chart, with the name that it has there."""
        return f"account {book_account(name)}  ; account:{name}\n"

    def opening(self, period: Period, balance: Balance) -> str:
        """What an account had before."""
        account, unit, amount, _ = balance
        return (
            f"\n{period.first} * opening\n"
            f"    {book_account(account)}  {_amount(amount, unit)}\n"
            f"    {OPENING}  {_amount(-amount, unit)}\n"
        )

    def chain(self, chain: Chain) -> str:
        """Linked transfers as one transaction; a leg says what differs from its first transfer."""
        first = chain[0]
        head = (
            f"\n{day_of(first.at_us)} * {first.reason}\n"
            f"    ; number:{first.number}\n    ; at:{instant_of(first.at_us)}\n    ; subject:{first.subject}\n"
        )
        lines = [head]
        for transfer in chain:
            lines.append(f"    {book_account(transfer.debit)}  {_amount(transfer.amount, transfer.unit)}\n")
            if transfer is not first:
                lines.append(f"    ; number:{transfer.number}\n")
            if transfer.reason != first.reason:
                lines.append(f"    ; reason:{transfer.reason}\n")
            if transfer.subject != first.subject:
                lines.append(f"    ; subject:{transfer.subject}\n")
            lines.append(f"    {book_account(transfer.credit)}  {_amount(-transfer.amount, transfer.unit)}\n")
        return "".join(lines)

    def assertion(self, end: date, account: str, unit: str, balance: int) -> str:
        """What an account has at the end of the day before."""
        return _asserted(end, book_account(account), unit, balance)

    def nothing_opening(self, end: date, unit: str) -> str:
        """What the opening balances come to."""
        return _asserted(end, OPENING, unit, 0)


def _asserted(end: date, book_name: str, unit: str, balance: int) -> str:
    return f"\n{end - DAY} * balance\n    {book_name}  {_amount(0, unit)} = {_amount(balance, unit)}\n"


def _amount(number: int, unit: str) -> str:
    return f"{decimal_of(number, scale_of_unit(unit))} {_named(unit)}"


def _named(unit: str) -> str:
    """Hledger quotes names that are not letters alone."""
    return unit if unit in CURRENCY_EXPONENT else f'"{commodity(unit)}"'
