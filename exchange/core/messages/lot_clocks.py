"""Lots with a clock: its levels are accepted (Dutch, Japanese), or its turns say who may bid (rounds)."""

from exchange.core.messages.base import Command, Event, Price, PublicId


class AcceptLevel(Command, frozen=True, tag="accept_level"):
    """Bidder: accept the price that the clock of a Dutch or Japanese lot shows.

    Counts if the exchange's instant for it is before the level's end. Named, so that nobody accepts a price that
    it hasn't seen.
    """

    lot_id: PublicId
    price: Price


class LevelSet(Event, frozen=True, tag="level_set"):
    """The clock shows this price from now on; an acceptance is a BidSubmitted at it."""

    lot_id: str
    number: int  # from 1
    price: int
    until_us: int  # 0: until the close


class RoundsStarted(Event, frozen=True, tag="rounds_started"):
    """All first prices are in; the lot closes when its rounds are over."""

    lot_id: str
    close_at_us: int


class RoundPaused(Event, frozen=True, tag="round_paused"):
    """Nobody bids before this round begins."""

    lot_id: str
    round_number: int  # from 1
    until_us: int


class TurnBegan(Event, frozen=True, tag="turn_began"):
    """The first of `order` may bid once until then; the others follow in this round."""

    lot_id: str
    round_number: int
    order: list[int]  # aliases
    until_us: int


LotClockEvent = LevelSet | RoundsStarted | RoundPaused | TurnBegan
