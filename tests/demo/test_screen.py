"""The demo's screen shows what was counted, and keeps its height."""

from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from exchange.demo.screen import BOOKS_SHOWN, LOTS_SHOWN, Screen, picture
from exchange.demo.tally import BookTally, Tally


def a_tally(parts: int = 2, lots: int = 1) -> Tally:
    tally = Tally(orders_acked=1_200, bids_acked=7)
    for number in range(parts):
        for price in ("2.10", "2.30", "1.90"):
            tally.trade(f"PART-{number}", Decimal(price), 100)
    for number in range(lots):
        tally.lot(str(number), f"lot {number} open")
        tally.lot(str(number), f"lot {number} awarded")
    tally.settle(1_234)
    tally.consigned, tally.received, tally.shipped, tally.delivered, tally.accepted = 19, 15, 9, 7, 6
    for result, times in (("passed", 10), ("conditional", 2), ("failed", 1)):
        for _ in range(times):
            tally.inspect("S1", result)
    tally.claims, tally.remedied = 3, 1
    tally.held_minor, tally.escrow_minor = {"B1": 1_000_00, "B2": 234_50}, 777_01
    tally.pay_out(5_432_10)
    tally.refuse("MONEY_SHORT")
    return tally


def lines(tally: Tally, width: int = 100, seconds: float = 20) -> list[str]:
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(picture(tally, 10, seconds))
    return captured.get().splitlines()


def test_a_book_keeps_its_extremes_and_sums() -> None:
    book = a_tally().books["PART-0"]

    last, before, low, high = (Decimal(each) for each in ("1.90", "2.30", "1.90", "2.30"))
    assert book == BookTally(last, before, low, high, 3, 300, Decimal("630.00"))


@pytest.mark.parametrize("width", [80, 120])
def test_every_figure_is_on_the_screen(width: int) -> None:
    shown = "\n".join(lines(a_tally(), width))

    for figure in (
        "1,200 orders", "120 orders/s", "6 trades", "1 settled", "1,260.00 turnover", "12.34 commission",
        "7 bids", "1 refused", "lot 0 awarded", "PART-0", "PART-1", "10 of 20 s",
        "4 inbound", "2 at the hub", "2 under way", "10 passed", "2 in part", "1 failed", "6 accepted", "3 claims",
        "1 remedied", "1,234.50 held", "777.01 in escrow", "5,432.10 paid out",
    ):  # fmt: skip
        assert figure in shown, figure
    assert "lot 0 open" not in shown


def test_the_screen_says_that_trade_is_over_while_the_rest_is_finished() -> None:
    tally = a_tally()
    tally.closing = True

    assert "no more trade" in "\n".join(lines(tally))


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_screen_keeps_its_height_and_width_however_much_happens(width: int) -> None:
    nothing, much = lines(Tally(), width), lines(a_tally(3 * BOOKS_SHOWN, 3 * LOTS_SHOWN), width)

    assert len(nothing) == len(much) <= 24
    assert max(map(len, nothing + much)) <= width
    assert f"PART-{BOOKS_SHOWN - 1}" in "\n".join(much) and f"PART-{BOOKS_SHOWN} " not in "\n".join(much)


def test_the_terminal_is_given_back_whatever_happens() -> None:
    console = Console(file=StringIO(), width=80, force_terminal=True)

    def interrupted() -> None:
        with Screen(console) as screen:
            screen.show(a_tally(), 1, 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert isinstance(console.file, StringIO)
    written = console.file.getvalue()
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1, (
        "the cursor is hidden and shown again"
    )
