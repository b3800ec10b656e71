"""What the columns of a spreadsheet of lots mean, as far as that can be told without their event.

Guarantees: those of `columns`. Prices stay texts: their decimals are the event's.
"""

import re
from typing import Final

from exchange.core.limits import LOTS_PER_EVENT_MAX, QUANTITY_MAX
from exchange.gateway.loading.columns import (
    FAULTS_SHOWN_MAX,
    LotRow,
    Reading,
    Texts,
    Wrong,
    rows_of,
    titles_of,
)
from exchange.gateway.loading.sheets import Grid, Unreadable

NEEDED: Final = ("title", "quantity", "ceiling_price", "min_step")
RULE_PRICES: Final = (
    "floor_price", "reserve_price", "qualification_price", "historic_price", "buy_now_price", "max_step",
)  # fmt: skip
RULE_CODES: Final = ("improve_on", "tie_policy", "reserve_visibility")
LOT_FIELDS: Final = (*NEEDED, "tick", "instrument_id", "symbol", *RULE_PRICES, *RULE_CODES)
_PRICES: Final = frozenset({"ceiling_price", "min_step", "tick", *RULE_PRICES})
_WHOLE: Final = re.compile(r"[1-9]\d{0,11}", re.ASCII)
_DECIMAL: Final = re.compile(r"(0|[1-9]\d{0,13})(\.\d{1,16})?", re.ASCII)


def lots_in(grid: Grid) -> Reading:
    """Lots in the order of their rows. Raises Unreadable, also where there are more than an event can have."""
    titles = titles_of(grid.header, LOT_FIELDS, NEEDED)
    rows, faults = rows_of(grid, titles, _lot)
    if len(rows) > LOTS_PER_EVENT_MAX:
        raise Unreadable(f"An event has at most {LOTS_PER_EVENT_MAX} lots. Divide the sheet.")
    return Reading([], [], faults[:FAULTS_SHOWN_MAX], len(faults), titles, rows)


def _lot(number: int, texts: Texts) -> LotRow | Wrong:
    wrong = {name: "It is missing." for name in NEEDED if name not in texts}
    for name, text in texts.items():
        if name == "quantity" and not (_WHOLE.fullmatch(text) and int(text) <= QUANTITY_MAX):
            wrong[name] = f"Write 1 to {QUANTITY_MAX} pieces, without separators."
        elif name in _PRICES and (not _DECIMAL.fullmatch(text) or not text.strip("0.")):
            wrong[name] = "Write a positive price like 2.375, with a point and without separators."
    coded = {name: re.sub(r"[\s-]+", "_", texts[name].lower()) for name in RULE_CODES if name in texts}
    return wrong or LotRow(number, texts | coded)
