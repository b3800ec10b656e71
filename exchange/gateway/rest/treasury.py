"""REST of what the exchange charges and lends: schedules, invoices, deposits, credit limits, write-offs."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.ledger.schedules import Schedule
from exchange.core.limits import TIERS_MAX
from exchange.core.messages import (
    ForfeitDeposit,
    IssueInvoices,
    PayDeposit,
    PublishSchedule,
    SetCreditLimit,
    TakeDepositBack,
    WriteOffRecourse,
)
from exchange.core.messages.base import BasisPoints, Currency
from exchange.core.messages.ledger import ChargedBase, Payer, Period, Tier
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT
from exchange.gateway.decoding import amount_of
from exchange.gateway.notation import (
    END,
    Decimals,
    Id,
    InstantInput,
    InstantText,
    ShortText,
    decimal_of,
    instant_of,
    microseconds_of,
    scale_of_unit,
)
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled


class TierShown(Struct, frozen=True, forbid_unknown_fields=True):
    """The rate of the base up to a bound."""

    up_to: Decimals
    rate_bps: BasisPoints


class NewSchedule(Struct, frozen=True, forbid_unknown_fields=True):
    """What a payer's deals of a month cost: see the command. Amounts are decimals of `currency`."""

    rate_bps: BasisPoints
    tax_bps: BasisPoints = 0
    tiers: Annotated[list[TierShown], Meta(max_length=TIERS_MAX)] = []
    whole: bool = False
    fixed: Decimals | None = None
    minimum: Decimals | None = None
    cap: Decimals | None = None
    market: ShortText = "surplus"
    seller: Id | None = None
    currency: Currency | None = None
    begins: InstantInput | None = None
    ends: InstantInput | None = None
    payer: Payer = Payer.SELLER
    base: ChargedBase = ChargedBase.PRICE
    tax_category: Annotated[str, Meta(max_length=8, pattern="^[A-Z0-9]*" + END)] = ""
    buyer_share_bps: BasisPoints = 0


class SchedulePublishedShown(Settled, frozen=True):
    """The version that deals of its scope pin while it applies."""

    version: int


class ScheduleShown(Struct, frozen=True, omit_defaults=True):
    """A published version. What is not there does not bound it."""

    version: int
    rate_bps: int
    tax_bps: int
    tiers: list[TierShown] = []
    whole: bool = False
    fixed: str = ""
    minimum: str = ""
    cap: str = ""
    currency: str = ""
    begins: InstantText = ""
    ends: InstantText = ""
    tax_category: str = ""
    own: bool = False
    payer: Payer = Payer.SELLER
    buyer_share_bps: int = 0


class ScheduleList(Struct, frozen=True):
    """By version."""

    schedules: list[ScheduleShown]


class NewInvoices(Struct, frozen=True, forbid_unknown_fields=True):
    """A month that has ended, written yyyymm."""

    period: Period


class InvoicesTaken(Settled, frozen=True):
    """So many invoices were numbered."""

    invoices: int


