"""Two worlds that differ only in who plays which part: nobody else can tell them apart by any byte."""

import asyncio
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.messages import (
    AddLot,
    AmendOrder,
    AwardLot,
    CancelOrder,
    ConfirmReceipt,
    CreateEvent,
    CreateInstrument,
    DeclareStock,
    InviteSupplier,
    MemberCommand,
    PlaceOrder,
    PublishEvent,
    Role,
    Side,
    SubmitBid,
    TimeInForce,
    TopUp,
)
from tests.whole.world import World, a_world

SECOND = 1_000_000
EVERYTHING = (Role.BUYER, Role.SELLER)
ROLES: Mapping[str, tuple[Role, ...]] = {
    "agent": (Role.OPERATOR,),
    "P": EVERYTHING,  # P and Q are the two whose parts are swapped: x and y in the script
    "Q": EVERYTHING,
    "buyer": EVERYTHING,
    "other": EVERYTHING,
    "watcher": EVERYTHING,
}
THIRD = ("buyer", "other", "watcher")
TRADERS = ("x", "y", "buyer", "other")

Step = tuple[str, MemberCommand]


async def prepared(world: World) -> tuple[str, str]:
    """Money and stock for all, one instrument, one open lot with x, y and other invited; all watch everything."""
    await world.do("agent", CreateInstrument(symbol="NE555", currency="USD", price_scale=2))
    instrument = next(iter(world.engine.views.instruments))
    for number, member_id in enumerate(sorted(world.members.values())):
        command = TopUp(transfer_id=f"t{number}", member_id=member_id, currency="USD", amount_minor=10**6)
        await world.do("agent", command)
    for actor in TRADERS:
        await world.do(actor, DeclareStock(instrument_id=instrument, quantity=10_000))
    opens = world.engine.now_us() + SECOND
    await world.do(
        "buyer", CreateEvent(title="E", currency="USD", open_at_us=opens, duration_us=600 * SECOND)
    )
    event = next(iter(world.engine.views.sourcing.events))
    await world.do("buyer", AddLot(event_id=event, title="L", quantity=10, ceiling_price=1_000, min_step=5))
    lot = next(iter(world.engine.views.sourcing.lots))
    for member_id in sorted(world.members[actor] for actor in ("x", "y", "other")):
        await world.do("agent", InviteSupplier(event_id=event, member_id=member_id))
    await world.do("buyer", PublishEvent(event_id=event))
    for channel in ("own", "notices", *(f"{kind}:{instrument}" for kind in ("book", "trades", "ticker"))):
        await world.all_say({"type": "subscribe", "channel": channel}, "agent")
    for actor in ("x", "y", "buyer", "other"):
        await world.say(actor, {"type": "subscribe", "channel": f"lot:{lot}"})
    world.clock.pass_us(2 * SECOND)
    return instrument, lot


async def played(parts: Mapping[str, str], script: list[tuple[str, str, int, int]]) -> World:
    """The script in a world where P and Q play these parts."""
    async with a_world(ROLES, parts) as world:
        instrument, lot = await prepared(world)
        for actor, kind, price, quantity in script:
            world.clock.pass_us(10_000)
            await world.do(actor, a_command(world, actor, kind, price, quantity, instrument, lot))
            world.feed.tick()
        return world


def a_command(
    world: World, actor: str, kind: str, price: int, quantity: int, instrument: str, lot: str
) -> MemberCommand:
    """One step of the script; orders are named by refs, so that a step means the same in both worlds."""
    ref = world._refs[actor] - quantity % 4
    contracts = world.engine.views.contracts.of_member(world.members[actor])
    contract = contracts[quantity % len(contracts)].contract_id if contracts else "none"
    table: dict[str, MemberCommand] = {
        "buy": PlaceOrder(instrument_id=instrument, side=Side.BUY, price=price, quantity=quantity),
        "sell": PlaceOrder(instrument_id=instrument, side=Side.SELL, price=price, quantity=quantity),
        "ioc": PlaceOrder(
            instrument_id=instrument,
            side=Side.SELL,
            price=price,
            quantity=quantity,
            time_in_force=TimeInForce.IOC,
        ),
        "cancel": CancelOrder(order_ref=max(1, ref)),
        "amend": AmendOrder(order_ref=max(1, ref), price=price, quantity=quantity),
        "bid": SubmitBid(lot_id=lot, price=price * 8),
        "receive": ConfirmReceipt(contract_id=contract),
    }
    return table[kind]


KINDS = ("buy", "sell", "ioc", "cancel", "amend", "bid", "receive")
STEPS = st.tuples(
    st.sampled_from(TRADERS),
    st.sampled_from(KINDS),
    st.integers(min_value=95, max_value=105),
    st.integers(min_value=1, max_value=50),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=40))
def test_two_runs_with_two_identities_swapped_give_everybody_else_the_same_bytes(
    script: list[tuple[str, str, int, int]],
) -> None:
    one = asyncio.run(played({"P": "x", "Q": "y"}, script))
    other = asyncio.run(played({"P": "y", "Q": "x"}, script))

    assert one.members["x"] == other.members["y"] != one.members["y"]
    for actor in THIRD:
        assert one.heard(actor) == other.heard(actor)
        assert one.heard(actor), "the test would see nothing"


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=40))
def test_no_byte_sent_to_a_member_holds_anything_of_another_member(
    script: list[tuple[str, str, int, int]],
) -> None:
    world = asyncio.run(played({"P": "x", "Q": "y"}, script))

    for actor in world.members:
        if actor == "agent":
            continue
        for other, other_id in world.members.items():
            if other != actor:
                assert other_id.encode() not in world.lines[actor].text


async def test_only_an_award_tells_buyer_and_winner_who_the_other_is() -> None:
    async with a_world(ROLES, {"P": "x", "Q": "y"}) as world:
        _, lot = await prepared(world)
        await world.do("x", SubmitBid(lot_id=lot, price=900))
        await world.do("y", SubmitBid(lot_id=lot, price=800))
        world.clock.pass_us(3_600 * SECOND)
        await world.say("agent", {"type": "sync_time", "client_us": 0})
        world.engine._drain()
        await world.quiet()
        winner, loser, buyer = (world.members[actor].encode() for actor in ("y", "x", "buyer"))
        assert winner not in world.lines["buyer"].text

        await world.do("buyer", AwardLot(lot_id=lot, alias=2))

        assert winner in world.lines["buyer"].text
        assert buyer in world.lines["y"].text
        for actor in ("x", "other", "watcher"):
            assert winner not in world.lines[actor].text
            assert buyer not in world.lines[actor].text
        assert loser not in world.lines["buyer"].text
