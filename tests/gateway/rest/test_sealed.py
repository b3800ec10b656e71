"""Sealed bids over REST: handed in, replaced and withdrawn; opened together; a lost key; nothing read before."""

from hashlib import sha256
from pathlib import Path

from exchange.core.messages import Role
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import LOT, draft
from tests.gateway.sealing import SealedMarket, a_desk, a_sealed_market, an_open_sealed_market, commit


async def test_sealed_bids_are_opened_together_after_the_close_and_awarded(
    house: House, tmp_path: Path
) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        envelope = await market.envelope(0, 8_000)
        taken = await market.hand_in(0, envelope)
        assert (await market.seal(1, 7_500)).status == 201

        before = await market.read(market.suppliers[0])
        await market.pass_until_closed()
        after = await market.until(opened=True)
        body = {"alias": 2}
        awarded = await market.house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", body)

        assert (taken.status, taken.body["lot_id"]) == (201, market.lot)
        assert before["sealed"]["own_envelope_sha256"] == sha256(envelope.encode()).hexdigest()
        assert not {"own_price", "own_rank", "bid_max", "lead_price", "participants"} & before.keys()
        assert after["prices"] == [{"alias": 2, "price": "75.00"}, {"alias": 1, "price": "80.00"}]
        assert awarded.status == 200, awarded
        won = await market.read(market.suppliers[1])
        assert (won["own_rank"], won["sealed"]["awarded_price"]) == (1, "75.00")
        await house.archive()
        told = await house.get(market.buyer, f"/v1/lots/{market.lot}/bids")
        assert [bid["price"] for bid in told["bids"]] == ["80.00", "75.00"]


async def test_what_is_no_sealed_box_is_not_taken(house: House, tmp_path: Path) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)

        for text in ("", "A" * 383, "A" * 385, "A" * 383 + "=", "A" * 383 + "\n", "A" * 384 + "\n"):
            refused = await market.hand_in(0, text)
            assert (refused.status, refused.body["errors"][0]["field"]) == (422, "envelope"), text


async def test_the_last_envelope_counts_and_a_withdrawn_one_does_not(house: House, tmp_path: Path) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        for price in (8_000, 8_500):
            assert (await market.seal(0, price)).status == 201
        assert (await market.seal(1, 5_000)).status == 201
        path = f"/v1/lots/{market.lot}/envelope"
        gone = await house.call(market.suppliers[1], "DELETE", path)
        again = await house.call(market.suppliers[1], "DELETE", path)
        await market.pass_until_closed()
        lot = await market.until(opened=True)
        late = await market.seal(1, 5_000)

        assert gone.status == 200
        assert (again.status, again.body["reason"]) == (409, "ENVELOPE_UNKNOWN")
        assert lot["prices"] == [{"alias": 1, "price": "85.00"}]
        assert (late.status, late.body["reason"]) == (409, "LOT_NOT_OPEN")


async def test_a_lost_key_leaves_the_lot_closed_until_it_is_back(house: House, tmp_path: Path) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        assert (await market.seal(0, 8_000)).status == 201
        stored = tmp_path / f"{market.lot}.key"
        hidden = stored.rename(tmp_path / "elsewhere")
        await market.pass_until_closed()
        stuck = await market.until(opened=False, stuck="The lot's private key is not where it was stored")
        path = f"/v1/lots/{market.lot}"
        award = await house.call(market.buyer, "POST", f"{path}/award", {"alias": 1})
        operator = await house.member()
        await house.call(operator, "POST", f"{path}/reveal")
        still = await market.until(opened=False, stuck="The lot's private key is not where it was stored")
        hidden.rename(stored)
        retried = await house.call(operator, "POST", f"{path}/reveal")
        lot = await market.until(opened=True)
        never = await house.call(operator, "POST", f"{path}/reveal")

        assert (stuck["state"], still["state"]) == ("closed", "closed")
        assert (award.status, award.body["reason"]) == (409, "BIDS_NOT_REVEALED")
        assert "stuck" not in (await market.read(market.suppliers[0]))["sealed"]
        assert retried.status == 200
        assert lot["prices"] == [{"alias": 1, "price": "80.00"}]
        assert (never.status, never.body["reason"]) == (409, "BIDS_REVEALED")


async def test_a_lot_opens_only_when_its_key_is_stored_and_loses_no_time(
    house: House, tmp_path: Path
) -> None:
    market = await a_sealed_market(house)
    await market.pass_until_open()
    waiting = await market.read(market.buyer)
    async with a_desk(house, tmp_path):
        await market.key()
        await commit(house)
        opened = await market.read(market.buyer)

    assert (waiting["state"], waiting["sealed"]["public_key"]) == ("waiting", "")
    assert (tmp_path / f"{market.lot}.key").stat().st_mode & 0o777 == 0o600
    assert opened["state"] == "open"
    assert (waiting["close_at"], opened["close_at"]) == (
        "2026-01-01T14:00:00.000000Z",
        "2026-01-01T14:01:00.000000Z",
    )


async def test_a_draft_that_becomes_sealed_gets_its_key(house: House, tmp_path: Path) -> None:
    async with a_desk(house, tmp_path):
        buyer = await house.member(Role.BUYER)
        event_id = await draft(house, buyer)
        made = await house.call(buyer, "POST", f"/v1/events/{event_id}/lots", LOT)
        path = f"/v1/lots/{made.body['lot_id']}"
        before = await house.get(buyer, path)
        changed = await house.call(buyer, "PATCH", path, {"rules": {"format": "sealed_second_price"}})
        market = SealedMarket(house, buyer, [], event_id, made.body["lot_id"])
        key = await market.key()
        await house.call(buyer, "PATCH", path, {"rules": {}})
        after = await house.get(buyer, path)

    assert changed.status == 200, changed
    assert len(key) == 64
    assert not {"sealed"} & (before.keys() | after.keys())


async def test_open_bids_are_refused_in_sealed_lots_and_envelopes_in_others(
    house: House, tmp_path: Path
) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        open_bid = await market.bid(0, "80.00")
        envelope = await market.envelope(0, 8_000)
        other = await a_sealed_market(house, {"format": "english"}, open_at="2026-01-01T13:01:00Z")
        await commit(house)
        sealed_bid = await other.hand_in(0, envelope)
        short = await market.hand_in(0, envelope[:-4])
        foreign = await market.hand_in(0, "é" * len(envelope))

    assert (open_bid.status, open_bid.body["reason"]) == (409, "BIDS_ARE_SEALED")
    assert (sealed_bid.status, sealed_bid.body["reason"]) == (409, "LOT_NOT_SEALED")
    assert [(each.status, each.body["errors"][0]["field"]) for each in (short, foreign)] == [
        (422, "envelope")
    ] * 2
