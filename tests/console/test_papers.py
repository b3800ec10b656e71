"""`exchange member statement` and `exchange member note`: a member's papers, as REST has them."""

from pathlib import Path

import pytest

from exchange.config import UNREACHABLE, USAGE
from exchange.core.messages import Role
from tests.console.commands import Console
from tests.gateway.house import House
from tests.gateway.rest.test_notes import note_of
from tests.gateway.rest.test_statements import JANUARY, a_sale


async def test_without_a_period_it_is_this_month_so_far_of_whoever_asks(
    house: House, console: Console
) -> None:
    sale = await a_sale(house)

    told = await console.run(sale.seller, "member", "statement", "--json")
    shown = await console.run(sale.seller, "member", "statement")

    whole = await house.get(sale.seller, JANUARY)
    assert (told.code, told.answer["from"], told.answer["to"]) == (0, "2026-01-01", "2026-01-02")
    assert told.answer["member_id"] == sale.seller.member_id
    assert (told.answer["accounts"], told.answer["movements"]) == (whole["accounts"], whole["movements"])
    assert shown.code == 0 and "2145.10" in shown.out and "not final yet" in shown.out


async def test_all_pages_are_in_it(house: House, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = await a_sale(house)
    monkeypatch.setattr("exchange.console.remote.PAGE", "1")

    told = await console.run(sale.buyer, "member", "statement", "--month", "2026-01", "--json")

    assert told.answer["movements"] == (await house.get(sale.buyer, JANUARY))["movements"]
    assert len(told.answer["movements"]) > 3


async def test_the_operator_names_a_member_and_nobody_else_does(house: House, console: Console) -> None:
    sale, operator = await a_sale(house), await house.member(Role.OPERATOR)
    words = ("member", "statement", sale.seller.member_id, "--month", "2026-01", "--json")

    told = await console.run(operator, *words)
    tried = await console.run(sale.buyer, *words)

    assert told.answer["member_id"] == sale.seller.member_id
    assert tried.code == UNREACHABLE and not tried.out


async def test_csv_and_pdf_are_written_whole(house: House, console: Console, tmp_path: Path) -> None:
    sale = await a_sale(house)
    days = ("--from", "2026-01-01", "--to", "2026-02-01")

    as_csv = await console.run(sale.seller, "member", "statement", *days, "--csv")
    printed = await console.run(
        sale.seller, "member", "statement", *days, "--out", tmp_path / "statement.pdf"
    )

    by_rest = await house.call(sale.seller, "GET", f"{JANUARY}&format=csv")
    assert as_csv.out.encode() == by_rest.raw
    assert (printed.code, printed.out) == (0, "")
    assert (tmp_path / "statement.pdf").read_bytes()[:5] == b"%PDF-"
    assert [each.name for each in tmp_path.iterdir()] == ["statement.pdf"]


async def test_a_refused_paper_leaves_no_file(house: House, console: Console, tmp_path: Path) -> None:
    sale = await a_sale(house)
    words = ("member", "note", sale.bought, "--pdf", "--out", tmp_path / "note.pdf")

    tried = await console.run(sale.seller, *words)

    assert tried.code == UNREACHABLE and "no such line" in tried.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words, said",
    [
        (["--month", "2026-01", "--from", "2026-01-01"], "Give --month, or --from and --to."),
        (["--to", "2026-01-01"], "Give --from too."),
        (["--from", "2026-01-03", "--to", "2026-01-01"], "has no day"),
        (["--csv", "--pdf"], "Give one of --json, --csv and --pdf."),
        (["--csv", "--json"], "Give one of --json, --csv and --pdf."),
        (["--out", "x"], "Give --csv or --pdf with --out, or a file that ends in .csv or .pdf."),
    ],
)
async def test_arguments_that_make_no_sense_together_are_wrong_usage(
    house: House, console: Console, words: list[str], said: str
) -> None:
    ended = await console.run(await house.buyer(), "member", "statement", *words)

    assert (ended.code, ended.out) == (USAGE, "")
    assert said in ended.err


async def test_a_month_that_is_none_is_told_by_the_exchange(house: House, console: Console) -> None:
    ended = await console.run(await house.buyer(), "member", "statement", "--month", "2026-13")

    assert ended.code == UNREACHABLE and "month" in ended.err


async def test_a_note_is_printed_for_people_and_for_programs(
    house: House, console: Console, tmp_path: Path
) -> None:
    sale = await a_sale(house)

    told = await console.run(sale.seller, "member", "note", sale.sold, "--json")
    shown = await console.run(sale.seller, "member", "note", sale.sold, 1)
    as_csv = await console.run(sale.seller, "member", "note", sale.sold, "--csv", "--out", tmp_path / "n.csv")

    by_rest = await house.call(sale.seller, "GET", f"{note_of(sale.sold)}?format=csv")
    assert told.answer == await house.get(sale.seller, note_of(sale.sold))
    assert "2145.10" in shown.out and told.answer["proof"]["chain"] in shown.out
    assert as_csv.code == 0 and (tmp_path / "n.csv").read_bytes() == by_rest.raw
