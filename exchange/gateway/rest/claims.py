"""REST of claims: a buyer files, the seller answers, the operator releases words and resolves.

Guarantees: each side names a claim by its own contract and line. Words are shown to their author and to operators
at once, to the other side when an operator has released them, since they might name somebody.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import QUANTITY_MAX
from exchange.core.messages import AnswerClaim, FileClaim, ReleaseClaimText, ResolveClaim
from exchange.core.messages.base import BasisPoints, Side
from exchange.core.messages.deals import ClaimAnswer, ClaimMoved, ClaimReason, ClaimText
from exchange.core.messages.lifecycles import ClaimState
from exchange.core.messages.shown_deals import OwnClaim
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.deals import show_claim
from exchange.gateway import policy
from exchange.gateway.notation import Decimals, Id, InstantText, decimal_of, instant_of, scale_of_unit
from exchange.gateway.paging import PageQuery, key_of, page_of
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.rest.delivery_lists import DealKey
from exchange.gateway.rest.instruments import Pieces, instrument_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored import history

Words = Annotated[
    str,
    Meta(
        pattern="^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]*$",
        max_length=4_000,
        description="The other side reads them once an operator has released them.",
    ),
]
Counted = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]


class NewClaim(Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of a delivered line are not as they should be; 0: all of them."""

    contract_id: Id
    line: Pieces
    reason: ClaimReason
    quantity: Counted = 0
    text: Words = ""


class ClaimFiled(Settled, frozen=True):
    """The seller is asked."""

    claim_id: str


class NewAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """To the claim on a line of an own contract."""

    contract_id: Id
    line: Pieces
    admit: bool
    text: Words = ""


class ClaimAnswered(Settled, frozen=True):
    """The operator decides."""

    contract_id: str
    line: int


class Resolution(Struct, frozen=True, forbid_unknown_fields=True):
    """A share of the claimed pieces' price, or the price of so many pieces; neither: dismissed."""

    upheld_bps: BasisPoints = 0
    upheld_quantity: Counted = 0


