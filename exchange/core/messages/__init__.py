"""Every message of the exchange, and the two unions in which they travel.

Guarantees: one tag names one class for ever; unions list their members in one order. A message with
this module's types is the wire contract: OpenAPI, AsyncAPI and the journal are generated from it.
"""

from typing import Final, get_args

from msgspec import Struct

from exchange.core.messages.awards import AwardCommand, AwardEvent
from exchange.core.messages.bank import (
    BankCommand,
    BankDetailsSet,
    BankEntryBooked,
    BankEvent,
    BookBankEntry,
    CancelPayout,
    CreditLimitSet,
    ForfeitDeposit,
    MatchSuspense,
    PayDeposit,
    PayOut,
    PayoutSent,
    PayoutSettled,
    SendBack,
    SetBankDetails,
    SetCreditLimit,
    SuspenseReopened,
    SuspenseSettled,
    SweepFloat,
    TakeDepositBack,
    WithdrawMoney,
    WriteOffRecourse,
)
from exchange.core.messages.base import SYSTEM, Command, Event, PublicId, Role, Side, Standing, TimeInForce
from exchange.core.messages.cloning import CloneEvent
from exchange.core.messages.corrections import CorrectionCommand, CorrectionEvent
from exchange.core.messages.deals import (
    AnswerClaim,
    ClaimMoved,
    ConfirmReceipt,
    ContractLineAdded,
    ContractLineSettled,
    ContractLineTaxed,
    ContractPerformed,
    DealCommand,
    DealEvent,
    FileClaim,
    ReleaseClaimText,
    ResolveClaim,
)
from exchange.core.messages.delivery import (
    AcceptGoods,
    ConfirmShipment,
    ConsignmentMoved,
    DealMoved,
    DealRefunded,
    DecideConditional,
    DeliveryCommand,
    DeliveryEvent,
    DispatchConsignment,
    DispatchShipment,
    HubLotInspected,
    HubLotMoved,
    HubOverdue,
    InspectHubLot,
    ReceiveConsignment,
    ReclaimRejected,
    RejectedReclaimed,
    ShipmentMoved,
)
from exchange.core.messages.feedback import FeedbackGiven, GiveFeedback
from exchange.core.messages.goods import (
    Condition,
    CreateInstrument,
    DealTermsSet,
    DeclareStock,
    Delivery,
    GoodsCommand,
    GoodsEvent,
    InstrumentCreated,
    LeastAmountSet,
    Packaging,
    Part,
    PartDescribed,
    ReferencePriceSet,
    Rohs,
    StockAdvertised,
    StockDeclared,
    StockWithdrawn,
    TaxRegime,
    TextAttached,
    Traceability,
    WithdrawStock,
)
from exchange.core.messages.inquiries import Inquire
from exchange.core.messages.ledger import (
    CommissionSet,
    InvoiceIssued,
    InvoiceSides,
    IssueInvoices,
    LedgerCommand,
    LedgerEvent,
    PublishSchedule,
    SchedulePublished,
    ScheduleTurned,
    SetCommission,
    TopUp,
    TransferPosted,
)
from exchange.core.messages.lot_clocks import AcceptLevel, LotClockEvent
from exchange.core.messages.lot_rules import Overtime
from exchange.core.messages.lot_unions import LotCommand, LotEvent
from exchange.core.messages.orders import (
    AmendOrder,
    CancelAfter,
    CancelAll,
    CancelCause,
    CancelOrder,
    OrderAmended,
    OrderCancelled,
    OrderCommand,
    OrderEvent,
    OrderPlaced,
    OrderRested,
    OrderTerms,
    OrderTermsSet,
    OrderType,
    PlaceOrder,
    PostOnlyMode,
    SelfTradeMode,
    SelfTradePrevented,
    SliceRefilled,
    Traded,
)
from exchange.core.messages.parties import (
    MemberRegistered,
    OpenSession,
    PartyCommand,
    PartyEvent,
    RegisterMember,
    SessionOpened,
    SetStanding,
    StandingSet,
)
from exchange.core.messages.phases import PhaseCommand, PhaseEvent
from exchange.core.messages.preparing import PreparingCommand, PreparingEvent
from exchange.core.messages.sealed import KeyCommand
from exchange.core.messages.sourcing import (
    AddLot,
    AwardLot,
    BidSubmitted,
    BuyNow,
    CancelEvent,
    CloseExtended,
    CreateEvent,
    Disclosure,
    EventCancelled,
    EventCreated,
    EventPublished,
    InviteSupplier,
    LotAdded,
    LotAwarded,
    LotClosed,
    LotOpened,
    LotShifted,
    PublishEvent,
    RevealSeed,
    SourcingCommand,
    SourcingEvent,
    SubmitBid,
    SupplierInvited,
)
from exchange.core.messages.steering import (
    EndLot,
    ExtendLot,
    PauseEvent,
    ResumeEvent,
    SteeringCommand,
    SteeringEvent,
)
from exchange.core.messages.system import EndOutage, FireDeadlines, OutageEnded, Reply

MemberCommand = (
    OrderCommand
    | SourcingCommand
    | PartyCommand
    | GoodsCommand
    | LedgerCommand
    | SteeringCommand
    | DealCommand
    | BankCommand
    | DeliveryCommand
    | GiveFeedback
    | PhaseCommand
    | PreparingCommand
    | CorrectionCommand
    | AcceptLevel
    | LotCommand
    | AwardCommand
)
"""What comes in from members."""
AnyCommand = MemberCommand | FireDeadlines | EndOutage | KeyCommand
"""What the journal holds."""
AnyEvent = (
    OrderEvent
    | LedgerEvent
    | DealEvent
    | SourcingEvent
    | SteeringEvent
    | PartyEvent
    | GoodsEvent
    | OutageEnded
    | BankEvent
    | DeliveryEvent
    | FeedbackGiven
    | PhaseEvent
    | PreparingEvent
    | CorrectionEvent
    | LotClockEvent
    | LotEvent
    | AwardEvent
)

