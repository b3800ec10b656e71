"""Webhooks from the journal to a receiver over real HTTP: signed, tried again, in order of attempts, and given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import asyncpg
import pytest

from exchange.core.messages import Role
from exchange.follower import notices
from exchange.outbound.posting import Posting
from exchange.outbound.signing import signature
from exchange.outbound.webhooks import (
    DAY_US,
    KEPT_US,
    REQUESTS_MAX,
    SECOND_US,
    Webhooks,
    send_webhooks,
)
from tests.gateway.house import GatewaySettings, Holder, House, a_house
from tests.gateway.rest.test_sourcing import MINUTE, Market, draft, published
from tests.outbound.receiver import Receiver, a_receiver


class Post:
    """A house whose webhooks go to a receiver on loopback."""

    def __init__(self, house: House, receiver: Receiver, courier: Webhooks, database_url: str) -> None:
        self.house, self.receiver, self.courier = house, receiver, courier
        self.database_url = database_url

    async def webhook(self, holder: Holder, *kinds: str, path: str = "/hook") -> tuple[str, str]:
        """The endpoint's id and its secret."""
        body = {"url": self.receiver.url + path, "kinds": kinds}
        made = await self.house.call(holder, "POST", "/v1/webhooks", body)
        assert made.status == 201, made
        return made.body["endpoint_id"], made.body["secret"]

    async def deliver(self) -> None:
        """Until nothing is due."""
        await self.house.archive()
        while await self.courier.step():
            pass

    async def listed(self, holder: Holder) -> list[dict[str, object]]:
        found: list[dict[str, object]] = (await self.house.get(holder, "/v1/webhooks"))["webhooks"]
        return found


@asynccontextmanager
async def a_post(database_url: str, *, loopback: bool = True) -> AsyncIterator[Post]:
    connection = await asyncpg.connect(database_url)
    settings = GatewaySettings(webhooks_to_loopback=True)
    async with a_receiver() as receiver, a_house(database_url, settings) as house:
        courier = Webhooks(connection, house.engine.now_us, Random(7), loopback=loopback)
        try:
            yield Post(house, receiver, courier, database_url)
        finally:
            await courier.close()
            await connection.close()


@pytest.fixture
async def post(database_url: str) -> AsyncIterator[Post]:
    async with a_post(database_url) as post:
        yield post


async def test_a_lot_is_told_from_invitation_to_award_to_each_as_its_feed_shows_it(post: Post) -> None:
    house, buyer = post.house, await post.house.member(Role.BUYER)
    event = await draft(house, buyer)
    supplier, rival, stranger = [await house.member(Role.SELLER) for _ in range(3)]
    for name, holder in {"buyer": buyer, "supplier": supplier, "rival": rival, "none": stranger}.items():
        await post.webhook(holder, path=f"/{name}")
    lot_body = {"title": "Chairs", "quantity": 5, "ceiling_price": "90.00", "min_step": "0.50"}
    lot = (await house.call(buyer, "POST", f"/v1/events/{event}/lots", lot_body)).body["lot_id"]
    for each in (supplier, rival):
        await house.call(buyer, "POST", f"/v1/events/{event}/invitations", {"member_id": each.member_id})
    await house.call(buyer, "POST", f"/v1/events/{event}/publication")
    market = Market(house, buyer, [supplier, rival], event, lot)
    await market.pass_until_open()
    assert (await market.bid(0, "80.00")).status == 201
    await post.deliver()
    house.clock.pass_us(58 * MINUTE)
    assert (await market.bid(1, "79.00")).status == 201  # within the window of overtime
    await post.deliver()
    await house.call(buyer, "POST", f"/v1/events/{event}/pause", {"reason": "Fire drill"})
    await house.call(buyer, "POST", f"/v1/events/{event}/resumption")
    await post.deliver()
    await market.pass_until_closed()
    await house.call(buyer, "POST", f"/v1/lots/{lot}/award", {"alias": 2})
    await post.deliver()

    told = {
        path: [each.body["type"] for each in post.receiver.received if each.path == path]
        for path in ("/buyer", "/supplier", "/rival", "/none")
    }
    common = [
        "event.published", "lot.opened", "lot.extended", "event.paused", "event.resumed", "lot.closed", "lot.awarded",
    ]  # fmt: skip
    assert told["/none"] == []
    assert set(common) - set(told["/buyer"]) == set()
    assert sorted(told["/supplier"]) == sorted([*common, "own.invited", "lot.bid"])
    assert {"own.invited", "lot.bid", "own.lot_awarded"} <= set(told["/rival"])
    assert "own.lot_awarded" in told["/buyer"]
    won = next(
        each for each in post.receiver.received if each.path == "/supplier" and "awarded" in str(each.raw)
    )
    lost = won.body["data"]
    assert (lost["state"], lost["own_price"], lost["own_rank"]) == ("awarded", 8000, 2)
    assert not {"winner_id", "buyer_id", "awarded_alias"} & lost.keys()
    for secret in (rival.member_id, buyer.member_id):
        assert not any(
            secret.encode() in each.raw for each in post.receiver.received if each.path == "/supplier"
        )


