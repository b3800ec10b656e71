"""Whoever has read a thing and names its tag is told in no bytes that it has not changed."""

import pytest

from exchange.core.market.versions import order_version
from exchange.core.messages import CancelOrder, PlaceOrder, Side
from exchange.gateway.etags import is_known, tag_of
from tests.gateway.house import House

KNOWN = [
    ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True),
    ("", False), ('"b"', False), ("a", False), ('"a" "b"', False),
]  # fmt: skip


@pytest.mark.parametrize("header, known", KNOWN)
def test_a_tag_is_known_by_name_or_star(header: str, known: bool) -> None:
    assert is_known('"a"', header) is known


def test_different_bytes_have_different_tags() -> None:
    assert tag_of(b"1") == tag_of(b"1") != tag_of(b"2")
    assert tag_of(b"1", 7).startswith('"7-')


async def test_an_order_is_sent_again_only_when_it_changed(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    order = PlaceOrder(instrument_id=instrument, side=Side.BUY, price=250, quantity=10)
    order_id = (await house.do(buyer.member_id, order)).id
    path = f"/v1/orders/{order_id}"
    first = await house.call(buyer, "GET", path)
    named = {"If-None-Match": first.headers["ETag"]}
    unchanged = await house.call(buyer, "GET", path, headers=named)
    await house.do(buyer.member_id, CancelOrder(order_id=order_id))
    await house.archive()
    changed = await house.call(buyer, "GET", path, headers=named)

    assert first.headers["ETag"] == tag_of(first.raw, order_version(250, 10, 10))
    assert (unchanged.status, unchanged.raw, unchanged.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert changed.status == 200 and changed.headers["ETag"] == tag_of(changed.raw) != first.headers["ETag"]


async def test_lists_and_refusals_have_no_tag(house: House) -> None:
    buyer = await house.buyer()
    answers = [await house.call(buyer, "GET", path) for path in ("/v1/orders", "/v1/orders/none")]

    assert [answer.status for answer in answers] == [200, 404]
    assert not any("ETag" in answer.headers for answer in answers)
