"""The worked cases of goods and money, posting by posting, through the kernel."""

from exchange.core.ledger.accounts import AccountKind
from exchange.core.messages import AnswerClaim, FileClaim, ResolveClaim, TaxRegime
from exchange.core.messages.bank import WriteOffRecourse
from exchange.core.messages.deals import ClaimReason
from exchange.core.messages.ledger import InvoiceIssued, InvoiceLine, IssueInvoices
from exchange.core.rejects import RejectCode
from exchange.core.values import month_of
from tests.core.hub import DAY, HubVenue, postings
from tests.core.venue import refusal


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


def own_name() -> HubVenue:
    return HubVenue(tax_regime=TaxRegime.OWN_NAME, goods_tax_bps=2_100)


def test_case_1b_a_sale_in_the_exchanges_own_name_carries_the_tax_on_the_goods() -> None:
    venue = own_name()

    sold = venue.sale()
    venue.delivered()
    accepted = venue.accept()

    assert postings(sold)[-1] == ("held:B1", "escrow:B-1", 2873_75)
    assert postings(accepted) == [
        ("escrow:B-1", "payable:S1", 2643_85),
        ("escrow:B-1", "float:house", 229_90),
        ("house:float", "commission:surplus", 190_00),
        ("house:float", "tax:output", 39_90),
        ("tax:input", "tax:output", 458_85),
    ]
    assert (venue.balance("tax:input"), venue.balance("tax:output")) == (458_85, -498_75)


def test_in_its_own_name_refunds_and_remedies_carry_the_tax_too() -> None:
    venue = own_name()
    venue.sale()
    venue.dispatch()
    venue.receive()

    refunded = venue.inspect(passed=600, rejected=400, cost=0)
    venue.ship()
    venue.confirm(600)
    venue.accept()
    file_and_answer(venue)
    remedied = venue.done("operator", ResolveClaim(claim_id="CL-1", upheld_quantity=24))

    assert postings(refunded)[0] == ("escrow:B-1", "wallet:B1", 950_00 + 199_50)
    assert postings(remedied) == [
        ("float:house", "wallet:B1", 57_00 + 11_97),
        ("receivable:recourse:S1", "house:float", 57_00 + 11_97 - 4_56 - 96),
        ("commission:surplus", "house:float", 4_56),
        ("tax:output", "house:float", 96),
        ("tax:output", "tax:input", 11_97 - 96),
    ]


def test_case_2_a_failed_inspection_refunds_and_its_cost_comes_from_the_sellers_deposit() -> None:
    venue = HubVenue()
    venue.sale(900, 1_000)
    deposit(venue, "S1", 100_00)
    venue.dispatch()
    venue.receive()

    failed = venue.inspect(rejected=1_000)

    assert postings(failed) == [
        ("escrow:B-1", "wallet:B1", 900_00),
        ("inspection", "bank:operating", 35_00),
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
    file_and_answer(venue)

    remedied = venue.done("operator", ResolveClaim(claim_id="CL-1", upheld_bps=4_000))

    assert postings(remedied) == [
        ("float:house", "wallet:B1", 950_00),
        ("receivable:recourse:S1", "house:float", 858_04),
        ("commission:surplus", "house:float", 76_00),
        ("tax:output", "house:float", 15_96),
    ]


def test_case_5_the_invoice_of_the_month_gives_back_what_the_claim_did() -> None:
    venue = HubVenue()
    venue.sale()
    venue.sale(price=10_000, buyer="B2", seller="S2", name="2")
    venue.delivered()
    venue.accept()
    fund_float(venue)
    file_and_answer(venue)
    period = month_of(venue.at_us)
    venue.done("operator", ResolveClaim(claim_id="CL-1", upheld_bps=4_000))
    venue.at_us += 40 * 86_400 * 1_000_000

    issued = venue.done("operator", IssueInvoices(period=period))

    lines = {event.payer: event.lines for event in issued if isinstance(event, InvoiceIssued)}
    assert lines["S1"] == (InvoiceLine(2, period, 2_375_00, 190_00, 39_90, 950_00, 76_00, 15_96, 0, 0),)


def test_case_5_goes_on_recourse_is_netted_with_the_next_sale_and_the_rest_written_off() -> None:
    venue = HubVenue()
    venue.sale()
    venue.sale(price=10_000, buyer="B2", seller="S2", name="2")
    venue.delivered()
    venue.accept()
    fund_float(venue)
    paid_out(venue, "S1", 2145_10)
    file_and_answer(venue)
    venue.done("operator", ResolveClaim(claim_id="CL-1", upheld_bps=4_000))
    venue.sale(price=500, name="3")
    venue.dispatch(("S-3", 1, 1_000), consignment="C-3")
    venue.receive(consignment="C-3", lot="L-3")
    venue.inspect(1_000, lot="L-3", cost=0)
    venue.ship(("B-3", 1), shipment="P-3")
    venue.confirm(shipment="P-3")

    accepted = venue.accept("B-3")
    written_off = venue.done(
        "operator", WriteOffRecourse(member_id="S1", currency="USD", provision_minor=11_88)
    )
    lapsed = venue.wait(91 * DAY)

    net = 500_00 - 40_00 - 8_40
    assert postings(accepted)[-2:] == [
        ("payable:S1", "float:house", net),
        ("house:float", "receivable:recourse:S1", net),
    ]
    assert postings(written_off) == [
        ("guarantee:provision", "receivable:recourse:S1", 11_88),
        ("bad_debt", "receivable:recourse:S1", 858_04 - net - 11_88),
    ]
    assert postings(lapsed) == [
        ("guarantee:provision", "guarantee", 50_00),
        ("guarantee:provision", "guarantee", 2_50),
    ], "of the deals that no claim called"


def test_a_write_off_takes_nothing_of_guarantees_that_no_claim_called() -> None:
    venue = HubVenue()
    venue.sale(900)
    venue.sale(name="2")
    venue.dispatch()
    venue.receive()
    venue.inspect(rejected=1_000)
    venue.dispatch(("S-2", 1, 1_000), consignment="C-2")
    venue.receive(consignment="C-2", lot="L-2")
    venue.inspect(1_000, lot="L-2", cost=0)

    refused = venue.send("operator", WriteOffRecourse(member_id="S1", currency="USD", provision_minor=1))

    assert refusal(refused) == (RejectCode.MONEY_SHORT, 0)


def test_case_9_the_guarantee_lapses() -> None:
    venue = HubVenue()
    venue.sale()
    venue.delivered()
    venue.accept()

    assert postings(venue.wait(89 * DAY)) == []
    assert postings(venue.wait(2 * DAY)) == [("guarantee:provision", "guarantee", 11_88)]
    assert venue.kernel.deals.dump() == []


def file_and_answer(venue: HubVenue) -> None:
    """B1 objects to its first line, and S1 admits it."""
    claim = FileClaim(contract_id="B-1", line=1, reason=ClaimReason.NOT_AS_DESCRIBED)
    venue.done("B1", claim, "CL-1")
    venue.done("S1", AnswerClaim(contract_id="S-1", line=1, admit=True))


def paid_out(venue: HubVenue, member_id: str, amount_minor: int) -> None:
    """The bank has paid what was payable."""
    ledger = venue.kernel.ledger
    payable = ledger.account(AccountKind.PAYABLE, member_id, "USD")
    bank = ledger.account(AccountKind.BANK, "client", "USD")
    ledger.post(payable, bank, amount_minor, "payout", member_id, [])


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
