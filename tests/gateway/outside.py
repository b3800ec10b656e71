"""What goes to somebody outside the feeds, to the byte: mails, webhooks, calendar files, reports and releases."""

from collections.abc import Iterable
from email.message import EmailMessage

import asyncpg

from exchange.outbound.mails import Mails
from tests.gateway.house import Holder, House

PAPERS = {
    "calendar": "calendar",
    "report": "report",
    "report as CSV": "report?format=csv",
    "report as PDF": "report?format=pdf",
    "release": "release",
}
CHANNELS = ("mail", "webhook", *PAPERS)
Sent = dict[str, bytes]
"""By channel."""


class Box:
    """Keeps the mails that it is given to carry."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def carry(self, mail: EmailMessage) -> None:
        self.mails.append(mail)


def address(holder: Holder) -> str:
    return f"{holder.member_id}@example.org"


async def listens(house: House, holders: Iterable[Holder]) -> None:
    """They have an address for mails, and a webhook for everything."""
    for each in holders:
        await house.records.execute(
            "insert into member_profiles (profile_hash, member_id, name, country, contact, salt, created_at_us) "
            "values ($1, $1, 'Somebody', 'DE', $2, decode(repeat('00', 16), 'hex'), 0)",
            each.member_id,
            address(each),
        )
        wanted = {"url": "https://hooks.example.org/exchange", "kinds": []}
        assert (await house.call(each, "POST", "/v1/webhooks", wanted)).status == 201


async def mailed(database_url: str) -> list[EmailMessage]:
    """All that was ever queued, in its order; nothing is late before time began."""
    box, connection = Box(), await asyncpg.connect(database_url)
    mails = Mails(connection, box, "exchange@example.org", lambda: 0)
    while await mails.step():
        pass
    await connection.close()
    return box.mails


async def sent_to(house: House, mails: Iterable[EmailMessage], viewer: Holder | None, event: str) -> Sent:
    """What the viewer gets of the event, or nobody in particular does, each with its status."""
    sent: Sent = {}
    for channel, path in PAPERS.items():
        answer = await house.call(viewer, "GET", f"/v1/events/{event}/{path}")
        sent[channel] = b"%d %b" % (answer.status, answer.raw)
    if viewer is not None:
        sent["mail"] = b"".join(_read(mail) for mail in mails if mail["To"] == address(viewer))
        rows = await house.records.fetch(
            "select body from webhook_messages join webhook_endpoints using (endpoint_id) "
            "where member_id = $1 order by number",
            viewer.member_id,
        )
        sent["webhook"] = b"\n".join(bytes(row["body"]) for row in rows)
    return sent


def _read(mail: EmailMessage) -> bytes:
    """All that is said, without what is drawn for each mail: its id, and what separates its parts."""
    heads = [f"{name}: {mail[name]}\n" for name in ("Subject", "Date", "To", "From", "Auto-Submitted")]
    parts = [each.get_payload(decode=True) for each in mail.walk() if not each.is_multipart()]
    return "".join(heads).encode() + b"".join(part for part in parts if isinstance(part, bytes))
