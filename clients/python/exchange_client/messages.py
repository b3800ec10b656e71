"""The commands that a client sends.

Every frame is one JSON object with a `type`. Prices are integers in 10^-price_scale of a currency, instants
and durations are microseconds. A command carries no ref here: the session numbers it as it leaves. Fields
at their default are left out, so the defaults are the exchange's own.
"""

from enum import StrEnum

from msgspec import Struct

from exchange_client import lot_rules
from exchange_client.award_commands import AwardCommand
from exchange_client.bid_commands import BidCommand
from exchange_client.command import Command, ConditionalCommand
from exchange_client.corrections import BustTrade, CorrectTrade
from exchange_client.deal_commands import DealCommand
from exchange_client.lot_commands import LotCommand
from exchange_client.lot_rules import EventRules, LotRules, Overtime
from exchange_client.lot_sales import SaleTerms
from exchange_client.order_terms import OrderTerms
from exchange_client.parts import Part
from exchange_client.phases import SetPhase, StartCall
from exchange_client.qualification_commands import QualificationCommand
from exchange_client.scoring import ScoringCommand
from exchange_client.sealed import SealedCommand

Disclosure = lot_rules.Disclosure


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"


class TimeInForce(StrEnum):
    """What becomes of the part of an order that does not trade at once."""

    GTC = "gtc"  # rests until it is cancelled
    IOC = "ioc"  # is cancelled
    FOK = "fok"  # the whole order trades at once, or none of it
    GTD = "gtd"  # rests until an instant of its own
    DAY = "day"  # rests until the end of the day, UTC


class Delivery(StrEnum):
    """The way of the goods from the seller to the buyer."""

    DIRECT = "direct"  # to the buyer, who confirms the receipt
    HUB = "hub"  # through the exchange's hub, which inspects and guarantees


class TaxRegime(StrEnum):
    """In whose name goods are sold, and so who owes which tax."""

    NONE = "none"
    OWN_NAME = "own_name"
    DISCLOSED_AGENT = "disclosed_agent"


class Role(StrEnum):
    """What a member may do; one member can have several."""

    BUYER = "buyer"
    SELLER = "seller"
    OPERATOR = "operator"
    INSPECTOR = "inspector"
    AUDITOR = "auditor"


class Standing(StrEnum):
    """Whether a member may commit itself to anything new."""

    GOOD = "good"
    SUSPENDED = "suspended"


# --- commands ------------------------------------------------------------------------------------


class Payer(StrEnum):
    """Who bears a commission."""

    SELLER = "seller"
    BUYER = "buyer"
    SPLIT = "split"


class ChargedBase(StrEnum):
    """What a commission is a part of."""

    PRICE = "price"
    AWARD = "award"
    SAVINGS = "savings"


class PayoutSource(StrEnum):
    """Which account a payout is paid from."""

    WALLET = "wallet"
    PAYABLE = "payable"
    SUSPENSE = "suspense"
    FLOAT = "float"


class BankAccount(StrEnum):
    """Whose statement an entry stands on."""

    CLIENT = "client"
    OPERATING = "operating"


class Direction(StrEnum):
    """Credit: money came in; debit: it went out."""

    CREDIT = "credit"
    DEBIT = "debit"


class PlaceOrder(Command, frozen=True, tag="place_order"):
    """Buy or sell at `price` or better."""

    instrument_id: str
    side: Side
    price: int
    quantity: int
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    terms: OrderTerms | None = None
    validate_only: bool = False


class CancelOrder(ConditionalCommand, frozen=True, tag="cancel_order"):
    """Take away what is left of an own order, named by its id or by the ref that placed it."""

    order_id: str = ""
    order_ref: int = 0


class AmendOrder(ConditionalCommand, frozen=True, tag="amend_order"):
    """Change an own resting order; 0 leaves a value as it is. `quantity` is the new total."""

    order_id: str = ""
    order_ref: int = 0
    price: int = 0
    quantity: int = 0


class CancelAll(Command, frozen=True, tag="cancel_all"):
    """Take away all own resting orders that fit."""

    instrument_id: str = ""
    side: Side | None = None
    placed_in: int = 0


class CancelAfter(Command, frozen=True, tag="cancel_after"):
    """Take away this session's orders unless it is sent again in time; 0 switches it off."""

    after_us: int