MEMBER_COMMANDS: Final[tuple[type[Command], ...]] = get_args(MemberCommand)
COMMANDS: Final[tuple[type[Command], ...]] = get_args(AnyCommand)
EVENTS: Final[tuple[type[Event], ...]] = get_args(AnyEvent)

DRAWS_ID: Final = frozenset({
    PlaceOrder, RegisterMember, CreateInstrument, CreateEvent, AddLot, WithdrawMoney, PayOut, SweepFloat,
    SendBack, DispatchConsignment, ReceiveConsignment, DispatchShipment, FileClaim, FireDeadlines, Inquire, CloneEvent,
})  # fmt: skip
"""Commands that make something with a public id, or that need chance: the sequencer draws, the journal carries it."""


class Sequenced(Struct, frozen=True, array_like=True, gc=False):
    """A command in its place in the total order, as the journal holds it.

    `session` is 0 where the sender has none; `idempotency` is the hash of REST's Idempotency-Key or empty;
    `new_id` is the public id for what the command makes, or chance for what ends at random, or empty.
    """

    at_us: int
    member_id: str
    session: int
    new_id: str
    idempotency: str
    command: AnyCommand


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """What a command did: the sender's reply, and the events in the order in which they happened."""

    reply: Reply
    events: list[AnyEvent]


__all__ = [
    "COMMANDS",
    "DRAWS_ID",
    "EVENTS",
    "MEMBER_COMMANDS",
    "SYSTEM",
    "AcceptGoods",
    "AddLot",
    "AmendOrder",
    "AnswerClaim",
    "AnyCommand",
    "AnyEvent",
    "AwardLot",
    "BankDetailsSet",
    "BankEntryBooked",
    "BidSubmitted",
    "BookBankEntry",
    "BuyNow",
    "CancelAfter",
    "CancelAll",
    "CancelCause",
    "CancelEvent",
    "CancelOrder",
    "CancelPayout",
    "ClaimMoved",
    "CloseExtended",
    "Command",
    "CommissionSet",
    "Condition",
    "ConfirmReceipt",
    "ConfirmShipment",
    "ConsignmentMoved",
    "ContractLineAdded",
    "ContractLineSettled",
    "ContractLineTaxed",
    "ContractPerformed",
    "CreateEvent",
    "CreateInstrument",
    "CreditLimitSet",
    "DealMoved",
    "DealRefunded",
    "DealTermsSet",
    "DecideConditional",
    "DeclareStock",
    "Delivery",
    "Disclosure",
    "DispatchConsignment",
    "DispatchShipment",
    "EndLot",
    "EndOutage",
    "Event",
    "EventCancelled",
    "EventCreated",
    "EventPublished",
    "ExtendLot",
    "FeedbackGiven",
    "FileClaim",
    "FireDeadlines",
    "ForfeitDeposit",
    "GiveFeedback",
    "HubLotInspected",
    "HubLotMoved",
    "HubOverdue",
    "InspectHubLot",
    "InstrumentCreated",
    "InviteSupplier",
    "InvoiceIssued",
    "InvoiceSides",
    "IssueInvoices",
    "LeastAmountSet",
    "LotAdded",
    "LotAwarded",
    "LotClosed",
    "LotOpened",
    "LotShifted",
    "MatchSuspense",
    "MemberCommand",
    "MemberRegistered",
    "OpenSession",
    "OrderAmended",
    "OrderCancelled",
    "OrderPlaced",
    "OrderRested",
    "OrderTerms",
    "OrderTermsSet",
    "OrderType",
    "OutageEnded",
    "Outcome",
    "Overtime",
    "Packaging",
    "Part",
    "PartDescribed",
    "PauseEvent",
    "PayDeposit",
    "PayOut",
    "PayoutSent",
    "PayoutSettled",
    "PlaceOrder",
    "PostOnlyMode",
    "PublicId",
    "PublishEvent",
    "PublishSchedule",
    "ReceiveConsignment",
    "ReclaimRejected",
    "ReferencePriceSet",
    "RegisterMember",
    "RejectedReclaimed",
    "ReleaseClaimText",
    "Reply",
    "ResolveClaim",
    "ResumeEvent",
    "RevealSeed",
    "Rohs",
    "Role",
    "SchedulePublished",
    "ScheduleTurned",
    "SelfTradeMode",
    "SelfTradePrevented",
    "SendBack",
    "Sequenced",
    "SessionOpened",
    "SetBankDetails",
    "SetCommission",
    "SetCreditLimit",
    "SetStanding",
    "ShipmentMoved",
    "Side",
    "SliceRefilled",
    "Standing",
    "StandingSet",
    "StockAdvertised",
    "StockDeclared",
    "StockWithdrawn",
    "SubmitBid",
    "SupplierInvited",
    "SuspenseReopened",
    "SuspenseSettled",
    "SweepFloat",
    "TakeDepositBack",
    "TaxRegime",
    "TextAttached",
    "TimeInForce",
    "TopUp",
    "Traceability",
    "Traded",
    "TransferPosted",
    "WithdrawMoney",
    "WithdrawStock",
    "WriteOffRecourse",
]
