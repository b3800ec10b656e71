"""A stretch of the journal folds into the rows that a naive reading finds."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from exchange.engine.base import Released
from exchange.follower.history import History, OrderRow
from tests.core.venue import Venue
from tests.engine.days import a_day
from tests.follower.tables import expected, released_of
from tests.models.history import Row


def folded(day: Venue) -> History:
    history = History()
    history.add(released_of(day))
    return history


@settings(max_examples=40)
@given(st.integers(0, 100_000), st.integers(0, 150))
def test_a_whole_day_in_one_stretch_is_what_happened(seed: int, length: int) -> None:
    day = a_day(seed, length)
    history, told = folded(day), expected(day)

    settled: dict[tuple[object, object], list[int]] = {
        (contract_id, line): figures for contract_id, line, *figures in history.settled
    }
    struck: dict[tuple[object, object], str] = {
        (contract_id, line): status for contract_id, line, status in history.struck
    }
    lines: list[Row] = []
    for *row, at_us, goods_tax in history.lines:
        fee, tax, *paid = settled.get((row[0], row[1]), [0] * 5)
        stands = struck.get((row[0], row[1]), "")
        lines.append((*row, (row[0], row[1]) in settled, fee, tax, at_us, stands, goods_tax, *paid))
    assert sorted(astuple(row) for row in history.placed.values()) == told["orders"]
    restated: dict[tuple[object, ...], tuple[object, ...]] = {
        key: now[:2] for key, now in history.restated.items()
    }
    made: list[Row] = [(*row[:2], *restated.get(row[:2], row[2:4]), *row[4:]) for row in history.trades]
    assert sorted(made) == [row[:-2] for row in told["trades"]]
    assert {key: now[2] for key, now in history.restated.items()} == {
        row[:2]: row[-1] for row in told["trades"] if row[-1] != "standing"
    }
    assert history.called == [row[:2] for row in told["trades"] if row[-2]]
    assert sorted(history.bids) == told["bids"]
    assert sorted(history.envelopes) == told["envelopes"]
    assert sorted(history.bid_notes) == told["bid_notes"]
    assert history.event_steps.rows == told["event_steps"]
    assert history.transfers == told["transfers"]
    assert (history.invoices, history.invoice_lines) == (told["invoices"], told["invoice_lines"])
    assert sorted(lines) == told["contract_lines"]
    assert history.changed == {}
    assert (history.seq, history.at_us) == (len(day.log), day.at_us)


def test_an_order_of_an_earlier_stretch_is_changed_once_however_often_it_moved() -> None:
    day = a_day(11)
    both = released_of(day)
    history = History()
    history.add(both[60:])

    assert history.changed
    placed_before = {row.order_id for row in _placed(both[:60])}
    assert history.changed.keys() <= placed_before
    assert not history.changed.keys() & history.placed.keys()
    assert any(change.filled for change in history.changed.values())


def _placed(released: list[Released]) -> list[OrderRow]:
    history = History()
    history.add(released)
    return list(history.placed.values())
