"""Contracts in force, each from its own side."""

from exchange.core.messages import ConfirmReceipt, Side
from exchange.views.contracts import ContractView, LineView
from tests.core.venue import Venue
from tests.views.follower import Follower


def test_a_contract_is_seen_by_its_member_until_it_is_performed() -> None:
    venue = Venue()
    venue.instrument()
    for member_id in "bs":
        venue.member(member_id)
        venue.money(member_id, 10_000)
        venue.stock(member_id, 100)
    follower = Follower(venue)
    contracts = follower.views.contracts
    venue.order("s", Side.SELL, 100, 7)
    venue.order("b", Side.BUY, 100, 3)
    venue.order("b", Side.BUY, 100, 4)
    follower.catch_up()

    lines = {1: LineView(1, 1, 100, 3, 300), 2: LineView(2, 2, 100, 4, 400)}
    sold = ContractView("id-1", "s", Side.SELL, "LM358", 2, lines)
    assert contracts.of_member("s") == [sold]
    assert contracts.get("s", "id-1") == sold
    assert contracts.get("b", "id-1") is contracts.get("stranger", "id-1") is None
    assert [each.contract_id for each in contracts.of_member("b")] == ["id-2", "id-3"]

    venue.send("b", ConfirmReceipt(contract_id="id-2"))
    follower.catch_up()
    assert contracts.get("b", "id-2") is None
    left = contracts.get("s", "id-1")
    assert left is not None and list(left.lines) == [2] and left.line_count == 2

    venue.send("b", ConfirmReceipt(contract_id="id-3"))
    follower.catch_up()
    assert contracts.of_member("s") == contracts.of_member("b") == []
