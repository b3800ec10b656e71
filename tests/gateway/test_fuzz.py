"""Whatever is sent to any route, the answer is no failure of ours, and every refusal says what to do."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from exchange.core.messages import PlaceOrder, Role, Side, Standing, TimeInForce
from exchange.core.rejects import RejectCode
from exchange.gateway.auth import Scope
from exchange.gateway.rest import ROUTES
from exchange.gateway.routes import AnyRoute
from tests.gateway.house import House
from tests.gateway.test_rest_money import Sale
from tests.gateway.test_rest_sourcing import published

CASES_A_ROUTE = 60

DECIMALS = ["0", "1", "2.50", "0.0001", "90.00", "-1", "1e5", "1.", ".5", "00", "9" * 30, "1,5", "٣", "2.5\n"]
INSTANTS = [
    "2026-01-01T13:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
]
TEXTS = st.one_of(
    st.sampled_from(
        [*DECIMALS, *INSTANTS, "USD", "JPY", "GB", *Role, *Scope, *Side, *Standing, *TimeInForce]
    ),
    st.text(max_size=40),
    st.sampled_from(["\u0000", "\ud83d\ude00", "x" * 300, "../..", "' or 1=1 --", "%s%n", "\u202e"]),
)
NUMBERS = st.one_of(
    st.integers(-2, 600),
    st.integers(),
    st.sampled_from([2**31, 2**53 - 1, 2**53, 2**63, 10**400]),
    st.floats(),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=5,
)


class Target:
    """Something behind every kind of id, so that requests get past the first look-up."""

    def __init__(self, ids: dict[str, str]) -> None:
        self.ids = ids

    def id_for(self, name: str, junk: str | None) -> str:
        return self.ids.get(name, "BUSY") if junk is None else junk


@pytest.fixture
async def target(house: House) -> Target:
    sale, market = await Sale(house).make(), await published(house)
    resting = PlaceOrder(instrument_id=sale.instrument, side=Side.BUY, price=1_000, quantity=10)
    order = await house.do((await house.buyer()).member_id, resting)
    return Target(
        {
            "instrument_id": sale.instrument,
            "order_id": order.id,
            "member_id": sale.buyer.member_id,
            "contract_id": sale.bought,
            "event_id": market.event,
            "lot_id": market.lot,
        }
    )


def json_of(value: object) -> bytes:
    """JSON as a careless client writes it: NaN, huge numbers and lone surrogates included."""
    return json.dumps(value).encode()


def escaped(text: str) -> str:
    """For a URL: what is no UTF-8 comes through too."""
    return quote(text, safe="", errors="surrogatepass")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@given(draw=st.data())
@settings(max_examples=CASES_A_ROUTE, suppress_health_check=list(HealthCheck))
async def test_no_request_makes_the_server_fail(
    house: House, target: Target, route: AnyRoute, draw: st.DataObject
) -> None:
    holder = await house.member(*Role)
    junk = st.one_of(st.none(), TEXTS)
    path = re.sub(r"\{(\w+)\}", lambda found: escaped(target.id_for(found[1], draw.draw(junk))), route.path)
    query = draw.draw(st.dictionaries(names_of(route.query), TEXTS, max_size=3))
    text = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in query.items())
    body = draw.draw(st.one_of(st.binary(max_size=60), bodies_for(route, target).map(json_of)))
    headers = {"Idempotency-Key": draw.draw(st.sampled_from(["a", "b"]))} if route.command else {}

    answer = await house.call(
        holder, route.method, f"{path}?{text}", raw=body if route.takes_body else None, headers=headers
    )

    assert answer.status < 500 or route.path == "/readyz", answer
    if answer.status >= 400:
        assert answer.body["reason"] in RejectCode.__members__
        assert answer.body["remedy"]


def names_of(kind: type[Any]) -> st.SearchStrategy[str]:
    known = [field.encode_name for field in fields(kind)]
    return st.sampled_from(known) | st.text(max_size=8) if known else st.text(max_size=8)


def bodies_for(route: AnyRoute, target: Target) -> st.SearchStrategy[dict[str, object]]:
    """Objects with the fields of the route's Struct, each with a value that may fit or not."""
    values = {
        field.encode_name: st.one_of(st.just(target.ids.get(field.encode_name, "1.00")), VALUES)
        for field in fields(route.body)
    }
    return st.fixed_dictionaries({}, optional={**values, "extra": VALUES})
