"""Frames of the exchange with good defaults, and what a session has to say, read."""

import json
from typing import Any

from msgspec.json import encode

from exchange_client import shown
from exchange_client.inflight import NEVER, Posted
from exchange_client.messages import PlaceOrder, Side
from exchange_client.session import Session

REASONS = {600: "BUSY", 601: "HALTED", 602: "SESSION_UNKNOWN", 603: "REF_TOO_OLD", 608: "CHANNEL_UNKNOWN"}


def an_order(quantity: int = 1, deadline_us: int = NEVER) -> Posted:
    """A command to post."""
    order = PlaceOrder(instrument_id="i-1", side=Side.BUY, price=5, quantity=quantity)
    return Posted(order, deadline_us)


def a_welcome(session: int = 1, high_ref: int = 0, heartbeat_us: int = 1_000_000) -> bytes:
    """We are in."""
    return encode(shown.Welcome("m-1", session, high_ref, 1, 0, heartbeat_us))


def an_ack(ref: int) -> shown.Ack:
    """A command took effect."""
    return shown.Ack(ref, ref, 0, "o-1")


def a_refusal(ref: int, code: int = 500, sequence: int = 1) -> shown.Rejected:
    """A command was refused."""
    return shown.Rejected(ref, code, REASONS.get(code, "MONEY_SHORT"), "wait", "No.", "Think.", sequence)


def an_error(code: int, *, ref: int = 0, field: str = "", channel: str = "") -> shown.Error:
    """A frame was not understood or met."""
    return shown.Error(code, REASONS.get(code, "MALFORMED"), "No.", "Think.", field, ref, channel)


def said(out: Session | list[bytes]) -> list[dict[str, Any]]:
    """The frames to send, taken and read."""
    frames = out.frames_to_send() if isinstance(out, Session) else out.copy()
    if isinstance(out, list):
        out.clear()
    return [json.loads(frame) for frame in frames]


def refs(out: Session | list[bytes]) -> list[int]:
    """The refs of the commands among the frames to send."""
    return [frame["ref"] for frame in said(out) if "ref" in frame]
