"""Bid in a reverse lot: stay in the lead as cheaply as possible, and never below a limit.

EXCHANGE_URL=http://127.0.0.1:8080 EXCHANGE_KEY=… python bid_in_lot.py LOT_ID 0.80
"""

import asyncio
import os
import sys
from decimal import Decimal

from exchange_client import Client, LotState, Rejected, Room

OVER = {"closed", "awarded", "void"}


async def outbid(room: Room, limit: Decimal) -> None:
    lot = room.state
    if lot.state != "open" or lot.own_rank == 1 or lot.bid_max is None or lot.bid_max < limit:
        return
    try:
        await room.bid(lot.bid_max)  # the highest price that takes the lead
    except Rejected as refused:  # somebody was quicker; the next update tells
        print(refused.reason, refused.bound_price)


async def main(url: str, key: str, lot_id: str, limit: Decimal) -> LotState:
    async with Client(url, key=key) as client, client.lot(lot_id) as room:
        async for _ in room:  # whatever it says, room.state is the newest
            lot = room.state
            print(f"{lot.state}: lead {lot.lead_price}, own {lot.own_price}, rank {lot.own_rank}")
            if lot.state in OVER:
                break
            await outbid(room, limit)
        return room.state


if __name__ == "__main__":
    asyncio.run(
        main(os.environ["EXCHANGE_URL"], os.environ["EXCHANGE_KEY"], sys.argv[1], Decimal(sys.argv[2]))
    )