async def test_a_message_is_signed_by_the_secret_and_for_a_day_by_the_one_before(post: Post) -> None:
    member = await post.house.member()
    endpoint, secret = await post.webhook(member)
    rotated = await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/secret")

    async def signed() -> list[str]:
        made = await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")
        assert made.status == 201, made
        await post.deliver()
        last = post.receiver.received[-1]
        assert last.id == made.body["message_id"]
        assert last.body["data"] == {"endpoint_id": endpoint}
        at_s = int(last.headers["webhook-timestamp"])
        assert at_s == post.house.engine.now_us() // SECOND_US
        keys = {signature(key, last.id, at_s, last.raw): key for key in (secret, rotated.body["secret"])}
        return [keys[each] for each in last.headers["webhook-signature"].split()]

    assert await signed() == [rotated.body["secret"], secret]
    post.house.clock.pass_us(DAY_US + 1)
    assert await signed() == [rotated.body["secret"]]


async def test_what_fails_is_tried_again_later_under_the_same_id(post: Post) -> None:
    member = await post.house.member()
    endpoint, _ = await post.webhook(member)
    post.receiver.answers = [500, 302, 204]
    await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")

    counts = []
    for pause_s in (0, 1, 5, 1, 10):
        post.house.clock.pass_us(pause_s * SECOND_US)
        await post.deliver()
        counts.append(len(post.receiver.received))

    assert counts == [1, 1, 2, 2, 3]
    assert len({each.id for each in post.receiver.received}) == 1
    assert {each.path for each in post.receiver.received} == {"/hook"}, "no redirect is followed"
    message = (await post.house.get(member, f"/v1/webhooks/{endpoint}/messages"))["messages"][0]
    assert (message["state"], message["attempts"], message["status"]) == ("delivered", 3, 204)
    assert (await post.listed(member))[0]["failures"] == 0


