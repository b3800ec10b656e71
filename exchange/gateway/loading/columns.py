"""What the columns of a spreadsheet mean: rows as instruments to create, or as stock to declare and offer.

Guarantees: a header is understood in many spellings, or refused by name; every fault of a row is told with its
row and column, not only the first; no value is guessed or rounded.
Does not know which instruments there are: see `loads`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct

from exchange.core.goods.instruments import Instruments
from exchange.core.goods.parts import identity_of, part_key
from exchange.core.limits import QUANTITY_MAX
from exchange.core.messages import Condition, CreateInstrument, Packaging, Rohs, Traceability
from exchange.core.rejects import EXPLANATIONS
from exchange.gateway.decoding import converted
from exchange.gateway.loading.sheets import Fault, Grid, Unreadable
from exchange.gateway.new_instrument import NewInstrument
from exchange.gateway.problems import Refused

FAULTS_SHOWN_MAX: Final = 1_000
"""Faults in one answer; the number of all is told too."""

PART_FIELDS: Final = (
    "manufacturer", "part_number", "condition", "packaging", "date_code_from", "date_code_to", "rohs", "origin",
    "traceability",
)  # fmt: skip
TERM_FIELDS: Final = (
    "symbol", "currency", "price_scale", "tick", "lot_multiple", "price_min", "price_max", "delivery",
    "guarantee_bps", "tax_regime", "goods_tax_bps", "min_amount", "reference_price", "description",
)  # fmt: skip
NEEDED_OF_A_PART: Final = ("manufacturer", "part_number", "condition")
STOCK_FIELDS: Final = ("instrument_id", "symbol", *PART_FIELDS, "quantity", "price")
SYNONYMS: Final[Mapping[str, str]] = {
    "mpn": "part_number", "partno": "part_number", "pn": "part_number", "part": "part_number",
    "partnr": "part_number", "manufacturerpartnumber": "part_number", "mfrpartnumber": "part_number",
    "mfr": "manufacturer", "mfg": "manufacturer", "maker": "manufacturer", "brand": "manufacturer",
    "cond": "condition", "pack": "packaging", "package": "packaging", "packing": "packaging",
    "dc": "date_code", "datecode": "date_code", "dcfrom": "date_code_from", "dcto": "date_code_to",
    "coo": "origin", "countryoforigin": "origin", "country": "origin", "traceabilityclass": "traceability",
    "qty": "quantity", "stock": "quantity", "available": "quantity", "pieces": "quantity",
    "unitprice": "price", "offerprice": "price", "refprice": "reference_price", "curr": "currency",
    "ccy": "currency", "lot": "lot_multiple", "lotsize": "lot_multiple", "text": "description",
    "desc": "description", "id": "instrument_id", "ceiling": "ceiling_price", "startprice": "ceiling_price",
    "step": "min_step", "decrement": "min_step", "floor": "floor_price", "reserve": "reserve_price",
    "baseline": "historic_price", "historic": "historic_price", "name": "title",
}  # fmt: skip
"""Headers, without case, blanks and marks, that mean a column besides its own name."""
_INTEGERS: Final = frozenset(
    {
        "price_scale",
        "lot_multiple",
        "guarantee_bps",
        "goods_tax_bps",
        "date_code_from",
        "date_code_to",
        "quantity",
    }
)
_CODES: Final[Mapping[str, type[Condition | Packaging | Rohs | Traceability]]] = {
    "condition": Condition, "packaging": Packaging, "rohs": Rohs, "traceability": Traceability,
}  # fmt: skip
_ROHS: Final = {"Y": "YES", "TRUE": "YES", "COMPLIANT": "YES", "N": "NO", "FALSE": "NO"}
_WHOLE: Final = re.compile(r"\d{1,12}", re.ASCII)
_PRICE: Final = re.compile(r"(0|[1-9]\d{0,13})(\.\d{1,16})?", re.ASCII)
_BAND: Final = re.compile(r"(\d{4}|\d{6})(\+|(?:\s*[-/]\s*)(\d{4}|\d{6}))?", re.ASCII)


class InstrumentRow(Struct, frozen=True, array_like=True):
    """An instrument to create, with its description."""

    row: int
    command: CreateInstrument
    description: str


class StockRow(Struct, frozen=True, array_like=True):
    """A quantity to declare, and to offer where there is a price; the instrument is named one way or another."""

    row: int
    instrument_id: str
    symbol: str
    part: dict[str, str | int]
    number_key: str  # the normalised part number, empty where a row names none
    quantity: int
    price: str


class LotRow(Struct, frozen=True, array_like=True):
    """A lot to draft, as texts by field: what they mean depends on its event."""

    row: int
    texts: dict[str, str]


class Reading(Struct, frozen=True, array_like=True):
    """What a sheet holds. With faults nothing may be loaded; `fault_count` counts those not shown, too."""

    instruments: list[InstrumentRow]
    stock: list[StockRow]
    faults: list[Fault]
    fault_count: int
    titles: dict[str, str]
    """What the sheet calls each field that it has."""
    lots: list[LotRow] = []


R = TypeVar("R", InstrumentRow, StockRow, LotRow)
Texts = dict[str, str]
Wrong = dict[str, str]
"""What is wrong, by field."""


def instruments_in(grid: Grid) -> Reading:
    """Instruments, checked as far as that can be done without knowing the others. Raises Unreadable."""
    rules, seen = Instruments(), dict[object, int]()

    def one(number: int, texts: Texts) -> InstrumentRow | Wrong:
        return _instrument(number, texts, rules, seen)

    titles = titles_of(grid.header, (*PART_FIELDS, *TERM_FIELDS), ("currency",))
    rows, faults = rows_of(grid, titles, one)
    return Reading(rows, [], faults[:FAULTS_SHOWN_MAX], len(faults), titles)


def stock_in(grid: Grid) -> Reading:
    """Stock lines. Raises Unreadable."""
    titles = titles_of(grid.header, STOCK_FIELDS, ("quantity",))
    rows, faults = rows_of(grid, titles, _stock)
    return Reading([], rows, faults[:FAULTS_SHOWN_MAX], len(faults), titles)


def rows_of(
    grid: Grid, titles: Mapping[str, str], one: Callable[[int, Texts], R | Wrong]
) -> tuple[list[R], list[Fault]]:
    """What `one` makes of the texts of each row, and every fault; a cell that couldn't be read is no text."""
    names = list(titles)
    rows: list[R] = []
    faults: list[Fault] = []
    for number, cells in grid.lines:
        wrong: Wrong = {}
        if any(cells[len(names) :]):
            wrong[names[-1]] = "The row is longer than the header."
        texts = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
        unfit = {
            name: detail for column, name in enumerate(names) if (detail := grid.unfit.get((number, column)))
        }
        found = one(number, {name: text for name, text in texts.items() if name not in unfit})
        if isinstance(found, dict):
            wrong |= {name: detail for name, detail in found.items() if name not in unfit}
        if wrong := wrong | unfit:
            faults += [Fault(number, titles.get(name, name), detail) for name, detail in wrong.items()]
        elif not isinstance(found, dict):
            rows.append(found)
    return rows, faults


