"""Every refusal has one HTTP status, a stable document, and headers that tell a client what to do."""

import msgspec
import pytest

from exchange.core.rejects import EXPLANATIONS, Advice, Reject, RejectCode
from exchange.gateway.problems import (
    STATUS,
    FieldError,
    Problem,
    Refused,
    Scales,
    bound_of,
    field_refused,
)

DOLLARS = Scales(4, "USD")


def test_only_what_can_succeed_later_unchanged_is_a_5xx_and_that_is_503() -> None:
    late = {code for code, status in STATUS.items() if status >= 500}

    assert {STATUS[code] for code in late} == {503}
    assert all(EXPLANATIONS[code].advice is Advice.WAIT for code in late)


def test_a_problem_says_what_why_and_what_to_do() -> None:
    refused = Refused(Reject(RejectCode.PRICE_OFF_TICK, 5, "price"), scales=DOLLARS)

    assert refused.problem() == Problem(
        type="/problems/PRICE_OFF_TICK",
        title="The price is not a multiple of the tick.",
        status=422,
        detail="The price is not a multiple of the tick. Use a multiple of 0.0005.",
        code=300,
        reason="PRICE_OFF_TICK",
        remedy="Use a multiple of 0.0005.",
        advice=Advice.FIX,
        errors=[FieldError("price", "The price is not a multiple of the tick.")],
        bound="0.0005",
    )


@pytest.mark.parametrize(
    "reject, bound",
    [
        (Reject(RejectCode.PRICE_ABOVE_BAND, 23_750), "2.3750"),
        (Reject(RejectCode.STEP_TOO_SMALL, 100), "0.0100"),
        (Reject(RejectCode.MONEY_SHORT, 237_500), "2375.00"),
        (Reject(RejectCode.AMOUNT_TOO_LARGE, 100), "1.00"),
        (Reject(RejectCode.STOCK_SHORT, 30), "30"),
        (Reject(RejectCode.QUANTITY_OFF_LOT, 10), "10"),
        (Reject(RejectCode.OPENS_IN_THE_PAST, 1_767_268_800_000_000), "2026-01-01T12:00:00.000000Z"),
        (Reject(RejectCode.MONEY_SHORT), ""),
    ],
)
def test_a_bound_reads_in_the_unit_of_what_missed_it(reject: Reject, bound: str) -> None:
    assert bound_of(reject, DOLLARS) == bound


@pytest.mark.parametrize(
    "refused, headers",
    [
        (Refused(RejectCode.HALTED), {"Retry-After": "1"}),
        (Refused(RejectCode.TOO_MANY_REQUESTS), {"Retry-After": "1"}),
        (Refused(RejectCode.NOT_AUTHENTICATED), {"WWW-Authenticate": "Bearer"}),
        (Refused(RejectCode.METHOD_UNKNOWN, headers={"Allow": "GET"}), {"Allow": "GET"}),
        (Refused(RejectCode.NOT_FOUND), {}),
    ],
)
def test_a_status_comes_with_its_headers(refused: Refused, headers: dict[str, str]) -> None:
    response = refused.response()

    told = {name: text for name, text in response.headers.items() if not name.startswith("Content-")}
    assert told == headers
    assert response.content_type == "application/problem+json"


def test_what_is_empty_is_left_out() -> None:
    body = Refused(RejectCode.NOT_FOUND).response().body

    assert isinstance(body, bytes)
    assert "errors" not in msgspec.json.decode(body) and "bound" not in msgspec.json.decode(body)


def test_one_wrong_field_is_a_problem_of_its_own() -> None:
    problem = field_refused("cursor", "Use another.").problem()

    assert (problem.status, problem.detail) == (422, "Use another.")
    assert problem.errors == [FieldError("cursor", "Use another.")]