async def test_a_message_that_fails_goes_behind_the_others(post: Post) -> None:
    member = await post.house.member()
    endpoint, _ = await post.webhook(member)
    post.receiver.answers = [500, 204]
    ids = [
        (await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")).body["message_id"]
        for _ in range(3)
    ]
    for _ in range(3):
        await post.deliver()
        post.house.clock.pass_us(5 * SECOND_US)
    await post.deliver()

    assert [each.id for each in post.receiver.received] == [ids[0], ids[1], ids[2], ids[0]]


async def test_a_slow_endpoint_delays_nobody_and_is_asked_for_one_thing_at_a_time(post: Post) -> None:
    member, other = await post.house.member(), await post.house.member()
    slow, _ = await post.webhook(member, path="/slow")
    fast, _ = await post.webhook(other, path="/fast")
    answered = asyncio.Event()

    async def wait(path: str) -> None:
        if path == "/slow":
            await answered.wait()

    post.receiver.before = wait
    for holder, endpoint in ((member, slow), (member, slow), (other, fast), (other, fast)):
        await post.house.call(holder, "POST", f"/v1/webhooks/{endpoint}/test")
    async with asyncio.timeout(30):
        while [each.path for each in post.receiver.received].count("/fast") < 2:
            await post.courier.step()

    assert [each.path for each in post.receiver.received].count("/slow") == 1
    answered.set()
    await post.deliver()
    assert [each.path for each in post.receiver.received].count("/slow") == 2
    assert REQUESTS_MAX > 2


async def test_an_endpoint_that_takes_nothing_for_three_days_is_disabled_until_its_member_enables_it(
    post: Post,
) -> None:
    member = await post.house.member()
    endpoint, _ = await post.webhook(member)
    path = f"/v1/webhooks/{endpoint}"
    post.receiver.answers = [503]
    await post.house.call(member, "POST", f"{path}/test")
    for _ in range(2):
        await post.deliver()
        assert "disabled_at" not in (await post.listed(member))[0]
        post.house.clock.pass_us(3 * DAY_US // 2)
    post.house.clock.pass_us(SECOND_US)
    await post.deliver()

    assert (await post.listed(member))[0]["disabled_for"] == "It took nothing for three days."
    for asked, body in (("test", None), ("redeliveries", {"since": "2026-01-01T00:00:00Z"})):
        refused = await post.house.call(member, "POST", f"{path}/{asked}", body)
        assert (refused.status, refused.body["reason"]) == (409, "WEBHOOK_DISABLED")
    post.receiver.answers = [200]
    assert (await post.house.call(member, "POST", f"{path}/enabling")).status == 200
    again = await post.house.call(member, "POST", f"{path}/redeliveries", {"since": "2026-01-01T00:00:00Z"})
    assert again.body == {"messages": 1}
    await post.deliver()
    assert len({each.id for each in post.receiver.received}) == 1
    shown = (await post.house.get(member, f"{path}/messages?state=delivered"))["messages"]
    assert len(shown) == 1


async def test_an_endpoint_that_says_it_is_gone_is_disabled_at_once(post: Post) -> None:
    member = await post.house.member()
    endpoint, _ = await post.webhook(member)
    post.receiver.answers = [410]
    await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")
    await post.deliver()

    assert (await post.listed(member))[0]["disabled_for"] == "It answered 410: gone."


async def test_nothing_is_sent_inside_even_if_the_name_leads_there_only_now(database_url: str) -> None:
    async with a_post(database_url, loopback=False) as post:
        member = await post.house.member()
        endpoint, _ = await post.webhook(member)
        await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")
        await post.deliver()

        message = (await post.house.get(member, f"/v1/webhooks/{endpoint}/messages"))["messages"][0]
        assert post.receiver.received == []
        assert (message["status"], message["error"]) == (
            0,
            "We don't send there. Its address is this machine.",
        )


async def test_what_was_sent_is_sent_again_on_demand_and_forgotten_after_a_month(post: Post) -> None:
    house, member = post.house, await post.house.member()
    endpoint, _ = await post.webhook(member)
    path = f"/v1/webhooks/{endpoint}"
    first = (await house.call(member, "POST", f"{path}/test")).body["message_id"]
    house.clock.pass_us(MINUTE)
    second = (await house.call(member, "POST", f"{path}/test")).body["message_id"]
    await post.deliver()
    shown = (await house.get(member, f"{path}/messages"))["messages"]
    since = shown[0]["at"]

    for body, messages in (({"message_id": first}, 1), ({"since": since}, 1)):
        assert (await house.call(member, "POST", f"{path}/redeliveries", body)).body == {"messages": messages}
        await post.deliver()
    assert [each.id for each in post.receiver.received] == [first, second, first, second]

    house.clock.pass_us(KEPT_US + MINUTE)
    await post.deliver()
    assert (await house.get(member, f"{path}/messages"))["messages"] == []


async def test_a_full_queue_leaves_out_the_newest_and_counts_them(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "QUEUE_MAX", 2)
    market = await published(post.house)
    post.house.clock.pass_us(1)
    await post.webhook(market.suppliers[0])
    await market.pass_until_open()
    for price in ("80.00", "79.00", "78.00"):
        await market.bid(0, price)
        await post.house.archive()

    assert [(each["waiting"], each["left_out"]) for each in await post.listed(market.suppliers[0])] == [
        (2, 2)
    ]


async def test_a_courier_that_dies_leaves_the_rest_to_the_next(database_url: str) -> None:
    async with a_post(database_url) as post:
        member = await post.house.member()
        endpoint, _ = await post.webhook(member)
        stuck = asyncio.Event()

        async def never(path: str) -> None:
            await stuck.wait()

        post.receiver.before = never
        await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")
        while not post.receiver.received:
            await post.courier.step()
        await post.courier.close()
        stuck.set()

        connection = await asyncpg.connect(database_url)
        successor = Webhooks(connection, post.house.engine.now_us, Random(8), loopback=True)
        while len(post.receiver.received) < 2:
            await successor.step()
        await successor.close()
        await connection.close()
        assert len({each.id for each in post.receiver.received}) == 1


@pytest.mark.parametrize("disclosure", [{"lead_price": False}, {}, {"participant_count": True}])
async def test_a_webhook_tells_nothing_of_which_rival_it_was(
    database_url: str, disclosure: dict[str, bool]
) -> None:
    worlds = []
    for swapped in (False, True):
        async with a_post(database_url) as post:
            market = await published(post.house, suppliers=3, disclosure=disclosure)
            await post.webhook(market.suppliers[2])
            order = (1, 0) if swapped else (0, 1)
            await market.pass_until_open()
            for number, price in (
                (order[0], "80.00"),
                (order[1], "79.00"),
                (2, "70.00"),
                (order[0], "69.00"),
            ):
                assert (await market.bid(number, price)).status == 201
            await market.pass_until_closed()
            await post.house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 1})
            await post.deliver()
            hidden = {holder.member_id for holder in (*market.suppliers[:2], market.buyer)}
            raws = [
                each.raw.replace(market.lot.encode(), b"LOT").replace(market.event.encode(), b"EVENT")
                for each in post.receiver.received
            ]
            assert raws and not any(each.encode() in raw for each in hidden for raw in raws)
            worlds.append(raws)

    assert worlds[0] == worlds[1]


async def test_the_second_process_sends_until_it_is_told_to_stop(post: Post) -> None:
    member = await post.house.member()
    endpoint, _ = await post.webhook(member)
    await post.house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")
    posting = Posting.of_text(Posting(webhooks_to_loopback=True).as_text())

    async with asyncio.timeout(30):
        await send_webhooks(post.database_url, posting, lambda: len(post.receiver.received) > 0)

    assert [each.body["type"] for each in post.receiver.received] == ["test"]
