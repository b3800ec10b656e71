"""The real bean-check takes our books, and none that a cent was moved in."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from benchmarks.audit import SECOND_MONTH, WHOLE, bean_check
from exchange.accounting.beancount import Beancount
from exchange.accounting.period import Period
from exchange.core.messages import PublishSchedule
from exchange.core.messages.ledger import Payer
from tests.accounting.markets import a_market, books_of

POSTING = re.compile(r"^  ([A-Z]\S+)  (-?[\d.]+) (\S+)$")
BALANCE = re.compile(r"^\S+ balance (\S+)  (-?[\d.]+) ~ 0 (\S+)$")
Mutation = Callable[[list[str], Random], list[str]]


def other_amount(lines: list[str], random: Random) -> list[str]:
    """A cent more or less, in a posting or an assertion."""
    found = _any(lines, random, POSTING, BALANCE)
    number = Decimal(found[2])
    moved = number + random.choice((-1, 1)) * Decimal((0, (1,), number.as_tuple().exponent))  # type: ignore[arg-type]
    return _with(lines, found, found.string.replace(f"  {found[2]} ", f"  {moved} "))


def other_account(lines: list[str], random: Random) -> list[str]:
    """Another account that the books know."""
    found = _any(lines, random, POSTING)
    known = sorted({match[1] for line in lines if (match := POSTING.match(line))} - {found[1]})
    return _with(lines, found, found.string.replace(found[1], random.choice(known)))


def dropped_posting(lines: list[str], random: Random) -> list[str]:
    """One side of a transfer is gone."""
    found = _any(lines, random, POSTING)
    return [line for line in lines if line is not found.string]


def dropped_transaction(lines: list[str], random: Random) -> list[str]:
    """A balanced whole is gone, so that only assertions can tell."""
    text = "\n".join(lines).split("\n\n")
    places = [place for place, block in enumerate(text) if re.match(r"\S+ \* ", block)]
    del text[random.choice(places)]
    return "\n\n".join(text).split("\n")


def both_sides(lines: list[str], random: Random) -> list[str]:
    """A transfer of a cent more, balanced in itself."""
    places = [
        place for place, line in enumerate(lines[:-1])
        if (match := POSTING.match(line)) and match[2] == "-" + (_posted(lines[place - 1]) or "none")
    ]  # fmt: skip
    place = random.choice(places)
    number = _posted(lines[place - 1])
    assert number
    moved = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    changed = list(lines)
    changed[place - 1] = lines[place - 1].replace(f"  {number} ", f"  {moved} ")
    changed[place] = lines[place].replace(f"  -{number} ", f"  -{moved} ")
    return changed


def _posted(line: str) -> str | None:
    found = POSTING.match(line)
    return found[2] if found else None


def _any(lines: list[str], random: Random, *kinds: re.Pattern[str]) -> re.Match[str]:
    return random.choice([found for line in lines for kind in kinds if (found := kind.match(line))])


def _with(lines: list[str], found: re.Match[str], line: str) -> list[str]:
    return [line if each is found.string else each for each in lines]


async def verdict(folder: Path, text: str) -> tuple[bool, str]:
    books = folder / "books.beancount"
    books.write_text(text)
    return await bean_check(books)


@pytest.mark.parametrize("period", [WHOLE, SECOND_MONTH, Period(date(2026, 1, 20), date(2026, 2, 3))])
async def test_bean_check_takes_the_books(database_url: str, tmp_path: Path, period: Period) -> None:
    await a_market(database_url, 300)

    text = await books_of(database_url, Beancount(), period)

    assert text.count("\n") > 3_000
    assert await verdict(tmp_path, text) == (True, "")


async def test_bean_check_takes_books_of_a_market_whose_buyers_bear_a_part_of_the_fee(
    database_url: str, tmp_path: Path
) -> None:
    split = PublishSchedule(rate_bps=800, tax_bps=2_100, payer=Payer.SPLIT, buyer_share_bps=3_333)
    await a_market(database_url, 300, commission=split)

    text = await books_of(database_url, Beancount(), WHOLE)

    assert text.count('"buyers_fee"') > 100
    assert await verdict(tmp_path, text) == (True, "")


async def test_bean_check_takes_books_of_a_time_without_trades(database_url: str, tmp_path: Path) -> None:
    await a_market(database_url, 20)

    before = await books_of(database_url, Beancount(), Period(date(2025, 1, 1), date(2025, 12, 31)))
    after = await books_of(database_url, Beancount(), Period(date(2029, 1, 1), date(2029, 2, 1)))

    assert await verdict(tmp_path, before) == (True, "")
    assert await verdict(tmp_path, after) == (True, "")
    assert 'opening"' in after
    assert 'opening"' not in before


@pytest.mark.parametrize(
    "mutation", [other_amount, other_account, dropped_posting, dropped_transaction, both_sides]
)
async def test_bean_check_rejects_books_in_which_a_cent_was_moved(
    database_url: str, tmp_path: Path, mutation: Mutation
) -> None:
    await a_market(database_url, 12, seed=5)
    lines = (await books_of(database_url, Beancount(), WHOLE)).split("\n")
    random = Random(mutation.__name__)

    for _ in range(6):
        mutated = mutation(lines, random)
        accepted, said = await verdict(tmp_path, "\n".join(mutated))
        assert mutated != lines
        assert not accepted, said
