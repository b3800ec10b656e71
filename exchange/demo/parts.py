"""Part numbers with a price and a stock each: facts of real electronic parts."""

import csv
from importlib.resources import files
from typing import Final

from msgspec import Struct

PRICE_SCALE: Final = 4
"""Decimals of the demo's prices, in USD."""
LOT_MULTIPLE: Final = 100
"""With four decimals, a hundred pieces are what makes every price whole cents."""


class Part(Struct, frozen=True):
    """`price` is in 10^-4 USD; `stock` in pieces, a multiple of LOT_MULTIPLE."""

    part_number: str
    price: int
    stock: int


def load_parts() -> list[Part]:
    """All parts of the list, by part number."""
    with (files("exchange.demo") / "parts.csv").open() as file:
        return [
            Part(
                row["part_number"],
                round(float(row["price_usd"]) * 10**PRICE_SCALE),
                max(1, int(row["stock"]) // LOT_MULTIPLE) * LOT_MULTIPLE,
            )
            for row in csv.DictReader(file)
        ]
