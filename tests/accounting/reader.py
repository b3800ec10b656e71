"""Reads an hledger journal the way its manual tells, as far as our books use it: transactions must balance, accounts
and commodities must be declared, assertions must hold when they are come to in the order of days."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

POSTING = re.compile(r'    (\S+)  (-?[\d.]+) ("[^"]+"|[A-Z]+)(?: = (-?[\d.]+) ("[^"]+"|[A-Z]+))?')
Amounts = dict[tuple[str, str], Decimal]


class NoJournal(Exception):
    """What hledger would refuse."""


@dataclass
class Entry:
    """A transaction: its day, and its postings with what they assert."""

    day: str
    postings: list[tuple[str, Decimal, str, Decimal | None]] = field(default_factory=list)


def balances_of(text: str) -> Amounts:
    """Balances after all entries. Raises NoJournal."""
    names: set[str] = set()
    totals: Amounts = defaultdict(Decimal)
    for entry in sorted(_entries(text, names), key=lambda entry: entry.day):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for account, number, unit, asserted in entry.postings:
            if not {account, unit} <= names:
                raise NoJournal(f"{account} or {unit} is not declared")
            sums[unit] += number
            totals[account, unit] += number
            if asserted is not None and totals[account, unit] != asserted:
                raise NoJournal(f"{account} has {totals[account, unit]} {unit}, not {asserted}")
        if any(sums.values()):
            raise NoJournal(f"{entry} does not balance")
    return totals


def _entries(text: str, names: set[str]) -> Iterator[Entry]:
    entry = None
    for line in text.split("\n"):
        head = re.match(r"(\d{4}-\d\d-\d\d) \* \S", line)
        if head:
            entry = Entry(head[1])
        elif found := POSTING.fullmatch(line):
            if entry is None:
                raise NoJournal(f"outside of a transaction: {line}")
            account, number, unit, asserted, asserted_unit = found.groups()
            if asserted and asserted_unit != unit:
                raise NoJournal(line)
            entry.postings.append((account, Decimal(number), unit, Decimal(asserted) if asserted else None))
        elif declared := re.match(r"(?:account|commodity) (\S+)", line):
            names.add(declared[1])
        elif line.strip() and not re.match(r"\s*;|decimal-mark \.", line):
            raise NoJournal(line)
        elif not line and entry:
            yield entry
            entry = None
    if entry:
        yield entry
