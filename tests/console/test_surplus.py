"""Surplus lots as they are typed: drafted from stock, bid for, awarded and paid; and what each side reads of it."""

from typing import Any

import pytest

from exchange.config import UNREACHABLE, USAGE
from exchange.console.surplus import sale_said, terms_said
from exchange.core.messages import Role, TopUp
from tests.console.commands import Console, Finished
from tests.gateway.house import Holder, House

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
DRAFT = (
    "event", "draft", "Leftovers", "--currency", "USD", "--price-scale", "2", "--open-at", "2026-01-01T14:00+01:00",
    "--duration", "1h",
)  # fmt: skip
STOCK = ("--from-stock", "--payment", "2d")
LOT = ("--quantity", "100", "--ceiling", "50.00", "--step", "0.01")


class Sale:
    """A seller's event from stock, as it is typed, up to the close of its one lot."""

    def __init__(self, house: House, console: Console) -> None:
        self.house = house
        self.console = console

    async def published(self, bidders: int, *terms: str) -> "Sale":
        house = self.house
        self.operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
        self.seller = await house.seller(instrument, 1_000)
        self.bidders = [await house.member(Role.BUYER) for _ in range(bidders)]
        self.event = await self.typed(self.seller, *DRAFT, *(terms or STOCK), "--only", "event_id")
        lot = ("event", "lot", self.event, "A reel", *LOT, "--part", "NE555P")
        self.lot = await self.typed(self.seller, *lot, "--only", "lot_id")
        invited = [each.member_id for each in self.bidders]
        await self.typed(self.operator, "event", "invite", self.event, *invited)
        await self.typed(self.seller, "event", "publish", self.event)
        return self

    async def closed(self, *prices: str, terms: tuple[str, ...] = STOCK) -> "Sale":
        await self.published(max(1, len(prices)), *terms)
        await self.pass_us(HOUR_US)
        for bidder, price in zip(self.bidders, prices, strict=False):
            await self.typed(bidder, "bid", self.lot, price)
        await self.pass_us(2 * HOUR_US)
        return self

    async def pass_us(self, us: int) -> None:
        self.house.clock.pass_us(us)
        await self.house.instrument()  # any command lets the engine notice

    async def typed(self, holder: Holder, *words: str) -> str:
        finished = await self.console.run(holder, *words)
        assert finished.code == 0, (words, finished)
        return finished.out.strip()

    async def shown(self, holder: Holder) -> str:
        return await self.typed(holder, "event", "show", self.event, "--only", "sale")

    async def award(self, alias: int) -> None:
        await self.typed(self.seller, "event", "award", self.lot, str(alias))

    async def pay_in(self, holder: Holder, amount_minor: int) -> None:
        paid = TopUp(
            transfer_id=f"in-{amount_minor}",
            member_id=holder.member_id,
            currency="USD",
            amount_minor=amount_minor,
        )
        await self.house.do(self.operator.member_id, paid)

    async def pay(self, holder: Holder) -> Finished:
        return await self.console.run(holder, "event", "pay", self.lot)


@pytest.fixture
def sale(house: House, console: Console) -> Sale:
    return Sale(house, console)


async def test_a_lot_from_stock_is_drafted_won_and_paid_by_typing(sale: Sale) -> None:
    await sale.closed("12.00", "11.00")
    winner, loser = sale.bidders

    to_award = await sale.shown(sale.seller)
    await sale.award(1)
    waits = [await sale.shown(each) for each in (winner, sale.seller, sale.operator, loser)]
    await sale.pay_in(winner, 1_200_00)
    paid = await sale.pay(winner)
    done = [await sale.shown(each) for each in (winner, sale.seller, sale.operator, loser)]

    assert to_award == f"waits for your award (exchange event award {sale.lot} ALIAS, or 0 for nobody)"
    due = "2026-01-03T15:00:00Z"
    assert waits == [
        f"won: pay 1200.00 USD by {due} (exchange event pay {sale.lot})",
        f"waits for its buyer's 1200.00 USD until {due}",
        f"waits for {winner.member_id}'s 1200.00 USD until {due}",
        "not won",
    ]
    assert paid.code == 0 and f"{sale.lot}-b" in paid.out
    assert done == [
        f"paid: 1200.00 USD, contract {sale.lot}-b",
        f"paid: 1200.00 USD, contract {sale.lot}",
        f"paid by {winner.member_id}: 1200.00 USD, contract {sale.lot}-b",
        "not won",
    ]


async def test_a_wallet_that_is_short_is_told_with_what_is_missing_and_until_when(sale: Sale) -> None:
    await sale.closed("12.00")
    await sale.award(1)
    await sale.pay_in(sale.bidders[0], 1_199_99)

    short = await sale.pay(sale.bidders[0])
    nobodys = await sale.pay(sale.operator)

    assert (short.code, nobodys.code) == (UNREACHABLE, UNREACHABLE)
    assert short.err == (
        "exchange: The wallet holds 1199.99 USD, and the lot takes 1200.00 USD with tax and commission. Pay in what is "
        "missing and repeat this, by 2026-01-03T15:00:00Z: what the wallet holds then is taken, or the lot is lost.\n"
    )


