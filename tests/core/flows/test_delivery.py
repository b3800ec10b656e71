"""Goods in motion: what happens to quantities, what happens when a term passes, and what is refused."""

import pytest

from exchange.core.messages import (
    AcceptGoods,
    AnyCommand,
    ConfirmReceipt,
    ConfirmShipment,
    DecideConditional,
    DispatchConsignment,
    DispatchShipment,
    ReceiveConsignment,
    ReclaimRejected,
    Role,
)
from exchange.core.messages.delivery import ConsignedLine, DealRefunded, HubOverdue, Refunding, ShippedLine
from exchange.core.messages.hub_address import SetHubAddress
from exchange.core.rejects import RejectCode
from tests.core.hub import DAY, HubVenue, inspection, postings


def refunds(events: object) -> list[tuple[str, int, int]]:
    """Cause, pieces and amount of every refund."""
    return [(e.cause, e.quantity, e.amount_minor) for e in events if isinstance(e, DealRefunded)]  # type: ignore[attr-defined]


# --- quantities --------------------------------------------------------------------------------------


def test_what_is_sent_short_is_refunded_at_once_and_stock_again() -> None:
    venue = HubVenue()
    venue.sale()

    events = venue.dispatch(("S-1", 1, 600))

    assert refunds(events) == [(Refunding.NOT_DISPATCHED, 400, 950_00)]
    assert postings(events) == [("escrow:B-1", "wallet:B1", 950_00)]
    assert postings(events, "KIT") == [("inbound:S-1", "inbound:C-1", 600), ("inbound:S-1", "stock:S1", 400)]


def test_a_short_count_is_shared_over_the_deals_by_largest_remainder() -> None:
    venue = HubVenue()
    venue.sale(quantity=400)
    venue.sale(quantity=600, buyer="B2", name="2")
    venue.dispatch(("S-1", 1, 400), ("S-2", 1, 600))

    events = venue.receive(counted=997)

    assert refunds(events) == [(Refunding.SHORT, 1, 2_37), (Refunding.SHORT, 2, 4_75)]
    assert postings(events, "KIT") == [("inbound:C-1", "hub:L-1", 997), ("inbound:C-1", "brought:S1", 3)]


def test_what_comes_over_is_the_sellers_rejected_at_the_hub_until_it_is_reclaimed() -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()

    events = venue.receive(counted=1_025)
    fetched = venue.done("S1", ReclaimRejected(instrument_id="KIT", quantity=20))
    declared = venue.done("S1", ReclaimRejected(instrument_id="KIT", quantity=5, declare=True))

    assert refunds(events) == []
    assert postings(events, "KIT")[1:] == [("brought:S1", "rejected:S1", 25)]
    assert postings(fetched, "KIT") == [("rejected:S1", "brought:S1", 20)]
    assert postings(declared, "KIT") == [("rejected:S1", "stock:S1", 5)]


def test_an_empty_box_voids_its_deals() -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()

    events = venue.receive(counted=0, lot="")

    assert refunds(events) == [(Refunding.SHORT, 1_000, 2375_00)]
    assert venue.kernel.contracts.dump() == []


def test_a_partial_pass_pays_for_what_passed_and_the_seller_bears_its_share_of_the_cost() -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()
    venue.receive()

    inspected = venue.inspect(passed=600, rejected=400)
    venue.ship()
    venue.confirm(600)
    accepted = venue.accept()

    assert postings(inspected) == [
        ("escrow:B-1", "wallet:B1", 950_00),
        ("inspection", "bank:operating", 35_00),
        ("receivable:recourse:S1", "inspection_recovery", 14_00),
        ("guarantee", "guarantee:provision", 7_13),
    ]
    fee, tax = 114_00, 23_94
    assert postings(accepted)[:2] == [
        ("escrow:B-1", "payable:S1", 1425_00 - fee - tax),
        ("escrow:B-1", "float:house", fee + tax),
    ]
    assert postings(accepted)[-2:] == [
        ("payable:S1", "float:house", 14_00),
        ("house:float", "receivable:recourse:S1", 14_00),
    ], "recourse is netted with what is payable"


@pytest.mark.parametrize("take", [True, False])
def test_conditional_goods_wait_for_the_buyer(take: bool) -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()
    venue.receive()

    inspected = venue.inspect(passed=600, conditional=400, cost=0)
    waiting = venue.send("I1", DispatchShipment(lines=(ShippedLine("B-1", 1),)))
    decided = venue.decide(take=take)

    assert postings(inspected) == [("guarantee", "guarantee:provision", 7_13)]
    assert waiting.reply.code == RejectCode.OUT_OF_TURN
    if take:
        assert postings(decided) == [("guarantee", "guarantee:provision", 4_75)]
    else:
        assert postings(decided) == [("escrow:B-1", "wallet:B1", 950_00)]
        assert postings(decided, "KIT") == [("hub:L-1", "rejected:S1", 400)]
    venue.ship()
    venue.confirm(1_000 if take else 600)
    venue.accept()


