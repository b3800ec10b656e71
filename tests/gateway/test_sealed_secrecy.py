"""Nobody reads a sealed bid before its lot is opened: the price is in no journal, table, answer, state or log."""

from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import json, msgpack

from exchange.core.messages import Role
from exchange.core.messages.sealed import VoidReason
from exchange.engine.replica import Replica, replayed
from exchange.journal.format import check
from exchange_client import Client, Invalid, LotState, Room
from tests.gateway.house import Holder, House, a_house
from tests.gateway.sealing import SealedMarket, a_desk, a_sealed_market, an_open_sealed_market, commit

CENTS = 739_130
"""No other number of these tests has its digits."""
PRICE = Decimal("7391.30")
NEEDLES = (
    str(CENTS).encode(),
    b"7391.3",
    msgpack.encode(CENTS)[1:],
    msgpack.encode(CENTS)[1:].hex().encode(),
    str(CENTS).encode().hex().encode(),
)
TABLES = "select table_name from information_schema.tables where table_schema = 'public' order by 1"
READS = ("", "/bids")


def holds(told: bytes) -> bool:
    return any(needle in told for needle in NEEDLES)


def client_of(house: House, holder: Holder) -> Client:
    return Client(f"{house.url.replace('http', 'ws', 1)}/v1/ws", key=holder.key)


async def journal(house: House) -> bytes:
    """All batches as they are stored, and their commands taken out of them."""
    told = b""
    previous, next_seq = bytes(32), 1
    async for batch in house.engine.journal.read(1):
        packed = check(batch, previous, next_seq, epoch_min=0, at_us_min=0)
        told += batch.body + bytes(packed.entries_array) + json.encode(msgpack.decode(packed.entries_array))
        previous, next_seq = batch.chain, batch.next_seq
    return told


async def state(house: House) -> bytes:
    """A dump, as a snapshot holds it, and what the read models hold of every lot."""
    replica = Replica()
    async for _ in replayed(house.engine.journal, replica):
        pass
    dumped = replica.kernel.dump()
    lots = [msgpack.encode(lot.dump()) for lot in house.engine.views.sourcing.lots.values()]
    return dumped + json.encode(msgpack.decode(dumped)) + b"".join(lots)


async def tables(house: House) -> bytes:
    """Every row of every table, once the history has caught up."""
    await house.archive()
    told = b""
    for table in await house.records.fetch(TABLES):
        rows = await house.records.fetch(f"select t::text as row from {table['table_name']} t")
        told += b"".join(str(row["row"]).encode() for row in rows)
    return told


async def answers(house: House, market: SealedMarket, *viewers: Holder) -> bytes:
    """What REST tells of the lot and its event."""
    paths = [f"/v1/lots/{market.lot}{each}" for each in READS]
    paths += [f"/v1/events/{market.event}", "/v1/events"]
    told = b""
    for viewer in viewers:
        for path in paths:
            told += (await house.call(viewer, "GET", path)).raw
    return told


async def feeds(house: House, market: SealedMarket, *viewers: Holder) -> bytes:
    """What WebSocket shows of the lot."""
    told = b""
    for viewer in viewers:
        async with client_of(house, viewer) as client, client.lot(market.lot) as room:
            told += repr(room.state).encode().replace(b".", b"") + repr(room.state).encode()
    return told


async def test_the_price_is_nowhere_before_the_lot_is_opened_and_everywhere_after(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operator = await house.member(Role.OPERATOR)
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house, ceiling="9999.00", disclosure={"prices_by_alias": True})
        async with client_of(house, market.suppliers[0]) as bidder, bidder.lot(market.lot) as room:
            await room.bid_sealed(PRICE)
        viewers = (operator, market.buyer, market.suppliers[1])

        async def everywhere() -> dict[str, bytes]:
            return {
                "journal": await journal(house),
                "state": await state(house),
                "tables": await tables(house),
                "answers": await answers(house, market, *viewers),
                "feeds": await feeds(house, market, *viewers),
            }

        open_lot = await everywhere()
        receipt = await market.read(market.suppliers[0])
        logged = capsys.readouterr()
        (tmp_path / f"{market.lot}.key").rename(tmp_path / "hidden")
        await market.pass_until_closed()
        await market.until(opened=False, stuck="The lot's private key is not where it was stored")
        closed_lot = await everywhere()
        (tmp_path / "hidden").rename(tmp_path / f"{market.lot}.key")
        await house.call(operator, "POST", f"/v1/lots/{market.lot}/reveal")
        await market.until(opened=True)
        opened_lot = await everywhere()

    assert {name for name, told in (open_lot | {"logs": logged.out.encode()}).items() if holds(told)} == set()
    assert {name for name, told in closed_lot.items() if holds(told)} == set()
    assert not holds(json.encode(receipt))
    assert {name for name, told in opened_lot.items() if not holds(told)} == set()


@pytest.mark.parametrize("disclosed", [False, True])
async def test_before_it_is_opened_a_lot_tells_how_many_only_where_that_is_disclosed(
    house: House, tmp_path: Path, disclosed: bool
) -> None:
    disclosure = {"participant_count": disclosed, "prices_by_alias": True}
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house, disclosure=disclosure)
        viewers = (market.buyer, market.suppliers[1])
        before = [await market.read(each) for each in viewers]
        assert (await market.seal(0, 8_000)).status == 201
        after = [await market.read(each) for each in viewers]

    assert [lot.get("participants") for lot in after] == [1 if disclosed else None] * 2
    assert disclosed or before == after
    assert all("prices" not in lot and "lead_price" not in lot for lot in after)


