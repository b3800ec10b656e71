"""Part numbers that people write in many ways are one; those that differ stay two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.goods.parts import (
    identity_of,
    is_date_code,
    manufacturer_key,
    part_key,
    symbol_of,
)
from exchange.core.limits import PART_NUMBER_LENGTH_MAX, SYMBOL_LENGTH_MAX
from exchange.core.messages import Condition, Part, Rohs

ONE = [
    "LM358P",
    "lm358p",
    "LM-358 P",
    " lm\u2013358\u00a0p\t",
    "ＬＭ３５８Ｐ",
    "LM_358\u200bP",
    "LM\u2212358P\ufeff",
]


@pytest.mark.parametrize("written", ONE)
def test_case_blanks_and_dashes_make_no_other_part(written: str) -> None:
    assert part_key(written) == "LM358P"


@pytest.mark.parametrize(
    "one, other",
    [
        ("1.5KE6.8A", "15KE68A"),
        ("MAX232CPE+", "MAX232CPE"),
        ("74HC00D,653", "74HC00D653"),
        ("LT1013#PBF", "LT1013PBF"),
    ],
)
def test_marks_that_tell_parts_apart_stay(one: str, other: str) -> None:
    assert part_key(one) != part_key(other)


@pytest.mark.parametrize("sign", ["\u00b5", "\u03bc", "u", "U"])
def test_micro_is_written_in_many_ways(sign: str) -> None:
    assert part_key(f"{sign}PC1237") == "UPC1237"


@pytest.mark.parametrize(
    "text", ["", " ", "---", "...", "LM358\u00e9", "部品", "LM\x00358", "A" * 65, "a\ud800", "50%"]
)
def test_what_is_no_part_number_is_not_guessed_at(text: str) -> None:
    assert part_key(text) is None


@given(st.text(max_size=80) | st.text("lmLM358Pp-_ \u2013\u00b5ＬＭ.+/#", max_size=80))
def test_a_normalised_number_is_its_own_normal_form(text: str) -> None:
    key = part_key(text)

    assert key is None or (part_key(key) == key and 0 < len(key) <= PART_NUMBER_LENGTH_MAX)


@given(st.text(max_size=80))
def test_a_normalised_maker_is_its_own_normal_form(text: str) -> None:
    key = manufacturer_key(text)

    assert key is None or manufacturer_key(key) == key


@pytest.mark.parametrize(
    "one, other",
    [("Texas Instruments", "TEXAS-INSTRUMENTS"), ("Würth Elektronik", "WÜRTH ELEKTRONIK"), ("A.B.C.", "abc")],
)
def test_a_maker_is_one_however_it_is_written(one: str, other: str) -> None:
    assert manufacturer_key(one) == manufacturer_key(other) is not None


def a_part(**changed: object) -> Part:
    fields: dict[str, object] = {
        "manufacturer": "Texas Instruments",
        "part_number": "LM358P",
        "condition": Condition.NOS,
    }
    return Part(**(fields | changed))  # type: ignore[arg-type]


def test_a_part_is_itself_however_it_is_written() -> None:
    other = a_part(manufacturer="texas instruments", part_number="lm-358 p")

    assert identity_of(other) == identity_of(a_part())


@pytest.mark.parametrize(
    "changed",
    [
        {"part_number": "LM358N"},
        {"manufacturer": "ST"},
        {"condition": Condition.PULL},
        {"rohs": Rohs.YES},
        {"date_code_from": 202301},
        {"origin": "DE"},
    ],
)
def test_whatever_a_buyer_may_care_for_makes_another_part_and_another_symbol(
    changed: dict[str, object],
) -> None:
    one, other = identity_of(a_part()), identity_of(a_part(**changed))

    assert one and other and one != other
    assert symbol_of(one) != symbol_of(other)


def test_a_derived_symbol_begins_with_the_number_and_is_short_enough() -> None:
    identity, long = identity_of(a_part()), identity_of(a_part(part_number="X" * PART_NUMBER_LENGTH_MAX))

    assert identity and symbol_of(identity).startswith("LM358P-")
    assert long and len(symbol_of(long)) == SYMBOL_LENGTH_MAX


@pytest.mark.parametrize(
    "code, fits",
    [
        (0, True),
        (202301, True),
        (202353, True),
        (195001, True),
        (202300, False),
        (202354, False),
        (2314, False),
    ],
)
def test_a_date_code_is_a_year_and_a_week(code: int, fits: bool) -> None:
    assert is_date_code(code) is fits
