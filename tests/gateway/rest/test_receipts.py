"""Receipts of bids: what stands in the journal is proved to its bidder, to nobody else, and not before the close."""

from pathlib import Path

from exchange.core.messages import Role
from exchange_client import Rest, checked
from tests.gateway.house import Answer, Holder, House, a_house
from tests.gateway.rest.test_lots import with_rules
from tests.gateway.rest.test_sourcing import Market, published
from tests.gateway.sealing import a_desk, an_open_sealed_market

HEADER_NUMBERS = 45
"""Bytes of a header before its two digests."""


async def receipt(market: Market, holder: Holder, number: object = 1) -> Answer:
    return await market.house.call(holder, "GET", f"/v1/lots/{market.lot}/bids/{number}/receipt")


async def a_closed_lot(house: House) -> Market:
    """The first supplier has bid twice, the second once, the third not at all."""
    market = await published(house, suppliers=3)
    await market.pass_until_open()
    for who, price in ((0, "80.00"), (1, "79.00"), (0, "78.00")):
        assert (await market.bid(who, price)).status == 201
    await market.pass_until_closed()
    await house.archive()
    return market


async def test_a_bidder_proves_each_of_its_bids_after_the_close(house: House) -> None:
    market = await a_closed_lot(house)
    bidder = market.suppliers[0]
    listed = (await house.get(bidder, f"/v1/lots/{market.lot}/bids"))["bids"]

    async with Rest(house.url, key=bidder.key) as rest:
        receipts = [await rest.bid_receipt(market.lot, number) for number in (1, 2)]

    proven = [checked(each) for each in receipts]
    assert [each["at"] for each in receipts] == [bid["at"] for bid in listed]
    assert [each.member_id for each in proven] == [bidder.member_id] * 2
    assert [(each.sent["type"], each.sent["lot_id"], each.sent["price"]) for each in proven] == [
        ("submit_bid", market.lot, 8_000),
        ("submit_bid", market.lot, 7_800),
    ]
    for each in proven:
        (batch,) = [batch async for batch in house.engine.journal.read(each.sequence, 1)]
        assert batch.chain.hex() == each.chain, "the chain value is the journal's own"


async def test_no_receipt_is_given_before_the_close_and_none_of_anybody_elses_bid(house: House) -> None:
    market = await published(house, suppliers=2)
    stranger, operator = await house.member(Role.SELLER), await house.member(Role.OPERATOR)
    await market.pass_until_open()
    await market.bid(0, "80.00")
    early = await receipt(market, market.suppliers[0])
    await market.pass_until_closed()
    await house.archive()

    assert (early.status, early.body["reason"]) == (409, "LOT_NOT_CLOSED")
    asked = ((0, 0), (0, 2), (0, "one"), (1, 1))
    missed = [await receipt(market, market.suppliers[who], number) for who, number in asked]
    assert [(each.status, each.body["reason"]) for each in missed] == [(404, "BID_UNKNOWN")] * 4
    assert [each.body.get("bound", "0") for each in missed] == ["1", "1", "1", "0"]
    for holder in (market.buyer, operator):
        assert (await receipt(market, holder)).body["reason"] == "BID_UNKNOWN"
    assert (await receipt(market, stranger)).body["reason"] == "LOT_UNKNOWN"


async def test_a_bid_that_anothers_command_made_has_its_proof_without_that_command(house: House) -> None:
    market = await with_rules(house, {"proxies": True})
    first, second = market.suppliers[:2]
    await house.call(first, "PUT", f"/v1/lots/{market.lot}/proxy", {"price": "70.00"})
    await market.bid(1, "80.00")  # answered by the proxy
    await market.pass_until_closed()
    await house.archive()

    answered = (await receipt(market, first, 2)).body
    bid = (await receipt(market, second)).body

    assert (answered["command"], answered["salt"]) == ("", "")
    assert answered["proof"] == bid["proof"], "both came of one command"
    assert checked(answered).sent == {} and checked(bid).sent["price"] == 8_000
    assert second.member_id.encode().hex() not in str(answered)


async def test_an_envelope_is_proved_as_it_was_sent_and_an_opened_bid_by_the_opening_of_all(
    house: House, tmp_path: Path
) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        for who, price in ((0, 8_000), (1, 7_500)):
            assert (await market.seal(who, price)).status == 201
        envelope = await market.envelope(0, 7_900)
        assert (await market.hand_in(0, envelope)).status == 201
        await market.pass_until_closed()
        await market.until(opened=True)
    await house.archive()

    told = [(await receipt(market, each)).body for each in market.suppliers[:2]]

    assert told[0]["proof"] == told[1]["proof"] and not told[0]["command"]
    assert checked(told[0]).sequence == told[0]["proof"]["sequence"]
    bidder, path = market.suppliers[0], f"/v1/lots/{market.lot}/envelopes"
    async with Rest(house.url, key=bidder.key) as rest:
        first, last = [checked(await rest.envelope_receipt(market.lot, number)) for number in (1, 2)]
    assert (last.member_id, last.sent["type"], last.sent["envelope"]) == (
        bidder.member_id,
        "submit_envelope",
        envelope,
    )
    assert first.sequence < last.sequence < told[0]["proof"]["sequence"]
    missing = await house.call(bidder, "GET", f"{path}/3/receipt")
    assert (missing.status, missing.body["reason"], missing.body["bound"]) == (404, "BID_UNKNOWN", "2")
    assert (await house.call(market.buyer, "GET", f"{path}/1/receipt")).body["reason"] == "BID_UNKNOWN"


async def test_who_the_others_are_changes_nothing_of_a_receipt_but_its_hashes(
    house_database_url: str,
) -> None:
    """Two worlds in which two suppliers have changed places, as the third one's receipt tells them."""
    told = []
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market = await published(house, suppliers=3)
            await market.pass_until_open()
            for who, price in ((1, "80.00"), (0, "79.00"), (2, "78.00"), (1, "77.00"), (2, "76.00")):
                assert (await market.bid(1 - who if swapped and who < 2 else who, price)).status == 201
            await market.pass_until_closed()
            await house.archive()
            shown = (await receipt(market, market.suppliers[2], 2)).body
            assert checked(shown).sent["price"] == 7_600
            proof = shown.pop("proof")
            told.append((shown, proof["sequence"], len(proof["path"]), proof["header"][: 2 * HEADER_NUMBERS]))

    assert told[0] == told[1]
