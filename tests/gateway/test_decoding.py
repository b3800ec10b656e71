"""Whatever bytes come in, the end is a checked Struct or a refusal that names every field that is wrong."""

from collections.abc import Callable
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from exchange.core.messages import PlaceOrder, Side
from exchange.core.rejects import RejectCode
from exchange.gateway.decoding import amount_of, body_of, checked, price_of, texts_of
from exchange.gateway.notation import Decimals, Id
from exchange.gateway.problems import FieldError, Refused


class Inner(Struct, forbid_unknown_fields=True):
    number: int = 0


class Wish(Struct, forbid_unknown_fields=True):
    name: Id
    price: Decimals | None = None
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    flag: bool = False
    inner: Inner | None = None
    side: Side | None = None
    sides: tuple[Side, ...] = ()
    state: Literal["open", "closed"] = "open"


def refused_body(raw: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        body_of(raw, Wish)
    return caught.value


REFUSED = {
    "no JSON at all": (b"{", RejectCode.MALFORMED, 400),
    "text that is not UTF-8": (b'{"name":"\xff"}', RejectCode.MALFORMED, 400),
    "a lone surrogate": (b'{"name":"\\ud800"}', RejectCode.MALFORMED, 400),
    "a line break behind a price": (b'{"name":"a","price":"2.375\\n"}', RejectCode.MALFORMED, 422),
    "a line break behind an id": (b'{"name":"a\\n"}', RejectCode.MALFORMED, 422),
    "NaN": (b'{"name":"a","count":NaN}', RejectCode.MALFORMED, 400),
    "a byte order mark": (b'\xef\xbb\xbf{"name":"a"}', RejectCode.MALFORMED, 400),
    "more than one document": (b'{"name":"a"}{}', RejectCode.MALFORMED, 400),
    "a number of 60,000 digits": (b'{"name":"a","count":' + b"9" * 60_000 + b"}", RejectCode.MALFORMED, 400),
    "a key twice": (b'{"name":"a","name":"b"}', RejectCode.DUPLICATE_KEY, 400),
    "a key twice further down": (
        b'{"name":"a","inner":{"number":1,"number":2}}',
        RejectCode.DUPLICATE_KEY,
        400,
    ),
    "60,000 brackets": (b"[" * 60_000, RejectCode.TOO_LARGE, 413),
    "a list": (b"[]", RejectCode.MALFORMED, 422),
    "nothing but null": (b"null", RejectCode.MALFORMED, 422),
    "a field that is missing": (b"{}", RejectCode.MALFORMED, 422),
    "a field that is unknown": (b'{"name":"a","extra":1}', RejectCode.MALFORMED, 422),
    "a bool for an int": (b'{"name":"a","count":true}', RejectCode.MALFORMED, 422),
    "a float for an int": (b'{"name":"a","count":1.5}', RejectCode.MALFORMED, 422),
    "an int for a bool": (b'{"name":"a","flag":1}', RejectCode.MALFORMED, 422),
    "an int out of range": (b'{"name":"a","count":10}', RejectCode.MALFORMED, 422),
    "a huge int": (b'{"name":"a","count":99999999999999999999999}', RejectCode.MALFORMED, 422),
    "an id with a space": (b'{"name":"a b"}', RejectCode.MALFORMED, 422),
}


@pytest.mark.parametrize(
    "sent, field, choices",
    [
        (b'"side":"up"', "side", "buy, sell"),
        (b'"sides":["buy","up"]', "sides.[1]", "buy, sell"),
        (b'"state":"up"', "state", "open, closed"),
    ],
)
def test_a_word_that_is_none_of_a_few_is_answered_with_these(sent: bytes, field: str, choices: str) -> None:
    refused = refused_body(b'{"name":"a",' + sent + b"}")

    assert refused.errors == (FieldError(field, f"Invalid enum value 'up': send one of {choices}."),)


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_body_is_refused_with_a_code_and_a_status(case: str) -> None:
    raw, code, status = REFUSED[case]

    refused = refused_body(raw)

    assert (refused.reject.code, refused.status) == (code, status)


def test_a_body_is_decoded_and_no_body_stands_for_an_empty_object() -> None:
    assert body_of(b'{"name":"a","price":"2.5","inner":{"number":7}}', Wish) == Wish(
        "a", "2.5", inner=Inner(7)
    )
    assert body_of(b"", Inner) == Inner()


def test_every_field_that_is_wrong_is_named_in_order() -> None:
    raw = b'{"price":2.5,"count":0,"inner":{"number":"x"},"extra":1}'

    assert refused_body(raw).errors == (
        FieldError("name", "It is missing."),
        FieldError("price", 'Send decimals as a string such as "2.375": a JSON number would be rounded.'),
        FieldError("count", "Expected `int` >= 1."),
        FieldError("inner.number", "Expected `int`, got `str`."),
        FieldError("extra", "There is no such field."),
    )


def test_a_query_is_read_from_texts_and_takes_each_name_once() -> None:
    assert texts_of([("name", "a"), ("count", "3"), ("flag", "true")], Wish) == Wish("a", count=3, flag=True)

    with pytest.raises(Refused) as caught:
        texts_of([("name", "a"), ("name", "b")], Wish)
    assert caught.value.reject.code is RejectCode.DUPLICATE_KEY


def status_of(decode: Callable[[], object]) -> int:
    """200 for a Struct."""
    try:
        decode()
    except Refused as refused:
        return refused.status
    return 200


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_struct_or_a_refusal(raw: bytes) -> None:
    assert status_of(lambda: body_of(raw, Wish)) in {200, 400, 413, 422}


NAMES = st.sampled_from(["name", "price", "count", "flag", "inner", "x"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=20))))
def test_any_query_ends_in_a_struct_or_a_refusal(pairs: list[tuple[str, str]]) -> None:
    assert status_of(lambda: texts_of(pairs, Wish)) in {200, 400, 422}


@pytest.mark.parametrize(
    "text, detail",
    [
        ("2.55", "It can have up to 1 decimals."),
        ("0", "It must be above 0 and at most 100000000000.0."),
        ("100000000000.1", "It must be above 0 and at most 100000000000.0."),
    ],
)
def test_a_price_is_positive_bounded_and_exact(text: str, detail: str) -> None:
    with pytest.raises(Refused) as caught:
        price_of("price", text, 1)

    assert caught.value.errors == (FieldError("price", detail),)
    assert price_of("price", "2.5", 1) == 25


def test_an_amount_is_bounded_too() -> None:
    with pytest.raises(Refused):
        amount_of("amount", "90071992547409.92", 2)

    assert amount_of("amount", "90071992547409.91", 2) == 2**53 - 1


def test_a_command_is_checked_under_the_names_that_rest_uses() -> None:
    command = PlaceOrder(instrument_id="i", side=Side.BUY, price=10, quantity=0)

    with pytest.raises(Refused) as caught:
        checked(command, {"quantity": "pieces"})

    assert caught.value.errors == (FieldError("pieces", "Expected `int` >= 1."),)
