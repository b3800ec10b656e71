"""Withdrawals, payouts and statements over REST and through the bank's folder: the worked cases to the last posting."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import asyncpg
import pytest

from exchange.core.messages import Role, SetCommission
from exchange.gateway.stored.records import Records
from exchange.outbound.booking import book_waiting
from exchange.outbound.payments import Payments
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_money import Sale, balances
from tests.outbound.bank import MEMBER_IBAN, OPERATING_IBAN, Line, a_house, assert_official, statement

DETAILS = {"name": "Seller & Co", "iban": "de89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"}


class Bank:
    """The payments port over a folder, and what it has written."""

    def __init__(self, house: House, payments: Payments, folder: Path) -> None:
        self.house = house
        self.payments = payments
        self.folder = folder

    async def files(self) -> list[bytes]:
        """Let the port work; every payment file, by name."""
        await self.house.archive()
        await self.payments.step()
        return [path.read_bytes() for path in sorted((self.folder / "out").iterdir())]

    async def says(self, *lines: Line, name: str = "s.xml", iban: str | None = None) -> None:
        """A statement is dropped, taken and booked."""
        document = statement(lines, iban) if iban else statement(lines)
        (self.folder / "in" / name).write_bytes(document)
        await self.payments.step()
        await book_waiting(self.house.engine, self.house.records)

    async def answers(self) -> list[tuple[str, int, str]]:
        rows = await self.house.records.fetch(
            "select entry_id, code, field from bank_entries order by number"
        )
        return [tuple(row) for row in rows]


@pytest.fixture
async def bank(house: House, house_database_url: str, tmp_path: Path) -> AsyncIterator[Bank]:
    connection = await asyncpg.connect(house_database_url)
    yield Bank(house, Payments(connection, a_house(tmp_path)), tmp_path)
    await connection.close()


async def sold(house: House) -> tuple[Holder, Sale]:
    """Case 1 accepted: 2,145.10 payable, a float of 229.90."""
    operator = await house.member(Role.OPERATOR)
    await house.do(operator.member_id, SetCommission(rate_bps=800, tax_bps=2_100))
    sale = await Sale(house).make()
    await sale.receive()
    assert (await house.call(sale.seller, "PUT", "/v1/bank-details", DETAILS)).status == 200
    return operator, sale


async def posted(house: House, records: Records, since: int) -> list[tuple[str, str, int]]:
    await house.archive()
    rows = await records.fetch(
        "select debit, credit, amount from transfers where number > $1 order by number", since
    )
    return [tuple(row) for row in rows]


async def last_number(house: House) -> int:
    await house.archive()
    row = await house.records.fetch_row("select max(number) as last from transfers")
    assert row is not None
    return int(row["last"])


async def test_case_1_and_7_a_payout_goes_out_is_booked_and_comes_back(house: House, bank: Bank) -> None:
    operator, sale = await sold(house)
    seller, before = sale.seller.member_id, await last_number(house)

    body = {"currency": "USD", "amount": "2145.10", "source": "payable"}
    sent = await house.call(sale.seller, "POST", "/v1/withdrawals", body)
    payout = sent.body["payout_id"]
    (file,) = await bank.files()
    await bank.says(Line("b-1", "2145.10", credit=False, end_to_end=payout))
    await bank.says(Line("b-2", "2145.10", end_to_end=payout, returned=True), name="t.xml")

    assert sent.status == 201
    assert_official(file, "pain.001.001.09")
    assert payout.encode() in file and MEMBER_IBAN.encode() in file and b"Seller &amp; Co" in file
    assert await bank.answers() == [("b-1", 0, ""), ("b-2", 0, "")]
    assert await posted(house, house.records, before) == [
        (f"payable:{seller}", "clearing:payout", 2145_10),
        ("clearing:payout", "bank:client", 2145_10),
        ("bank:client", f"payable:{seller}", 2145_10),
    ]
    shown = await house.get(sale.seller, "/v1/withdrawals")
    assert [(each["amount"], each["state"]) for each in shown["payouts"]] == [("2145.10", "returned")]
    assert (await house.get(sale.buyer, "/v1/withdrawals"))["payouts"] == []
    assert (await house.call(sale.buyer, "GET", "/v1/payouts")).status == 403
    assert len((await house.get(operator, "/v1/payouts"))["payouts"]) == 1


async def test_case_1_the_float_is_swept_to_the_operating_account(house: House, bank: Bank) -> None:
    operator, _ = await sold(house)
    before = await last_number(house)

    sweep = (await house.call(operator, "POST", "/v1/sweeps", {"currency": "USD"})).body["payout_id"]
    (file,) = await bank.files()
    await bank.says(Line("b-1", "229.90", credit=False, end_to_end=sweep))
    await bank.says(Line("o-1", "229.90", end_to_end=sweep), name="o.xml", iban=OPERATING_IBAN)

    assert OPERATING_IBAN.encode() in file
    assert await bank.answers() == [("b-1", 0, ""), ("o-1", 0, "")]
    assert await posted(house, house.records, before) == [
        ("float:house", "clearing:sweep", 229_90),
        ("clearing:sweep", "bank:client", 229_90),
        ("bank:operating", "house:float", 229_90),
    ]
    shown = await balances(house, operator)
    assert shown["bank:operating", "USD"] == "-229.90" and ("float:house", "USD") not in shown


async def test_case_8_an_unexpected_credit_is_matched_or_sent_back(house: House, bank: Bank) -> None:
    operator, sale = await sold(house)
    buyer, before = sale.buyer.member_id, await last_number(house)

    await bank.says(
        Line("u-1", "10.00", written="hello"), Line("u-2", "20.00"), Line("u-3", "30", written=buyer)
    )
    waiting = (await house.get(operator, "/v1/suspense"))["credits"]
    match = {"entry_id": "u-1", "member_id": buyer}
    matched = await house.call(operator, "POST", "/v1/suspense/matches", match)
    back = await house.call(operator, "POST", "/v1/suspense/returns", DETAILS | {"entry_id": "u-2"})
    (file,) = await bank.files()

    assert [(each["entry_id"], each["amount"], each["reference"]) for each in waiting] == [
        ("u-1", "10.00", "hello"),
        ("u-2", "20.00", ""),
    ]
    assert (matched.status, back.status) == (200, 201)
    assert back.body["payout_id"].encode() in file
    assert await posted(house, house.records, before) == [
        ("bank:client", "suspense:in", 10_00),
        ("bank:client", "suspense:in", 20_00),
        ("bank:client", f"wallet:{buyer}", 30_00),
        ("suspense:in", f"wallet:{buyer}", 10_00),
        ("suspense:in", "clearing:payout", 20_00),
    ]
    assert (await house.get(operator, "/v1/suspense"))["credits"] == []


async def test_a_statement_that_comes_again_moves_nothing(house: House, bank: Bank) -> None:
    operator, _ = await sold(house)
    line = Line("u-1", "10.00", written="hello")
    await bank.says(line)
    before = await last_number(house)

    await bank.says(line, name="again.xml")
    await bank.says(line._replace(amount="11.00"), name="changed.xml")

    assert await posted(house, house.records, before) == []
    assert await bank.answers() == [("u-1", 0, ""), ("u-1", 502, "amount_minor")]
    refused = (await house.get(operator, "/v1/bank-entries"))["entries"]
    assert [(each["entry_id"], each["statement"], each["reason"]) for each in refused] == [
        ("u-1", "changed.xml", "TRANSFER_ID_REUSED")
    ]


async def test_what_is_no_statement_is_put_aside_with_its_reason(bank: Bank) -> None:
    (bank.folder / "in" / "bad.xml").write_bytes(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")

    await bank.payments.step()

    assert sorted(path.name for path in (bank.folder / "refused").iterdir()) == ["bad.xml", "bad.xml.reason"]
    assert await bank.answers() == []


async def test_a_file_that_was_not_behind_the_cursor_is_written_again_alike(house: House, bank: Bank) -> None:
    operator, sale = await sold(house)
    body: dict[str, Any] = {"currency": "USD", "amount": "1.00", "source": "payable"}
    for _ in range(3):
        await house.call(sale.seller, "POST", "/v1/withdrawals", body)
    first = await bank.files()
    await house.records.execute("delete from outbound_positions")
    for path in (bank.folder / "out").iterdir():
        path.unlink()
    await house.call(operator, "POST", "/v1/sweeps", {"currency": "USD"})

    again = await bank.files()

    assert len(first) == 1 and first[0] in again and len(again) == 2
    assert fromstring(first[0]).findtext(".//{*}NbOfTxs") == "3"
    assert await bank.files() == again


async def test_a_payout_that_the_bank_did_not_take_is_cancelled(house: House) -> None:
    operator, sale = await sold(house)
    body = {"member_id": sale.seller.member_id, "currency": "USD"}
    payout = (await house.call(operator, "POST", "/v1/payouts", body)).body["payout_id"]

    cancelled = await house.call(operator, "POST", f"/v1/payouts/{payout}/cancellation")
    again = await house.call(operator, "POST", f"/v1/payouts/{payout}/cancellation")

    assert cancelled.status == 200
    assert (again.status, again.body["reason"]) == (409, "PAYOUT_SETTLED")
    assert await balances(house, sale.seller) == {("payable", "USD"): "2145.10"}


async def test_bank_details_are_kept_out_of_journal_and_answers(house: House) -> None:
    _, sale = await sold(house)
    again = await house.call(sale.seller, "PUT", "/v1/bank-details", DETAILS)
    shown = await house.get(sale.seller, "/v1/bank-details")

    rows = await house.records.fetch("select * from bank_details")

    assert again.status == 200 and [row["iban"] for row in rows] == [MEMBER_IBAN]
    assert shown == {"name": "Seller & Co", "iban_end": "3000"}
    assert await house.get(sale.buyer, "/v1/bank-details") == {"name": "", "iban_end": ""}


@pytest.mark.parametrize(
    "change, field",
    [({"iban": "DE89370400440532013001"}, "iban"), ({"bic": "x"}, "bic"), ({"name": " "}, "name")],
)
async def test_bank_details_that_cannot_be_are_refused(
    house: House, change: dict[str, str], field: str
) -> None:
    member = await house.member(Role.SELLER)

    answer = await house.call(member, "PUT", "/v1/bank-details", DETAILS | change)

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)
    assert await house.records.fetch("select * from bank_details") == []


@pytest.mark.parametrize(
    "path, body, status, reason",
    [
        ("withdrawals", {"currency": "USD", "amount": "0.01"}, 409, "MONEY_SHORT"),
        ("withdrawals", {"currency": "USD", "amount": "2145.11", "source": "payable"}, 409, "MONEY_SHORT"),
        ("withdrawals", {"currency": "USD", "amount": "1.001"}, 422, "MALFORMED"),
        ("withdrawals", {"currency": "ZZZ", "amount": "1"}, 422, "CURRENCY_UNKNOWN"),
        ("deposits", {"currency": "USD", "amount": "1.00"}, 409, "MONEY_SHORT"),
        ("deposits/returns", {"currency": "USD", "amount": "1.00"}, 409, "MONEY_SHORT"),
        ("sweeps", {"currency": "USD"}, 403, "ROLE_MISSING"),
        (
            "bank-entries",
            {"entry_id": "e", "direction": "credit", "currency": "USD", "amount": "1"},
            403,
            "ROLE_MISSING",
        ),
    ],
)
async def test_a_member_is_refused_what_is_not_there_or_not_its_own(
    house: House, path: str, body: dict[str, object], status: int, reason: str
) -> None:
    _, sale = await sold(house)

    answer = await house.call(sale.seller, "POST", f"/v1/{path}", body)

    assert (answer.status, answer.body["reason"]) == (status, reason)
    assert await balances(house, sale.seller) == {("payable", "USD"): "2145.10"}


async def test_an_entry_by_hand_is_booked_once(house: House) -> None:
    operator, sale = await sold(house)
    body = {
        "entry_id": "h-1",
        "direction": "credit",
        "currency": "USD",
        "amount": "7.00",
        "reference": sale.buyer.member_id,
    }

    first, again = [await house.call(operator, "POST", "/v1/bank-entries", body) for _ in range(2)]
    other = await house.call(operator, "POST", "/v1/bank-entries", body | {"amount": "8.00"})

    assert (first.status, again.status) == (201, 201)
    assert (other.status, other.body["errors"][0]["field"]) == (409, "amount")
    assert await balances(house, sale.buyer) == {("wallet", "USD"): "7.00"}