def test_one_shipment_brings_the_goods_of_several_sellers_and_a_short_receipt_is_shared() -> None:
    venue = HubVenue()
    venue.sale(quantity=400)
    venue.sale(quantity=600, seller="S2", name="2")
    venue.dispatch(("S-1", 1, 400))
    venue.dispatch(("S-2", 1, 600), seller="S2", consignment="C-2")
    venue.receive(400)
    venue.receive(600, consignment="C-2", lot="L-2")
    venue.inspect(400, cost=0)
    venue.inspect(600, cost=0, lot="L-2")
    venue.ship(("B-1", 1), ("B-2", 1))

    events = venue.confirm(990)

    assert refunds(events) == [(Refunding.NOT_DELIVERED, 4, 9_50), (Refunding.NOT_DELIVERED, 6, 14_25)]
    assert postings(events)[1::2] == [
        ("guarantee:provision", "guarantee", 5),
        ("guarantee:provision", "guarantee", 8),
    ]


# --- terms -------------------------------------------------------------------------------------------


def test_goods_that_are_not_dispatched_in_time_are_stock_again_and_refunded() -> None:
    venue = HubVenue()
    venue.sale()

    assert venue.wait(4 * DAY) == []
    events = venue.wait(2 * DAY)

    assert postings(events) == [("escrow:B-1", "wallet:B1", 2375_00)]
    assert postings(events, "KIT") == [("inbound:S-1", "stock:S1", 1_000)]
    assert venue.kernel.contracts.dump() == []


def test_a_consignment_that_never_comes_counts_as_empty() -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()

    assert postings(venue.wait(20 * DAY)) == []
    events = venue.wait(2 * DAY)

    assert refunds(events) == [(Refunding.SHORT, 1_000, 2375_00)]
    assert postings(events, "KIT") == [("inbound:C-1", "brought:S1", 1_000)]


def test_the_hub_late_is_told_once_and_changes_nothing() -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()
    venue.receive()

    late = venue.wait(6 * DAY)
    later = venue.wait(6 * DAY)
    venue.inspect(1_000)
    unsent = venue.wait(4 * DAY)

    assert [(e.subject, e.state) for e in late if isinstance(e, HubOverdue)] == [("L-1", "waiting")]
    assert later == []
    assert [(e.subject, e.state) for e in unsent if isinstance(e, HubOverdue)] == [("B-1/1", "passed")]
    venue.ship()


def test_silence_refuses_conditional_goods_receives_a_shipment_and_accepts() -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()
    venue.receive()
    venue.inspect(600, conditional=400, cost=0)

    refused = venue.wait(4 * DAY)
    venue.ship()
    received = venue.wait(22 * DAY)
    accepted = venue.wait(8 * DAY)

    assert refunds(refused) == [(Refunding.REFUSED, 400, 950_00)]
    assert postings(received, "KIT") == [("outbound:P-1", "delivered:S1", 600)]
    assert [debit for debit, _, _ in postings(accepted)] == ["escrow:B-1"] * 2 + ["house:float"] * 2


# --- refusals ----------------------------------------------------------------------------------------


def consignment(*lines: tuple[str, int, int], instrument: str = "KIT") -> DispatchConsignment:
    return DispatchConsignment(instrument_id=instrument, lines=tuple(ConsignedLine(*line) for line in lines))


def shipment(*lines: tuple[str, int]) -> DispatchShipment:
    return DispatchShipment(lines=tuple(ShippedLine(*line) for line in lines))