def titles_of(header: list[str], known: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, str]:
    """The title of each column by its field, in order. Raises Unreadable for what is unknown, doubled or missing."""
    own = {name.replace("_", ""): name for name in (*known, "date_code")}
    titles: dict[str, str] = {}
    for title in header:
        plain = re.sub(r"[\W_]", "", title.lower())
        name = own.get(plain) or SYNONYMS.get(plain, "")
        if name not in own.values():
            raise Unreadable(f"The column {title[:50]!r} is unknown. Name it one of {', '.join(known)}.")
        if name in titles:
            raise Unreadable(f"Two columns are {name}. Remove one.")
        titles[name] = title
    if missing := [name for name in needed if name not in titles]:
        raise Unreadable(f"The column {missing[0]} is missing. Add it.")
    return titles


def _instrument(
    number: int, texts: Texts, rules: Instruments, seen: dict[object, int]
) -> InstrumentRow | Wrong:
    wrong: Wrong = {}
    document = _document(texts, wrong)
    wrong |= {name: "It is missing." for name in NEEDED_OF_A_PART if "part" in document and name not in texts}
    if wrong:
        return wrong
    try:
        body = converted(document, NewInstrument, strict=True)
        command = body.command()
    except Refused as refused:
        return {each.field.removeprefix("part."): each.detail for each in refused.errors}
    if reject := rules.refusal(command):
        explained = EXPLANATIONS[reject.code]
        return {reject.field.removeprefix("part."): f"{explained.sentence} {explained.remedy}"}
    identity = identity_of(command.part) if command.part else None
    for key, field in ((identity, "part_number"), (command.symbol, "symbol")):
        if key and (earlier := seen.setdefault(key, number)) != number:
            return {field: f"Row {earlier} is the same."}
    return InstrumentRow(number, command, body.description or "")


