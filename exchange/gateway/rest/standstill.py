"""REST of standstills: bidders complain of an award, its buyer or an operator answers.

Guarantees: a supplier reads its own complaint alone, and not that there are others; the buyer reads complaints by alias,
operators their members too. Words are on disk before the command that carries their hash.
Known limits: an award that is still provisional after its standstill tells that somebody has complained.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.market.lots.standstill import Complaint
from exchange.core.messages.awards import Alias
from exchange.core.messages.lifecycles import AwardState, ComplaintState
from exchange.core.messages.standstill import AnswerComplaint, FileComplaint
from exchange.core.visibility.lots import Relation
from exchange.core.visibility.standstill import award_state_shown, complaints_shown
from exchange.gateway.notation import InstantText, instant_of
from exchange.gateway.rest.qualification import WORDS_LENGTH_MAX
from exchange.gateway.rest.sourcing import LotSettled, lot_of
from exchange.gateway.rest.terms import SOME_LINES, written
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route

Words = Annotated[str, Meta(pattern=SOME_LINES, min_length=1, max_length=WORDS_LENGTH_MAX)]


class NewComplaint(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong with the award; the buyer and operators read it."""

    text: Words


class ComplaintAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """Upheld, the award is withdrawn; who complained reads the text."""

    alias: Alias
    uphold: bool
    text: Words


class ComplaintShown(Struct, frozen=True):
    """A complaint: `alias` is told to buyer and operator, `member_id` to operators."""

    state: ComplaintState
    text: str
    answer: str | UnsetType = UNSET
    alias: int | UnsetType = UNSET
    member_id: str | UnsetType = UNSET


class StandstillShown(Struct, frozen=True):
    """Where the last award of the lot stands; without state and instant it has none that was provisional."""

    lot_id: str
    complaints: list[ComplaintShown]
    state: AwardState | UnsetType = UNSET
    until: InstantText | UnsetType = UNSET


async def file_complaint(call: Call[NewComplaint, NoQuery]) -> LotSettled:
    """Supplier: object to the award of a lot that one has bid for, while it stands still."""
    command = FileComplaint(lot_id=call.id("lot_id"), text_hash=await written(call, call.body.text))
    return LotSettled.of(await call.settle(command))


async def answer_complaint(call: Call[ComplaintAnswer, NoQuery]) -> LotSettled:
    """Buyer or operator: uphold a complaint, which withdraws the award, or reject it."""
    body = call.body
    command = AnswerComplaint(
        lot_id=call.id("lot_id"),
        alias=body.alias,
        uphold=body.uphold,
        text_hash=await written(call, body.text),
    )
    return LotSettled.of(await call.settle(command))


async def get_standstill(call: Call[NoBody, NoQuery]) -> StandstillShown:
    """Until when the award is provisional, and the complaints that the viewer may read."""
    _, lot, seen_as = lot_of(call.views, call.id("lot_id"), call.member_id)
    found = call.views.sourcing.standstills.get(lot.lot_id)
    if found is None:
        return StandstillShown(lot.lot_id, [])
    seen = complaints_shown(found, call.member_id, seen_as)
    hashes = [text_hash for each in seen for text_hash in (each.text_hash, each.answer_hash)]
    words = await call.ports.deal_texts.read(hashes)
    state = award_state_shown(found, call.member_id, seen_as)
    shown = [_shown(each, words, seen_as) for each in seen]
    return StandstillShown(lot.lot_id, shown, state, instant_of(found.until_us))


def _shown(complaint: Complaint, words: dict[str, str], seen_as: Relation) -> ComplaintShown:
    supplier = seen_as is Relation.SUPPLIER
    return ComplaintShown(
        complaint.state,
        words.get(complaint.text_hash, ""),
        words.get(complaint.answer_hash, "") if complaint.answer_hash else UNSET,
        UNSET if supplier else complaint.alias,
        complaint.member_id if seen_as is Relation.OPERATOR else UNSET,
    )


_LOT: Final = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", f"{_LOT}/complaints", "Complain of an award", file_complaint,
        NewComplaint, NoQuery, LotSettled, FileComplaint, 201,
    ),
    Route(
        "POST", f"{_LOT}/complaints/answer", "Answer a complaint", answer_complaint,
        ComplaintAnswer, NoQuery, LotSettled, AnswerComplaint,
    ),
    Route("GET", f"{_LOT}/standstill", "Read a standstill", get_standstill, NoBody, NoQuery, StandstillShown),
)  # fmt: skip
