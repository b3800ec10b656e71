"""Books for beancount, which `bean-check` accepts as they are and rejects when a cent of them is moved.

Every assertion has the tolerance `~ 0`: without it bean-check forgives a unit of the last digit.
Known limits: an assertion that is taken away whole is not missed.
"""

from datetime import date

from exchange.accounting.chart import OPENING, book_account, commodity
from exchange.accounting.period import Period, day_of
from exchange.accounting.transfers import Balance, Chain, Position
from exchange.core.values import decimal_of, instant_of, scale_of_unit


class Beancount:
    """The directives, each as the text of its lines."""

    def head(self, period: Period, position: Position) -> str:
        """What these books are, as comments."""
        return (
            f"; Books of the exchange from {period.first} up to, not including, {period.end} (UTC).\n"
            f"; From the history up to sequence {position.seq:,} of {instant_of(position.at_us)}.\n"
            'option "title" "Books of the exchange"\n'
            f"{period.first} open {OPENING}\n"
        )

    def unit(self, period: Period, unit: str) -> str:
        """A currency, or the pieces of an instrument."""
        return f'{period.first} commodity {commodity(unit)}\n  unit: "{_text(unit)}"\n'

    def account(self, period: Period, name: str) -> str:
        """An account of the chart, with the name that it has there."""
        return f'{period.first} open {book_account(name)}\n  account: "{_text(name)}"\n'

    def opening(self, period: Period, balance: Balance) -> str:
        """What an account had before."""
        account, unit, amount, _ = balance
        return (
            f'\n{period.first} * "opening"\n'
            f"  {book_account(account)}  {_amount(amount, unit)}\n"
            f"  {OPENING}  {_amount(-amount, unit)}\n"
        )

    def chain(self, chain: Chain) -> str:
        """Linked transfers as one transaction; a leg says what differs from its first transfer."""
        first = chain[0]
        head = (
            f'\n{day_of(first.at_us)} * "{_text(first.reason)}"\n'
            f'  number: {first.number}\n  at: "{instant_of(first.at_us)}"\n  subject: "{_text(first.subject)}"\n'
        )
        lines = [head]
        for transfer in chain:
            lines.append(f"  {book_account(transfer.debit)}  {_amount(transfer.amount, transfer.unit)}\n")
            if transfer is not first:
                lines.append(f"    number: {transfer.number}\n")
            if transfer.reason != first.reason:
                lines.append(f'    reason: "{_text(transfer.reason)}"\n')
            if transfer.subject != first.subject:
                lines.append(f'    subject: "{_text(transfer.subject)}"\n')
            lines.append(f"  {book_account(transfer.credit)}  {_amount(-transfer.amount, transfer.unit)}\n")
        return "".join(lines)

    def assertion(self, end: date, account: str, unit: str, balance: int) -> str:
        """What an account has at the end of the day before, to the last digit."""
        number = decimal_of(balance, scale_of_unit(unit))
        return f"{end} balance {book_account(account)}  {number} ~ 0 {commodity(unit)}\n"

    def nothing_opening(self, end: date, unit: str) -> str:
        """What the opening balances come to."""
        return f"{end} balance {OPENING}  0 ~ 0 {commodity(unit)}\n"


def _amount(number: int, unit: str) -> str:
    return f"{decimal_of(number, scale_of_unit(unit))} {commodity(unit)}"


def _text(text: str) -> str:
    """Within a quoted string; what the history keeps has no control characters."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
