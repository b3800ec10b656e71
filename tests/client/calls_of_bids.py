"""Calls about bids send their commands."""

from decimal import Decimal

from tests.client.desk import DONE, NUMBERED, Rows

CALLS: Rows = [
    (
        lambda desk: desk.set_proxy("l-1", price=Decimal("12.45")),
        {"type": "set_proxy", "lot_id": "l-1", "price": 1_245},
        NUMBERED,
    ),
    (
        lambda desk: desk.withdraw_proxy("l-1"),
        {"type": "withdraw_proxy", "lot_id": "l-1"},
        DONE,
    ),
    (
        lambda desk: desk.choose_currency("e-1", "USD"),
        {"type": "choose_currency", "event_id": "e-1", "currency": "USD"},
        DONE,
    ),
    (
        lambda desk: desk.submit_surrogate_bid("l-1", "m-1", "By phone", price=Decimal("12.45")),
        {
            "type": "submit_surrogate_bid",
            "lot_id": "l-1",
            "member_id": "m-1",
            "price": 1_245,
            "reason": "By phone",
        },
        NUMBERED,
    ),
    (
        lambda desk: desk.revoke_bid("l-1", 2, "A mistake"),
        {"type": "revoke_bid", "lot_id": "l-1", "number": 2, "reason": "A mistake"},
        DONE,
    ),
]
