"""The verdict on the demo's books: of the real bean-check, or why there is none."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from exchange.demo import books
from exchange.demo.books import FILE, Audited, audited
from tests.engine.damage import intact
from tests.follower.tables import journaled

TEXTS = [
    (Audited(True, "7 lines"), "bean-check accepts 7 lines"),
    (Audited(False, "books:3: wrong"), "bean-check REFUSES them: books:3: wrong"),
    (Audited(None, "it is not here"), "not checked: it is not here"),
]


@pytest.mark.parametrize("verdict, told", TEXTS)
def test_a_verdict_reads_as_a_line(verdict: Audited, told: str) -> None:
    assert verdict.as_text() == told


async def test_books_of_an_exchange_without_trades_are_accepted(database_url: str, tmp_path: Path) -> None:
    verdict = await audited(database_url, tmp_path, datetime.now(UTC).date())

    assert verdict.accepted is True, verdict
    assert (tmp_path / FILE).stat().st_size > 0


async def test_books_that_the_follower_has_not_archived_are_not_checked(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.accounting.export.WAIT_S_MAX", 0.0)
    async with journaled(database_url, intact()):
        verdict = await books.audited(database_url, tmp_path, date(2026, 1, 1))

    assert verdict.accepted is None and "follower has caught up" in verdict.what
