"""A naive twin of the uncross: it tries every price there is and asks each rule in turn."""

from exchange.core.messages.base import Side

Depth = list[tuple[int, int]]


def demand(bids: Depth, price: int) -> int:
    return sum(quantity for limit, quantity in bids if limit >= price)


def supply(asks: Depth, price: int) -> int:
    return sum(quantity for limit, quantity in asks if limit <= price)


def uncrossed(
    bids: Depth, asks: Depth, prices: list[int], reference: int
) -> tuple[int, int, int, Side | None] | None:
    """Price, volume, surplus and its side."""
    volume = {price: min(demand(bids, price), supply(asks, price)) for price in prices}
    surplus = {price: demand(bids, price) - supply(asks, price) for price in prices}
    largest = max(volume.values())
    if not largest:
        return None
    left = [price for price in prices if volume[price] == largest]
    least = min(abs(surplus[price]) for price in left)
    left = [price for price in left if abs(surplus[price]) == least]
    if min(surplus[price] for price in left) > 0:
        price = max(left)
    elif max(surplus[price] for price in left) < 0:
        price = min(left)
    else:
        wanted = reference or (min(left) + max(left)) // 2
        price = min(left, key=lambda price: (abs(price - wanted), -price))
    side = Side.BUY if surplus[price] > 0 else Side.SELL if surplus[price] < 0 else None
    return price, largest, abs(surplus[price]), side
