import pytest
from msgspec import json

from exchange.core.rejects import EXPLANATIONS, Advice, Reject, RejectCode

RANGES = {
    "input": range(100, 200),
    "parties": range(200, 300),
    "market": range(300, 400),
    "deals": range(400, 500),
    "ledger": range(500, 600),
    "session and capacity": range(600, 700),
    "market, since 3xx is full": range(3100, 3200),
}


@pytest.mark.parametrize("code", RejectCode)
def test_every_code_has_a_sentence_a_remedy_and_an_advice(code: RejectCode) -> None:
    explanation = EXPLANATIONS[code]

    for text in (explanation.sentence, explanation.remedy):
        assert text.endswith(".") and text[0].isupper() and len(text) >= 10
    assert explanation.sentence != explanation.remedy
    assert explanation.advice in Advice


def test_no_two_codes_share_a_sentence() -> None:
    sentences = [explanation.sentence for explanation in EXPLANATIONS.values()]

    assert len(set(sentences)) == len(sentences)


def test_no_two_names_share_a_number() -> None:
    assert len(RejectCode.__members__) == len(list(RejectCode))


def test_codes_stand_in_rising_order_within_the_published_ranges() -> None:
    assert list(RejectCode) == sorted(RejectCode)
    assert all(any(code in numbers for numbers in RANGES.values()) for code in RejectCode)


@pytest.mark.parametrize(
    "code, number",
    [
        (RejectCode.MALFORMED, 100),
        (RejectCode.NOT_AUTHENTICATED, 200),
        (RejectCode.PRICE_OFF_TICK, 300),
        (RejectCode.EVENT_UNKNOWN, 330),
        (RejectCode.CONTRACT_UNKNOWN, 400),
        (RejectCode.MONEY_SHORT, 500),
        (RejectCode.BUSY, 600),
    ],
)
def test_the_first_code_of_each_range_keeps_its_published_number(code: RejectCode, number: int) -> None:
    assert code == number


@pytest.mark.parametrize(
    "code, advice",
    [
        (RejectCode.PRICE_OFF_TICK, Advice.FIX),
        (RejectCode.MONEY_SHORT, Advice.WAIT),
        (RejectCode.BUSY, Advice.WAIT),
        (RejectCode.ORDER_CLOSED, Advice.GIVE_UP),
        (RejectCode.QUARANTINED, Advice.GIVE_UP),
    ],
)
def test_the_advice_tells_whether_the_same_command_can_succeed(code: RejectCode, advice: Advice) -> None:
    assert EXPLANATIONS[code].advice is advice


def test_a_refusal_is_a_value() -> None:
    refused = Reject(RejectCode.MONEY_SHORT, 1_000, "quantity")

    assert refused == Reject(RejectCode.MONEY_SHORT, bound=1_000, field="quantity")
    assert (Reject(RejectCode.BUSY).bound, Reject(RejectCode.BUSY).field) == (0, "")
    assert json.encode(refused) == b'{"code":500,"bound":1000,"field":"quantity"}'
    with pytest.raises(AttributeError, match="immutable"):
        refused.bound = 2  # type: ignore[misc]
