"""Claims: before acceptance and within the guarantee, answered or not, upheld in part, whole or not."""

import pytest

from exchange.core.messages import (
    AcceptGoods,
    AnswerClaim,
    AnyCommand,
    FileClaim,
    ReleaseClaimText,
    ResolveClaim,
)
from exchange.core.messages.deals import ClaimMoved, ClaimReason, ClaimText
from exchange.core.messages.lifecycles import ClaimState
from exchange.core.rejects import RejectCode
from tests.core.hub import DAY, HubVenue, postings


def claim(line: int = 1, quantity: int = 0, contract: str = "B-1", words: str = "") -> FileClaim:
    return FileClaim(
        contract_id=contract, line=line, reason=ClaimReason.DEFECTIVE, quantity=quantity, text_hash=words
    )


def answer(contract: str = "S-1", line: int = 1, words: str = "") -> AnswerClaim:
    return AnswerClaim(contract_id=contract, line=line, admit=False, text_hash=words)


def delivered() -> HubVenue:
    venue = HubVenue()
    venue.sale()
    venue.delivered()
    return venue


def test_a_claim_before_acceptance_stops_it_and_is_paid_out_of_escrow() -> None:
    venue = delivered()
    venue.done("B1", claim(), "CL")

    silent = venue.wait(8 * DAY)
    resolved = venue.done("operator", ResolveClaim(claim_id="CL", upheld_quantity=400))

    assert [e.state for e in silent if isinstance(e, ClaimMoved)] == [ClaimState.UNANSWERED]
    assert postings(silent) == [], "no acceptance by silence"
    assert postings(resolved) == [
        ("escrow:B-1", "wallet:B1", 950_00),
        ("guarantee:provision", "guarantee", 4_75),
        ("escrow:B-1", "payable:S1", 1425_00 - 114_00 - 23_94),
        ("escrow:B-1", "float:house", 114_00 + 23_94),
        ("house:float", "commission:surplus", 114_00),
        ("house:float", "tax:output", 23_94),
    ]
    assert venue.kernel.contracts.dump() == []


def test_a_claim_upheld_in_whole_before_acceptance_voids_the_deal() -> None:
    venue = delivered()
    venue.done("B1", claim(), "CL")
    venue.done("S1", answer())

    resolved = venue.done("operator", ResolveClaim(claim_id="CL", upheld_bps=10_000))

    assert postings(resolved) == [
        ("escrow:B-1", "wallet:B1", 2375_00),
        ("guarantee:provision", "guarantee", 11_88),
    ]
    assert venue.kernel.deals.dump() == []


def test_a_dismissed_claim_before_acceptance_accepts() -> None:
    venue = delivered()
    venue.done("B1", claim(), "CL")
    venue.done("S1", answer())

    resolved = venue.done("operator", ResolveClaim(claim_id="CL"))

    assert postings(resolved)[0] == ("escrow:B-1", "payable:S1", 2145_10)


def test_the_guarantee_does_not_end_while_a_claim_is_open_and_ends_with_it_when_its_term_is_over() -> None:
    venue = delivered()
    venue.accept()
    venue.wait(89 * DAY)
    venue.done("B1", claim(), "CL")

    assert postings(venue.wait(10 * DAY)) == []
    resolved = venue.done("operator", ResolveClaim(claim_id="CL"))

    assert postings(resolved) == [("guarantee:provision", "guarantee", 11_88)]
    assert venue.send("B1", claim()).reply.code == RejectCode.LINE_UNKNOWN


def test_several_claims_in_turn_give_back_fee_and_tax_as_one_of_their_sum_would() -> None:
    venue = delivered()
    venue.accept()
    for number, pieces in enumerate((33, 7, 40)):
        venue.done("B1", claim(quantity=pieces), f"CL-{number}")
        venue.done("S1", answer())
        venue.done("operator", ResolveClaim(claim_id=f"CL-{number}", upheld_quantity=pieces))
    left = venue.kernel.deals.get("B-1/1").left_minor

    fee = -venue.balance("commission:surplus")
    assert fee == (left * 8 + 50) // 100
    assert -venue.balance("tax:output") == (fee * 21 + 50) // 100


