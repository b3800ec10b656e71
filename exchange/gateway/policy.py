"""Who may do what: one table with a line for every command, channel and route; what has no line is refused.

Guarantees: the default is refusal. The gateway checks scopes and roles here, before anything is decoded;
the core checks roles, standing and ownership again, and has the last word.
Does not decide what of an answer may be seen: views show only what is the viewer's.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from msgspec import Struct

from exchange.core.messages import (
    AcceptGoods,
    AddLot,
    AmendOrder,
    AnswerClaim,
    AwardLot,
    BookBankEntry,
    BuyNow,
    CancelAfter,
    CancelAll,
    CancelEvent,
    CancelOrder,
    CancelPayout,
    Command,
    ConfirmReceipt,
    ConfirmShipment,
    CreateEvent,
    CreateInstrument,
    DecideConditional,
    DeclareStock,
    DispatchConsignment,
    DispatchShipment,
    EndLot,
    ExtendLot,
    FileClaim,
    ForfeitDeposit,
    GiveFeedback,
    InspectHubLot,
    InviteSupplier,
    IssueInvoices,
    MatchSuspense,
    OpenSession,
    PauseEvent,
    PayDeposit,
    PayOut,
    PlaceOrder,
    PublishEvent,
    PublishSchedule,
    ReceiveConsignment,
    ReclaimRejected,
    RegisterMember,
    ReleaseClaimText,
    ResolveClaim,
    ResumeEvent,
    RevealSeed,
    Role,
    SendBack,
    SetBankDetails,
    SetCommission,
    SetCreditLimit,
    SetStanding,
    Standing,
    SubmitBid,
    SweepFloat,
    TakeDepositBack,
    TopUp,
    WithdrawMoney,
    WithdrawStock,
    WriteOffRecourse,
)
from exchange.core.messages.awards import AwardBest, DeclareDefault, PlaceBond, ReturnBond, SplitLot
from exchange.core.messages.bids import RevokeBid, SetProxy, SubmitSurrogateBid, WithdrawProxy
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.messages.cloning import CloneEvent
from exchange.core.messages.corrections import BustTrade, CorrectTrade
from exchange.core.messages.currencies import ChooseCurrency, SetCurrencies
from exchange.core.messages.hub_address import SetHubAddress
from exchange.core.messages.inquiries import AnswerInquiry, Inquire
from exchange.core.messages.invitations import AnswerInvitation, WithdrawInvitation
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_sales import PaySale
from exchange.core.messages.phases import SetPhase, StartCall
from exchange.core.messages.qualification import (
    AcceptTerms,
    AnswerQuestionnaire,
    DecideQualification,
    PublishAddendum,
    SetQuestionnaire,
    SetTerms,
)
from exchange.core.messages.review import ReopenLot
from exchange.core.messages.scoring import SetTransformation, SubmitDeclaration
from exchange.core.messages.sealed import JudgeTechnical, RetryReveal, SubmitEnvelope, WithdrawEnvelope
from exchange.core.messages.standstill import AnswerComplaint, FileComplaint
from exchange.core.messages.suppliers import InviteSuppliers, SetSupplierProfile
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.auth import Identity, Scope


class Need(Struct, frozen=True):
    """What a line asks for. `scope` None: no key; `roles` empty: any member."""

    scope: Scope | None
    roles: frozenset[Role] = frozenset()


class Membership(Protocol):
    """What policy asks of a member."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """All that it has."""
        ...

    @property
    def standing(self) -> Standing:
        """Whether it may commit itself."""
        ...


class Members(Protocol):
    """Where policy finds them."""

    def get(self, member_id: str, /) -> Membership | None:
        """The member, if there is one."""
        ...


_BUYER: Final = frozenset({Role.BUYER})
_SELLER: Final = frozenset({Role.SELLER})
_TRADER: Final = _BUYER | _SELLER
_OPERATOR: Final = frozenset({Role.OPERATOR})
_INSPECTOR: Final = frozenset({Role.INSPECTOR})
_EVENT: Final = _TRADER | _OPERATOR
"""Who runs a sourcing event: its buyer, or the seller of lots from stock, and the operator where the rules say so."""
_INVITES: Final = _BUYER | _OPERATOR
"""Who may know who bids: nobody's seller."""

_ANYBODY: Final = Need(None)
_READ: Final = Need(Scope.READ)
_MANAGE: Final = Need(Scope.MANAGE)

