"""What is shown of a lot."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from exchange.core.messages.currencies import BidCurrency
from exchange.core.messages.lot_rules import Light, LotDirection, LotRules
from exchange.core.messages.shown_base import Shown
from exchange.core.messages.shown_bids import AliasPrice
from exchange.core.messages.shown_lines import AliasLines, OwnLines
from exchange.core.messages.shown_scoring import AliasScore, OwnScore
from exchange.core.messages.shown_sealed import SealedState


class LotClock(Struct, frozen=True, gc=False, omit_defaults=True):
    """What the clock of an open lot shows: a level to accept, or a round with its turns.

    `own_turn`, `taken` and `dropped_out` are the viewer's own: whether it may bid now, whether it has accepted the
    level or used its turn, and whether it has let a level pass.
    """

    level_price: int = 0  # 0: no level
    round_number: int = 0  # from 1; where nobody has a turn, the pause before it
    until_us: int = 0  # when the level, the turn or the pause ends; 0: with the lot
    own_turn: bool = False
    taken: bool = False
    dropped_out: bool = False
    active: int | UnsetType = (
        UNSET  # how many accepted the level before, or this one; where the count is told
    )
    turn_alias: int | UnsetType = UNSET  # whose turn it is, where prices by alias are told


class Lot(Shown, frozen=True, tag="lot"):
    """A lot as this viewer may see it: its whole state, at subscription, and anew when the viewer becomes somebody else
    to it, as who has bid where that shows the lead; changes come as `lot_delta`.

    Which of the optional fields are there depends on the event's disclosure and on who looks.
    """

    channel: str
    epoch: int
    offset: int
    lot_id: str
    event_id: str
    title: str
    state: str
    currency: str
    price_scale: int
    quantity: int
    ceiling_price: int
    min_step: int
    tick: int
    open_at_us: int
    close_at_us: int
    overtime_us: int
    at_us: int
    own_price: int | UnsetType = UNSET
    own_rank: int | UnsetType = UNSET
    own_alias: int | UnsetType = UNSET
    bid_max: int | UnsetType = UNSET  # the highest bid that would be taken now
    lead_price: int | UnsetType = UNSET
    participants: int | UnsetType = UNSET
    prices: list[AliasPrice] | UnsetType = UNSET
    awarded_alias: int | UnsetType = UNSET
    winner_id: str | UnsetType = UNSET  # to the buyer and the operator, after the award
    buyer_id: str | UnsetType = UNSET  # to the winner and the operator, after the award
    direction: LotDirection | UnsetType = UNSET  # where it isn't reverse
    bid_min: int | UnsetType = UNSET  # forward: the lowest bid that would be taken now
    rules: LotRules | UnsetType = (
        UNSET  # where they aren't the usual ones; without what is the buyer's secret
    )
    reserve_met: bool | UnsetType = UNSET  # whether the lead is as good as the reserve
    paused_at_us: int | UnsetType = UNSET  # since when the clock of a running lot stands still
    hard_deadline_us: int | UnsetType = UNSET
    sealed: SealedState | UnsetType = UNSET
    clock: LotClock | UnsetType = UNSET  # while the lot is open, where its format has one
    own_score: OwnScore | UnsetType = UNSET  # scored: how own prices compare; others' are in own terms
    scores: list[AliasScore] | UnsetType = UNSET  # scored, to buyer and operator: what compares
    own_limit: int | UnsetType = UNSET  # up to which the lot bids for the viewer
    own_lines: OwnLines | UnsetType = UNSET  # where the own bid says its lines
    bid_lines: list[AliasLines] | UnsetType = UNSET  # of several lines, to buyer and operator
    gap: int | UnsetType = UNSET  # how far the own price is behind the lead
    light: Light | UnsetType = UNSET
    practice: bool | UnsetType = UNSET  # true: to train; nothing in it binds
    instrument_id: str | UnsetType = UNSET  # from stock: of what
    own_currency: BidCurrency | UnsetType = (
        UNSET  # of all that is the viewer's own, and of others' prices as shown to it, where it isn't `currency`
    )


class LotDelta(Shown, frozen=True, tag="lot_delta"):
    """What has changed of a lot since the frame before: fields of `lot` under their names, null for what is gone."""

    channel: str
    epoch: int
    offset: int
    at_us: int
    changed: dict[str, Any]
