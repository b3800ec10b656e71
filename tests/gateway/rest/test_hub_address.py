"""The hub's address over REST: whoever looks back finds what counted then."""

from exchange.core.messages import Role
from tests.gateway.house import House

FIRST = {"name": "Hub One", "address": "Quay 3, 20457 Hamburg"}
SECOND = {"name": "Hub Two", "address": "Kade 9, 3011 Rotterdam"}
DAY_US = 24 * 3_600 * 1_000_000


async def test_an_old_paper_shows_the_address_that_counted_when_it_was_made(house: House) -> None:
    operator, seller = await house.member(Role.OPERATOR), await house.member(Role.SELLER)
    before = await house.get(seller, "/v1/hub")
    first = await house.call(operator, "PUT", "/v1/hub", FIRST)
    house.clock.pass_us(DAY_US)
    second = await house.call(operator, "PUT", "/v1/hub", SECOND)
    await house.archive()

    now = await house.get(seller, "/v1/hub")
    then = await house.get(seller, "/v1/hub?at=2026-01-02T00:00:00Z")
    too_early = await house.get(seller, "/v1/hub?at=2025-01-01T00:00:00Z")

    assert before == too_early == {"name": "", "address": ""}
    assert now == SECOND | {"since": second.body["at"]}
    assert then == FIRST | {"since": first.body["at"]}


async def test_only_an_operator_says_where_the_hub_is(house: House) -> None:
    inspector = await house.member(Role.INSPECTOR)

    refused = await house.call(inspector, "PUT", "/v1/hub", FIRST)
    unfit = await house.call(await house.member(Role.OPERATOR), "PUT", "/v1/hub", FIRST | {"address": "a\nb"})

    assert (refused.status, refused.body["reason"]) == (403, "ROLE_MISSING")
    assert (unfit.status, unfit.body["errors"][0]["field"]) == (422, "address")
