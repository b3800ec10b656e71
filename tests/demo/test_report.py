"""What the demo tells of its reverse lots is what their event reports say."""

from decimal import Decimal

from msgspec.structs import replace

from exchange.demo.report import Compared, Report

REPORT = Report(
    2, True, "Demand 2", "USD", 94, 6, 2, 4_000_000, ["published", "opened", "overtime", "overtime", "closed"],
    Decimal("2.2500"), Decimal("1.9800"), Decimal("2700.00"), Decimal("12.00"), Decimal("5100.00"),
)  # fmt: skip


def test_people_read_price_before_price_after_and_what_was_saved() -> None:
    told = REPORT.as_text()

    for words in (
        "94 bids by 6 suppliers", "2 extensions, overtime 4.0 s", "published, opened, 2 x overtime, closed",
        "price before 2.2500, after 1.9800 USD: saved 2,700.00 USD (12.00 %)", "saved in all 5,100.00 USD; final",
    ):  # fmt: skip
        assert words in told
    beside = replace(REPORT, compared=[Compared("Dutch lot", 2, Decimal("1.6000"), Decimal("13000.00"))])
    assert "Dutch lots: 2 awarded, the last at 1.6000, saved 13,000.00 USD" in beside.as_text()
    assert "NOT FINAL" in replace(REPORT, final=False).as_text()
