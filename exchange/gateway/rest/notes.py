"""REST of settlement notes: one settled line of a contract as a document, as JSON, CSV or PDF.

Guarantees: a member gets its own side's, the operator that of the member it names; the same note is the same bytes
for ever, for as long as the member's profile is kept. A line that is another's is answered as one that does not exist.
"""

from typing import Final

from msgspec import Struct

from exchange.accounting.note import Note, note_csv, note_paper
from exchange.accounting.printer import PrinterBusy
from exchange.core.messages.base import Side
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.notation import Decimals, Id, InstantText, decimal_of, instant_of, scale_of_unit
from exchange.gateway.problems import Refused
from exchange.gateway.rest.instruments import instrument_of
from exchange.gateway.rest.proofs import ProofShown, batch_of, proof_shown
from exchange.gateway.rest.statements import Format, accepted
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route
from exchange.gateway.stored.records import Row
from exchange.journal.receipt import make_proof

_LINE: Final = """
select l.*, s.quantity as left_quantity, s.goods_tax_minor as left_tax_minor
from contract_lines l left join lateral (
    select quantity, goods_tax_minor from deal_steps d
    where d.contract_id = l.contract_id and d.line = l.line and d.member_id = l.member_id
        and d.seq = l.settled_seq and d.state in ('accepted', 'void') limit 1
) as s on true
where l.contract_id = $1 and l.line = $2 and l.member_id = $3
"""


class NoteQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose side of it, for the operator; `format` goes before the header Accept."""

    member_id: Id | None = None
    format: Format | None = None


class NoteShown(Struct, frozen=True):
    """What was settled with the exchange: `total` is what a buyer paid or a seller got.

    `amount` and `goods_tax`, to which a buyer adds `fee` and `fee_tax`, and from which a seller gives them.
    """

    number: str
    contract_id: str
    line: int
    side: Side
    instrument_id: str
    symbol: str
    currency: str
    trade_number: int
    traded_at: InstantText
    settled_at: InstantText
    quantity: int
    price: Decimals
    amount: Decimals
    goods_tax: Decimals
    fee: Decimals
    fee_tax: Decimals
    total: Decimals
    proof: ProofShown


async def get_settlement_note(call: Call[NoBody, NoteQuery]) -> NoteShown | bytes:
    """The receipt of one settled line, as JSON, CSV (`text/csv`) or PDF (`application/pdf`)."""
    member_id, line = call.subject(call.query.member_id), call.number("line")
    row = await call.ports.records.fetch_row(_LINE, call.id("contract_id"), line, member_id)
    if row is None:
        raise Refused(Reject(RejectCode.LINE_UNKNOWN, field="line"))
    if not row["settled_seq"]:
        raise Refused(RejectCode.LINE_NOT_SETTLED)
    note = await _note(call, row)
    wanted = call.query.format or accepted(call.request.headers.get("Accept", ""))
    if wanted == "json":
        return _shown(note)
    call.headers["Content-Disposition"] = f'attachment; filename="settlement-{note.number}.{wanted}"'
    if wanted == "csv":
        call.headers["Content-Type"] = "text/csv; charset=utf-8"
        return note_csv(note)
    profile = (await call.ports.profiles.of_members([member_id])).get(member_id)
    paper = note_paper(note, profile.name if profile else "", profile.country if profile else "")
    call.headers["Content-Type"] = "application/pdf"
    try:
        return await call.ports.printer.print(paper)
    except PrinterBusy as error:
        raise Refused(RejectCode.TOO_MANY_REQUESTS, "Other papers are being printed.") from error


async def _note(call: Call[NoBody, NoteQuery], row: Row) -> Note:
    instrument = instrument_of(call.views, row["instrument_id"])
    is_deal = row["left_quantity"] is not None
    return Note(
        row["contract_id"],
        row["line"],
        row["member_id"],
        Side(row["side"]),
        instrument.symbol,
        instrument.instrument_id,
        instrument.currency,
        instrument.price_scale,
        row["trade_number"],
        row["at_us"],
        row["settled_at_us"],
        row["price"],
        row["left_quantity"] if is_deal else row["quantity"],
        row["settled_minor"],
        row["left_tax_minor"] if is_deal else row["goods_tax_minor"],
        row["fee_minor"],
        row["fee_tax_minor"],
        make_proof(await batch_of(call.ports.engine.journal, row["settled_seq"]), row["settled_seq"]),
    )


def _shown(note: Note) -> NoteShown:
    scale = scale_of_unit(note.currency)
    return NoteShown(
        note.number,
        note.contract_id,
        note.line,
        note.side,
        note.instrument_id,
        note.symbol,
        note.currency,
        note.trade_number,
        instant_of(note.traded_at_us),
        instant_of(note.settled_at_us),
        note.quantity,
        decimal_of(note.price, note.price_scale),
        decimal_of(note.amount_minor, scale),
        decimal_of(note.goods_tax_minor, scale),
        decimal_of(note.fee_minor, scale),
        decimal_of(note.fee_tax_minor, scale),
        decimal_of(note.total_minor, scale),
        proof_shown(note.proof),
    )


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/contracts/{contract_id}/lines/{line}/settlement-note", "Read a settlement note",
        get_settlement_note, NoBody, NoteQuery, NoteShown,
    ),
)  # fmt: skip
