"""What a client sends to change drafts of sourcing events, and to steer events and their lots while they run."""

from exchange_client.command import Command, ConditionalCommand
from exchange_client.lot_rules import Disclosure, EventRules, LotRules, Overtime
from exchange_client.lot_sales import SaleTerms


class BuyNow(Command, frozen=True, tag="buy_now"):
    """Bidder: take a forward lot at its buy-now price, while nobody has bid."""

    lot_id: str
    price: int


class RevealSeed(ConditionalCommand, frozen=True, tag="reveal_seed"):
    """Buyer: reveal the committed seed of a closed lot."""

    lot_id: str
    seed: str


class PauseEvent(ConditionalCommand, frozen=True, tag="pause_event"):
    """Buyer or operator: stop the clocks of all lots that are not closed; no bid is taken meanwhile."""

    event_id: str
    reason: str


class ResumeEvent(ConditionalCommand, frozen=True, tag="resume_event"):
    """Buyer or operator: go on; every timer moves by exactly the paused time."""

    event_id: str


class ExtendLot(ConditionalCommand, frozen=True, tag="extend_lot"):
    """Buyer or operator: move the close of a lot to a later instant; it is not overtime."""

    lot_id: str
    close_at_us: int


class EndLot(ConditionalCommand, frozen=True, tag="end_lot"):
    """Buyer or operator: close an open lot now."""

    lot_id: str
    reason: str


class ReopenLot(ConditionalCommand, frozen=True, tag="reopen_lot"):
    """Buyer or operator: take bids for a closed lot again, up to a new close, within its review period."""

    lot_id: str
    close_at_us: int
    reason: str


class AcceptLevel(Command, frozen=True, tag="accept_level"):
    """Bidder: accept the price that the clock of a Dutch or Japanese lot shows."""

    lot_id: str
    price: int


class ChangeLot(ConditionalCommand, frozen=True, tag="change_lot"):
    """Buyer: change a lot of a draft; what is given replaces what was."""

    lot_id: str
    title: str | None = None
    quantity: int | None = None
    ceiling_price: int | None = None
    min_step: int | None = None
    tick: int | None = None
    rules: LotRules | None = None


class RemoveLot(ConditionalCommand, frozen=True, tag="remove_lot"):
    """Buyer: take a lot out of a draft."""

    lot_id: str


class ChangeEvent(ConditionalCommand, frozen=True, tag="change_event"):
    """Buyer: change a draft; what is given replaces what was. Currency and scale stay."""

    event_id: str
    title: str | None = None
    open_at_us: int | None = None
    duration_us: int | None = None
    overtime: Overtime | None = None
    disclosure: Disclosure | None = None
    rules: EventRules | None = None
    sale: SaleTerms | None = None


class CloneEvent(Command, frozen=True, tag="clone_event"):
    """Buyer: draft an event like one of its own, with another opening."""

    event_id: str
    open_at_us: int
    title: str | None = None
    invitations: bool = False
    lottery_sha256: str = ""
    practice: bool | None = None


LotCommand = (
    CloneEvent
    | AcceptLevel
    | BuyNow
    | RevealSeed
    | PauseEvent
    | ResumeEvent
    | ExtendLot
    | EndLot
    | ReopenLot
    | ChangeEvent
    | ChangeLot
    | RemoveLot
)
