"""REST writes numbers and instants exactly, and reads back what it wrote."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.limits import INSTANT_US_MAX, WIRE_INTEGER_MAX
from exchange.gateway.notation import (
    ShortText,
    decimal_of,
    instant_of,
    microseconds_of,
    number_of,
    scale_of_unit,
)

SCALES = st.integers(0, 4)


@pytest.mark.parametrize(
    "number, scale, text",
    [
        (23_750, 4, "2.3750"),
        (5, 2, "0.05"),
        (0, 2, "0.00"),
        (128_001, 0, "128001"),
        (-5, 2, "-0.05"),
        (-12_345, 2, "-123.45"),
    ],
)
def test_a_number_is_written_with_all_decimals_of_its_scale(number: int, scale: int, text: str) -> None:
    assert decimal_of(number, scale) == text


@pytest.mark.parametrize(
    "text, scale, number",
    [
        ("2.375", 4, 23_750),
        ("2", 2, 200),
        ("2.50", 1, 25),
        ("2.55", 1, None),
        ("0.1", 0, None),
        ("7.000", 0, 7),
    ],
)
def test_a_text_that_does_not_fit_the_scale_is_no_number(text: str, scale: int, number: int | None) -> None:
    assert number_of(text, scale) == number


@pytest.mark.parametrize("text", ["Chairs", "Büro 2\u00a0m", "=1+1", "\U0001f6cb"])
def test_a_line_is_taken_as_it_is(text: str) -> None:
    assert msgspec.convert(text, ShortText) == text


@pytest.mark.parametrize("end", [*map(chr, (*range(0x20), *range(0x7F, 0xA0))), "\u2028", "\u2029"])
def test_a_line_holds_nothing_that_could_end_it(end: str) -> None:
    for text in (end, f"A{end}B", f"A{end}"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(text, ShortText)


@given(st.integers(0, WIRE_INTEGER_MAX), SCALES)
def test_what_was_written_is_read_back(number: int, scale: int) -> None:
    assert number_of(decimal_of(number, scale), scale) == number


@given(st.integers(0, INSTANT_US_MAX), st.integers(0, INSTANT_US_MAX))
def test_instants_are_read_back_and_their_texts_sort_as_they_do(first: int, second: int) -> None:
    one, other = instant_of(first), instant_of(second)

    assert microseconds_of(datetime.fromisoformat(one)) == first
    assert (one < other) == (first < second)


def test_an_instant_is_utc_with_six_decimals() -> None:
    noon = datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))

    assert instant_of(microseconds_of(noon)) == "2026-01-01T12:00:00.000000Z"
    assert microseconds_of(datetime(1969, 12, 31, tzinfo=UTC)) < 0


def test_pieces_of_an_instrument_have_no_decimals() -> None:
    assert [scale_of_unit(unit) for unit in ("USD", "JPY", "some-instrument")] == [2, 0, 0]
