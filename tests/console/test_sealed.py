"""`exchange seal` and `exchange reveal`, as they are typed."""

from pathlib import Path

import pytest

from exchange.config import UNREACHABLE, USAGE
from exchange.core.messages import Role
from tests.console.commands import Console
from tests.gateway.house import House
from tests.gateway.sealing import a_desk, a_sealed_market, an_open_sealed_market


async def test_a_supplier_seals_by_typing_and_an_operator_has_it_opened(
    house: House, console: Console, tmp_path: Path
) -> None:
    operator = await house.member(Role.OPERATOR)
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        sealed = await console.run(market.suppliers[0], "seal", market.lot, "80.10", "--json")
        again = await console.run(market.suppliers[0], "seal", market.lot, "79.9", "--json")
        stored = tmp_path / f"{market.lot}.key"
        stored.rename(tmp_path / "hidden")
        await market.pass_until_closed()
        await market.until(opened=False, stuck="The lot's private key is not where it was stored")
        (tmp_path / "hidden").rename(stored)
        revealed = await console.run(operator, "reveal", market.lot, "--json")
        lot = await market.until(opened=True)
        late = await console.run(operator, "reveal", market.lot)

    assert [each.code for each in (sealed, again, revealed, late)] == [0, 0, 0, UNREACHABLE]
    assert sealed.answer["lot_id"] == revealed.answer["lot_id"] == market.lot
    assert lot["prices"] == [{"alias": 1, "price": "79.90"}]
    assert "open already" in late.err


@pytest.mark.parametrize(
    "price,why",
    [
        ("80.05", "no multiple of 0.10"),
        ("90.10", "above the ceiling"),
        ("dear", "no price"),
        ("-1", "no multiple"),
    ],
)
async def test_what_could_only_be_void_is_not_sealed(
    house: House, console: Console, tmp_path: Path, price: str, why: str
) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        refused = await console.run(market.suppliers[0], "seal", market.lot, f"--price={price}")
        lot = await market.read(market.suppliers[0])

    assert (refused.code, why in refused.err) == (USAGE, True), refused
    assert "own_envelope_sha256" not in lot["sealed"]


async def test_an_open_lot_is_told_apart(house: House, console: Console, tmp_path: Path) -> None:
    async with a_desk(house, tmp_path):
        market = await a_sealed_market(house, {"format": "english"})
        await market.pass_until_open()
        refused = await console.run(market.suppliers[0], "seal", market.lot, "80.00")

    assert (refused.code, "exchange bid" in refused.err) == (USAGE, True)
