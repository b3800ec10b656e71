"""What an event report is made of, as JSON shows it."""

from msgspec import UNSET, Struct, UnsetType

from exchange.core.market.lots.savings import Baseline
from exchange.core.market.sourcing import EventState, LotState
from exchange.core.messages.lifecycles import AwardState
from exchange.gateway.notation import Decimals, InstantText
from exchange.gateway.rest.savings_texts import SavingsShown
from exchange.gateway.rest.sourcing import Event


class AwardReported(Struct, frozen=True):
    """What one supplier has won of a lot."""

    alias: int
    winner_id: str
    price: Decimals
    quantity: int
    amount: Decimals


class LotReported(Struct, frozen=True):
    """A lot before and after.

    `price_before` is what was paid before, or the opening price; `price_after` that of the award, of several the mean
    by quantity, or while there is none that of the lead. `reason` is why it was awarded like this, where one was given.
    """

    lot_id: str
    title: str
    state: LotState
    quantity: int
    baseline: Baseline | None
    price_before: Decimals | None
    price_after: Decimals | None
    savings: SavingsShown | None
    overtime_us: int
    extensions: int
    bidders: int | UnsetType
    awards: list[AwardReported]
    reason: str
    award_state: AwardState | UnsetType = UNSET  # of an award that bidders may, or might, complain of


class StepReported(Struct, frozen=True):
    """What happened to the event, or to the lot if there is one; the opening and close that it led to.

    `by_us` is how long a pause was, or how far all moved; of overtime, all of it so far.
    """

    at: InstantText
    kind: str
    lot_id: str | UnsetType = UNSET
    open_at: InstantText | UnsetType = UNSET
    close_at: InstantText | UnsetType = UNSET
    by_us: int | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class BidReported(Struct, frozen=True):
    """A bid that was taken; `number` counts the bids of its lot."""

    lot_id: str
    number: int
    alias: int
    price: Decimals
    at: InstantText
    revoked: str | UnsetType = UNSET  # why it counts no more
    surrogate: str | UnsetType = UNSET  # why an operator made it for its bidder


class ReportPage(Struct, frozen=True):
    """The report; of its bids, which stand lot by lot, a page. `event` has all rules.

    It is `final` once every lot is awarded and no award stands still, or the event cancelled, and that is in the
    records. `savings` adds up the lots that have a price after and a baseline.
    """

    event_id: str
    title: str
    state: EventState
    currency: str
    price_scale: int
    final: bool
    event: Event
    savings: SavingsShown
    lots: list[LotReported]
    timetable: list[StepReported]
    bids: list[BidReported]
    next: str
    practice: bool | UnsetType = UNSET  # true: it was to train; nothing in it bound, and nothing was saved
