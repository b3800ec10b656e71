"""A naive exchange that speaks the public wire: what a client may count on, and every way to trouble it.

It executes a command once per (session, ref), keeps every outcome, and sells nothing: `place_order` counts as
executed under its quantity, and is refused where that is a multiple of five. Nothing here waits or draws chance.
"""

import json
from collections.abc import Callable
from typing import Any
from zlib import crc32

Frame = dict[str, Any]

KEY = "a key that opens the door"
REASONS = {
    100: "MALFORMED",
    200: "NOT_AUTHENTICATED",
    500: "MONEY_SHORT",
    600: "BUSY",
    601: "HALTED",
    602: "SESSION_UNKNOWN",
    603: "REF_TOO_OLD",
    604: "REF_REUSED",
    608: "CHANNEL_UNKNOWN",
}
INSTRUMENT = {
    "instrument_id": "i-1",
    "symbol": "NE555P",
    "currency": "EUR",
    "price_scale": 4,
    "tick": 1,
    "lot_multiple": 1,
    "price_min": 1,
    "price_max": 10**12,
}
LOT = {
    "lot_id": "l-1",
    "event_id": "e-1",
    "title": "Capacitors",
    "state": "open",
    "currency": "EUR",
    "price_scale": 2,
    "quantity": 1000,
    "ceiling_price": 12_50,
    "min_step": 10,
    "tick": 5,
    "open_at_us": 0,
    "close_at_us": 10**15,
    "overtime_us": 0,
    "at_us": 1,
}


class NaiveSession:
    """What was done under each ref."""

    def __init__(self) -> None:
        self.high_ref = 0
        self.outcomes: dict[int, tuple[Frame, Frame]] = {}


class Feed:
    """One channel: its position, the frames that it sent, and how to show its whole picture."""

    def __init__(self, whole: Callable[[], Frame]) -> None:
        self.offset = 0
        self.sent: list[Frame] = []
        self.whole = whole


class NaiveConnection:
    """One connection: what goes back to the client, and how it was closed."""

    def __init__(self) -> None:
        self.session = 0
        self.channels: list[str] = []
        self.out: list[bytes] = []
        self.closed = 0

    def send(self, frame: Frame) -> None:
        if not self.closed:
            self.out.append(json.dumps(frame).encode())


