"""What is shown of a lot. See `shown`."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, convert, to_builtins

from exchange_client.currencies import BidCurrency
from exchange_client.lines import AliasLines, OwnLines
from exchange_client.lot_rules import Light, LotDirection, LotRules
from exchange_client.scoring import AliasScore, OwnScore
from exchange_client.sealed import SealedState
from exchange_client.shown_queues import Shown


class LotClock(Struct, frozen=True, omit_defaults=True):
    """What the clock of an open lot shows: a level to accept, or a round with its turns."""

    level_price: int = 0
    round_number: int = 0
    until_us: int = 0
    own_turn: bool = False
    taken: bool = False
    dropped_out: bool = False
    active: int | UnsetType = UNSET
    turn_alias: int | UnsetType = UNSET


class AliasPrice(Struct, frozen=True, array_like=True, gc=False):
    """A supplier's best bid under its alias in this lot."""

    alias: int
    price: int
    surrogate: bool = False  # an operator made it for its bidder


class Lot(Shown, frozen=True, tag="lot"):
    """A lot as this viewer may see it: its whole state."""

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
    bid_max: int | UnsetType = UNSET
    lead_price: int | UnsetType = UNSET
    participants: int | UnsetType = UNSET
    prices: list[AliasPrice] | UnsetType = UNSET
    awarded_alias: int | UnsetType = UNSET
    winner_id: str | UnsetType = UNSET
    buyer_id: str | UnsetType = UNSET
    direction: LotDirection | UnsetType = UNSET
    bid_min: int | UnsetType = UNSET
    rules: LotRules | UnsetType = UNSET
    reserve_met: bool | UnsetType = UNSET
    paused_at_us: int | UnsetType = UNSET
    hard_deadline_us: int | UnsetType = UNSET
    sealed: SealedState | UnsetType = UNSET
    clock: LotClock | UnsetType = UNSET
    own_score: OwnScore | UnsetType = UNSET
    scores: list[AliasScore] | UnsetType = UNSET
    own_limit: int | UnsetType = UNSET  # up to which the lot bids for the viewer
    own_lines: OwnLines | UnsetType = UNSET
    bid_lines: list[AliasLines] | UnsetType = UNSET
    gap: int | UnsetType = UNSET  # how far the own price is behind the lead
    light: Light | UnsetType = UNSET
    practice: bool | UnsetType = UNSET  # true: to train; nothing in it binds
    instrument_id: str | UnsetType = UNSET  # from stock: of what
    own_currency: BidCurrency | UnsetType = (
        UNSET  # of own prices and of others' as shown, where it isn't `currency`
    )


class LotDelta(Shown, frozen=True, tag="lot_delta"):
    """What has changed of a lot since the frame before: fields of `lot` under their names, null for what is gone."""

    channel: str
    epoch: int
    offset: int
    at_us: int
    changed: dict[str, Any]

    def applied_to(self, lot: Lot) -> Lot:
        """The whole lot after the change."""
        fields = to_builtins(lot) | self.changed
        place = {"offset": self.offset, "at_us": self.at_us}
        return convert({name: value for name, value in fields.items() if value is not None} | place, Lot)