class NewMove(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of the own money."""

    currency: Currency
    amount: Decimals


class NewForfeit(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose deposit falls to the house; without an amount all of it."""

    member_id: Id
    currency: Currency
    amount: Decimals | None = None


class NewCreditLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """How far orders may overdraw the wallet; without an amount not at all."""

    currency: Currency
    limit: Decimals | None = None


class NewWriteOff(Struct, frozen=True, forbid_unknown_fields=True):
    """What a seller owes and will not pay; without an amount all of it. `provision` of it bears the provision."""

    member_id: Id
    currency: Currency
    amount: Decimals | None = None
    provision: Decimals | None = None


def _minor(field: str, currency: str | None, amount: str | None) -> int:
    """0 for none."""
    if amount is None:
        return 0
    if currency not in CURRENCY_EXPONENT:
        raise Refused(Reject(RejectCode.CURRENCY_UNKNOWN, field="currency"))
    return amount_of(field, amount, scale_of_unit(currency))


async def publish_schedule(call: Call[NewSchedule, NoQuery]) -> SchedulePublishedShown:
    """Operator: a new version; deals before it keep theirs."""
    body, currency = call.body, call.body.currency
    tiers = tuple(Tier(_minor("tiers", currency, tier.up_to), tier.rate_bps) for tier in body.tiers)
    command = PublishSchedule(
        rate_bps=body.rate_bps,
        tax_bps=body.tax_bps,
        tiers=tiers,
        whole=body.whole,
        fixed_minor=_minor("fixed", currency, body.fixed),
        minimum_minor=_minor("minimum", currency, body.minimum),
        cap_minor=_minor("cap", currency, body.cap),
        market=body.market,
        seller=body.seller or "",
        currency=currency or "",
        begins_us=microseconds_of(body.begins) if body.begins else 0,
        ends_us=microseconds_of(body.ends) if body.ends else 0,
        payer=body.payer,
        base=body.base,
        tax_category=body.tax_category,
        buyer_share_bps=body.buyer_share_bps,
    )
    names = {
        "begins_us": "begins", "ends_us": "ends",
        "fixed_minor": "fixed", "minimum_minor": "minimum", "cap_minor": "cap",
    }  # fmt: skip
    reply = await call.settle(command, Scales(), names)
    return SchedulePublishedShown(reply.sequence, instant_of(reply.at_us), reply.number)


async def list_schedules(call: Call[NoBody, NoQuery]) -> ScheduleList:
    """All versions that are everybody's or the member's own; an operator sees those of all sellers."""
    operates = call.views.is_operator(call.member_id)
    return ScheduleList(
        [
            _shown(each, call.member_id)
            for each in call.views.payments.schedules.all
            if operates or each.seller in ("", call.member_id)
        ]
    )


def _shown(schedule: Schedule, viewer: str) -> ScheduleShown:
    def amount(minor: int) -> str:
        return decimal_of(minor, scale_of_unit(schedule.currency)) if minor else ""

    return ScheduleShown(
        schedule.version,
        schedule.rate_bps,
        schedule.tax_bps,
        [TierShown(amount(tier.up_to_minor), tier.rate_bps) for tier in schedule.tiers],
        schedule.whole,
        amount(schedule.fixed_minor),
        amount(schedule.minimum_minor),
        amount(schedule.cap_minor),
        schedule.currency,
        instant_of(schedule.begins_us) if schedule.begins_us else "",
        instant_of(schedule.ends_us) if schedule.ends_us else "",
        schedule.tax_category,
        schedule.seller == viewer,
        schedule.payer,
        schedule.buyer_share_bps,
    )


async def issue_invoices(call: Call[NewInvoices, NoQuery]) -> InvoicesTaken:
    """Operator: number the invoices of a month that has ended."""
    reply = await call.settle(IssueInvoices(period=call.body.period))
    return InvoicesTaken(reply.sequence, instant_of(reply.at_us), reply.number)


async def pay_deposit(call: Call[NewMove, NoQuery]) -> Settled:
    """Own money from the wallet to the deposit."""
    amount_minor = _minor("amount", call.body.currency, call.body.amount)
    return await _moved(call, PayDeposit(currency=call.body.currency, amount_minor=amount_minor))


async def take_deposit_back(call: Call[NewMove, NoQuery]) -> Settled:
    """Own money from the deposit back to the wallet."""
    amount_minor = _minor("amount", call.body.currency, call.body.amount)
    return await _moved(call, TakeDepositBack(currency=call.body.currency, amount_minor=amount_minor))


async def _moved(call: Call[NewMove, NoQuery], command: PayDeposit | TakeDepositBack) -> Settled:
    reply = await call.settle(command, Scales(currency=command.currency), {"amount_minor": "amount"})
    return Settled(reply.sequence, instant_of(reply.at_us))


async def forfeit_deposit(call: Call[NewForfeit, NoQuery]) -> Settled:
    """Operator: a deposit falls to the house."""
    body = call.body
    amount_minor = _minor("amount", body.currency, body.amount)
    command = ForfeitDeposit(member_id=body.member_id, currency=body.currency, amount_minor=amount_minor)
    reply = await call.settle(command, Scales(currency=body.currency), {"amount_minor": "amount"})
    return Settled(reply.sequence, instant_of(reply.at_us))


async def set_credit_limit(call: Call[NewCreditLimit, NoQuery]) -> Settled:
    """Operator: how far a member's orders may overdraw its wallet."""
    currency = call.body.currency
    limit_minor = _minor("limit", currency, call.body.limit)
    command = SetCreditLimit(member_id=call.id("member_id"), currency=currency, limit_minor=limit_minor)
    reply = await call.settle(command, Scales(currency=currency), {"limit_minor": "limit"})
    return Settled(reply.sequence, instant_of(reply.at_us))


async def write_off_recourse(call: Call[NewWriteOff, NoQuery]) -> Settled:
    """Operator: give up what a seller owes."""
    body = call.body
    command = WriteOffRecourse(
        member_id=body.member_id,
        currency=body.currency,
        amount_minor=_minor("amount", body.currency, body.amount),
        provision_minor=_minor("provision", body.currency, body.provision),
    )
    names = {"amount_minor": "amount", "provision_minor": "provision"}
    reply = await call.settle(command, Scales(currency=body.currency), names)
    return Settled(reply.sequence, instant_of(reply.at_us))


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/schedules", "Publish a schedule", publish_schedule,
        NewSchedule, NoQuery, SchedulePublishedShown, PublishSchedule, 201,
    ),
    Route("GET", "/v1/schedules", "List schedules", list_schedules, NoBody, NoQuery, ScheduleList),
    Route("POST", "/v1/invoices", "Issue invoices", issue_invoices, NewInvoices, NoQuery, InvoicesTaken, IssueInvoices, 201),
    Route("POST", "/v1/deposits", "Pay a deposit", pay_deposit, NewMove, NoQuery, Settled, PayDeposit, 201),
    Route("POST", "/v1/deposits/returns", "Take a deposit back", take_deposit_back, NewMove, NoQuery, Settled, TakeDepositBack, 201),
    Route(
        "POST", "/v1/deposits/forfeits", "Forfeit a deposit", forfeit_deposit,
        NewForfeit, NoQuery, Settled, ForfeitDeposit, 201,
    ),
    Route(
        "PUT", "/v1/members/{member_id}/credit-limit", "Set a credit limit", set_credit_limit,
        NewCreditLimit, NoQuery, Settled, SetCreditLimit,
    ),
    Route("POST", "/v1/write-offs", "Write recourse off", write_off_recourse, NewWriteOff, NoQuery, Settled, WriteOffRecourse, 201),
)  # fmt: skip