def test_words_are_released_once_and_only_where_there_are_some() -> None:
    venue = delivered()
    venue.done("B1", claim(words="c" * 64), "CL")
    release = ReleaseClaimText(claim_id="CL", text=ClaimText.CLAIM)

    released = venue.done("operator", release)

    assert [e.claim_released for e in released if isinstance(e, ClaimMoved)] == [True]
    assert venue.send("operator", release).reply.code == RejectCode.NOTHING_TO_RELEASE
    unwritten = ReleaseClaimText(claim_id="CL", text=ClaimText.ANSWER)
    assert venue.send("operator", unwritten).reply.code == RejectCode.NOTHING_TO_RELEASE


_C = RejectCode
REFUSED: dict[str, tuple[str, AnyCommand, RejectCode, str]] = {
    "a claim on another's line": ("B2", claim(), _C.LINE_UNKNOWN, "line"),
    "a claim by the seller": ("S1", claim(contract="S-1"), _C.LINE_UNKNOWN, "line"),
    "a second claim": ("B1", claim(), _C.CLAIM_OPEN, "line"),
    "a claim on what is not there": ("B1", claim(contract="B-2"), _C.OUT_OF_TURN, "line"),
    "a claim on more than came": ("B1", claim(contract="B-3", quantity=1_001), _C.QUANTITY_ABOVE_LINE, "quantity"),
    "acceptance under a claim": ("B1", AcceptGoods(contract_id="B-1"), _C.OUT_OF_TURN, "contract_id"),
    "an answer by another": ("S2", answer(), _C.LINE_UNKNOWN, "line"),
    "an answer to nothing": ("S1", answer(contract="S-3"), _C.CLAIM_UNKNOWN, "line"),
    "an answer twice": ("S1", answer(contract="S-4"), _C.OUT_OF_TURN, "line"),
    "a resolution by a member": ("B1", ResolveClaim(claim_id="CL-1"), _C.ROLE_MISSING, ""),
    "no such claim": ("operator", ResolveClaim(claim_id="?"), _C.CLAIM_UNKNOWN, "claim_id"),
    "too early": ("operator", ResolveClaim(claim_id="CL-1"), _C.CLAIM_NOT_ANSWERED, "claim_id"),
    "share and quantity": (
        "operator", ResolveClaim(claim_id="CL-4", upheld_bps=1, upheld_quantity=1), _C.SHARE_TWICE, "upheld_quantity",
    ),
    "more than was claimed": (
        "operator", ResolveClaim(claim_id="CL-4", upheld_quantity=11), _C.QUANTITY_ABOVE_LINE, "upheld_quantity",
    ),
    "a float that is short": ("operator", ResolveClaim(claim_id="CL-5", upheld_bps=9_999), _C.FLOAT_SHORT, "upheld_bps"),
    "words released by a member": ("B1", ReleaseClaimText(claim_id="CL-1", text=ClaimText.CLAIM), _C.ROLE_MISSING, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_name_and_nothing_moves(case: str) -> None:
    sender, command, code, field = REFUSED[case]
    venue = claims_of_all_kinds()
    before = venue.kernel.ledger.dump(), venue.kernel.deals.dump(), venue.kernel.claims.dump()

    outcome = venue.send(sender, command)

    assert (RejectCode(outcome.reply.code), outcome.reply.field, outcome.events) == (code, field, [])
    assert (venue.kernel.ledger.dump(), venue.kernel.deals.dump(), venue.kernel.claims.dump()) == before


def claims_of_all_kinds() -> HubVenue:
    """Deals 1 claimed, 2 sold, 3 delivered, 4 claimed for ten pieces and answered, 5 accepted, claimed, answered."""
    venue = HubVenue()
    for name in "12345":
        venue.sale(name=name)
    for name in "1345":
        venue.dispatch((f"S-{name}", 1, 1_000), consignment=f"C-{name}")
        venue.receive(consignment=f"C-{name}", lot=f"L-{name}")
        venue.inspect(1_000, lot=f"L-{name}")
        venue.ship((f"B-{name}", 1), shipment=f"P-{name}")
        venue.confirm(shipment=f"P-{name}")
    venue.accept("B-5")
    venue.done("B1", claim(), "CL-1")
    venue.done("B1", claim(contract="B-4", quantity=10), "CL-4")
    venue.done("B1", claim(contract="B-5"), "CL-5")
    venue.done("S1", answer("S-4"))
    venue.done("S1", answer("S-5"))
    return venue
