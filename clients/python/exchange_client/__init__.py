"""Python client of the exchange: it speaks the public wire and imports nothing of the server.

`Client` is where to begin; the README beside this package shows how. What is named here is the public face;
`exchange_client.session` is the same session without any input or output, for other loops and for simulations.
"""

from exchange_client.book import Book, Level
from exchange_client.channels import Resynced
from exchange_client.client import Client
from exchange_client.command import order_version
from exchange_client.corrections import BustCause, TradeStatus
from exchange_client.drops import DropFeed, DropUpdate
from exchange_client.errors import (
    Closed,
    ExchangeError,
    Invalid,
    NotExecuted,
    NotProven,
    Rejected,
    Stopped,
    TooManyOpen,
    Unknown,
    Unreachable,
)
from exchange_client.lines import LotLine
from exchange_client.lot_prices import LotPrices
from exchange_client.lot_rules import EventRules, LotRules, Overtime
from exchange_client.messages import Disclosure, Role, Side, Standing, TimeInForce
from exchange_client.phases import Phase
from exchange_client.posts import Post
from exchange_client.queues import PhaseState, QueuedOrder, Queues, QueuesUpdate
from exchange_client.receipts import Proven, checked
from exchange_client.rest import Refused, Rest
from exchange_client.results import Done, EventMade, Made, Numbered, Placed
from exchange_client.rooms import Room
from exchange_client.scoring import CostRate, Feature, FeatureOption, Scoring
from exchange_client.session import Position, Settings
from exchange_client.shown import Ack
from exchange_client.updates import BookUpdate, Instrument, LotState, OwnUpdate, Quotation, Trade

__all__ = [
    "Ack",
    "Book",
    "BookUpdate",
    "BustCause",
    "Client",
    "Closed",
    "CostRate",
    "Disclosure",
    "Done",
    "DropFeed",
    "DropUpdate",
    "EventMade",
    "EventRules",
    "ExchangeError",
    "Feature",
    "FeatureOption",
    "Instrument",
    "Invalid",
    "Level",
    "LotLine",
    "LotPrices",
    "LotRules",
    "LotState",
    "Made",
    "NotExecuted",
    "NotProven",
    "Numbered",
    "Overtime",
    "OwnUpdate",
    "Phase",
    "PhaseState",
    "Placed",
    "Position",
    "Post",
    "Proven",
    "QueuedOrder",
    "Queues",
    "QueuesUpdate",
    "Quotation",
    "Refused",
    "Rejected",
    "Rest",
    "Resynced",
    "Role",
    "Room",
    "Scoring",
    "Settings",
    "Side",
    "Standing",
    "Stopped",
    "TimeInForce",
    "TooManyOpen",
    "Trade",
    "TradeStatus",
    "Unknown",
    "Unreachable",
    "checked",
    "order_version",
]
