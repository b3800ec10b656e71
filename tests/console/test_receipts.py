"""`exchange receipt`, as a supplier types it: a bid is proved, a changed receipt is not."""

import json
from pathlib import Path

from exchange.config import UNREACHABLE, USAGE, WRONG
from tests.console.commands import Console
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import published


async def test_a_supplier_proves_its_bid_and_checks_a_kept_receipt(
    house: House, console: Console, tmp_path: Path
) -> None:
    market = await published(house)
    bidder, kept = market.suppliers[0], tmp_path / "receipt.json"
    await market.pass_until_open()
    await console.run(bidder, "bid", market.lot, "80.00")
    early = await console.run(bidder, "receipt", market.lot)
    await market.pass_until_closed()
    await house.archive()

    told = await console.run(bidder, "receipt", market.lot, "--json")
    shown = await console.run(bidder, "receipt", market.lot, 1)
    kept.write_text(told.out)
    again = await console.run(bidder, "receipt", "--check", kept)
    kept.write_text(json.dumps(told.answer | {"at": "2026-01-01T13:00:00Z"}))
    forged = await console.run(bidder, "receipt", "--check", kept)
    kept.write_text("80.00")
    number = await console.run(bidder, "receipt", "--check", kept)
    kept.write_text("{")
    spoilt = await console.run(bidder, "receipt", "--check", kept)
    neither = await console.run(bidder, "receipt")

    assert (early.code, "Wait for its close" in early.err) == (UNREACHABLE, True)
    assert [each.code for each in (told, shown, again)] == [0] * 3
    assert again.out == shown.out
    assert all(each in shown.out for each in (bidder.member_id, "submit_bid", told.answer["proof"]["chain"]))
    assert (forged.code, "the instant isn't that of the command" in forged.err) == (WRONG, True)
    assert [each.code for each in (number, spoilt, neither)] == [WRONG, USAGE, USAGE]
