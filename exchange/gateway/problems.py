"""Refusals as HTTP tells them: problem documents (RFC 9457) with a stable type, number, name and remedy.

Guarantees: every refusal of the exchange has one HTTP status, here; 5xx stands only for "not now" (503,
with Retry-After). `type` is a path of this server that explains the refusal.
"""

from typing import Final

from aiohttp import web
from msgspec import Struct

from exchange.core.messages.lot_rules import LotDirection
from exchange.core.rejects import EXPLANATIONS, Advice, Reject, RejectCode
from exchange.gateway.notation import decimal_of, instant_of, json_of, scale_of_unit
from exchange.gateway.remedies import remedy_told

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 1

_C = RejectCode
_STATUSES: Final[dict[int, tuple[RejectCode, ...]]] = {
    400: (_C.DUPLICATE_KEY, _C.UNKNOWN_TYPE, _C.NOT_TEXT, _C.REF_MISSING),
    401: (_C.NOT_AUTHENTICATED,),
    403: (_C.NOT_PERMITTED, _C.ROLE_MISSING, _C.MEMBER_SUSPENDED, _C.SCOPE_MISSING, _C.BIDDERS_HIDDEN),
    404: (
        _C.NOT_FOUND, _C.LOAD_UNKNOWN, _C.INSTRUMENT_UNKNOWN, _C.MEMBER_UNKNOWN, _C.ORDER_UNKNOWN, _C.EVENT_UNKNOWN,
        _C.LOT_UNKNOWN, _C.CONTRACT_UNKNOWN, _C.CHANNEL_UNKNOWN, _C.PAYOUT_UNKNOWN, _C.SUSPENSE_UNKNOWN,
        _C.LINE_UNKNOWN, _C.CONSIGNMENT_UNKNOWN,
        _C.HUB_LOT_UNKNOWN, _C.SHIPMENT_UNKNOWN, _C.CLAIM_UNKNOWN, _C.INVOICE_UNKNOWN,
        _C.NO_DEAL_TO_RATE, _C.BID_UNKNOWN, _C.NO_PROXY,
        _C.TRADE_UNKNOWN, _C.INQUIRY_UNKNOWN,
        _C.WEBHOOK_UNKNOWN, _C.SALE_UNKNOWN,
    ),
    405: (_C.METHOD_UNKNOWN,),
    409: (
        _C.PHASE_TAKES_NO_ORDERS, _C.PHASE_TAKES_RESTING_ONLY, _C.PHASE_NOT_REACHABLE,
        _C.TOO_MANY_OPEN_ORDERS, _C.WOULD_TRADE, _C.NOT_FILLABLE, _C.ORDER_CLOSED,
        _C.EVENT_NOT_DRAFT, _C.EVENT_WITHOUT_LOT, _C.TOO_MANY_LOTS, _C.EVENT_ENDED,
        _C.ALREADY_INVITED, _C.NOT_INVITED, _C.OWN_EVENT, _C.OWNER_ALREADY_INVITED, _C.LOT_NOT_OPEN,
        _C.LOT_NOT_OPEN_YET, _C.TOO_MANY_BIDS, _C.LOT_NOT_CLOSED, _C.LOT_ALREADY_AWARDED,
        _C.OTHER_FORMAT, _C.LEVEL_STALE, _C.LEVEL_ACCEPTED, _C.DROPPED_OUT, _C.NOT_YOUR_TURN, _C.TURN_USED,
        _C.NO_FIRST_PRICE,
        _C.BUY_NOW_GONE, _C.SEED_NOT_REVEALED, _C.EVENT_NOT_RUNNING, _C.EVENT_PAUSED, _C.EVENT_NOT_PAUSED,
        _C.TOO_MANY_SUPPLIERS, _C.EVENT_WITHOUT_SUPPLIERS, _C.NOTHING_TO_SETTLE, _C.MONEY_SHORT,
        _C.DEAL_NOT_FINISHED, _C.LINE_NOT_SETTLED,
        _C.TERMS_NOT_ACCEPTED, _C.NOT_QUALIFIED, _C.TERMS_OTHER_VERSION, _C.NO_TERMS, _C.TOO_MANY_ADDENDA,
        _C.INVITATION_DECLINED, _C.INVITATION_ANSWERED, _C.SUPPLIER_HAS_BID, _C.INQUIRY_ANSWERED, _C.TOO_MANY_INQUIRIES,
        _C.NO_QUESTIONNAIRE, _C.ALREADY_QUALIFIED, _C.RULES_FIXED, _C.EVENT_NOT_PUBLISHED,
        _C.STOCK_SHORT, _C.TRANSFER_ID_REUSED, _C.SESSION_UNKNOWN, _C.REF_TOO_OLD, _C.SYMBOL_TAKEN, _C.PART_TAKEN,
        _C.REF_REUSED, _C.QUARANTINED, _C.TOO_MANY_KEYS, _C.TOO_MANY_SUBSCRIPTIONS,
        _C.IDEMPOTENCY_KEY_REUSED, _C.SCHEDULE_OVERLAPS, _C.PERIOD_NOT_ENDED, _C.PERIOD_INVOICED,
        _C.EARLIER_PERIOD_OPEN, _C.BANK_DETAILS_MISSING, _C.PAYOUT_SETTLED, _C.PAYOUT_NOT_BOOKED,
        _C.BANK_ENTRY_UNMATCHED, _C.BANK_ENTRY_DIFFERS, _C.CREDIT_IN_USE, _C.NOTHING_OWED,
        _C.DELIVERED_BY_HUB, _C.OUT_OF_TURN, _C.INSPECTOR_NOT_INDEPENDENT,
        _C.LOT_NOT_SEALED, _C.LOT_KEY_SET, _C.ENVELOPE_UNKNOWN, _C.BIDS_NOT_REVEALED, _C.BIDS_REVEALED,
        _C.ENVELOPES_OTHER, _C.NOTHING_STUCK, _C.BIDS_ARE_SEALED, _C.NOTHING_TO_JUDGE,
        _C.LOT_NOT_SCORED, _C.DECLARATION_MISSING, _C.DECLARATION_FINAL, _C.TRANSFORMATION_FINAL,
        _C.SUPPLIER_NOT_INVITED, _C.CURRENCY_FINAL,
        _C.BOND_MISSING, _C.BOND_NOT_ASKED, _C.BOND_PLACED, _C.BOND_UNKNOWN, _C.ALIAS_BARRED, _C.NOT_THE_WINNER, _C.PRACTICE_ONLY,
        _C.DEFAULT_BY_DEADLINE, _C.PROXY_BEFORE_BID,
        _C.NOT_REOPENED, _C.REVIEW_OVER, _C.SEED_REVEALED, _C.NO_STANDSTILL, _C.NOT_A_BIDDER, _C.COMPLAINT_MADE, _C.COMPLAINT_UNKNOWN,
        _C.CLAIM_OPEN, _C.CLAIM_NOT_ANSWERED, _C.FLOAT_SHORT, _C.NOTHING_TO_RELEASE,
        _C.BID_REVOKED, _C.REVOCATION_NOT_ALLOWED, _C.PROXY_NOT_TAKEN, _C.PREBID_MISSING,
        _C.TRADE_OVER, _C.TRADE_DISPATCHED, _C.TRADE_TOO_OLD,
        _C.TOO_MANY_WEBHOOKS, _C.WEBHOOK_DISABLED,
    ),
    412: (_C.VERSION_OTHER,),
    413: (_C.TOO_LARGE,),
    415: (_C.CONTENT_TYPE_UNKNOWN,),
    422: (
        _C.MALFORMED, _C.CURRENCY_UNKNOWN, _C.TICK_NOT_WHOLE, _C.BAND_EMPTY, _C.AMOUNT_TOO_LARGE,
        _C.NOTHING_TO_CHANGE, _C.PRICE_OFF_TICK, _C.PRICE_BELOW_BAND, _C.PRICE_ABOVE_BAND,
        _C.QUANTITY_OFF_LOT, _C.POST_ONLY_NOT_RESTING, _C.OPENS_IN_THE_PAST, _C.BID_ABOVE_CEILING,
        _C.STEP_TOO_SMALL, _C.ALIAS_UNKNOWN, _C.STEP_OFF_TICK, _C.TERMS_CONTRADICT,
        _C.SCHEDULE_NOT_CHARGEABLE, _C.SCHEDULE_CONTRADICTS, _C.SCHEDULE_IN_THE_PAST, _C.PERIOD_INVALID,
        _C.BID_BELOW_FLOOR, _C.NOT_QUALIFYING,
        _C.QUESTION_UNFIT, _C.ANSWER_UNFIT, _C.ANSWER_MISSING, _C.REASON_MISSING,
        _C.STEP_NOT_MULTIPLE, _C.STEP_TOO_LARGE, _C.TOO_NEAR_LEAD, _C.TIE_FORBIDDEN, _C.RULES_CONTRADICT,
        _C.REFERENCE_PRICE_UNFIT, _C.SYMBOL_MISSING, _C.PART_UNREADABLE, _C.DATE_CODE_WRONG,
        _C.LINE_TWICE, _C.OTHER_INSTRUMENT, _C.QUANTITY_ABOVE_LINE, _C.QUANTITIES_DONT_ADD_UP,
        _C.SAMPLE_TOO_LARGE, _C.OTHER_BUYER, _C.QUANTITY_ABOVE_SHIPMENT, _C.SHARE_TWICE,
        _C.BUY_NOW_PRICE_OTHER, _C.SEED_OTHER, _C.CLOSE_NOT_LATER, _C.CLOSE_TOO_LATE,
        _C.ORDER_TERMS_CONTRADICT, _C.PART_OUT_OF_RANGE, _C.ORDER_TOO_SMALL, _C.EXPIRY_OUT_OF_RANGE,
        _C.SHEET_UNREADABLE, _C.SHEET_WRONG, _C.QUANTITY_ABOVE_TRADE,
        _C.SCORING_CONTRADICTS, _C.DECLARATION_UNFIT, _C.COSTS_TOO_LARGE,
        _C.CURRENCY_NOT_ALLOWED, _C.CURRENCY_OTHER, _C.BID_BY_DISCOUNT, _C.LOT_WITHOUT_DISCOUNT,
        _C.LOT_WITHOUT_LINES, _C.LINES_MISCOUNTED, _C.LINE_NOT_FREE, _C.TOTAL_DISAGREES,
        _C.ALIAS_TWICE, _C.LOT_IN_UNITS, _C.PARTS_MIXED, _C.PARTS_OFF, _C.AWARD_UNREASONED,
        _C.LOT_PRICED_OTHERWISE, _C.SOLD_WHOLE,
        _C.TARGET_REFUSED,
    ),
    429: (_C.TOO_MANY_LOADS, _C.TOO_MANY_CONNECTIONS, _C.TOO_MANY_REQUESTS),
    503: (_C.BUSY, _C.HALTED, _C.RECORDS_UNAVAILABLE),
}  # fmt: skip
STATUS: Final[dict[RejectCode, int]] = {code: status for status, codes in _STATUSES.items() for code in codes}
"""The HTTP status of every refusal."""
assert STATUS.keys() == set(RejectCode), "every code has a status"