class NaiveExchange:
    """All sessions of one member, one book, one lot, and the troubles that a test switches on."""

    def __init__(self) -> None:
        self.epoch = 1
        self.now_us = 1_000_000
        self.sessions: dict[int, NaiveSession] = {}
        self.opened = 0
        self.executed: list[Frame] = []
        self.seen: list[Frame] = []
        self.busy = False
        self.halted = False  # nothing is executed any more
        self.losing = False  # what is executed is answered as if it halted before it knew
        self.keeps_history = True
        self.book: dict[str, dict[int, int]] = {"bids": {}, "asks": {}}
        self.trades: list[list[Any]] = []
        self.connections: list[NaiveConnection] = []
        self.feeds = self._new_feeds()

    def _new_feeds(self) -> dict[str, Feed]:
        return {
            "book:i-1": Feed(self._whole_book),
            "trades:i-1": Feed(lambda: {"type": "trades", "trades": self.trades[-50:], "snapshot": True}),
            "ticker:i-1": Feed(self._ticker),
            "notices": Feed(lambda: {"type": "notices", "instruments": [INSTRUMENT], "snapshot": True}),
            "own": Feed(lambda: {"type": "own_snapshot", "orders": [], "accounts": [["wallet", "EUR", 5]]}),
            "lot:l-1": Feed(lambda: {"type": "lot", **LOT}),
        }

    # --- connections -----------------------------------------------------------------------------

    def connect(self) -> NaiveConnection:
        connection = NaiveConnection()
        self.connections.append(connection)
        return connection

    def cut(self, connection: NaiveConnection, code: int = 1006) -> None:
        connection.closed = code
        connection.channels.clear()

    def restart(self) -> None:
        """Come back after a crash: the sessions and the book are there, the feeds begin anew."""
        for connection in self.connections:
            self.cut(connection)
        self.epoch += 1
        self.feeds = self._new_feeds()

    def forget_sessions(self) -> None:
        self.sessions.clear()

    def take(self, connection: NaiveConnection, text: bytes) -> None:
        """A frame came in."""
        frame = json.loads(text)
        self.seen.append(frame)
        handler = getattr(self, f"_on_{frame['type']}", self._on_command)
        handler(connection, frame)

    def _on_hello(self, connection: NaiveConnection, frame: Frame) -> None:
        number = frame.get("session", 0)
        if connection.session:
            connection.send(self._error(100))
        elif frame["key"] != KEY:
            connection.send(self._error(200, field="key"))
            connection.closed = 4502
        elif self.busy or self.halted:
            connection.send(self._error(600 if self.busy else 601, field="session"))
            self._welcome(connection, 0)
        elif number and number not in self.sessions:
            connection.send(self._error(602, field="session"))
            self._welcome(connection, 0)
        else:
            if not number:
                self.opened += 1
                number = self.opened
                self.sessions[number] = NaiveSession()
            self._welcome(connection, number)

    def _welcome(self, connection: NaiveConnection, number: int) -> None:
        connection.session = number
        connection.send(
            {
                "type": "welcome",
                "member_id": "m-1",
                "session": number,
                "high_ref": self.sessions[number].high_ref if number else 0,
                "epoch": self.epoch,
                "at_us": self.now_us,
                "heartbeat_us": 1_000_000,
            }
        )

    def _on_sync_time(self, connection: NaiveConnection, frame: Frame) -> None:
        connection.send({"type": "time", "client_us": frame["client_us"], "server_us": self.now_us})

    # --- commands --------------------------------------------------------------------------------

    def _on_command(self, connection: NaiveConnection, frame: Frame) -> None:
        session, ref = self.sessions.get(connection.session), frame.get("ref", 0)
        if self.busy or self.halted:
            connection.send(self._rejected(ref, 600 if self.busy else 601, advice="wait"))
        elif session is None:
            connection.send(self._rejected(ref, 602))
        elif ref in session.outcomes:
            first, reply = session.outcomes[ref]
            connection.send(reply if first == frame else self._rejected(ref, 604))
        elif ref <= session.high_ref:
            connection.send(self._rejected(ref, 603))
        else:
            reply = self._execute(frame, len(session.outcomes) + 1)
            session.high_ref = ref
            session.outcomes[ref] = frame, reply
            connection.send({"type": "unresolved", "ref": ref, "never": False} if self.losing else reply)

    def _execute(self, frame: Frame, sequence: int) -> Frame:
        if frame.get("quantity", 1) % 5 == 0 or "-" in frame.values():
            return self._rejected(frame["ref"], 500, sequence=sequence, bound=125_000, field="price")
        self.executed.append(frame)
        return {
            "type": "ack",
            "ref": frame["ref"],
            "sequence": sequence,
            "at_us": self.now_us,
            "id": f"{frame['type']}-{len(self.executed)}",
            "open_quantity": frame.get("quantity", 0),
            "number": len(self.executed),
        }

    def _on_resolve(self, connection: NaiveConnection, frame: Frame) -> None:
        session, ref = self.sessions.get(connection.session), frame["ref"]
        if session is None:
            connection.send(self._rejected(ref, 602))
        elif ref in session.outcomes:
            connection.send(session.outcomes[ref][1])
        else:
            connection.send({"type": "unresolved", "ref": ref, "never": ref <= session.high_ref})

    def _rejected(self, ref: int, code: int, **more: Any) -> Frame:
        return {**self._error(code), "type": "rejected", "ref": ref, "advice": "fix", **more}

    def _error(self, code: int, **more: Any) -> Frame:
        reason = REASONS[code]
        return {"type": "error", "code": code, "reason": reason, "message": "No.", "remedy": "Think.", **more}

    # --- feeds -----------------------------------------------------------------------------------

    def _on_subscribe(self, connection: NaiveConnection, frame: Frame) -> None:
        name = frame["channel"]
        feed = self.feeds.get(name)
        if feed is None:
            connection.send(self._error(608, field="channel", channel=name))
            return
        if name not in connection.channels:
            connection.channels.append(name)
        known = frame.get("epoch") == self.epoch and self.keeps_history
        missed = [sent for sent in feed.sent if sent["offset"] > frame.get("offset", 0)] if known else []
        connection.send({"type": "subscribed", **self._place(name), "recovered": known})
        for sent in missed:
            connection.send(sent)
        if not known:
            self.show_whole(name, connection)

    def _on_unsubscribe(self, connection: NaiveConnection, frame: Frame) -> None:
        name = frame["channel"]
        if name in connection.channels:
            connection.channels.remove(name)
            connection.send({"type": "unsubscribed", "channel": name})
        else:
            connection.send(self._error(608, field="channel", channel=name))

    def _place(self, name: str) -> Frame:
        return {"channel": name, "epoch": self.epoch, "offset": self.feeds[name].offset}

    def show_whole(self, name: str, connection: NaiveConnection) -> None:
        """Send the picture as it is, at the last offset."""
        connection.send({**self.feeds[name].whole(), **self._place(name)})

    def publish(self, name: str, frame: Frame, *, lost: bool = False) -> None:
        """The next frame of a channel; a lost one is missing, but known to be."""
        feed = self.feeds[name]
        feed.offset += 1
        sent = {**frame, **self._place(name)}
        feed.sent.append(sent)
        for connection in self.connections:
            if name in connection.channels and not lost:
                connection.send(sent)

    def move(self, side: str, price: int, quantity: int, *, lost: bool = False, spoilt: bool = False) -> None:
        """Change a level of the book and tell it, or not, or wrongly."""
        self.book[side].pop(price, None)
        if quantity:
            self.book[side][price] = quantity
        change: Frame = {"bids": [], "asks": [], side: [[price, quantity + spoilt]]}
        sent = {"type": "book_delta", "at_us": self.now_us, **change, "crc32": self._checksum()}
        self.publish("book:i-1", sent, lost=lost)
        if spoilt:
            self.feeds["book:i-1"].sent[-1] |= {side: [[price, quantity]]}

    def trade(self, price: int, quantity: int, *, lost: bool = False) -> None:
        self.trades.append([len(self.trades) + 1, price, quantity, "buy", self.now_us])
        self.publish("trades:i-1", {"type": "trades", "trades": self.trades[-1:]}, lost=lost)
        self.publish("ticker:i-1", self._ticker(), lost=lost)

    def beat(self) -> None:
        """The heartbeat of the book's channel."""
        for connection in self.connections:
            if "book:i-1" in connection.channels:
                connection.send({"type": "heartbeat", **self._place("book:i-1"), "at_us": self.now_us})

    def levels(self, side: str) -> list[list[int]]:
        """A side of the book, best first."""
        return [list(level) for level in sorted(self.book[side].items(), reverse=side == "bids")]

    def _checksum(self) -> int:
        best = self.levels("bids")[:10] + self.levels("asks")[:10]
        return crc32(",".join(f"{price}:{quantity}" for price, quantity in best).encode())

    def _whole_book(self) -> Frame:
        sides = {side: self.levels(side) for side in ("bids", "asks")}
        scale = {"currency": "EUR", "price_scale": 4}
        return {"type": "book_snapshot", **scale, **sides, "crc32": self._checksum()}

    def _ticker(self) -> Frame:
        bids, asks = self.levels("bids") or [[0, 0]], self.levels("asks") or [[0, 0]]
        last = self.trades[-1] if self.trades else [0, 0, 0]
        return {
            "type": "ticker",
            "bid": bids[0][0],
            "bid_quantity": bids[0][1],
            "ask": asks[0][0],
            "ask_quantity": asks[0][1],
            "last_price": last[1],
            "last_quantity": last[2],
            "volume": sum(trade[2] for trade in self.trades),
            "at_us": self.now_us,
        }
