"""Every mail has a subject of one line and a short text, and says what it is about."""

import pytest

from exchange.core.visibility.notices import KINDS
from exchange.outbound.letters import LETTERS, WEBHOOK_DISABLED, WITH_CALENDAR, Facts, written

FACTS = Facts("Office {chairs}", "e-1", "Oak", 1_000_000, 61_000_000, "All {of} it.\n")
OF_AWARDS = (
    "own.lot_awarded",
    "own.practice_awarded",
    "own.lot_sale_moved",
    "own.standstill_ended",
    "lot.awarded",
)


@pytest.mark.parametrize("kind", [*LETTERS, WEBHOOK_DISABLED])
def test_a_mail_is_short_and_says_what_it_is_about(kind: str) -> None:
    subject, text = written(kind, FACTS)

    assert "\n" not in subject and len(text) < 400 and text.endswith(".\n")
    assert kind == WEBHOOK_DISABLED or ("Office {chairs}" in text and "e-1" in text)
    assert "Oak" in text or "Office {chairs}" in subject


@pytest.mark.parametrize("kind", OF_AWARDS)
def test_a_mail_about_an_award_says_its_figures_as_they_are(kind: str) -> None:
    assert "\nAll {of} it.\n" in written(kind, FACTS)[1]


def test_only_what_members_are_told_is_mailed() -> None:
    assert set(LETTERS) <= set(KINDS) and set(LETTERS) >= WITH_CALENDAR


def test_instants_are_written_for_people() -> None:
    assert (
        "opens on 1970-01-01 at 00:00:01 UTC and closes on 1970-01-01 at 00:01:01 UTC"
        in written("own.invited", FACTS)[1]
    )
