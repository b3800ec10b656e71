"""Pages neither skip nor repeat a line, and no made-up cursor does harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.rejects import RejectCode
from exchange.gateway.paging import DatedKey, IdKey, NumberKey, cursor_of, key_of, page_of
from exchange.gateway.problems import Refused


@given(st.lists(st.integers(0, 1_000), unique=True), st.integers(1, 7))
def test_pages_give_every_line_once_and_in_order(numbers: list[int], limit: int) -> None:
    lines, seen, cursor = sorted(numbers), list[int](), ""
    for _ in range(len(lines) + 1):
        key = key_of(cursor, NumberKey)
        rest = [line for line in lines if key is None or line > key.number]
        page, cursor = page_of(rest, limit, lambda line: (line,))
        seen += page
        if not cursor:
            break

    assert seen == lines
    assert not cursor


def test_a_cursor_gives_back_its_key() -> None:
    assert key_of(cursor_of(7, "abc"), DatedKey) == DatedKey(7, "abc")
    assert key_of("", IdKey) is None


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!!", "AAAA", cursor_of(-1), cursor_of("a b"), cursor_of(2**70), cursor_of(1, 2), cursor_of("é")],
)
def test_what_is_no_cursor_of_the_list_is_refused(cursor: str) -> None:
    for kind in (NumberKey, IdKey):
        with pytest.raises(Refused) as caught:
            key_of(cursor, kind)
        assert caught.value.reject.code is RejectCode.MALFORMED


@given(st.text(alphabet="ABCabc012_-", max_size=40))
def test_any_text_ends_in_a_key_or_a_refusal(cursor: str) -> None:
    try:
        key = key_of(cursor, DatedKey)
    except Refused:
        key = None

    assert key is None or key.at_us >= 0