class SubmitBid(Command, frozen=True, tag="submit_bid"):
    """Supplier: offer a unit price in a lot; of several lines the total, and their unit prices."""

    lot_id: str
    price: int
    lines: tuple[int, ...] = ()
    currency: str = ""  # in which the sender takes it to be; another than the sender's is refused
    discount_bps: int | None = None  # where the lot is bid for by discount; the price follows from it


class RegisterMember(Command, frozen=True, tag="register_member"):
    """Operator: admit a legal entity; `owner` is its beneficial owner, empty for itself."""

    roles: tuple[Role, ...]
    owner: str = ""
    profile_hash: str = ""


class SetStanding(ConditionalCommand, frozen=True, tag="set_standing"):
    """Operator: suspend a member or put it back in good standing."""

    member_id: str
    standing: Standing


class CreateInstrument(Command, frozen=True, kw_only=True, tag="create_instrument"):
    """Operator: describe fungible goods that can be traded; both ends of the band are admissible."""

    symbol: str = ""
    currency: str
    price_scale: int = 4
    tick: int = 1
    lot_multiple: int = 1
    price_min: int = 1
    price_max: int = 10**12
    delivery: Delivery = Delivery.DIRECT
    guarantee_bps: int = 0
    tax_regime: TaxRegime = TaxRegime.NONE
    goods_tax_bps: int = 0
    part: Part | None = None
    reference_price: int = 0
    text_hash: str = ""
    min_amount_minor: int = 0
    dynamic_band_bps: int = 0
    call_us: int = 0


class DeclareStock(Command, frozen=True, tag="declare_stock"):
    """Seller: bring a quantity to the market."""

    instrument_id: str
    quantity: int
    advertise: bool = False
    lead_days: int = 0


class WithdrawStock(Command, frozen=True, tag="withdraw_stock"):
    """Seller: take back stock that no order reserves."""

    instrument_id: str
    quantity: int


class TopUp(Command, frozen=True, tag="top_up"):
    """Operator: book money that arrived to a member's wallet; `transfer_id` is the bank's reference."""

    transfer_id: str
    member_id: str
    currency: str
    amount_minor: int


class SetCommission(Command, frozen=True, tag="set_commission"):
    """Operator: the commission on trades from now on, and the tax on it."""

    rate_bps: int
    tax_bps: int = 0


class Tier(Struct, frozen=True):
    """The rate of the base up to a bound."""

    up_to_minor: int
    rate_bps: int


class PublishSchedule(Command, frozen=True, tag="publish_schedule"):
    """Operator: a new version of a commission schedule; deals before it keep theirs."""

    rate_bps: int
    tax_bps: int = 0
    tiers: tuple[Tier, ...] = ()
    whole: bool = False
    fixed_minor: int = 0
    minimum_minor: int = 0
    cap_minor: int = 0
    market: str = "surplus"
    seller: str = ""
    currency: str = ""
    begins_us: int = 0
    ends_us: int = 0
    payer: Payer = Payer.SELLER
    base: ChargedBase = ChargedBase.PRICE
    tax_category: str = ""
    buyer_share_bps: int = 0


class IssueInvoices(Command, frozen=True, tag="issue_invoices"):
    """Operator: number the invoices of a month (yyyymm) that has ended."""

    period: int


class SetBankDetails(Command, frozen=True, tag="set_bank_details"):
    """Where the member's payouts go: the hash that stands for what REST was given."""

    details_hash: str


class PayDeposit(Command, frozen=True, tag="pay_deposit"):
    """Move own money from the wallet to the deposit."""

    currency: str
    amount_minor: int


class TakeDepositBack(Command, frozen=True, tag="take_deposit_back"):
    """Move what is in the deposit back to the wallet."""

    currency: str
    amount_minor: int


class ForfeitDeposit(Command, frozen=True, tag="forfeit_deposit"):
    """Operator: a member's deposit falls to the house; 0: all of it."""

    member_id: str
    currency: str
    amount_minor: int = 0


class SetCreditLimit(Command, frozen=True, tag="set_credit_limit"):
    """Operator: how far a member's orders may overdraw its wallet."""

    member_id: str
    currency: str
    limit_minor: int


class WithdrawMoney(Command, frozen=True, tag="withdraw_money"):
    """Send own money to the member's bank."""

    currency: str
    amount_minor: int
    source: PayoutSource = PayoutSource.WALLET


class PayOut(Command, frozen=True, tag="pay_out"):
    """Operator: send what is payable to a member to its bank; 0: all of it."""

    member_id: str
    currency: str
    amount_minor: int = 0


