"""Two worlds that differ only in who sells, or in which buyers bid what: the other side, and whoever only bids along,
reads and hears the same bytes from the draft to the payment.
"""

from typing import Any

from exchange.core.messages import (
    SYSTEM,
    AddLot,
    AnyCommand,
    AwardLot,
    CreateEvent,
    FireDeadlines,
    InviteSupplier,
    PublishEvent,
    Role,
    SetCommission,
    SubmitBid,
    TopUp,
)
from exchange.core.messages.lot_rules import EventRules, LotDirection
from exchange.core.messages.lot_sales import PaySale, SaleTerms
from tests.core.venue import SECOND
from tests.gateway.floor import Floor
from tests.gateway.house import Holder, a_house
from tests.gateway.rest.test_lot_sales import DAY, EVENT, FORWARD, MINUTE, Auction

AMOUNT = 1_200_00


class Cast(Auction):
    """Two sellers with the same stock, and three buyers; who acts is chosen by the world."""

    rules: dict[str, Any] = FORWARD | {"results": "price", "standstill_us": DAY}

    async def gather(self, *, sellers_swapped: bool, buyers_swapped: bool) -> "Cast":
        house = self.house
        self.operator, self.instrument = await house.member(Role.OPERATOR), await house.instrument()
        await house.do(self.operator.member_id, SetCommission(rate_bps=800, tax_bps=0))
        self.sellers = [await house.seller(self.instrument, 1_000) for _ in range(2)]
        self.buyers = [await house.member(Role.BUYER) for _ in range(3)]
        for buyer in self.buyers[:2]:
            await house.top_up(buyer, AMOUNT)
        self.seller = self.sellers[sellers_swapped]
        actors = self.buyers[:2]
        self.bidders = [*(actors[::-1] if buyers_swapped else actors), self.buyers[2]]
        return self

    async def live(self) -> None:
        """One who never pays wins first, and one of the two who can follows."""
        disclosure = {"prices_by_alias": True}
        event = EVENT | {"rules": self.rules, "disclosure": disclosure}
        self.event = (await self.post(self.seller, "/v1/events", event)).body["event_id"]
        path = f"/v1/events/{self.event}"
        self.lot = (await self.post(self.seller, f"{path}/lots", self.piece())).body["lot_id"]
        for each in self.bidders:
            await self.post(self.operator, f"{path}/invitations", {"member_id": each.member_id})
        await self.post(self.seller, f"{path}/publication")
        first, second, third = self.bidders
        await self.pass_us(62 * MINUTE)
        for bidder, price in ((third, "13.00"), (first, "12.00"), (second, "11.00")):
            await self.post(bidder, f"/v1/lots/{self.lot}/bids", {"price": price})
        await self.pass_us(120 * MINUTE)
        await self.award(1)
        await self.pass_us(DAY)
        await self.pass_us(4 * DAY)
        await self.pass_us(DAY)
        assert (await self.sale(self.operator))["buyer_id"] == first.member_id
        await self.house.archive()

    def paths(self) -> list[str]:
        event, lot = f"/v1/events/{self.event}", f"/v1/lots/{self.lot}"
        return [
            event, f"{event}/calendar", f"{event}/release", f"{event}/report", f"{event}/monitor",
            f"{event}/participants", f"{event}/questionnaire", f"{event}/inquiries", lot, f"{lot}/sale",
            f"{lot}/result", f"{lot}/bids", f"{lot}/standstill", f"{lot}/seller-score", "/v1/events",
            "/v1/accounts", "/v1/postings", "/v1/contracts", "/v1/statements?month=2026-01",
            f"/v1/contracts/{self.lot}", f"/v1/contracts/{self.lot}-b", f"{event}/sales",
        ]  # fmt: skip

    async def read(self, holder: Holder) -> list[tuple[str, int, str, bytes]]:
        """All that is shown to the holder, with the versions of what it read."""
        seen = []
        for path in self.paths():
            answer = await self.house.call(holder, "GET", path)
            seen.append((path, answer.status, answer.headers.get("ETag", ""), answer.raw))
        return seen


async def worlds(house_database_url: str, **swaps: bool) -> tuple[dict[str, Any], list[Holder]]:
    """What everybody reads in the world with these swaps; the same ids are drawn in both."""
    async with a_house(house_database_url) as house:
        cast = await Cast(house).gather(
            sellers_swapped=swaps.get("sellers", False), buyers_swapped=swaps.get("buyers", False)
        )
        await cast.live()
        names = {
            "seller": cast.seller,
            "first": cast.bidders[0],
            "second": cast.bidders[1],
            "third": cast.bidders[2],
        }
        read = {name: await cast.read(holder) for name, holder in names.items()}
        return read, [*cast.sellers, *cast.buyers]