_C = RejectCode
REFUSED: dict[str, tuple[str, AnyCommand, RejectCode, str]] = {
    "a receipt past the hub": ("B1", ConfirmReceipt(contract_id="B-1"), _C.DELIVERED_BY_HUB, "contract_id"),
    "no such instrument": ("S1", consignment(("S-1", 1, 1), instrument="?"), _C.INSTRUMENT_UNKNOWN, "instrument_id"),
    "another's line": ("S2", consignment(("S-1", 1, 1)), _C.LINE_UNKNOWN, "lines[0]"),
    "the buyer's line": ("B1", consignment(("B-1", 1, 1)), _C.LINE_UNKNOWN, "lines[0]"),
    "no such line": ("S1", consignment(("S-1", 1, 1), ("S-1", 2, 1)), _C.LINE_UNKNOWN, "lines[1]"),
    "a line twice": ("S1", consignment(("S-1", 1, 1), ("S-1", 1, 1)), _C.LINE_TWICE, "lines[1]"),
    "another instrument": ("S1", consignment(("S-1", 1, 1), instrument="NUT"), _C.OTHER_INSTRUMENT, "lines[0]"),
    "more than was sold": ("S1", consignment(("S-1", 1, 1_001)), _C.QUANTITY_ABOVE_LINE, "lines[0]"),
    "a line that was sent": ("S1", consignment(("S-2", 1, 1)), _C.OUT_OF_TURN, "lines[0]"),
    "saying where the hub is as an inspector": ("I1", SetHubAddress(name="Hub", address="Quay 3"), _C.ROLE_MISSING, ""),
    "counting by a seller": ("S1", ReceiveConsignment(consignment_id="C-2", counted_quantity=1), _C.ROLE_MISSING, ""),
    "no such consignment": ("I1", ReceiveConsignment(consignment_id="?", counted_quantity=1), _C.CONSIGNMENT_UNKNOWN, "consignment_id"),
    "a consignment twice": ("I1", ReceiveConsignment(consignment_id="C-3", counted_quantity=1), _C.CONSIGNMENT_UNKNOWN, "consignment_id"),
    "counting by the seller's owner": ("IS", ReceiveConsignment(consignment_id="C-2", counted_quantity=1), _C.INSPECTOR_NOT_INDEPENDENT, ""),
    "counting by the buyer's owner": ("IB", ReceiveConsignment(consignment_id="C-2", counted_quantity=1), _C.INSPECTOR_NOT_INDEPENDENT, ""),
    "inspecting by a buyer": ("B1", inspection(1_000, lot="L-3"), _C.ROLE_MISSING, ""),
    "no such hub lot": ("I1", inspection(1_000, lot="?"), _C.HUB_LOT_UNKNOWN, "hub_lot_id"),
    "a hub lot twice": ("I1", inspection(1_000, lot="L-4"), _C.HUB_LOT_UNKNOWN, "hub_lot_id"),
    "inspecting one's own": ("IS", inspection(1_000, lot="L-3"), _C.INSPECTOR_NOT_INDEPENDENT, ""),
    "quantities that do not add up": ("I1", inspection(999, lot="L-3"), _C.QUANTITIES_DONT_ADD_UP, "passed_quantity"),
    "no sample": ("I1", inspection(1_000, lot="L-3", sample=0), _C.SAMPLE_TOO_LARGE, "sample_quantity"),
    "shipping by a seller": ("S1", shipment(("B-4", 1)), _C.ROLE_MISSING, ""),
    "shipping what is not there": ("I1", shipment(("B-3", 1)), _C.OUT_OF_TURN, "lines[0]"),
    "shipping a seller's line": ("I1", shipment(("S-4", 1)), _C.LINE_UNKNOWN, "lines[0]"),
    "shipping to two buyers": ("I1", shipment(("B-4", 1), ("B-5", 1)), _C.OTHER_BUYER, "lines[1]"),
    "shipping twice": ("I1", shipment(("B-4", 1), ("B-4", 1)), _C.LINE_TWICE, "lines[1]"),
    "another's shipment": ("B2", ConfirmShipment(shipment_id="P-6", received_quantity=1), _C.SHIPMENT_UNKNOWN, "shipment_id"),
    "more than was shipped": ("B1", ConfirmShipment(shipment_id="P-6", received_quantity=1_001), _C.QUANTITY_ABOVE_SHIPMENT, "received_quantity"),
    "deciding on nothing": ("B1", DecideConditional(contract_id="B-1", take=True), _C.OUT_OF_TURN, "contract_id"),
    "deciding for another": ("B2", DecideConditional(contract_id="B-1", take=True), _C.CONTRACT_UNKNOWN, "contract_id"),
    "accepting too early": ("B1", AcceptGoods(contract_id="B-6"), _C.OUT_OF_TURN, "contract_id"),
    "accepting another's": ("B2", AcceptGoods(contract_id="B-6"), _C.CONTRACT_UNKNOWN, "contract_id"),
    "accepting no line": ("B1", AcceptGoods(contract_id="B-6", line=2), _C.LINE_UNKNOWN, "line"),
    "accepting as the seller": ("S1", AcceptGoods(contract_id="S-6"), _C.CONTRACT_UNKNOWN, "contract_id"),
    "reclaiming what is not there": ("S1", ReclaimRejected(instrument_id="KIT", quantity=1), _C.STOCK_SHORT, "quantity"),
    "reclaiming as a buyer": ("B1", ReclaimRejected(instrument_id="KIT", quantity=1), _C.ROLE_MISSING, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_name_and_nothing_moves(case: str) -> None:
    sender, command, code, field = REFUSED[case]
    venue = a_busy_hub()
    before = venue.kernel.ledger.dump(), venue.kernel.deals.dump(), venue.kernel.deadlines.dump()

    outcome = venue.send(sender, command)

    assert (RejectCode(outcome.reply.code), outcome.reply.field, outcome.events) == (code, field, [])
    assert (venue.kernel.ledger.dump(), venue.kernel.deals.dump(), venue.kernel.deadlines.dump()) == before


def a_busy_hub() -> HubVenue:
    """Deals 1 to 6 of S1: sold, dispatched, at the hub, passed, passed for B2, shipped."""
    venue = HubVenue()
    venue.instrument("NUT")
    venue.member("IS", Role.INSPECTOR, owner="S1")
    venue.member("IB", Role.INSPECTOR, owner="B1")
    for name in "123456":
        venue.sale(buyer="B2" if name == "5" else "B1", name=name)
    for name in "23456":
        venue.dispatch((f"S-{name}", 1, 1_000), consignment=f"C-{name}")
    for name in "3456":
        venue.receive(consignment=f"C-{name}", lot=f"L-{name}")
    for name in "456":
        venue.inspect(1_000, lot=f"L-{name}")
    venue.ship(("B-6", 1), shipment="P-6")
    return venue
