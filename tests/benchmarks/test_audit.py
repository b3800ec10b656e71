"""The market that is audited has what an auditor must see, and its books are accepted."""

from collections import Counter
from pathlib import Path

import asyncpg

from benchmarks import audit

MUST_HAPPEN = (
    "trade", "settlement", "commission", "commission_tax", "withdraw", "inspection", "refund", "reject", "unsent",
    "guarantee", "inspection_recovery", "recourse", "claim", "lapse", "payout", "payout_booked", "sweep",
    "sweep_booked", "suspense",
)  # fmt: skip


async def test_bean_check_takes_the_books_of_a_random_market(database_url: str, tmp_path: Path) -> None:
    report = await audit.audited(database_url, 1_000, tmp_path)

    assert report.missed == []
    assert report.figures["whole_said"] == report.figures["month_said"] == ""
    assert int(report.figures["trades"]) >= 1_000
    connection = await asyncpg.connect(database_url)
    reasons = Counter(row[0] for row in await connection.fetch("select reason from transfers"))
    await connection.close()
    assert min(reasons[each] for each in MUST_HAPPEN) >= 1, reasons