async def test_bidders_cannot_tell_who_sells(house_database_url: str) -> None:
    (one, members), (other, _) = (
        await worlds(house_database_url),
        await worlds(house_database_url, sellers=True),
    )

    for bidder in ("first", "second", "third"):
        assert one[bidder] == other[bidder]
        shown = b"".join(raw for *_, raw in one[bidder])
        assert not any(seller.member_id.encode() in shown for seller in members[:2])


async def test_a_seller_cannot_tell_who_bids_and_who_buys(house_database_url: str) -> None:
    (one, members), (other, _) = (
        await worlds(house_database_url),
        await worlds(house_database_url, buyers=True),
    )

    assert one["seller"] == other["seller"]
    assert one["third"] == other["third"]
    for reader, own in (("seller", ()), ("third", members[4:])):
        shown = b"".join(raw for *_, raw in one[reader])
        strangers = [member for member in members[2:] if member not in own]
        assert not any(member.member_id.encode() in shown for member in strangers)
    statuses = {path: status for path, status, *_ in one["seller"]}
    assert statuses[f"/v1/contracts/{_lot(one)}"] == 200
    assert b'"state":"paid"' in b"".join(raw for *_, raw in one["seller"])


def _lot(read: dict[str, Any]) -> str:
    paths = [str(path) for path, *_ in read["seller"]]
    return next(path for path in paths if path.endswith("/sale")).split("/")[3]


SELLERS, BUYERS = ("S1", "S2"), ("B1", "B2", "B3")
HEARD = ("own", "lot:L", "book:LM358", "trades:LM358", "notices")


def heard(*, sellers: bool = False, buyers: bool = False) -> dict[str, list[list[bytes]]]:
    """What seller and buyers hear by WebSocket while one defaults, and the next pays; by who they are to each other."""
    floor = Floor()
    venue = floor.venue
    for member_id in SELLERS:
        floor.member(member_id, Role.SELLER)
    for member_id in BUYERS:
        floor.member(member_id, Role.BUYER)
    venue.instrument()
    for member_id in SELLERS:
        venue.stock(member_id, 500)
    seller = SELLERS[sellers]
    first, second = BUYERS[:2][::-1] if buyers else BUYERS[:2]
    cast = {"seller": seller, "first": first, "second": second, "third": "B3"}
    callers = {name: floor.caller(member_id) for name, member_id in cast.items()}
    for caller in callers.values():
        caller.follow(*HEARD)
    writes: dict[str, list[list[bytes]]] = {name: [] for name in cast}

    def done(member_id: str, command: AnyCommand, new_id: str = "") -> None:
        assert not venue.send(member_id, command, new_id=new_id).reply.code
        floor.commit()
        floor.turn()
        for name, caller in callers.items():
            writes[name].append(caller.line.heard_bytes())

    event = CreateEvent(
        title="Leftovers", currency="USD", price_scale=2, open_at_us=venue.at_us + SECOND,
        duration_us=60 * SECOND, rules=EventRules(direction=LotDirection.FORWARD), sale=SaleTerms(),
    )  # fmt: skip
    lot = AddLot(
        event_id="E", title="A lot", quantity=100, ceiling_price=900, min_step=1, instrument_id="LM358"
    )
    done(seller, event, "E")
    done(seller, lot, "L")
    for name in ("first", "second", "third"):
        done("operator", InviteSupplier(event_id="E", member_id=cast[name]))
    done(seller, PublishEvent(event_id="E"))
    for caller in callers.values():
        caller.follow("lot:L")
    venue.at_us += 2 * SECOND
    done(SYSTEM, FireDeadlines())
    for name, price in (("first", 300), ("second", 200), ("third", 100)):
        done(cast[name], SubmitBid(lot_id="L", price=price))
    venue.at_us += 600 * SECOND
    done(SYSTEM, FireDeadlines())
    done(seller, AwardLot(lot_id="L", alias=1))
    venue.at_us += 4 * DAY
    done(SYSTEM, FireDeadlines())
    done("operator", TopUp(transfer_id="t", member_id=second, currency="USD", amount_minor=20_000))
    done(second, PaySale(lot_id="L"))
    return writes


def test_nobody_hears_who_is_on_the_other_side() -> None:
    plain, other_seller, other_buyers = heard(), heard(sellers=True), heard(buyers=True)

    assert plain == other_seller == other_buyers
    said = {name: b"".join(frame for frames in each for frame in frames) for name, each in plain.items()}
    assert b'"state":"paid"' in said["seller"] and b'"state":"defaulted"' in said["first"]
    for name, strangers in (
        ("seller", BUYERS),
        ("first", (*SELLERS, "B2", "B3")),
        ("third", (*SELLERS, "B1", "B2")),
    ):
        assert not any(f'"{member_id}"'.encode() in said[name] for member_id in strangers)
