"""Mails from the journal to a real SMTP server, or into a maildir: who gets which, and what when nobody takes them."""

import asyncio
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path
from typing import Any

from icalendar import Calendar

from exchange.core.messages import AddLot, CreateEvent, InviteSupplier, PublishEvent, Role
from exchange.outbound.mails import KEPT_US, LATE_US, Folder, Mails, send_mails
from tests.gateway.rest.test_sourcing import MINUTE
from tests.outbound.mailing import SENDER, Post, posting


def calendar_of(mail: EmailMessage) -> Any:
    """The one entry of the attached file, with the method of the file."""
    file = next(part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar")
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert file.get_content_charset() == "utf-8", "a title may have any letters"
    calendar = Calendar.from_ical(content)
    return calendar.get("method"), calendar.walk("VEVENT")[0]


async def test_those_invited_are_mailed_what_became_of_the_event_until_each_learns_its_own_award(
    post: Post,
) -> None:
    market = await post.market("ann@example.org", "bob@example.org")
    house, ann, bob = post.house, "ann@example.org", "bob@example.org"
    assert await post.deliver() == [(each, "Invitation: Office chairs") for each in (ann, bob)]
    assert await post.deliver() == []

    asked = await house.call(
        market.suppliers[0], "POST", f"/v1/events/{market.event}/inquiries", {"text": "Black?"}
    )
    await house.call(
        market.buyer, "PUT", f"/v1/inquiries/{asked.body['inquiry_id']}/answer", {"text": "Yes."}
    )
    assert await post.deliver() == [(each, "A question was answered: Office chairs") for each in (ann, bob)]

    await house.call(market.buyer, "POST", f"/v1/events/{market.event}/pause", {"reason": "Fire drill"})
    everybody = [ann, bob, "buyer@example.org"]
    assert await post.deliver() == [(each, "Paused: Office chairs") for each in everybody]
    house.clock.pass_us(10 * MINUTE)
    await house.call(market.buyer, "POST", f"/v1/events/{market.event}/resumption")
    assert await post.deliver() == [(each, "Goes on: Office chairs") for each in everybody]

    house.clock.pass_us(75 * MINUTE)
    await house.instrument()
    assert [(await market.bid(number, price)).status for number, price in ((0, "80.00"), (1, "79.00"))] == [
        201,
        201,
    ]
    await market.pass_until_closed()
    await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 2})
    assert await post.deliver() == [(ann, "Decided: Chairs"), (bob, "Awarded to you: Chairs")]
    texts = [str(mail) for mail in post.server.mails]
    for member in (market.buyer, *market.suppliers):
        assert not any(member.member_id in text for text in texts)
    lost = next(text for text in texts if "Decided: Chairs" in text)
    assert bob not in lost and "79" not in lost.partition("\n\n")[2]


async def test_the_calendar_file_of_an_invitation_is_replaced_when_the_timetable_moves(post: Post) -> None:
    market = await post.market("ann@example.org")
    await post.deliver()
    method, first = calendar_of(post.server.mails[0])
    assert method is None
    assert (first["uid"], first["sequence"], first["summary"]) == (
        f"{market.event}@exchange",
        0,
        "Office chairs",
    )
    assert (first.start.isoformat(), first.end.isoformat()) == (
        "2026-01-01T13:00:00+00:00",
        "2026-01-01T14:00:00+00:00",
    )

    path = f"/v1/events/{market.event}"
    await post.house.call(market.buyer, "POST", f"{path}/pause", {"reason": "Fire drill"})
    post.house.clock.pass_us(10 * MINUTE)
    await post.house.call(market.buyer, "POST", f"{path}/resumption")
    await post.deliver()
    moved = calendar_of(next(mail for mail in post.server.mails if mail["Subject"].startswith("Goes on")))[1]
    assert (moved["uid"], moved["sequence"]) == (first["uid"], 1)
    assert moved.start.isoformat() == "2026-01-01T13:10:00+00:00"

    await post.house.call(market.buyer, "POST", f"{path}/cancellation", {"reason": "No need"})
    await post.deliver()
    method, gone = calendar_of(post.server.mails[-1])
    assert (method, gone["status"], gone["sequence"]) == ("CANCEL", "CANCELLED", 2)


