"""Follow a book and its trades side by side, until somebody interrupts.

EXCHANGE_URL=http://127.0.0.1:8080 EXCHANGE_KEY=… python follow_market.py NE555P
"""

import asyncio
import os
import sys

from exchange_client import Client, Instrument, Resynced


async def show_book(client: Client, instrument: Instrument) -> None:
    async for update in client.book(instrument):
        if isinstance(update, Resynced):  # something was missed; the next update holds the whole book
            print("book begins anew:", update.why)
            continue
        for bid, ask in zip(update.book.bids(1), update.book.asks(1), strict=False):
            print(f"{bid.quantity} at {bid.price} | {ask.quantity} at {ask.price}")


async def show_trades(client: Client, instrument: Instrument) -> None:
    async for trade in client.trades(instrument):
        if not isinstance(trade, Resynced):
            print(f"trade {trade.number}: {trade.quantity} at {trade.price}")


async def main(url: str, key: str, symbol: str) -> None:
    async with Client(url, key=key) as client:
        instrument = await client.instrument(symbol)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(show_book(client, instrument))
            tasks.create_task(show_trades(client, instrument))


if __name__ == "__main__":
    asyncio.run(main(os.environ["EXCHANGE_URL"], os.environ["EXCHANGE_KEY"], sys.argv[1]))
