"""The messages of timed lots that came after the English one, each kind in a module of its own, as two unions."""

from exchange.core.messages.bids import BidCommand, BidEvent
from exchange.core.messages.currencies import CurrencyCommand, CurrencyEvent
from exchange.core.messages.lines import LinesPriced
from exchange.core.messages.lot_sales import LotSaleEvent, PaySale
from exchange.core.messages.practice import PracticeEvent
from exchange.core.messages.review import ReviewCommand, ReviewEvent
from exchange.core.messages.scoring import ScoringCommand, ScoringEvent
from exchange.core.messages.sealed import SealedCommand, SealedEvent
from exchange.core.messages.standstill import StandstillCommand, StandstillEvent

LotCommand = (
    SealedCommand
    | BidCommand
    | ScoringCommand
    | ReviewCommand
    | StandstillCommand
    | PaySale
    | CurrencyCommand
)
LotEvent = (
    SealedEvent
    | BidEvent
    | ScoringEvent
    | ReviewEvent
    | LinesPriced
    | StandstillEvent
    | PracticeEvent
    | LotSaleEvent
    | CurrencyEvent
)
