"""A settlement note: one settled line of a contract, as the side that it belongs to may know it.

Guarantees: price, goods tax, fee and its tax add up to the total, which is what moved on the side's own accounts;
the other side is the exchange, and nothing in the note differs by who stood behind it. The number is made of the
contract's id and the line's place, so it counts nothing of others. The proof is that of the command that settled the
line: whoever keeps a later value of the journal's chain can verify it.
Known limits: it tells the settlement; a claim that is remedied later is in the statement.
"""

from typing import Final

from msgspec import Struct

from exchange.accounting.paper import Column, Paper, Table, csv_of
from exchange.core.messages.base import Side
from exchange.core.values import decimal_of, instant_of, scale_of_unit
from exchange.journal.receipt import Proof

COLUMNS: Final = [Column("what", 24), Column("figure", 100)]


class Note(Struct, frozen=True):
    """Amounts in minor units, the price in 10^-price_scale; fee and tax on it are what this side bore."""

    contract_id: str
    line: int
    member_id: str
    side: Side
    symbol: str
    instrument_id: str
    currency: str
    price_scale: int
    trade_number: int
    traded_at_us: int
    settled_at_us: int
    price: int
    quantity: int  # what was settled in the end: a part may have been refunded before
    amount_minor: int
    goods_tax_minor: int
    fee_minor: int
    fee_tax_minor: int
    proof: Proof

    @property
    def number(self) -> str:
        """The note's own, for ever."""
        return f"{self.contract_id}-{self.line}"

    @property
    def total_minor(self) -> int:
        """What a buyer paid, or a seller got."""
        charged = self.fee_minor + self.fee_tax_minor
        goods = self.amount_minor + self.goods_tax_minor
        return goods + charged if self.side is Side.BUY else goods - charged


def note_csv(note: Note) -> bytes:
    """A line a figure."""
    return csv_of(COLUMNS, [list(fact) for fact in facts(note)])


def note_paper(note: Note, name: str, country: str) -> Paper:
    """The note on paper; name and country are its member's."""
    to = " ".join(part for part in (name, country, f"(member {note.member_id})") if part)
    said, proof = facts(note), _proof(note.proof)
    shown = [fact for fact in said if fact not in proof]
    rows = [list(fact) for fact in proof]
    return Paper("Settlement note", [("Of", to), *shown], [Table(COLUMNS, rows)])


def facts(note: Note) -> list[tuple[str, str]]:
    """Everything that the note says, in its order."""
    scale = scale_of_unit(note.currency)
    is_buyer = note.side is Side.BUY
    return [
        ("Number", note.number),
        ("Settled", instant_of(note.settled_at_us)),
        ("Contract", f"{note.contract_id}, line {note.line}"),
        ("With", "The exchange"),
        ("Bought" if is_buyer else "Sold", f"{note.quantity} of {note.symbol} ({note.instrument_id})"),
        ("Trade", f"{note.trade_number or 'of a lot'}, {instant_of(note.traded_at_us)}"),
        ("Price", f"{decimal_of(note.price, note.price_scale)} {note.currency}"),
        ("Amount", decimal_of(note.amount_minor, scale)),
        ("Goods tax", decimal_of(note.goods_tax_minor, scale)),
        ("Fee", decimal_of(note.fee_minor, scale)),
        ("Tax on fee", decimal_of(note.fee_tax_minor, scale)),
        ("Paid" if is_buyer else "Received", f"{decimal_of(note.total_minor, scale)} {note.currency}"),
        *_proof(note.proof),
    ]


def _proof(proof: Proof) -> list[tuple[str, str]]:
    path = [(f"Path {place}", step.hex()) for place, step in enumerate(proof.path, 1)]
    header = proof.header.to_bytes().hex()
    return [
        ("Journal sequence", str(proof.seq)),
        ("Leaf", proof.leaf.hex()),
        *path,
        ("Header 1", header[: len(header) // 2]),
        ("Header 2", header[len(header) // 2 :]),
        ("Chain before", proof.previous.hex()),
        ("Chain", proof.chain.hex()),
    ]