_PRICE_BOUNDS: Final = frozenset({
    _C.PRICE_OFF_TICK, _C.PRICE_BELOW_BAND, _C.PRICE_ABOVE_BAND, _C.WOULD_TRADE, _C.BID_ABOVE_CEILING,
    _C.STEP_TOO_SMALL, _C.STEP_OFF_TICK, _C.BID_BELOW_FLOOR, _C.NOT_QUALIFYING, _C.STEP_NOT_MULTIPLE,
    _C.STEP_TOO_LARGE, _C.TOO_NEAR_LEAD, _C.TIE_FORBIDDEN, _C.BUY_NOW_PRICE_OTHER, _C.BAND_EMPTY, _C.TICK_NOT_WHOLE,
    _C.REFERENCE_PRICE_UNFIT, _C.LEVEL_STALE, _C.COSTS_TOO_LARGE, _C.TOTAL_DISAGREES,
})  # fmt: skip
_MONEY_BOUNDS: Final = frozenset({
    _C.MONEY_SHORT, _C.AMOUNT_TOO_LARGE, _C.BANK_ENTRY_DIFFERS, _C.CREDIT_IN_USE, _C.ORDER_TOO_SMALL, _C.FLOAT_SHORT,
    _C.BOND_MISSING,
})  # fmt: skip
_INSTANT_BOUNDS: Final = frozenset({
    _C.OPENS_IN_THE_PAST, _C.LOT_NOT_OPEN_YET, _C.SCHEDULE_IN_THE_PAST, _C.EXPIRY_OUT_OF_RANGE, _C.CLAIM_NOT_ANSWERED,
    _C.CLOSE_NOT_LATER, _C.CLOSE_TOO_LATE, _C.TRADE_TOO_OLD, _C.REVIEW_OVER, _C.NO_STANDSTILL, _C.LOT_NOT_OPEN,
})  # fmt: skip
_PRICE_BORDERS: Final = frozenset({
    "rules.floor_price", "rules.reserve_price", "rules.qualification_price", "rules.buy_now_price", "rules.step_bands",
    "rules.max_step",
})  # fmt: skip
_INSTANT_BORDERS: Final = frozenset({"overtime.hard_deadline", "preview_at"})
"""Fields of a draft that contradict another one, by what their border is; the others' are numbers as they are."""