COMMANDS: Final[Mapping[type[Command], Need]] = {
    OpenSession: _READ,
    PlaceOrder: Need(Scope.TRADE, _TRADER),
    CancelOrder: Need(Scope.TRADE, _TRADER),
    AmendOrder: Need(Scope.TRADE, _TRADER),
    CancelAll: Need(Scope.TRADE, _TRADER),
    CancelAfter: Need(Scope.TRADE, _TRADER),
    SubmitBid: Need(Scope.TRADE, _TRADER),
    RevokeBid: Need(Scope.TRADE, _EVENT),
    SetProxy: Need(Scope.TRADE, _TRADER),
    WithdrawProxy: Need(Scope.TRADE, _TRADER),
    SubmitSurrogateBid: Need(Scope.TRADE, _OPERATOR),
    DeclareStock: Need(Scope.TRADE, _SELLER),
    WithdrawStock: Need(Scope.TRADE, _SELLER),
    ConfirmReceipt: Need(Scope.TRADE, _BUYER),
    DispatchConsignment: Need(Scope.TRADE, _SELLER),
    ReclaimRejected: Need(Scope.TRADE, _SELLER),
    ReceiveConsignment: Need(Scope.TRADE, _INSPECTOR),
    SetHubAddress: Need(Scope.MANAGE, _OPERATOR),
    InspectHubLot: Need(Scope.TRADE, _INSPECTOR),
    DispatchShipment: Need(Scope.TRADE, _INSPECTOR),
    DecideConditional: Need(Scope.TRADE, _BUYER),
    ConfirmShipment: Need(Scope.TRADE, _BUYER),
    AcceptGoods: Need(Scope.TRADE, _BUYER),
    FileClaim: Need(Scope.TRADE, _BUYER),
    AnswerClaim: Need(Scope.TRADE, _SELLER),
    ResolveClaim: Need(Scope.MANAGE, _OPERATOR),
    ReleaseClaimText: Need(Scope.MANAGE, _OPERATOR),
    GiveFeedback: Need(Scope.TRADE, _TRADER),
    CreateEvent: Need(Scope.TRADE, _TRADER),
    AddLot: Need(Scope.TRADE, _TRADER),
    InviteSupplier: Need(Scope.TRADE, _INVITES),
    PublishEvent: Need(Scope.TRADE, _TRADER),
    AwardLot: Need(Scope.TRADE, _TRADER),
    AcceptLevel: Need(Scope.TRADE, _TRADER),
    BuyNow: Need(Scope.TRADE, _TRADER),
    RevealSeed: Need(Scope.TRADE, _TRADER),
    PauseEvent: Need(Scope.TRADE, _EVENT),
    ResumeEvent: Need(Scope.TRADE, _EVENT),
    ExtendLot: Need(Scope.TRADE, _EVENT),
    EndLot: Need(Scope.TRADE, _EVENT),
    ReopenLot: Need(Scope.TRADE, _EVENT),
    FileComplaint: Need(Scope.TRADE, _TRADER),
    AnswerComplaint: Need(Scope.TRADE, _EVENT),
    SubmitDeclaration: Need(Scope.TRADE, _SELLER),
    SetCurrencies: Need(Scope.TRADE, _BUYER),
    ChooseCurrency: Need(Scope.TRADE, _SELLER),
    SetTransformation: Need(Scope.TRADE, _BUYER),
    CancelEvent: Need(Scope.TRADE, _EVENT),
    ChangeEvent: Need(Scope.TRADE, _TRADER),
    ChangeLot: Need(Scope.TRADE, _TRADER),
    RemoveLot: Need(Scope.TRADE, _TRADER),
    CloneEvent: Need(Scope.TRADE, _TRADER),
    PaySale: Need(Scope.TRADE, _BUYER),
    PlaceBond: Need(Scope.TRADE, _TRADER),
    ReturnBond: Need(Scope.TRADE, _INVITES),
    SplitLot: Need(Scope.TRADE, _TRADER),
    AwardBest: Need(Scope.TRADE, _TRADER),
    DeclareDefault: Need(Scope.TRADE, _EVENT),
    SetTerms: Need(Scope.TRADE, _TRADER),
    PublishAddendum: Need(Scope.TRADE, _TRADER),
    AcceptTerms: Need(Scope.TRADE, _TRADER),
    SetQuestionnaire: Need(Scope.TRADE, _TRADER),
    AnswerQuestionnaire: Need(Scope.TRADE, _TRADER),
    DecideQualification: Need(Scope.TRADE, _INVITES),
    AnswerInvitation: Need(Scope.TRADE, _TRADER),
    WithdrawInvitation: Need(Scope.TRADE, _INVITES),
    SetSupplierProfile: Need(Scope.TRADE, _SELLER),
    InviteSuppliers: Need(Scope.TRADE, _INVITES),
    Inquire: Need(Scope.TRADE, _TRADER),
    AnswerInquiry: Need(Scope.TRADE, _EVENT),
    RegisterMember: Need(Scope.MANAGE, _OPERATOR),
    SetStanding: Need(Scope.MANAGE, _OPERATOR),
    CreateInstrument: Need(Scope.MANAGE, _OPERATOR),
    TopUp: Need(Scope.MANAGE, _OPERATOR),
    SetCommission: Need(Scope.MANAGE, _OPERATOR),
    PublishSchedule: Need(Scope.MANAGE, _OPERATOR),
    IssueInvoices: Need(Scope.MANAGE, _OPERATOR),
    ForfeitDeposit: Need(Scope.MANAGE, _OPERATOR),
    SetCreditLimit: Need(Scope.MANAGE, _OPERATOR),
    PayOut: Need(Scope.MANAGE, _OPERATOR),
    SweepFloat: Need(Scope.MANAGE, _OPERATOR),
    CancelPayout: Need(Scope.MANAGE, _OPERATOR),
    BookBankEntry: Need(Scope.MANAGE, _OPERATOR),
    MatchSuspense: Need(Scope.MANAGE, _OPERATOR),
    SendBack: Need(Scope.MANAGE, _OPERATOR),
    WriteOffRecourse: Need(Scope.MANAGE, _OPERATOR),
    SetBankDetails: _MANAGE,
    PayDeposit: Need(Scope.TRADE),
    TakeDepositBack: Need(Scope.TRADE),
    WithdrawMoney: _MANAGE,
    SubmitEnvelope: Need(Scope.TRADE, _TRADER),
    WithdrawEnvelope: Need(Scope.TRADE, _TRADER),
    RetryReveal: Need(Scope.MANAGE, _OPERATOR),
    JudgeTechnical: Need(Scope.TRADE, _BUYER),
    SetPhase: Need(Scope.MANAGE, _OPERATOR),
    StartCall: Need(Scope.MANAGE, _OPERATOR),
    BustTrade: Need(Scope.MANAGE, _OPERATOR),
    CorrectTrade: Need(Scope.MANAGE, _OPERATOR),
}

