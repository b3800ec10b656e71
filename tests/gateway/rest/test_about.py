"""The exchange tells its clock, its state, its refusals and its figures to whom they concern."""

import pytest

from exchange.core.messages import Role
from exchange.core.rejects import EXPLANATIONS, RejectCode
from exchange.engine.base import EngineState
from exchange.gateway.auth import Scope
from exchange.gateway.problems import STATUS
from tests.gateway.house import House

FROM_AFAR = {"X-Forwarded-For": "198.51.100.1"}


async def test_the_clock_is_the_engines(house: House) -> None:
    house.clock.pass_us(1)

    assert await house.get(None, "/v1/time") == {
        "at": "2026-01-01T12:00:00.000001Z",
        "at_us": 1_767_268_800_000_001,
    }


@pytest.mark.parametrize("state", EngineState)
async def test_readiness_is_serving_and_nothing_else(house: House, state: EngineState) -> None:
    house.engine.state = state

    ready, alive = await house.call(None, "GET", "/readyz"), await house.call(None, "GET", "/healthz")

    assert (ready.status, ready.body) == (200 if state is EngineState.SERVING else 503, {"state": state})
    assert (alive.status, alive.body) == (200, {"state": state})
    assert ("Retry-After" in ready.headers) == (state is not EngineState.SERVING)


async def test_every_refusal_is_explained_where_its_type_leads(house: House) -> None:
    for code in RejectCode:
        told = await house.get(None, f"/problems/{code.name}")

        explanation = EXPLANATIONS[code]
        assert told == {
            "code": code,
            "reason": code.name,
            "title": explanation.sentence,
            "remedy": explanation.remedy,
            "advice": explanation.advice,
            "status": STATUS[code],
        }
    assert (await house.call(None, "GET", "/problems/NO_SUCH")).status == 404


async def test_figures_are_for_this_machine_and_the_operator(house: House) -> None:
    operator, buyer = await house.member(Role.OPERATOR), await house.member(Role.BUYER)
    blind = await house.key_for(operator.member_id, frozenset({Scope.TRADE}))

    asked = [
        await house.call(None, "GET", "/metrics"),
        await house.call(operator, "GET", "/metrics", headers=FROM_AFAR),
        await house.call(buyer, "GET", "/metrics", headers=FROM_AFAR),
        await house.call(blind, "GET", "/metrics", headers=FROM_AFAR),
        await house.call(None, "GET", "/metrics", headers=FROM_AFAR),
    ]

    assert [answer.status for answer in asked] == [200, 200, 403, 403, 403]
    assert asked[0].headers["Content-Type"].startswith("text/plain; version=0.0.4")