class FieldError(Struct, frozen=True):
    """What is wrong with one field of the body, the query or the headers."""

    field: str
    detail: str


class Problem(Struct, frozen=True, omit_defaults=True):
    """Why the request was refused, for programs (`code`, `advice`) and for people (`detail`, `remedy`).

    `bound` is the bound that was missed: a decimal string in the unit of the field, or an instant; `detail` and `remedy`
    name it. `step` is what one step of a lot is there, where a bid improved by too little.
    """

    type: str
    title: str
    status: int
    detail: str
    code: int
    reason: str
    remedy: str
    advice: Advice
    errors: list[FieldError] = []
    bound: str = ""
    step: str = ""


class Scales(Struct, frozen=True):
    """How the integers of a command read: decimals of its prices, and the currency of its amounts."""

    price_scale: int = 0
    currency: str = ""


NO_SCALES: Final = Scales()


class Refused(Exception):
    """A request that ends here. `status` and `detail` are those of the code unless they say more.

    `step` and `direction` are those of the lot that was bid for.
    """

    def __init__(
        self,
        reject: Reject | RejectCode,
        detail: str = "",
        *,
        status: int = 0,
        errors: tuple[FieldError, ...] = (),
        scales: Scales = NO_SCALES,
        headers: dict[str, str] | None = None,
        step: int = 0,
        direction: LotDirection | None = None,
    ) -> None:
        self.reject = reject if isinstance(reject, Reject) else Reject(reject)
        super().__init__(self.reject.code.name)
        self.step = decimal_of(step, scales.price_scale) if step else ""
        self.direction = direction
        self.detail = detail
        self.status = status or STATUS[self.reject.code]
        self.errors = errors
        self.scales = scales
        self.headers = headers or {}

    def problem(self) -> Problem:
        """The document."""
        code = self.reject.code
        explanation, bound = EXPLANATIONS[code], bound_of(self.reject, self.scales)
        remedy = remedy_told(code, bound, step=self.step, direction=self.direction)
        sentence = f"{explanation.sentence} {remedy}" if bound else explanation.sentence
        errors = list(self.errors)
        if self.reject.field and not errors:
            errors = [FieldError(self.reject.field, explanation.sentence)]
        return Problem(
            type=f"/problems/{code.name}",
            title=explanation.sentence,
            status=self.status,
            detail=self.detail or sentence,
            code=code,
            reason=code.name,
            remedy=remedy,
            advice=explanation.advice,
            errors=errors,
            bound=bound,
            step=self.step,
        )

    def response(self) -> web.Response:
        """The answer, with the headers that its status asks for."""
        headers = dict(self.headers)
        if self.status in {429, 503}:
            headers["Retry-After"] = str(RETRY_AFTER_S)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        body = json_of(self.problem())
        return web.Response(body=body, status=self.status, headers=headers, content_type=MEDIA_TYPE)


def field_refused(field: str, detail: str) -> Refused:
    """One field is wrong, and how."""
    return Refused(RejectCode.MALFORMED, detail, errors=(FieldError(field, detail),))


def bound_of(reject: Reject, scales: Scales) -> str:
    """The missed bound as REST writes it; empty where there is none."""
    if not reject.bound:
        return ""
    contradicts = reject.code is RejectCode.RULES_CONTRADICT
    if reject.code in _PRICE_BOUNDS or (contradicts and reject.field in _PRICE_BORDERS):
        return decimal_of(reject.bound, scales.price_scale)
    if reject.code in _MONEY_BOUNDS:
        return decimal_of(reject.bound, scale_of_unit(scales.currency))
    if reject.code in _INSTANT_BOUNDS or (
        contradicts and reject.field.removesuffix("_us") in _INSTANT_BORDERS
    ):
        return instant_of(reject.bound)
    return str(reject.bound)
