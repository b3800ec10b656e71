"""Commands of what follows a close: bid bonds, awards in parts, defaults."""

from msgspec import Struct

from exchange_client.command import Command
from exchange_client.lot_sales import PaySale


class PlaceBond(Command, frozen=True, tag="place_bond"):
    """Supplier: put the bond that an event asks for from the own wallet into the deposit, before the first bid."""

    event_id: str


class ReturnBond(Command, frozen=True, tag="return_bond"):
    """Buyer or operator: a winner's contract stands; its bond is free."""

    event_id: str
    member_id: str


class AwardPart(Struct, frozen=True, omit_defaults=True):
    """What of a lot goes to the supplier behind an alias: a quantity, or basis points of the lot's."""

    alias: int
    quantity: int = 0
    share_bps: int = 0


class SplitLot(Command, frozen=True, tag="split_lot"):
    """Buyer: award a closed lot in parts, or to another than the best bid for a reason."""

    lot_id: str
    parts: tuple[AwardPart, ...]
    reason: str = ""


class AwardBest(Command, frozen=True, tag="award_best"):
    """Buyer: award a closed lot to the best bid; where it has units, one to each of as many of the best."""

    lot_id: str


class DeclareDefault(Command, frozen=True, tag="declare_default"):
    """Buyer or operator: a winner does not perform."""

    lot_id: str
    alias: int
    reason: str
    award_next: bool = True


class FileComplaint(Command, frozen=True, tag="file_complaint"):
    """Supplier: object to the award of a lot that one has bid for, while it stands still."""

    lot_id: str
    text_hash: str


class AnswerComplaint(Command, frozen=True, tag="answer_complaint"):
    """Buyer or operator: uphold a complaint, which withdraws the award, or reject it."""

    lot_id: str
    alias: int
    uphold: bool
    text_hash: str


AwardCommand = (
    PlaceBond | ReturnBond | SplitLot | AwardBest | DeclareDefault | FileComplaint | AnswerComplaint | PaySale
)
