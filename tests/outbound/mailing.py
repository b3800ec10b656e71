"""A house whose members have addresses, and the SMTP server that their mails go to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from exchange.core.messages import Role
from exchange.outbound.mails import Mails
from exchange.outbound.posting import Posting, Tls
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_sourcing import LOT, Market, draft

SENDER = "exchange@example.org"


class Server:
    """Takes mails, unless it is told to answer otherwise."""

    def __init__(self) -> None:
        self.port = 0
        self.answer = "250 OK"
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients += envelope.rcpt_tos
        return self.answer

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("gone"):
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@asynccontextmanager
async def a_server() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.get_running_loop().create_server(
        lambda: SMTP(server, hostname="localhost"), "127.0.0.1", 0
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def posting(server: Server) -> Posting:
    return Posting(mail_host="127.0.0.1", mail_port=server.port, mail_tls=Tls.NONE, mail_from=SENDER)


class Post:
    """A house, its mail server, and members with addresses."""

    def __init__(self, house: House, server: Server, mails: Mails, connection: Any) -> None:
        self.house, self.server, self.mails, self.connection = house, server, mails, connection

    async def member(self, role: Role, contact: str) -> Holder:
        operator = await self.house.member(Role.OPERATOR)
        body = {"roles": [role], "name": "Acme", "country": "DE", "contact": contact}
        made = await self.house.call(operator, "POST", "/v1/members", body)
        assert made.status == 201, made
        return await self.house.key_for(made.body["member_id"])

    async def market(self, *contacts: str, **fields: object) -> Market:
        """A published event whose suppliers have these contacts."""
        house, buyer = self.house, await self.member(Role.BUYER, "buyer@example.org")
        event = await draft(house, buyer, **fields)
        lot = (await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT)).body["lot_id"]
        suppliers = [await self.member(Role.SELLER, contact) for contact in contacts]
        for each in suppliers:
            await house.call(buyer, "POST", f"/v1/events/{event}/invitations", {"member_id": each.member_id})
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/publication")).status == 200
        return Market(house, buyer, suppliers, event, lot)

    async def deliver(self) -> list[tuple[str, str]]:
        """To whom and under which subject what was due was sent."""
        before = len(self.server.mails)
        await self.house.archive()
        while await self.mails.step():
            pass
        return sorted((mail["To"], mail["Subject"]) for mail in self.server.mails[before:])

    def text_to(self, address: str, subject: str) -> str:
        """What the one mail says that went there under this subject."""
        (mail,) = (each for each in self.server.mails if (each["To"], each["Subject"]) == (address, subject))
        part = mail.get_body()
        assert part is not None
        text: str = part.get_content()
        return text.replace("\r\n", "\n")

    async def states(self) -> list[str]:
        rows = await self.connection.fetch("select state from mails order by number")
        return [row["state"] for row in rows]
