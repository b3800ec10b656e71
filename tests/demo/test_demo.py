"""A short demo from its start to its end: everything that it shows has happened, and nothing is left on the way."""

import json
import signal
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

DEMO = (sys.executable, "-m", "exchange", "demo", "--json", "--seconds")


@pytest.fixture(scope="module")
def summary() -> Any:
    ended = subprocess.run([*DEMO, "5"], check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "orders" in ended.stderr and "no more trade" in ended.stderr
    return json.loads(ended.stdout)


def test_the_demo_trades_and_accounts_for_it(summary: Any) -> None:
    assert summary["orders_acked"] > 0 and summary["trades"] > 0 and summary["bids_acked"] > 0
    assert summary["verify"]["ok"] and summary["verify"]["commands"] > summary["orders_acked"]
    assert summary["ledger_sums"] and not any(summary["ledger_sums"].values())
    assert list(summary["commission_minor"]) == ["USD"]
    assert summary["books"]["accepted"], summary["books"]


def test_goods_went_through_the_hub_to_those_who_accepted_them(summary: Any) -> None:
    goods = summary["goods"]

    assert min(goods[each] for each in ("consigned", "passed", "shipped", "accepted")) > 0, goods
    assert goods["passed"] + goods["in_part"] + goods["failed"] == goods["consigned"], goods
    assert goods["remedied"] <= goods["claims"]


def test_sellers_were_paid_and_nothing_is_left_on_the_way(summary: Any) -> None:
    money = summary["money"]

    assert money["payouts"] > 0 and money["paid_out_minor"] > 0 and money["swept_minor"] > 0, money
    assert (money["held_minor"], money["escrow_minor"], money["payable_minor"]) == (0, 0, 0)


def test_the_statement_adds_up_and_agrees_with_the_accounts(summary: Any) -> None:
    statement = summary["statement"]

    assert statement["agrees"] and statement["accounts"], statement
    for account in statement["accounts"]:
        moved = sum(Decimal(each["amount"]) for each in account["sums"])
        assert Decimal(account["opening"]) + moved == Decimal(account["closing"]), account


def test_a_reverse_lot_ends_with_a_report_of_what_it_saved(summary: Any) -> None:
    report = summary["report"]

    assert report["final"] and report["bids"] > 1 and report["bidders"] > 1, report
    assert {"published", "opened", "closed", "awarded"} <= set(report["steps"])
    before, after = Decimal(report["price_before"]), Decimal(report["price_after"])
    assert before > after and Decimal(report["saved"]) == (before - after) * 10_000
    assert Decimal(report["saved_in_all"]) >= Decimal(report["saved"])


def test_beside_it_sealed_and_dutch_lots_are_awarded(summary: Any) -> None:
    report = summary["report"]

    assert [each["kind"] for each in report["compared"]] == ["Dutch lot", "sealed lot"]
    assert all(
        Decimal("1.2") <= Decimal(each["price_after"]) <= Decimal("2.4") for each in report["compared"]
    )
    assert report["events"] == 1 + sum(each["events"] for each in report["compared"])


def test_a_demo_that_is_interrupted_twice_still_accounts_for_itself() -> None:
    with subprocess.Popen([*DEMO, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr and demo.stdout
        next(line for line in demo.stderr if " trades " in line and " 0 trades " not in line)
        demo.send_signal(signal.SIGINT)
        next(line for line in demo.stderr if line.startswith("no more trade"))
        demo.send_signal(signal.SIGINT)
        demo.stderr.read()
        told = json.loads(demo.stdout.read())

    assert demo.returncode == 0
    assert told["verify"]["ok"] and told["books"]["accepted"] and not any(told["ledger_sums"].values())