async def test_who_does_not_pay_is_followed_and_told_nothing_more(sale: Sale) -> None:
    await sale.closed("12.00", "11.00")
    await sale.award(1)
    first = await sale.shown(sale.bidders[0])

    await sale.pass_us(2 * DAY_US)
    told = [await sale.shown(each) for each in (*sale.bidders, sale.seller)]
    late = await sale.pay(sale.bidders[0])

    assert first.startswith("won: pay 1200.00 USD")
    assert told[0] == "not won"
    assert told[1] == f"won: pay 1100.00 USD by 2026-01-05T15:00:00Z (exchange event pay {sale.lot})"
    assert told[2] == "waits for its buyer's 1100.00 USD until 2026-01-05T15:00:00Z"
    assert late.code == UNREACHABLE and "No lot of this id waits for your payment." in late.err


async def test_a_seller_who_wants_to_choose_is_asked_again(sale: Sale) -> None:
    await sale.closed("12.00", "11.00", terms=(*STOCK, "--no-award-next"))
    await sale.award(1)

    await sale.pass_us(2 * DAY_US)
    asked, lost = await sale.shown(sale.seller), await sale.shown(sale.bidders[0])
    await sale.award(0)
    ended = await sale.shown(sale.seller)

    award = f"award another bid, or nobody (exchange event award {sale.lot} ALIAS, or 0)"
    assert asked == f"not paid in time: {award}"
    assert lost == "not paid in time: lost"
    assert ended == "not paid in time: the pieces are in stock again"


async def test_a_lot_that_nobody_wants_is_in_stock_again(sale: Sale) -> None:
    await sale.closed()

    assert await sale.shown(sale.seller) == "sold to nobody: the pieces are in stock"


async def test_an_event_shows_the_terms_of_its_sale_and_its_watchers_where_it_stands(sale: Sale) -> None:
    await sale.closed("12.00")
    await sale.award(1)
    (winner,) = sale.bidders

    shown = await sale.typed(sale.seller, "event", "show", sale.event)
    as_json = await sale.console.run(winner, "event", "show", sale.event, "--json")
    watched = await sale.typed(winner, "watch", sale.event)
    watched_json = await sale.console.run(winner, "watch", sale.event, "--json")

    assert shown.endswith(
        "\nSold from stock. A winner pays within 2d; on one who doesn't, the next-best bid follows."
    )
    (lot,) = as_json.answer["lots"]
    assert (lot["sale"]["state"], lot["sale"]["payable"], as_json.answer["sale"]["payment_us"]) == (
        "waits",
        "1200.00",
        2 * DAY_US,
    )
    assert watched.splitlines()[-1].startswith("A reel: won: pay 1200.00 USD by ")
    assert '"payable": "1200.00"' in watched_json.out.splitlines()[-1]


async def test_a_bond_is_asked_for_and_deposited_by_typing(sale: Sale) -> None:
    await sale.published(1, *STOCK, "--bond", "50.00")
    (bidder,), bond = sale.bidders, ("event", "bond", sale.event)
    await sale.pay_in(bidder, 50_00)

    placed = await sale.console.run(bidder, *bond)
    twice = await sale.console.run(bidder, *bond)

    assert (placed.code, twice.code) == (0, UNREACHABLE)
    accounts = (await sale.house.get(bidder, "/v1/accounts"))["accounts"]
    assert {each["kind"]: each["available"] for each in accounts}["deposit"] == "50.00"


@pytest.mark.parametrize(
    "words, said",
    [
        (("--payment", "2d"), "add --from-stock"),
        (("--no-award-next",), "add --from-stock"),
        (("--from-stock", "--direction", "reverse"), "leave --direction out"),
        (("--from-stock", "--payment", "two days"), "is no duration"),
    ],
)
async def test_terms_that_make_no_sense_are_told_before_anything_is_sent(
    house: House, console: Console, words: tuple[str, ...], said: str
) -> None:
    seller = await house.member(Role.SELLER)

    finished = await console.run(seller, *DRAFT, *words)

    assert finished.code == USAGE and said in finished.err


async def test_a_part_that_is_not_known_is_refused_by_its_name(house: House, console: Console) -> None:
    seller = await house.member(Role.SELLER)
    event = (await console.run(seller, *DRAFT, *STOCK, "--json")).answer["event_id"]

    unknown = await console.run(seller, "event", "lot", event, "A reel", *LOT, "--part", "LM358")
    none = await console.run(seller, "event", "lot", event, "A reel", *LOT)

    assert unknown.err == "exchange: There is no such instrument. List the instruments.\n"
    assert none.err.endswith("The field contradicts another rule. Change one of them. It is instrument_id.\n")


def test_the_terms_of_a_sale_are_the_usual_ones_where_none_are_told() -> None:
    assert terms_said({}) == (
        "Sold from stock. A winner pays within 3d; on one who doesn't, the next-best bid follows."
    )
    assert terms_said({"award_next": False, "payment_us": 90 * 60 * 1_000_000}) == (
        "Sold from stock. A winner pays within 1h30m; on one who doesn't, the seller is asked."
    )


@pytest.mark.parametrize("state", ["open", "closed", "awarded", "void"])
def test_a_bidder_is_told_nothing_of_a_sale_that_is_not_its_own(state: str) -> None:
    lot: dict[str, Any] = {"lot_id": "lot-1", "state": state}

    assert sale_said(lot, {"seen_as": "supplier"}) == ""


def test_an_award_in_its_standstill_is_no_sale_yet() -> None:
    lot = {"lot_id": "lot-1", "state": "awarded", "awarded_alias": 2}
    still = {"seen_as": "supplier", "rules": {"standstill_us": DAY_US}}

    assert sale_said(lot, {"seen_as": "seller"}) == "awarded; its sale begins with the end of the standstill"
    assert sale_said(lot | {"own_price": "12.00"}, still) == "", "its winner reads the same"