class SweepFloat(Command, frozen=True, tag="sweep_float"):
    """Operator: send the house's share of the clients' account to its own; 0: all of it."""

    currency: str
    amount_minor: int = 0


class CancelPayout(Command, frozen=True, tag="cancel_payout"):
    """Operator: the bank did not take the payment."""

    payout_id: str


class BookBankEntry(Command, frozen=True, tag="book_bank_entry"):
    """Operator: one entry of a bank statement; `entry_id` is the bank's reference of it."""

    entry_id: str
    direction: Direction
    currency: str
    amount_minor: int
    reference: str = ""
    account: BankAccount = BankAccount.CLIENT
    is_fee: bool = False


class MatchSuspense(Command, frozen=True, tag="match_suspense"):
    """Operator: the unexpected credit is the member's."""

    entry_id: str
    member_id: str


class SendBack(Command, frozen=True, tag="send_back"):
    """Operator: the unexpected credit goes back to where it came from."""

    entry_id: str
    details_hash: str


class WriteOffRecourse(Command, frozen=True, tag="write_off_recourse"):
    """Operator: give up what a seller owes; 0: all of it."""

    member_id: str
    currency: str
    amount_minor: int = 0
    provision_minor: int = 0


class CreateEvent(Command, frozen=True, tag="create_event"):
    """Buyer: draft a sourcing event."""

    title: str
    currency: str
    open_at_us: int
    duration_us: int
    price_scale: int = 4
    overtime: Overtime = Overtime()
    disclosure: Disclosure = Disclosure()
    rules: EventRules = EventRules()
    practice: bool = False  # to train: nothing in it binds
    preview_at_us: int = 0  # from when suppliers are shown the lots; 0: from its publication
    sale: SaleTerms | None = None  # forward: lots are from the sender's stock


class AddLot(ConditionalCommand, frozen=True, tag="add_lot"):
    """Buyer: say what is bought; prices are unit prices in the event's scale."""

    event_id: str
    title: str
    quantity: int
    ceiling_price: int
    min_step: int
    tick: int = 1
    rules: LotRules = LotRules()
    instrument_id: str = ""  # from stock: of what


class InviteSupplier(ConditionalCommand, frozen=True, tag="invite_supplier"):
    """Buyer or operator: admit a seller to the event."""

    event_id: str
    member_id: str


class PublishEvent(ConditionalCommand, frozen=True, tag="publish_event"):
    """Buyer: fix the draft; it opens by itself at its instant."""

    event_id: str


class AwardLot(ConditionalCommand, frozen=True, tag="award_lot"):
    """Buyer: award a closed lot to the supplier behind an alias; 0 awards nobody."""

    lot_id: str
    alias: int
    reason: str = ""


class CancelEvent(ConditionalCommand, frozen=True, tag="cancel_event"):
    """Buyer or operator: end an event that is not awarded."""

    event_id: str
    reason: str


class ConfirmReceipt(Command, frozen=True, tag="confirm_receipt"):
    """Buyer: the goods of all open lines have arrived."""

    contract_id: str


class GiveFeedback(Command, frozen=True, tag="give_feedback"):
    """Rate a finished deal, three choices from 1 to 5, within 30 days; the last word counts."""

    contract_id: str
    as_described: int
    delivery: int
    communication: int
    text_hash: str = ""


AnyCommand = (
    PlaceOrder
    | CancelOrder
    | AmendOrder
    | CancelAll
    | CancelAfter
    | SubmitBid
    | RegisterMember
    | SetStanding
    | CreateInstrument
    | DeclareStock
    | WithdrawStock
    | TopUp
    | SetCommission
    | CreateEvent
    | AddLot
    | InviteSupplier
    | PublishEvent
    | AwardLot
    | CancelEvent
    | ConfirmReceipt
    | DealCommand
    | LotCommand
    | QualificationCommand
    | BidCommand
    | ScoringCommand
    | AwardCommand
    | PublishSchedule
    | IssueInvoices
    | SetBankDetails
    | PayDeposit
    | TakeDepositBack
    | ForfeitDeposit
    | SetCreditLimit
    | WithdrawMoney
    | PayOut
    | SweepFloat
    | CancelPayout
    | BookBankEntry
    | MatchSuspense
    | SendBack
    | WriteOffRecourse
    | GiveFeedback
    | SetPhase
    | StartCall
    | SealedCommand
    | BustTrade
    | CorrectTrade
)
