"""Sourcing events and their timed lots."""

from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import EVENT_DURATION_US_MAX, PRICE_SCALE_MAX, SEED_LENGTH_MAX, SYMBOL_LENGTH_MAX
from exchange.core.messages.base import (
    Command,
    ConditionalCommand,
    Currency,
    Event,
    Instant,
    NamedId,
    Price,
    PublicId,
    Quantity,
    Symbol,
)
from exchange.core.messages.lines import Discount, LinePrices
from exchange.core.messages.lot_rules import EventRules, LightLimits, LotRules, Overtime
from exchange.core.messages.lot_sales import SaleTerms


class Disclosure(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a supplier in a lot is shown of the others. Its own bids and rank are always shown."""

    lead_price: bool = True
    participant_count: bool = False
    prices_by_alias: bool = False  # tells the number of participants too
    gap: bool = False  # how far its own bid is behind the lead, which tells the lead to who has bid
    light: LightLimits | None = None  # the same as a colour
    lead_visible_after_valid_bid: bool = False  # nothing of the lead is shown to who has no bid that stands


class CreateEvent(Command, frozen=True, tag="create_event"):
    """Buyer: draft a sourcing event, by default a live English reverse auction."""

    title: Symbol
    currency: Currency
    open_at_us: Instant
    duration_us: Annotated[int, Meta(ge=1_000_000, le=EVENT_DURATION_US_MAX)]
    price_scale: Annotated[int, Meta(ge=0, le=PRICE_SCALE_MAX)] = 4
    overtime: Overtime = Overtime()
    disclosure: Disclosure = Disclosure()
    rules: EventRules = EventRules()
    practice: bool = False  # to train: whoever is invited may bid, and nothing binds
    preview_at_us: Instant = 0  # from when suppliers are shown the lots; 0: from its publication
    sale: SaleTerms | None = None  # forward: lots are from the sender's stock, who is a seller


class EventCreated(Event, frozen=True, tag="event_created"):
    """A draft exists; nobody but its buyer and the operator sees it."""

    event_id: str
    member_id: str
    title: str
    currency: str
    price_scale: int
    open_at_us: int
    duration_us: int
    overtime: Overtime
    disclosure: Disclosure


class EventRulesSet(Event, frozen=True, tag="event_rules_set"):
    """The draft has rules beyond the usual ones; comes right after its EventCreated."""

    event_id: str
    rules: EventRules


class AddLot(ConditionalCommand, frozen=True, tag="add_lot"):
    """Buyer: say what is bought. A bid is a unit price; what is compared is the unit price.

    Where the rules have lines, the lot is one whole: its quantity is 1, and all prices are of the total of its lines.
    """

    event_id: PublicId
    title: Symbol
    quantity: Quantity
    ceiling_price: Price  # highest admissible bid
    min_step: Price  # least improvement on one's own best bid and, to take the lead, on the lead
    tick: Price = 1
    rules: LotRules = LotRules()
    instrument_id: NamedId = ""  # from stock: of what


class LotAdded(Event, frozen=True, tag="lot_added"):
    """The lot is part of the draft."""

    lot_id: str
    event_id: str
    title: str
    quantity: int
    ceiling_price: int
    min_step: int
    tick: int


class LotRulesSet(Event, frozen=True, tag="lot_rules_set"):
    """The lot has rules beyond the usual ones; comes right after its LotAdded."""

    lot_id: str
    rules: LotRules


class InviteSupplier(ConditionalCommand, frozen=True, tag="invite_supplier"):
    """Buyer or operator: admit a member with the role seller to the event, before it closes."""

    event_id: PublicId
    member_id: PublicId


class SupplierInvited(Event, frozen=True, tag="supplier_invited"):
    """The supplier sees the event and may bid while it is open."""

    event_id: str
    member_id: str


class PublishEvent(ConditionalCommand, frozen=True, tag="publish_event"):
    """Buyer: fix the draft; it opens by itself at its instant."""

    event_id: PublicId


class EventPublished(Event, frozen=True, tag="event_published"):
    """Invited suppliers are shown the event."""

    event_id: str


class LotOpened(Event, frozen=True, tag="lot_opened"):
    """Bids are taken until the close, which overtime may move."""

    lot_id: str
    event_id: str
    close_at_us: int


class SubmitBid(Command, frozen=True, tag="submit_bid"):
    """Supplier: offer a unit price. Counts if the exchange's instant for it is before the close.

    In a lot of several lines the price is the total, and `lines` may say the unit prices that it is the sum of.
    Where the lot is bid for by discount, `discount_bps` says it, and the price is the total that follows from it.
    `currency` may say in which currency the sender takes it to be, so that a slip is refused.
    """

    lot_id: PublicId
    price: Price
    lines: LinePrices = ()
    currency: Annotated[str, Meta(max_length=3)] = ""
    discount_bps: Discount | None = None


class BidSubmitted(Event, frozen=True, tag="bid_submitted"):
    """`alias` is the number of the supplier in this lot by first bid; `bid_number` counts the lot's bids."""

    lot_id: str
    member_id: str
    price: int
    alias: int
    bid_number: int
    at_us: int


class CloseExtended(Event, frozen=True, tag="close_extended"):
    """The close moved; `overtime_us` is the sum of the lot's extensions so far."""

    lot_id: str
    close_at_us: int
    overtime_us: int


class LotShifted(Event, frozen=True, tag="lot_shifted"):
    """An outage moved the lot's timetable; it is not overtime."""

    lot_id: str
    open_at_us: int
    close_at_us: int


class LotClosed(Event, frozen=True, tag="lot_closed"):
    """No bid is taken any more; `lead_price` is 0 where there was none."""

    lot_id: str
    event_id: str
    lead_price: int
    lead_member_id: str


class BuyNow(Command, frozen=True, tag="buy_now"):
    """Bidder: take a forward lot at its buy-now price, while nobody has bid; it closes at once."""

    lot_id: PublicId
    price: Price  # must be the buy-now price


class RevealSeed(ConditionalCommand, frozen=True, tag="reveal_seed"):
    """Buyer: reveal the committed seed of a closed lot; equal prices now rank as it draws."""

    lot_id: PublicId
    seed: Annotated[str, Meta(min_length=1, max_length=SEED_LENGTH_MAX)]


class SeedRevealed(Event, frozen=True, tag="seed_revealed"):
    """Of equal prices, the alias with the smaller SHA-256 of `seed:alias` ranks first."""

    lot_id: str
    seed: str


class AwardLot(ConditionalCommand, frozen=True, tag="award_lot"):
    """Buyer: award a closed lot to the supplier behind an alias; 0 awards nobody."""

    lot_id: PublicId
    alias: Annotated[int, Meta(ge=0, le=10_000)]
    reason: Annotated[str, Meta(max_length=SYMBOL_LENGTH_MAX)] = ""


class LotAwarded(Event, frozen=True, tag="lot_awarded"):
    """The buyer and the winner now learn each other's member id; `amount_minor` is rounded once."""

    lot_id: str
    event_id: str
    buyer_id: str  # empty for a surplus lot, whose sides never learn each other
    winner_id: str  # empty: nobody
    alias: int
    price: int
    quantity: int
    amount_minor: int


class CancelEvent(ConditionalCommand, frozen=True, tag="cancel_event"):
    """Buyer or operator: end an event that is not awarded."""

    event_id: PublicId
    reason: Symbol


class EventCancelled(Event, frozen=True, tag="event_cancelled"):
    """All its lots are void."""

    event_id: str
    reason: str


SourcingCommand = (
    SubmitBid
    | CreateEvent
    | AddLot
    | InviteSupplier
    | PublishEvent
    | AwardLot
    | CancelEvent
    | BuyNow
    | RevealSeed
)
SourcingEvent = (
    BidSubmitted
    | CloseExtended
    | EventCreated
    | LotAdded
    | SupplierInvited
    | EventPublished
    | LotOpened
    | LotShifted
    | LotClosed
    | LotAwarded
    | EventCancelled
    | EventRulesSet
    | LotRulesSet
    | SeedRevealed
)
