"""What a client sends to steer sourcing events and their lots while they run."""

from exchange_client.command import Command, ConditionalCommand


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


LotCommand = BuyNow | RevealSeed | PauseEvent | ResumeEvent | ExtendLot | EndLot