def _document(texts: Texts, wrong: Wrong) -> dict[str, Any]:
    """The row as REST would take it."""
    values: dict[str, Any] = {}
    for name, text in _banded(texts, wrong).items():
        if name in _INTEGERS:
            values[name] = _integer(name, text, wrong)
        elif name in _CODES:
            values[name] = _code(name, text)
        elif name in {"currency", "origin"}:
            values[name] = text.upper()
        elif name in {"delivery", "tax_regime"}:
            values[name] = re.sub(r"\W+", "_", text.lower())
        else:
            values[name] = text
    part = {name: values.pop(name) for name in PART_FIELDS if name in values}
    return values | ({"part": part} if part else {})


def _banded(texts: Texts, wrong: Wrong) -> Texts:
    """Date codes as YYYYWW: from a column of bands (2314, 2314-2340, 2314+), or from one for each end."""
    texts = dict(texts)
    band = texts.pop("date_code", "")
    if band:
        found = _BAND.fullmatch(band)
        if found is None:
            wrong["date_code"] = "Write weeks as YYYYWW or YYWW: 202314, 202314-202340 or 202314+."
        else:
            texts["date_code_from"] = found[1]
            if found[2] != "+":
                texts["date_code_to"] = found[3] or found[1]
    for name in ("date_code_from", "date_code_to"):
        if len(texts.get(name, "")) == 4:
            short = texts[name]
            texts[name] = ("19" if short >= "7000" else "20") + short
    return texts


def _integer(name: str, text: str, wrong: Wrong) -> int:
    if not _WHOLE.fullmatch(text):
        wrong[name] = "Write a whole number, without sign and separators."
        return 0
    return int(text)


def _code(name: str, text: str) -> str:
    code = re.sub(r"[\s_-]+", "-", text.upper())
    return _ROHS.get(code, code) if name == "rohs" else code


def _stock(number: int, texts: Texts) -> StockRow | Wrong:
    wrong: Wrong = {}
    values = _document(texts, wrong)
    part = values.pop("part", {})
    quantity, price = values.get("quantity", 0), values.get("price", "")
    if "quantity" not in texts:
        wrong["quantity"] = "It is missing."
    elif "quantity" not in wrong and not 1 <= quantity <= QUANTITY_MAX:
        wrong["quantity"] = f"Write 1 to {QUANTITY_MAX} pieces."
    if price and (not _PRICE.fullmatch(price) or not price.strip("0.")):
        wrong["price"] = "Write a positive price like 2.375, with a point and without separators."
    for name, kind in _CODES.items():
        if name in part and part[name] not in list(kind):
            wrong[name] = f"Write one of {', '.join(kind)}."
    key = part_key(part["part_number"]) if "part_number" in part else ""
    if key is None:
        wrong["part_number"] = "It can't be read as a part number."
    if not any((values.get("instrument_id"), values.get("symbol"), key)) and not wrong:
        wrong["part_number"] = "Name the instrument: by instrument_id, symbol or part_number."
    if wrong:
        return wrong
    names = (values.get("instrument_id", ""), values.get("symbol", ""))
    return StockRow(number, *names, part, key or "", quantity, price)