class Release(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose words the other side may read."""

    text: ClaimText


class ClaimSettled(Settled, frozen=True):
    """It took effect."""

    claim_id: str


class Claim(Struct, frozen=True):
    """An open claim as the viewer may see it; an operator sees it from the buyer's side, with both members.

    `due` ends the seller's term to answer.
    """

    contract_id: str
    line: int
    side: Side
    state: ClaimState
    reason: ClaimReason
    quantity: int
    answer: ClaimAnswer
    claim_id: str | UnsetType = UNSET
    claim_text: str | UnsetType = UNSET
    answer_text: str | UnsetType = UNSET
    due: InstantText | UnsetType = UNSET
    buyer_id: str | UnsetType = UNSET
    seller_id: str | UnsetType = UNSET


class ClaimPage(Struct, frozen=True):
    """Open claims."""

    claims: list[Claim]
    next: str


class ResolvedClaim(Struct, frozen=True):
    """A claim that is over; `refund` is told to its buyer."""

    contract_id: str
    line: int
    side: Side
    state: str
    reason: str
    quantity: int
    answer: str
    at: InstantText
    refund: Decimals | UnsetType = UNSET


class ResolvedClaims(Struct, frozen=True):
    """The latest claims that are over, the last one first."""

    claims: list[ResolvedClaim]


async def file_claim(call: Call[NewClaim, NoQuery]) -> ClaimFiled:
    """Buyer: object to delivered goods, before acceptance or within the guarantee."""
    body = call.body
    command = FileClaim(
        contract_id=body.contract_id,
        line=body.line,
        reason=body.reason,
        quantity=body.quantity,
        text_hash=await _written(call, body.text),
    )
    reply = await call.settle(command, names={"text_hash": "text"})
    return ClaimFiled(reply.sequence, instant_of(reply.at_us), reply.id)


async def answer_claim(call: Call[NewAnswer, NoQuery]) -> ClaimAnswered:
    """Seller: admit or contest the claim on an own line."""
    body = call.body
    command = AnswerClaim(
        contract_id=body.contract_id,
        line=body.line,
        admit=body.admit,
        text_hash=await _written(call, body.text),
    )
    reply = await call.settle(command, names={"text_hash": "text"})
    return ClaimAnswered(reply.sequence, instant_of(reply.at_us), body.contract_id, body.line)


async def resolve_claim(call: Call[Resolution, NoQuery]) -> ClaimSettled:
    """Operator: uphold a claim in part or whole, or dismiss it; a remedy is paid in the same step."""
    claim_id = call.id("claim_id")
    fact = call.views.delivery.claims.by_id.get(claim_id)
    if fact is None:
        raise Refused(Reject(RejectCode.CLAIM_UNKNOWN, field="claim_id"))
    currency = instrument_of(call.views, fact.sides.instrument_id).currency
    command = ResolveClaim(
        claim_id=claim_id, upheld_bps=call.body.upheld_bps, upheld_quantity=call.body.upheld_quantity
    )
    reply = await call.settle(command, Scales(currency=currency))
    return ClaimSettled(reply.sequence, instant_of(reply.at_us), claim_id)


async def release_claim_text(call: Call[Release, NoQuery]) -> ClaimSettled:
    """Operator: the words name nobody, so the other side may read them."""
    claim_id = call.id("claim_id")
    reply = await call.settle(ReleaseClaimText(claim_id=claim_id, text=call.body.text))
    return ClaimSettled(reply.sequence, instant_of(reply.at_us), claim_id)


async def list_claims(call: Call[NoBody, PageQuery]) -> ClaimPage:
    """Open claims: those on own lines, or for the operator all."""
    key, facts = key_of(call.query.cursor, DealKey), call.views.delivery.claims
    operates = policy.operates(call.identity, call.views.members)
    own = facts.by_id.values() if operates else facts.of_member(call.member_id)
    lines = sorted(
        ((*_line_of(fact, call.member_id, operates=operates), fact) for fact in own),
        key=lambda each: each[:2],
    )
    behind = [each for each in lines if key is None or each[:2] > (key.contract_id, key.line)]
    page, following = page_of(behind, call.query.limit, lambda each: each[:2])
    words = await call.ports.deal_texts.read(
        text_hash for *_, fact in page for text_hash in (fact.claim_hash, fact.answer_hash)
    )
    claims = [claim for *_, fact in page for claim in _shown(fact, call.member_id, words, operates=operates)]
    return ClaimPage(claims, following)


async def list_resolved_claims(call: Call[NoBody, NoQuery]) -> ResolvedClaims:
    """Own claims and those against oneself that are over, from the records: the latest."""
    rows = await history.resolved_claims(call.ports.records, call.member_id)
    return ResolvedClaims(
        [
            ResolvedClaim(
                row["contract_id"],
                row["line"],
                Side(row["side"]),
                row["state"],
                row["reason"],
                row["quantity"],
                row["answer"],
                instant_of(row["at_us"]),
                decimal_of(
                    row["refund_minor"],
                    scale_of_unit(instrument_of(call.views, row["instrument_id"]).currency),
                )
                if row["side"] == Side.BUY
                else UNSET,
            )
            for row in rows
        ]
    )


async def _written(call: Call[NewClaim, NoQuery] | Call[NewAnswer, NoQuery], words: str) -> str:
    """The hash of words that are on disk."""
    now_us = call.ports.engine.now_us()
    return await call.ports.deal_texts.write(call.member_id, words, call.idempotency, now_us)


def _line_of(fact: ClaimMoved, viewer: str, *, operates: bool) -> tuple[str, int]:
    """What a viewer's page is sorted by, which tells it nothing new: its own contract and line."""
    sides = fact.sides
    if viewer == sides.seller_id and not operates:
        return sides.seller_contract_id, sides.seller_line
    return sides.buyer_contract_id, sides.buyer_line


def _shown(fact: ClaimMoved, viewer: str, words: dict[str, str], *, operates: bool) -> list[Claim]:
    sides = fact.sides
    seen = show_claim(fact, sides.buyer_id if operates else viewer)
    members = (sides.buyer_id, sides.seller_id) if operates else (UNSET, UNSET)
    return [_claim(each, fact, words, members, operates=operates) for each in seen]


def _claim(
    claim: OwnClaim,
    fact: ClaimMoved,
    words: dict[str, str],
    members: tuple[str | UnsetType, str | UnsetType],
    *,
    operates: bool,
) -> Claim:
    buys = claim.side is Side.BUY
    reads_claim = operates or buys or fact.claim_released
    reads_answer = operates or not buys or fact.answer_released
    return Claim(
        claim.contract_id,
        claim.line,
        claim.side,
        claim.state,
        claim.reason,
        claim.quantity,
        claim.answer,
        claim.claim_id or UNSET,
        words.get(fact.claim_hash, UNSET) if reads_claim else UNSET,
        words.get(fact.answer_hash, UNSET) if reads_answer else UNSET,
        instant_of(claim.due_us) if claim.due_us else UNSET,
        *members,
    )


ROUTES: Final[Sequence[AnyRoute]] = (
    Route("POST", "/v1/claims", "File a claim", file_claim, NewClaim, NoQuery, ClaimFiled, FileClaim, 201),
    Route(
        "POST", "/v1/claims/answers", "Answer a claim", answer_claim,
        NewAnswer, NoQuery, ClaimAnswered, AnswerClaim,
    ),
    Route(
        "POST", "/v1/claims/{claim_id}/resolution", "Resolve a claim", resolve_claim,
        Resolution, NoQuery, ClaimSettled, ResolveClaim,
    ),
    Route(
        "POST", "/v1/claims/{claim_id}/release", "Release words of a claim", release_claim_text,
        Release, NoQuery, ClaimSettled, ReleaseClaimText,
    ),
    Route("GET", "/v1/claims", "List open claims", list_claims, NoBody, PageQuery, ClaimPage),
    Route(
        "GET", "/v1/claims/resolved", "List resolved claims", list_resolved_claims,
        NoBody, NoQuery, ResolvedClaims,
    ),
)  # fmt: skip
