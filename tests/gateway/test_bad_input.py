"""The page of bad input says what the tables of these tests say, and names tests and refusals that there are.

`python -m tests.gateway.test_bad_input` writes it anew from the tables; what has an effect instead is written by hand.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from exchange.core.rejects import RejectCode
from tests.core.market.test_rules import NAMED, TESTS, names_in
from tests.gateway import test_bad_bids, test_bad_bids_by_format, test_bad_events, test_bad_shapes

PAGE: Final = TESTS.parent / "exchange/core/market/BAD_INPUT.md"
HEAD: Final = """# Bad input to timed auctions, and how it is answered
What a bidder or a buyer may get wrong, by the words of its test's row: refused by name, over both doors in the same
words, with the bound that was missed in fields and in the sentence, and nothing has changed. Written by
`python -m tests.gateway.test_bad_input` from the tables of the tests, which hold this page.
"""
EFFECTS: Final = "## What has an effect instead"


class Row(NamedTuple):
    """One bad input: in words, by which refusal it is answered, and whether that tells a bound."""

    what: str
    reason: str
    bound: bool


class Section(NamedTuple):
    """One table of tests."""

    title: str
    test: str
    rows: list[Row]


def sections() -> Iterator[Section]:
    """In the order of the page."""
    bids, formats = "gateway/test_bad_bids", "gateway/test_bad_bids_by_format"
    for title, test, cases in (
        ("Whose bid, when and where", f"{bids}::a_bid_at_the_wrong_place_or_time_is_refused_by_name", test_bad_bids.BY_WHOM),
        ("The price of a bid", f"{bids}::a_bid_at_a_wrong_price_is_refused_by_name_with_its_bound", test_bad_bids.AT_PRICES),
        ("Bids taken back, and other wishes", f"{bids}::another_wish_than_a_bid_is_refused_where_the_lot_takes_none", test_bad_bids.TAKEN_BACK),
        ("Clocks: Dutch, Japanese, rounds", f"{formats}::a_bid_against_the_clock_of_its_lot_is_refused_by_name", test_bad_bids_by_format.CLOCKS),
        ("Lines and discounts", f"{formats}::a_bid_that_does_not_fit_the_lines_of_its_lot_is_refused_by_name", test_bad_bids_by_format.LINES),
    ):  # fmt: skip
        yield Section(
            title, test, [Row(case.what, case.reason, _names_number(case.remedy)) for case in cases]
        )
    sealed = [
        Row(what, reason, _names_number(remedy))
        for what, _, _, reason, remedy in test_bad_bids_by_format.SEALED
    ]
    yield Section(
        "Sealed, at first and at second price",
        f"{formats}::a_bid_that_a_sealed_lot_does_not_take_is_refused_by_name",
        sealed,
    )
    shapes = "gateway/test_bad_shapes"
    frames = [Row(what, reason, bound=False) for what, _, reason, _ in test_bad_shapes.SHAPES]
    yield Section(
        "The shape of a frame",
        f"{shapes}::a_frame_of_another_shape_is_refused_with_its_field_and_changes_nothing",
        frames,
    )
    bodies = [Row(what, "MALFORMED", bound=False) for what, _, _ in test_bad_shapes.TEXTS]
    yield Section(
        "The shape of a request",
        f"{shapes}::a_body_of_another_shape_is_refused_with_its_field_and_changes_nothing",
        bodies,
    )
    events = "gateway/test_bad_events"
    for title, test, drafts in (
        ("An event that contradicts itself", "an_event_that_contradicts_itself_is_refused_by_field", test_bad_events.TIMETABLES),
        ("A lot that contradicts itself", "a_lot_that_contradicts_itself_is_refused_by_field", test_bad_events.LOTS),
    ):  # fmt: skip
        rows = [Row(each.what, each.reason, bool(each.bound)) for each in drafts]
        yield Section(title, f"{events}::{test}", rows)
    live = [Row(what, reason, bool(remedy)) for what, _, _, _, _, reason, remedy in test_bad_events.LIVE]
    yield Section(
        "A change of rules while live",
        f"{events}::a_change_of_rules_while_live_is_refused_by_name_and_changes_nothing",
        live,
    )


def _names_number(remedy: str) -> bool:
    return re.search("[0-9]", remedy) is not None


def written() -> str:
    """The page up to the effects."""
    parts = [HEAD]
    for section in sections():
        head = f"\n## {section.title}\n`{section.test}`\n\n| bad input | refusal | tells a bound |\n|---|---|---|\n"
        rows = [f"| {row.what} | `{row.reason}` | {'yes' if row.bound else ''} |\n" for row in section.rows]
        parts.append(head + "".join(rows))
    return "".join(parts) + "\n"


def effects() -> str:
    """The rest of the page as it is."""
    return EFFECTS + PAGE.read_text().partition(EFFECTS)[2]


def test_the_page_says_what_the_tables_say() -> None:
    assert PAGE.read_text() == written() + effects()


def test_the_page_names_tests_and_refusals_that_there_are() -> None:
    text = PAGE.read_text()

    tests = NAMED.findall(text)
    assert len(tests) > len(list(sections()))
    for path, name in tests:
        assert name in names_in(TESTS / f"{path}.py"), (path, name)
    named = re.findall(r"`([A-Z_]{4,})`", text)
    assert named and all(name in RejectCode.__members__ for name in named)


def test_every_effect_has_a_test() -> None:
    rows = [line for line in effects().splitlines() if line.startswith("| ")][1:]

    assert rows and all(NAMED.search(row) for row in rows)


if __name__ == "__main__":
    PAGE.write_text(written() + effects())
