"""The surplus market over REST: the catalogue, books, own orders, stock, and loads of spreadsheets."""

from collections.abc import AsyncIterator

from exchange_client.rest_base import Answer, RestBase, segment


class MarketRest(RestBase):
    """What the feeds don't tell: what was before, and what can be searched."""

    def instruments(self, wish: str = "", **wanted: object) -> AsyncIterator[Answer]:
        """By part number, a piece of one, or words, best first; `wanted` narrows: manufacturer, condition and so on."""
        return self.rows("/v1/instruments", "instruments", q=wish, **wanted)

    async def instrument_card(self, instrument_id: str) -> Answer:
        """An instrument with its part, its rules and the best bid and offer."""
        return await self.get(_instrument(instrument_id))

    async def book_now(self, instrument_id: str, *, depth: int | None = None) -> Answer:
        """The book as it is: levels of both sides, best first."""
        return await self.get(_instrument(instrument_id, "book"), depth=depth)

    async def phase_now(self, instrument_id: str) -> Answer:
        """The market's phase, with what a call indicates."""
        return await self.get(_instrument(instrument_id, "phase"))

    def market_trades(self, instrument_id: str) -> AsyncIterator[Answer]:
        """Every trade of an instrument, the latest first; nobody's names."""
        return self.rows(_instrument(instrument_id, "trades"), "trades")

    def orders(self, *, state: str = "", instrument_id: str = "") -> AsyncIterator[Answer]:
        """Own orders: `open` or `closed`, with their terms."""
        return self.rows("/v1/orders", "orders", state=state, instrument_id=instrument_id)

    async def order(self, order_id: str) -> Answer:
        """An own order, whatever became of it."""
        return await self.get(f"/v1/orders/{segment(order_id)}")

    def own_trades(self, *, instrument_id: str = "") -> AsyncIterator[Answer]:
        """Own fills, the latest first."""
        return self.rows("/v1/trades", "trades", instrument_id=instrument_id)

    def stock(self) -> AsyncIterator[Answer]:
        """Own stock."""
        return self.rows("/v1/stock", "stock")

    async def adverts(self, instrument_id: str = "") -> list[Answer]:
        """News of stock that sellers wanted told, without who they are."""
        found: list[Answer] = (await self.get("/v1/adverts", instrument_id=instrument_id))["adverts"]
        return found

    async def load_instruments(
        self, sheet: bytes, media: str = "text/csv", *, dry_run: bool = False, batch: str = ""
    ) -> Answer:
        """Operator: the instruments of a spreadsheet. `faults` tell row and column; see `load`."""
        return await self.upload("/v1/instruments/bulk", sheet, media, dry_run=dry_run, batch=batch)

    async def load_stock(
        self, sheet: bytes, media: str = "text/csv", *, dry_run: bool = False, batch: str = ""
    ) -> Answer:
        """Seller: declare the stock of a spreadsheet, and offer what has a price."""
        return await self.upload("/v1/stock/bulk", sheet, media, dry_run=dry_run, batch=batch)

    async def load(self, load_id: str) -> Answer:
        """How far a load is: `running`, until all its rows are settled."""
        return await self.get(f"/v1/loads/{segment(load_id)}")


def _instrument(instrument_id: str, rest: str = "") -> str:
    return f"/v1/instruments/{segment(instrument_id)}" + (f"/{rest}" if rest else "")