CHANNELS: Final[Mapping[str, Need]] = {
    "book": _READ,
    "trades": _READ,
    "ticker": _READ,
    "orders": _READ,
    "phase": _READ,
    "lot": _READ,
    "own": _READ,
    "notices": _READ,
    "drop_copy": _READ,  # the feed knows it only for operators and auditors
}
"""By the part of the channel's name before the colon."""

ROUTES: Final[Mapping[str, Need]] = {
    "GET /healthz": _ANYBODY,
    "GET /readyz": _ANYBODY,
    "GET /openapi.json": _ANYBODY,
    "GET /docs": _ANYBODY,
    "GET /docs/page.css": _ANYBODY,
    "GET /docs/page.js": _ANYBODY,
    "GET /asyncapi.json": _ANYBODY,
    "GET /problems/{name}": _ANYBODY,
    "GET /metrics": _ANYBODY,  # the endpoint asks for the machine itself or an operator
    "GET /v1/time": _ANYBODY,
    "GET /v1/ws": _ANYBODY,  # the key comes in the first frame
    "GET /v1/members": _READ,
    "GET /v1/members/{member_id}/feedback": Need(Scope.READ, _OPERATOR),
    "GET /v1/feedback": Need(Scope.READ, _OPERATOR),
    "GET /v1/feedback/own": _READ,
    "GET /v1/lots/{lot_id}/seller-score": _READ,
    "GET /v1/members/{member_id}": _READ,
    "GET /v1/keys": _MANAGE,
    "POST /v1/keys": _MANAGE,
    "DELETE /v1/keys/{key_id}": _MANAGE,
    "POST /v1/webhooks": _MANAGE,
    "GET /v1/webhooks": _MANAGE,
    "DELETE /v1/webhooks/{endpoint_id}": _MANAGE,
    "POST /v1/webhooks/{endpoint_id}/secret": _MANAGE,
    "POST /v1/webhooks/{endpoint_id}/test": _MANAGE,
    "POST /v1/webhooks/{endpoint_id}/enabling": _MANAGE,
    "GET /v1/webhooks/{endpoint_id}/messages": _MANAGE,
    "POST /v1/webhooks/{endpoint_id}/redeliveries": _MANAGE,
    "POST /v1/instruments/bulk": Need(Scope.MANAGE, _OPERATOR),
    "POST /v1/stock/bulk": Need(Scope.TRADE, _SELLER),
    "POST /v1/lots/bulk": Need(Scope.TRADE, _TRADER),
    "GET /v1/loads/{load_id}": _READ,
    "GET /v1/instruments": _READ,
    "GET /v1/instruments/{instrument_id}": _READ,
    "GET /v1/instruments/{instrument_id}/book": _READ,
    "GET /v1/instruments/{instrument_id}/trades": _READ,
    "GET /v1/instruments/{instrument_id}/phase": _READ,
    "GET /v1/stock": _READ,
    "GET /v1/orders": _READ,
    "GET /v1/orders/{order_id}": _READ,
    "GET /v1/trades": _READ,
    "GET /v1/events": _READ,
    "GET /v1/events/{event_id}": _READ,
    "GET /v1/events/{event_id}/sales": _READ,
    "GET /v1/events/{event_id}/calendar": _READ,
    "GET /v1/events/{event_id}/release": _ANYBODY,  # the endpoint asks whose event it is, or whether it is public
    "GET /v1/events/{event_id}/terms": _READ,
    "GET /v1/events/{event_id}/inquiries": _READ,
    "GET /v1/invitations": _READ,
    "GET /v1/supplier-profile": _READ,
    "DELETE /v1/supplier-profile": Need(Scope.TRADE, _SELLER),
    "POST /v1/suppliers/search": Need(Scope.READ, _INVITES),
    "GET /v1/events/{event_id}/questionnaire": _READ,
    "GET /v1/events/{event_id}/participants": Need(Scope.READ, _INVITES),
    "GET /v1/events/{event_id}/monitor": Need(Scope.READ, _EVENT),
    "GET /v1/events/{event_id}/report": Need(Scope.READ, _EVENT),
    "GET /v1/lots/{lot_id}": _READ,
    "GET /v1/lots/{lot_id}/bids": _READ,
    "GET /v1/lots/{lot_id}/bids/{number}/receipt": _READ,
    "GET /v1/lots/{lot_id}/envelopes/{number}/receipt": _READ,
    "GET /v1/lots/{lot_id}/result": _READ,
    "GET /v1/lots/{lot_id}/sale": _READ,
    "GET /v1/lots/{lot_id}/standstill": _READ,
    "GET /v1/contracts": _READ,
    "GET /v1/contracts/{contract_id}": _READ,
    "GET /v1/contracts/{contract_id}/steps": _READ,
    "GET /v1/deals": _READ,
    "GET /v1/consignments": _READ,
    "GET /v1/shipments": _READ,
    "GET /v1/claims": _READ,
    "GET /v1/claims/resolved": _READ,
    "GET /v1/hub": _READ,
    "GET /v1/hub/lots": Need(Scope.READ, _INSPECTOR | _OPERATOR),
    "GET /v1/hub/ready": Need(Scope.READ, _INSPECTOR | _OPERATOR),
    "GET /v1/accounts": _READ,
    "GET /v1/postings": _READ,
    "GET /v1/statements": _READ,
    "GET /v1/adverts": _READ,
    "GET /v1/invoices": _READ,
    "GET /v1/contracts/{contract_id}/lines/{line}/settlement-note": _READ,
    "GET /v1/invoices/{number}": _READ,
    "GET /v1/commission": _READ,
    "GET /v1/schedules": _READ,
    "GET /v1/bank-details": _MANAGE,
    "GET /v1/withdrawals": _READ,
    "GET /v1/payouts": Need(Scope.READ, _OPERATOR),
    "GET /v1/bank-entries": Need(Scope.READ, _OPERATOR),
    "GET /v1/suspense": Need(Scope.READ, _OPERATOR),
}
"""Routes that aren't one command; the others are found by their command."""