async def test_a_title_with_whatever_would_end_a_header_holds_up_no_mail(post: Post) -> None:
    house, buyer = post.house, await post.member(Role.BUYER, "buyer@example.org")
    ann = await post.member(Role.SELLER, "ann@example.org")
    opens_us, hour_us = house.clock.wall + MINUTE, 60 * MINUTE
    for title in ("A\u2028Bcc: eve@example.org", "B\r\nBcc: eve@example.org", "C\x85", "D"):
        draft = CreateEvent(title=title, currency="USD", open_at_us=opens_us, duration_us=hour_us)
        event = (await house.do(buyer.member_id, draft)).id
        lot = AddLot(event_id=event, title=title, quantity=1, ceiling_price=100, min_step=1)
        await house.do(buyer.member_id, lot)
        await house.do(buyer.member_id, InviteSupplier(event_id=event, member_id=ann.member_id))
        await house.do(buyer.member_id, PublishEvent(event_id=event))

    assert await post.deliver() == [
        ("ann@example.org", f"Invitation: {title}")
        for title in ("A Bcc: eve@example.org", "B Bcc: eve@example.org", "C ", "D")
    ]
    assert {mail["Bcc"] for mail in post.server.mails} == {None}
    assert set(post.server.recipients) == {"ann@example.org"}


async def test_what_the_server_does_not_take_is_tried_again_under_the_same_id(post: Post) -> None:
    post.server.answer = "451 later"
    await post.market("ann@example.org")
    assert await post.deliver() == []
    post.server.answer = "250 OK"
    assert await post.deliver() == []  # not yet due
    post.house.clock.pass_us(MINUTE)
    assert await post.deliver() == [("ann@example.org", "Invitation: Office chairs")]

    mail_id = await post.connection.fetchval("select mail_id from mails")
    mail = post.server.mails[0]
    assert (mail["Message-ID"], mail["From"]) == (f"<{mail_id}@example.org>", SENDER)
    assert await post.states() == ["sent"]


async def test_no_address_a_gone_one_and_old_news_are_given_up(post: Post) -> None:
    await post.market(
        "Ann, extension 12", "gone@example.org", "a@b.org\nBcc: all@example.org".replace("\n", " ")
    )
    await post.deliver()
    assert sorted(await post.states()) == ["given_up", "no_address", "no_address"]

    post.server.answer = "451 later"
    await post.market("ann@example.org")
    await post.deliver()
    post.house.clock.pass_us(LATE_US + MINUTE)
    post.server.answer = "250 OK"
    await post.deliver()
    assert sorted(await post.states()) == ["given_up", "given_up", "no_address", "no_address"]
    assert post.server.mails == []


async def test_settled_mails_are_forgotten_after_a_month(post: Post) -> None:
    await post.market("ann@example.org")
    await post.deliver()
    post.house.clock.pass_us(KEPT_US + MINUTE)
    await post.market("bob@example.org", open_at="2026-03-01T13:00:00Z")
    await post.deliver()

    assert await post.states() == ["sent"]
    assert post.server.recipients == ["ann@example.org", "bob@example.org"]


async def test_without_a_server_mails_go_into_a_folder(post: Post, tmp_path: Path) -> None:
    await post.market("ann@example.org")
    await post.house.archive()
    folder = tmp_path / "data" / "mail"
    mails = Mails(post.connection, Folder(folder), SENDER, post.house.engine.now_us)
    while await mails.step():
        pass

    (mail,) = Maildir(folder, create=False)
    assert (mail["To"], mail["Subject"]) == ("ann@example.org", "Invitation: Office chairs")
    assert post.server.mails == []


async def test_the_second_process_mails_until_it_is_told_to_stop(post: Post, database_url: str) -> None:
    member = await post.member(Role.SELLER, "ann@example.org")
    await post.connection.execute(
        "insert into mails (member_id, kind, event_id, subject, at_us) values ($1, 'webhook.disabled', '', "
        "'https://example.org/', (extract(epoch from now()) * 1000000)::bigint)",
        member.member_id,
    )
    async with asyncio.timeout(30):
        await send_mails(database_url, posting(post.server), lambda: len(post.server.mails) > 0)

    assert [mail["Subject"] for mail in post.server.mails] == ["A webhook was disabled"]
    assert "https://example.org/" in post.server.mails[0].get_content()
