"""REST of feedback: rate a finished deal, read the own band, and for the operator what was said of whom.

A text is in SQL before the command that carries its salted hash; nobody but the operator reads it. A band is shown
to its member, to the operator, and on forward lots to whoever may see the lot.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages import GiveFeedback
from exchange.core.messages.feedback import Choice, FeedbackGiven
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.parties.feedback import Band
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.notation import Decimals, decimal_of, instant_of
from exchange.gateway.paging import IdKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused
from exchange.gateway.rest.sourcing import lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled

TEXT_LENGTH_MAX: Final = 2_000

Text = Annotated[str, Meta(max_length=TEXT_LENGTH_MAX, pattern=r"^[^\u0000]*$")]


class NewFeedback(Struct, frozen=True, forbid_unknown_fields=True):
    """Three choices from 1, worst, to 5, best; the text is for the operator alone."""

    as_described: Choice
    delivery: Choice
    communication: Choice
    text: Text = ""


class FeedbackTaken(Settled, frozen=True):
    """It counts once the month is over; until the deal's term ends, another one replaces it."""

    contract_id: str
    counts_after: str


class OwnScore(Struct, frozen=True):
    """Where the member stands; the band moves at the turn of a month, if at all."""

    band: Band


class MemberScore(Struct, frozen=True):
    """For the operator: the band, with the voices that made it and their mean of 5."""

    member_id: str
    band: Band
    voices: int
    mean: Decimals


class ScorePage(Struct, frozen=True):
    """Rated members by id."""

    scores: list[MemberScore]
    next: str


class Said(Struct, frozen=True):
    """One rating, as it stands."""

    contract_id: str
    as_described: int
    delivery: int
    communication: int
    text: str
    counts_after: str


class SaidPage(Struct, frozen=True):
    """What was said of a member, by contract id of who said it."""

    said: list[Said]
    next: str


async def give_feedback(call: Call[NewFeedback, NoQuery]) -> FeedbackTaken:
    """Rate an own deal of which nothing is open, within 30 days; a later rating replaces the one before."""
    body, contract_id = call.body, call.id("contract_id")
    texts, now_us = call.ports.feedback_texts, call.ports.engine.now_us()
    text_hash = await texts.write(call.member_id, contract_id, body.text, now_us)
    reply = await call.settle(
        GiveFeedback(
            contract_id=contract_id,
            as_described=body.as_described,
            delivery=body.delivery,
            communication=body.communication,
            text_hash=text_hash,
        )
    )
    return FeedbackTaken(reply.sequence, instant_of(reply.at_us), contract_id, _month(reply.number))


async def get_own_score(call: Call[NoBody, NoQuery]) -> OwnScore:
    """The band in which the member stands."""
    return OwnScore(call.views.feedback.score(call.member_id, call.ports.engine.now_us()).band)


async def get_lot_score(call: Call[NoBody, NoQuery]) -> OwnScore:
    """The band of who offers a forward lot. A reverse lot has none, and one from stock shows none, as the book does."""
    event: SourcingEvent = lot_of(call.views, call.id("lot_id"), call.member_id)[0]
    if event.rules.direction is not LotDirection.FORWARD or event.from_stock:
        raise Refused(Reject(RejectCode.LOT_UNKNOWN, field="lot_id"))
    return OwnScore(call.views.feedback.score(event.buyer_id, call.ports.engine.now_us()).band)


async def list_scores(call: Call[NoBody, PageQuery]) -> ScorePage:
    """Operator: everybody who was rated, with what counts by now."""
    after, now_us = key_of(call.query.cursor, IdKey), call.ports.engine.now_us()
    feedback = call.views.feedback
    ids = [each for each in feedback.rated_members() if after is None or each > after.id]
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    scores = [(each, feedback.score(each, now_us)) for each in page]
    return ScorePage(
        [
            MemberScore(each, score.band, score.voices, decimal_of((score.mean_hundredths + 1) // 3, 2))
            for each, score in scores
        ],
        following,
    )


async def list_said(call: Call[NoBody, PageQuery]) -> SaidPage:
    """Operator: the ratings of one member with their texts."""
    after, member_id = key_of(call.query.cursor, IdKey), call.id("member_id")
    if member_id not in call.views.members:
        raise Refused(RejectCode.MEMBER_UNKNOWN)
    given = call.views.feedback.said_of(member_id)
    ids = sorted(each for each in given if after is None or each > after.id)
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    texts = await call.ports.feedback_texts.read([given[each].text_hash for each in page])
    return SaidPage([_said(given[each], texts.get(given[each].text_hash, "")) for each in page], following)


def _said(given: FeedbackGiven, text: str) -> Said:
    return Said(
        given.contract_id,
        given.as_described,
        given.delivery,
        given.communication,
        text,
        _month(given.month),
    )


def _month(month: int) -> str:
    return f"{month // 100:04}-{month % 100:02}"


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/contracts/{contract_id}/feedback", "Rate a finished deal", give_feedback,
        NewFeedback, NoQuery, FeedbackTaken, GiveFeedback,
    ),
    Route("GET", "/v1/feedback/own", "Read the own band", get_own_score, NoBody, NoQuery, OwnScore),
    Route("GET", "/v1/lots/{lot_id}/seller-score", "Read a seller's band", get_lot_score, NoBody, NoQuery, OwnScore),
    Route("GET", "/v1/feedback", "List all scores", list_scores, NoBody, PageQuery, ScorePage),
    Route("GET", "/v1/members/{member_id}/feedback", "List what was said", list_said, NoBody, PageQuery, SaidPage),
)  # fmt: skip