def need_of(what: type[Command] | str) -> Need | None:
    """The line of a command or of a route ("GET /v1/orders")."""
    return ROUTES.get(what) if isinstance(what, str) else COMMANDS.get(what)


def refusal(identity: Identity | None, what: type[Command] | str, members: Members) -> Reject | None:
    """Checks: there is a line (NOT_PERMITTED), a key (NOT_AUTHENTICATED), its scope (SCOPE_MISSING), a role
    of its member (ROLE_MISSING).
    """
    need = need_of(what)
    return Reject(RejectCode.NOT_PERMITTED) if need is None else _unmet(identity, need, members)


def channel_refusal(identity: Identity, channel: str, members: Members) -> Reject | None:
    """As `refusal`, for a channel by its full name; CHANNEL_UNKNOWN if there is no such kind."""
    need = CHANNELS.get(channel.partition(":")[0])
    return Reject(RejectCode.CHANNEL_UNKNOWN) if need is None else _unmet(identity, need, members)


def operates(identity: Identity, members: Members) -> bool:
    """Whether the member acts for the exchange and so may see what is others': the role, in good standing."""
    member = members.get(identity.member_id)
    return member is not None and Role.OPERATOR in member.roles and member.standing is Standing.GOOD


def _unmet(identity: Identity | None, need: Need, members: Members) -> Reject | None:
    if need.scope is None:
        return None
    if identity is None:
        return Reject(RejectCode.NOT_AUTHENTICATED)
    if need.scope not in identity.scopes:
        return Reject(RejectCode.SCOPE_MISSING)
    if not need.roles:
        return None
    member = members.get(identity.member_id)
    if member is None or need.roles.isdisjoint(member.roles):
        return Reject(RejectCode.ROLE_MISSING)
    return None
