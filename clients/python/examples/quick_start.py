"""Place an order, find out what became of it, and take it back.

EXCHANGE_URL=http://127.0.0.1:8080 EXCHANGE_KEY=… python quick_start.py NE555P
"""

import asyncio
import os
import sys
from decimal import Decimal

from exchange_client import Client, Rejected, Unknown


async def main(url: str, key: str, symbol: str) -> None:
    async with Client(url, key=key) as client:
        try:
            placed = await client.buy(symbol, price=Decimal("0.25"), quantity=100)
        except Rejected as refused:  # nothing happened, and this is why
            print(refused.reason, refused.remedy, refused.bound_price or refused.bound or "")
        except Unknown as unknown:  # no answer in time: ask
            print(await client.resolve(unknown))
        else:  # it is on the exchange's disk
            print(f"{placed.filled_quantity} bought, {placed.open_quantity} wait as {placed.order_id}")
            if placed.open_quantity:
                await client.cancel_order(placed.order_id)


if __name__ == "__main__":
    asyncio.run(main(os.environ["EXCHANGE_URL"], os.environ["EXCHANGE_KEY"], sys.argv[1]))
