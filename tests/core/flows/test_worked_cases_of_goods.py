"""The worked cases of goods and money, posting by posting, through the kernel."""

from exchange.core.ledger.accounts import AccountKind
from exchange.core.messages import AnswerClaim, FileClaim, ResolveClaim
from exchange.core.messages.deals import ClaimReason
from tests.core.hub import DAY, HubVenue, postings


def test_case_1_a_sale_in_the_sellers_name_is_inspected_shipped_accepted_and_paid() -> None:
    venue = HubVenue()

    sold = venue.sale()
    sent = venue.dispatch() + venue.receive()
    passed = venue.inspect(1_000)
    shipped = venue.ship() + venue.confirm()
    accepted = venue.accept()

    assert postings(sold)[-2:] == [("wallet:B1", "held:B1", 2375_00), ("held:B1", "escrow:B-1", 2375_00)]
    assert postings(sent) == postings(shipped) == []
    assert postings(passed) == [
        ("inspection", "bank:operating", 35_00),
        ("guarantee", "guarantee:provision", 11_88),
    ]
    assert postings(accepted) == [
        ("escrow:B-1", "payable:S1", 2145_10),
        ("escrow:B-1", "float:house", 229_90),
        ("house:float", "commission:surplus", 190_00),
        ("house:float", "tax:output", 39_90),
    ]
    assert postings(sold + sent + passed + shipped + accepted, "KIT") == [
        ("brought:S1", "stock:S1", 1_000),
        ("stock:S1", "reserved:S1", 1_000),
        ("reserved:S1", "inbound:S-1", 1_000),
        ("inbound:S-1", "inbound:C-1", 1_000),
        ("inbound:C-1", "hub:L-1", 1_000),
        ("hub:L-1", "outbound:P-1", 1_000),
        ("outbound:P-1", "delivered:S1", 1_000),
    ]
    assert venue.kernel.contracts.dump() == []


def test_case_2_a_failed_inspection_refunds_and_its_cost_comes_from_the_sellers_deposit() -> None:
    venue = HubVenue()
    venue.sale(900, 1_000)
    deposit(venue, "S1", 100_00)
    venue.dispatch()
    venue.receive()

    failed = venue.inspect(rejected=1_000)

    assert postings(failed) == [
        ("inspection", "bank:operating", 35_00),
        ("escrow:B-1", "wallet:B1", 900_00),
        ("deposit:S1", "float:house", 35_00),
        ("house:float", "inspection_recovery", 35_00),
    ]
    assert postings(failed, "KIT") == [("hub:L-1", "rejected:S1", 1_000)]
    assert venue.kernel.contracts.dump() == []
    assert venue.kernel.deals.dump() == []


def test_case_2_without_enough_deposit_the_rest_is_recourse() -> None:
    venue = HubVenue()
    venue.sale(900, 1_000)
    deposit(venue, "S1", 20_00)
    venue.dispatch()
    venue.receive()

    assert postings(venue.inspect(rejected=1_000))[2:] == [
        ("deposit:S1", "float:house", 20_00),
        ("house:float", "inspection_recovery", 20_00),
        ("receivable:recourse:S1", "inspection_recovery", 15_00),
    ]


def test_case_5_a_claim_upheld_at_40_per_cent_is_paid_by_the_float_with_recourse() -> None:
    venue = HubVenue()
    venue.sale()
    venue.sale(price=10_000, buyer="B2", seller="S2", name="2")
    venue.delivered()
    venue.accept()
    fund_float(venue)
    claim = FileClaim(contract_id="B-1", line=1, reason=ClaimReason.NOT_AS_DESCRIBED)
    assert not venue.send("B1", claim, new_id="CL-1").reply.code
    venue.done("S1", AnswerClaim(contract_id="S-1", line=1, admit=True))

    remedied = venue.done("operator", ResolveClaim(claim_id="CL-1", upheld_bps=4_000))

    assert postings(remedied) == [
        ("float:house", "wallet:B1", 950_00),
        ("receivable:recourse:S1", "house:float", 858_04),
        ("commission:surplus", "house:float", 76_00),
        ("tax:output", "house:float", 15_96),
    ]


def test_case_9_the_guarantee_lapses() -> None:
    venue = HubVenue()
    venue.sale()
    venue.delivered()
    venue.accept()

    assert postings(venue.wait(89 * DAY)) == []
    assert postings(venue.wait(2 * DAY)) == [("guarantee:provision", "guarantee", 11_88)]
    assert venue.kernel.deals.dump() == []


def deposit(venue: HubVenue, member_id: str, amount_minor: int) -> None:
    """Money of the member's that secures what it owes."""
    ledger = venue.kernel.ledger
    bank = ledger.account(AccountKind.BANK, "client", "USD")
    owed = ledger.account(AccountKind.DEPOSIT, member_id, "USD")
    ledger.post(bank, owed, amount_minor, "deposit", member_id, [])


def fund_float(venue: HubVenue) -> None:
    """Another sale's commission."""
    venue.dispatch(("S-2", 1, 1_000), seller="S2", consignment="C-2")
    venue.receive(consignment="C-2", lot="L-2")
    venue.inspect(1_000, lot="L-2")
    venue.ship(("B-2", 1), shipment="P-2")
    venue.confirm(shipment="P-2", buyer="B2")
    venue.accept("B-2", "B2")