async def test_a_watcher_is_sent_nothing_when_another_hands_in_or_withdraws(
    house: House, tmp_path: Path
) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        shown = list[LotState]()
        async with (
            client_of(house, market.suppliers[1]) as client,
            client.lot(market.lot) as room,
        ):
            await room.next()
            await market.seal(0, 8_000)
            await house.call(market.suppliers[0], "DELETE", f"/v1/lots/{market.lot}/envelope")
            await room.bid_sealed(Decimal("75.00"))
            shown.append(await told(room))
            await market.pass_until_closed()
            while not (shown[-1].sealed and shown[-1].sealed.opened):
                await commit(house)
                shown.append(await told(room))

    assert shown[0].sealed is not None
    assert shown[0].sealed.own_envelope_sha256
    assert [state.state for state in shown[:2]] == ["open", "closed"]
    assert (shown[-1].own_rank, shown[-1].own_price) == (1, Decimal("75.00"))


async def told(room: Room) -> LotState:
    update = await room.next()
    assert isinstance(update, LotState)
    return update


@pytest.mark.parametrize("price,why", [("80.05", "0.1"), ("90.10", "90"), ("0", "0.1"), ("90.00", "")])
async def test_the_client_seals_nothing_that_would_be_void(
    house: House, tmp_path: Path, price: str, why: str
) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        async with client_of(house, market.suppliers[0]) as client, client.lot(market.lot) as room:
            with pytest.raises(Invalid, match=why) if why else nullcontext():
                await room.bid_sealed(Decimal(price))
        lot = await market.read(market.suppliers[0])

    assert ("own_envelope_sha256" in lot["sealed"]) == (not why)


async def test_of_two_envelopes_the_price_is_opened_only_where_the_technical_offer_passed(
    house: House, tmp_path: Path
) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house, {"two_envelopes": True}, ceiling="9999.00")
        for supplier, price, document in zip(market.suppliers, (PRICE, Decimal("80.00")), "ab", strict=True):
            async with client_of(house, supplier) as client, client.lot(market.lot) as room:
                await room.bid_sealed(price, documents=[document * 64])
        await market.pass_until_closed()
        while "offers" not in (judged := await market.read(market.buyer))["sealed"]:
            await commit(house)
        verdicts = []
        for alias, passed in ((1, False), (2, True)):
            body = {"alias": alias, "passed": passed, "reason": "As tested"}
            path = f"/v1/lots/{market.lot}/verdicts"
            verdicts.append((await house.call(market.buyer, "POST", path, body)).status)
        lot = await market.until(opened=True)
        told = await journal(house) + await tables(house) + await answers(house, market, market.buyer)
        failed, won = [await market.read(each) for each in market.suppliers]

    assert judged["sealed"]["offers"] == [
        {"alias": 1, "documents": ["a" * 64], "passed": None},
        {"alias": 2, "documents": ["b" * 64], "passed": None},
    ]
    assert verdicts == [200, 200]
    assert lot["prices"] == [{"alias": 2, "price": "80.00"}]
    assert not holds(told)
    assert (failed["sealed"]["own_void"], won["own_rank"]) == ("technical_failed", 1)
    assert "offers" not in failed["sealed"]


@pytest.mark.parametrize("price", [8_005, 9_010, 1_000])
async def test_a_void_bid_is_told_to_its_bidder_and_by_alias_to_the_buyer(
    house: House, tmp_path: Path, price: int
) -> None:
    reason = {8_005: VoidReason.OFF_TICK, 9_010: VoidReason.ABOVE_CEILING, 1_000: VoidReason.BELOW_FLOOR}[
        price
    ]
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house, {"floor_price": "20.00"})
        await market.seal(0, price)
        await market.seal(1, 8_000)
        await market.pass_until_closed()
        lot = await market.until(opened=True)
        own, rival = [await market.read(each) for each in market.suppliers]

    assert lot["sealed"]["voids"] == [{"alias": 2, "reason": reason}]
    assert lot["prices"] == [{"alias": 1, "price": "80.00"}]
    assert own["sealed"]["own_void"] == reason
    assert not {"own_void", "voids"} & rival["sealed"].keys()


async def a_world(house_database_url: str, folder: Path, *, swapped: bool) -> list[bytes]:
    """What buyer, third supplier and stranger read at every stage of a lot that two equals bid in."""
    seen = list[bytes]()
    async with a_house(house_database_url) as house, a_desk(house, folder, bytes):
        market = await a_sealed_market(
            house, suppliers=3, disclosure={"prices_by_alias": True, "participant_count": True}
        )
        stranger = await house.member(Role.BUYER, Role.SELLER)
        first, second = (1, 0) if swapped else (0, 1)

        async def look() -> None:
            viewers = (market.buyer, market.suppliers[2], stranger)
            seen.append(await answers(house, market, *viewers))

        await market.key()
        await market.pass_until_open()
        for supplier, price in ((first, 8_000), (second, 7_005), (first, 7_900)):
            await market.seal(supplier, price)
            await look()
        await house.call(market.suppliers[first], "DELETE", f"/v1/lots/{market.lot}/envelope")
        await look()
        await market.seal(first, 7_800)
        await market.pass_until_closed()
        await market.until(opened=True)
        await look()
        await house.archive()
        await look()
    return seen


async def test_no_third_party_can_tell_which_of_two_suppliers_sealed_which_bid(
    house_database_url: str, tmp_path: Path
) -> None:
    plain = await a_world(house_database_url, tmp_path / "plain", swapped=False)
    swapped = await a_world(house_database_url, tmp_path / "swapped", swapped=True)

    assert plain == swapped
    assert b"7800" not in b"".join(plain[:5])
    assert b"78.00" in plain[-1]
