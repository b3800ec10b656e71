"""Opening + movements = closing, in the member's words, and without a trace of anybody else."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date
from random import Random

import asyncpg
import pytest

from benchmarks.audit import SECOND_MONTH, WHOLE
from exchange.accounting.period import Period
from exchange.accounting.statement import STATEMENT_KINDS, Leg, Movement, Place, Reader, parts
from exchange.accounting.transfers import Connection
from exchange.core.messages import Role
from tests.accounting.markets import a_market

LAST = 2**53


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


SALE = [
    Leg("escrow:C1", "payable:S1", 214_510),
    Leg("escrow:C1", "float:house", 22_990),
    Leg("house:float", "commission:surplus", 19_000),
    Leg("house:float", "tax:output", 3_990),
    Leg("inbound:D1", "delivered:S1", 1_000),
]
OWN_NAME = [
    Leg("escrow:C1", "payable:S1", 264_385),
    Leg("escrow:C1", "float:house", 22_990),
    Leg("house:float", "commission:surplus", 19_000),
    Leg("house:float", "tax:output", 49_875),
    Leg("tax:input", "house:float", 45_885),
]
CLAIM = [
    Leg("float:house", "wallet:B1", 95_000),
    Leg("receivable:recourse:S1", "house:float", 85_804),
    Leg("commission:surplus", "house:float", 7_600),
    Leg("tax:output", "house:float", 1_596),
]
NETTED = [
    Leg("payable:S1", "float:house", 50_000),
    Leg("house:float", "receivable:recourse:S1", 50_000),
]
SUCCESS = [
    Leg("receivable:fees:S1", "success_fee", 175_000),
    Leg("receivable:fees:S1", "tax:output", 36_750),
]


@pytest.mark.parametrize(
    "account, counter, amount, chain, told",
    [
        ("wallet:B1", "bank:client", 237_500, [], [("payment in", 237_500)]),
        ("wallet:B1", "held:B1", -237_500, [], [("held", -237_500)]),
        ("held:B1", "escrow:C1", -237_500, [], [("purchase", -237_500)]),
        ("wallet:B2", "escrow:C2", 90_000, [], [("refund", 90_000)]),
        ("payable:S1", "escrow:C1", 214_510, SALE, [("sale", 237_500), ("fee", -19_000), ("tax", -3_990)]),
        ("payable:S1", "escrow:C1", 264_385, OWN_NAME, [("sale", 287_375), ("fee", -19_000), ("tax", -3_990)]),
        ("payable:S1", "clearing:payout", -214_510, [], [("payout", -214_510)]),
        ("payable:S1", "bank:client", 214_510, [], [("payment in", 214_510)]),
        ("wallet:B1", "float:house", 95_000, CLAIM, [("refund", 95_000)]),
        (
            "receivable:recourse:S1", "house:float", -85_804, CLAIM,
            [("claim", -95_000), ("fee", 7_600), ("tax", 1_596)],
        ),
        ("payable:S1", "float:house", -50_000, NETTED, [("charge", -50_000)]),
        ("receivable:recourse:S1", "house:float", 50_000, NETTED, [("settled", 50_000)]),
        ("deposit:S2", "float:house", -3_500, [], [("charge", -3_500)]),
        ("receivable:fees:S1", "success_fee", -175_000, SUCCESS, [("fee", -175_000)]),
        ("receivable:fees:S1", "tax:output", -36_750, SUCCESS, [("tax", -36_750)]),
        ("reserved:S1", "inbound:D1", -1_000, [], [("sale", -1_000)]),
        ("stock:S1", "brought:S1", 1_000, [], [("declared", 1_000)]),
    ],
)  # fmt: skip
def test_a_posting_is_told_in_its_owners_words(
    account: str, counter: str, amount: int, chain: list[Leg], told: list[tuple[str, int]]
) -> None:
    assert parts(account, counter, amount, chain) == told


def test_where_two_could_have_borne_a_fee_neither_is_told_its_amount() -> None:
    both = [*SALE, Leg("escrow:C1", "payable:S2", 100)]

    assert parts("payable:S1", "escrow:C1", 214_510, both) == [("sale", 214_510)]


async def all_of(reader: Reader) -> list[Movement]:
    return [each async for portion in reader.portions() for each in portion]


@pytest.mark.parametrize("period", [WHOLE, SECOND_MONTH, Period(date(2026, 1, 20), date(2026, 2, 3))])
async def test_opening_and_movements_are_the_closing(
    database_url: str, connection: Connection, period: Period
) -> None:
    dealing = await a_market(database_url, 300)

    for member in dealing.kernel.members.dump().members:
        reader = Reader(connection.fetch, member.member_id, period, LAST)
        summaries, movements = await reader.summaries(), await all_of(reader)
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for each in movements:
            sums[each.kind, each.unit] += each.amount
        assert {(s.kind, s.unit): s.closing - s.opening for s in summaries} == {
            **{(s.kind, s.unit): 0 for s in summaries},
            **sums,
        }
        last = {(each.kind, each.unit): each.balance for each in movements}
        assert last == {(s.kind, s.unit): s.closing for s in summaries if (s.kind, s.unit) in last}
        assert all(period.from_us <= each.at_us < period.until_us for each in movements)
        if Role.SELLER in member.roles and period == WHOLE:
            assert {"sale", "fee", "tax", "purchase", "held"} <= {each.term for each in movements}


async def test_at_the_end_a_statement_closes_with_what_the_ledger_has(
    database_url: str, connection: Connection
) -> None:
    dealing = await a_market(database_url, 100)

    for member in dealing.kernel.members.dump().members:
        summaries = await Reader(connection.fetch, member.member_id, WHOLE, LAST).summaries()
        assert {(s.kind, s.unit): s.closing for s in summaries if s.closing} == {
            (account.kind.value, account.unit): -account.balance
            for account in dealing.kernel.ledger._accounts.values()
            if account.owner == member.member_id and account.kind in STATEMENT_KINDS and account.balance
        }


@pytest.mark.parametrize("seed", range(3))
async def test_however_it_is_cut_into_pages_it_is_the_same_statement(
    database_url: str, connection: Connection, seed: int
) -> None:
    dealing, random = await a_market(database_url, 60), Random(seed)
    member_id = random.choice(dealing.members)
    reader = Reader(connection.fetch, member_id, WHOLE, LAST)

    paged: list[Movement] = []
    place: Place | None = Place(WHOLE.from_us)
    while place:
        movements, place = await reader.page(place, random.randint(1, 9))
        paged += movements

    assert paged == await all_of(reader)
    assert len(paged) > 30


async def test_what_came_after_it_was_asked_for_is_not_seen(
    database_url: str, connection: Connection
) -> None:
    dealing = await a_market(database_url, 60)
    member_id = dealing.members[0]

    until_100 = await Reader(connection.fetch, member_id, WHOLE, 100).summaries()
    await connection.execute("delete from transfers where seq > 100")
    then = await Reader(connection.fetch, member_id, WHOLE, LAST).summaries()

    assert until_100 == then != []
