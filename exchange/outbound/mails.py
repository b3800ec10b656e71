"""Mails: what waits in the table `mails` is written and handed to a carrier: an SMTP server, or a maildir.

Guarantees: at least once, with the same Message-ID each time; addresses are read when a mail is sent, go nowhere else
and into no log. A mail for which there is no address is not sent, and one that can't be sent for three days is given up.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from mailbox import Maildir
from pathlib import Path
from re import ASCII
from re import compile as pattern
from typing import Final, Protocol

import aiosmtplib
import structlog

from exchange.core.values import EPOCH
from exchange.outbound.base import Connection, connected, keep_going
from exchange.outbound.calendars import FILE_NAME, Entry, calendar_file
from exchange.outbound.letters import WITH_CALENDAR, Facts, written
from exchange.outbound.posting import Posting, Tls, now_us

SECOND_US: Final = 1_000_000
MAILS_PER_STEP_MAX: Final = 20
ANSWER_S_MAX: Final = 20.0
RETRY_S_MIN, RETRY_S_MAX = 60, 3_600
LATE_US: Final = 3 * 86_400 * SECOND_US
"""News that are older are none."""
KEPT_US: Final = 30 * 86_400 * SECOND_US
_ADDRESS: Final = pattern(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}", ASCII)
_LINES: Final = pattern("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""Whatever could end a header."""

_DUE: Final = """
select mails.*, profiles.contact, calendars.title, calendars.open_at_us, calendars.close_at_us,
    calendars.cancelled, calendars.sequence
from mails
left join member_profiles profiles on profiles.member_id = mails.member_id
left join event_calendars calendars on calendars.event_id = mails.event_id
where mails.state = 'waiting' and mails.next_at_us <= $1
order by mails.next_at_us, mails.number limit $2
"""
_NOTE: Final = """
update mails set state = $2, attempts = attempts + 1, next_at_us = $3, settled_at_us = $4 where number = $1
"""
_SWEEP: Final = "delete from mails where state <> 'waiting' and settled_at_us < $1"

log = structlog.get_logger(__name__)


class NotCarried(Exception):
    """The carrier didn't take the mail; `final` tells that it never will."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Carrier(Protocol):
    """Whoever takes mails."""

    async def carry(self, mail: EmailMessage) -> None:
        """Take the mail for good. Raises NotCarried."""
        ...


class Folder:
    """A maildir: works without a network, and mail programs read it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, mail: EmailMessage) -> None:
        """One file."""
        try:
            await asyncio.to_thread(self._add, mail)
        except OSError as error:
            raise NotCarried(error.strerror or "the folder can't be written") from error

    def _add(self, mail: EmailMessage) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        Maildir(self._folder).add(mail)


class Smtp:
    """An SMTP server, asked anew for each mail."""

    def __init__(self, posting: Posting) -> None:
        self._posting = posting

    async def carry(self, mail: EmailMessage) -> None:
        """Over one connection."""
        posting = self._posting
        try:
            await aiosmtplib.send(
                mail,
                hostname=posting.mail_host,
                port=posting.mail_port,
                username=posting.mail_user or None,
                password=posting.password(),
                use_tls=posting.mail_tls == Tls.TLS,
                start_tls=posting.mail_tls == Tls.STARTTLS,
                timeout=ANSWER_S_MAX,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            final = all(500 <= each.code < 600 for each in error.recipients)
            raise NotCarried("the address was refused", final=final) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotCarried(type(error).__name__) from error


class Mails:
    """The adapter: `step` sends some of what is due."""

    name = "mails"

    def __init__(
        self, connection: Connection, carrier: Carrier, sender: str, now: Callable[[], int] = now_us
    ) -> None:
        self._connection = connection
        self._carrier = carrier
        self._sender = sender
        self._now_us = now

    async def step(self) -> int:
        """How many were dealt with."""
        rows = await self._connection.fetch(_DUE, self._now_us(), MAILS_PER_STEP_MAX)
        for row in rows:
            state, next_at_us = await self._send(row)
            settled_at_us = None if state == "waiting" else self._now_us()
            await self._connection.execute(_NOTE, row["number"], state, next_at_us, settled_at_us)
        if rows:
            await self._connection.execute(_SWEEP, self._now_us() - KEPT_US)
        return len(rows)

    async def _send(self, row: Connection) -> tuple[str, int]:
        """What became of it, and when it is tried again."""
        at_us = self._now_us()
        address = (row["contact"] or "").strip()
        if not _ADDRESS.fullmatch(address):
            return "no_address", at_us
        if at_us - row["at_us"] > LATE_US:
            return "given_up", at_us
        try:
            await self._carrier.carry(self._written(row, address, at_us))
        except NotCarried as refused:
            log.warning("mail_not_sent", mail_id=row["mail_id"], reason=str(refused))
            pause_s = min(RETRY_S_MIN * 2 ** min(row["attempts"], 20), RETRY_S_MAX)
            return ("given_up" if refused.final else "waiting"), at_us + pause_s * SECOND_US
        return "sent", at_us

    def _written(self, row: Connection, address: str, at_us: int) -> EmailMessage:
        kind, event_id = row["kind"], row["event_id"]
        times = row["open_at_us"] or 0, row["close_at_us"] or 0
        facts = Facts(row["title"] or "", event_id, row["subject"], *times, row["details"])
        subject, text = written(kind, facts)
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, address
        mail["Subject"] = _LINES.sub(" ", subject)
        mail["Date"] = format_datetime(EPOCH + timedelta(microseconds=at_us))
        mail["Message-ID"] = f"<{row['mail_id']}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        if kind in WITH_CALENDAR and row["sequence"] is not None:
            entry = Entry(event_id, row["title"], *times, row["cancelled"], row["sequence"])
            content = calendar_file(entry, at_us, cancels=row["cancelled"])
            unicode = {"charset": "utf-8"}
            mail.add_attachment(
                content, maintype="text", subtype="calendar", params=unicode, filename=FILE_NAME
            )
        return mail


async def send_mails(dsn: str, posting: Posting, stopping: Callable[[], bool]) -> None:
    """Until `stopping`, to the server or into the folder that is set; nothing where neither is."""
    if not posting.mail_host and not posting.mail_folder:
        return
    carrier = Smtp(posting) if posting.mail_host else Folder(Path(posting.mail_folder))

    async def work(connection: Connection) -> None:
        adapter = Mails(connection, carrier, posting.mail_from)
        await keep_going((adapter,), lambda: stopping() or connection.is_closed())

    await connected(dsn, "mails", stopping, work)
