"""REST of webhooks: where a member wants to be told of what its feeds show it.

Guarantees: a member reaches its own endpoints alone, and is shown a secret once. What is sent is signed after the
Standard Webhooks convention; `data` is what the WebSocket shows: integers with a scale, instants in microseconds.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import instant_of
from exchange.core.visibility.notices import KINDS
from exchange.gateway.notation import Id, InstantInput, InstantText, microseconds_of
from exchange.gateway.problems import Refused, field_refused
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route
from exchange.gateway.stored.records import Row
from exchange.outbound.signing import body_of
from exchange.outbound.targets import URL_LENGTH_MAX

TEST: Final = "test"

Kind = Annotated[str, Meta(max_length=64, description="As `own.fill` or `lot.closed`.")]
State = Literal["waiting", "delivered", "given_up"]


class NewWebhook(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to post, and what; no kinds: everything."""

    url: Annotated[str, Meta(min_length=1, max_length=URL_LENGTH_MAX)]
    kinds: Annotated[tuple[Kind, ...], Meta(max_length=len(KINDS))] = ()


class WebhookShown(Struct, frozen=True):
    """An endpoint without its secret. `left_out` counts the messages that found its queue full."""

    endpoint_id: str
    url: str
    kinds: tuple[str, ...]
    created_at: InstantText
    waiting: int
    failures: int
    left_out: int
    disabled_at: InstantText | UnsetType = UNSET
    disabled_for: str | UnsetType = UNSET


class WebhookList(Struct, frozen=True):
    """All that the member has, oldest first, and all kinds that there are."""

    webhooks: list[WebhookShown]
    kinds: tuple[str, ...]


class WebhookSecret(Struct, frozen=True):
    """Shown here and never again. After a rotation the secret before signs too, for a day."""

    endpoint_id: str
    secret: str


class WebhookNamed(Struct, frozen=True):
    """It was done to this endpoint."""

    endpoint_id: str


class MessageNamed(Struct, frozen=True):
    """The message waits to be sent; its id is the header `webhook-id`."""

    message_id: str


class MessageQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages."""

    state: State | None = None


class MessageShown(Struct, frozen=True):
    """What became of a message. `status` is that of the last answer, 0 if there was none; `error` says why."""

    message_id: str
    kind: str
    at: InstantText
    state: State
    attempts: int
    status: int | UnsetType = UNSET
    error: str | UnsetType = UNSET
    settled_at: InstantText | UnsetType = UNSET


class MessageList(Struct, frozen=True):
    """The last 200, newest first."""

    messages: list[MessageShown]


class Redelivery(Struct, frozen=True, forbid_unknown_fields=True):
    """One message, or all that tell of this instant and later: give one of the two."""

    message_id: Id | None = None
    since: InstantInput | None = None


class Redelivered(Struct, frozen=True):
    """How many wait to be sent, with the ids that they had."""

    messages: int


async def create_webhook(call: Call[NewWebhook, NoQuery]) -> WebhookSecret:
    """Be told by POST requests; up to eight endpoints a member, https only. Only what happens from now on is told."""
    unknown = next((kind for kind in call.body.kinds if kind not in KINDS), None)
    if unknown is not None:
        raise field_refused("kinds", f"There is no kind {unknown!r}; GET /v1/webhooks lists them.")
    now_us = call.ports.engine.now_us()
    secret, row = await call.ports.webhooks.add(call.member_id, call.body.url, call.body.kinds, now_us)
    return WebhookSecret(row["endpoint_id"], secret)


async def list_webhooks(call: Call[NoBody, NoQuery]) -> WebhookList:
    """The member's own endpoints, with how they are doing."""
    rows = await call.ports.webhooks.of_member(call.member_id)
    return WebhookList([_webhook(row) for row in rows], KINDS)


async def delete_webhook(call: Call[NoBody, NoQuery]) -> WebhookNamed:
    """Nothing is sent any more, and what waits is forgotten."""
    await call.ports.webhooks.delete(call.member_id, call.id("endpoint_id"))
    return WebhookNamed(call.id("endpoint_id"))


async def rotate_secret(call: Call[NoBody, NoQuery]) -> WebhookSecret:
    """A new secret; for a day each message carries a signature of the one before too."""
    endpoint_id = call.id("endpoint_id")
    secret = await call.ports.webhooks.rotate(call.member_id, endpoint_id, call.ports.engine.now_us())
    return WebhookSecret(endpoint_id, secret)


async def enable_webhook(call: Call[NoBody, NoQuery]) -> WebhookNamed:
    """Send again to an endpoint that was disabled; what waited is tried at once."""
    endpoint_id = call.id("endpoint_id")
    await call.ports.webhooks.enable(call.member_id, endpoint_id, call.ports.engine.now_us())
    return WebhookNamed(endpoint_id)


async def test_webhook(call: Call[NoBody, NoQuery]) -> MessageNamed:
    """Send a message of the kind `test`; GET …/messages tells what came of it."""
    endpoint_id, now_us = call.id("endpoint_id"), call.ports.engine.now_us()
    body = body_of(TEST, now_us, WebhookNamed(endpoint_id))
    return MessageNamed(await call.ports.webhooks.test(call.member_id, endpoint_id, TEST, body, now_us))


async def list_messages(call: Call[NoBody, MessageQuery]) -> MessageList:
    """What was sent or waits; kept for 30 days after it was settled."""
    rows = await call.ports.webhooks.messages(call.member_id, call.id("endpoint_id"), call.query.state)
    return MessageList([_message(row) for row in rows])


async def redeliver(call: Call[Redelivery, NoQuery]) -> Redelivered:
    """Send messages again, whatever came of them, under the ids that they had."""
    body = call.body
    if (body.message_id is None) == (body.since is None):
        raise field_refused("since", "Give either message_id or since.")
    count = await call.ports.webhooks.send_again(
        call.member_id,
        call.id("endpoint_id"),
        body.message_id,
        _instant(body.since),
        call.ports.engine.now_us(),
    )
    if not count and body.message_id is not None:
        raise Refused(Reject(RejectCode.WEBHOOK_UNKNOWN, field="message_id"))
    return Redelivered(count)


def _instant(given: datetime | None) -> int | None:
    return None if given is None else microseconds_of(given)


def _webhook(row: Row) -> WebhookShown:
    disabled_at_us = row["disabled_at_us"]
    return WebhookShown(
        row["endpoint_id"],
        row["url"],
        tuple(row["kinds"]),
        instant_of(row["created_at_us"]),
        row["waiting"],
        row["failures"],
        row["left_out"],
        UNSET if disabled_at_us is None else instant_of(disabled_at_us),
        row["disabled_for"] or UNSET,
    )


def _message(row: Row) -> MessageShown:
    settled_at_us = row["settled_at_us"]
    return MessageShown(
        row["message_id"],
        row["kind"],
        instant_of(row["at_us"]),
        row["state"],
        row["attempts"],
        UNSET if row["last_status"] is None else row["last_status"],
        row["last_error"] or UNSET,
        UNSET if settled_at_us is None else instant_of(settled_at_us),
    )


_ALL, _ONE = "/v1/webhooks", "/v1/webhooks/{endpoint_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", _ALL, "Create a webhook", create_webhook, NewWebhook, NoQuery, WebhookSecret, status=201),
    Route("GET", _ALL, "List webhooks", list_webhooks, NoBody, NoQuery, WebhookList),
    Route("DELETE", _ONE, "Delete a webhook", delete_webhook, NoBody, NoQuery, WebhookNamed),
    Route(
        "POST", f"{_ONE}/secret", "Replace the secret of a webhook", rotate_secret,
        NoBody, NoQuery, WebhookSecret, status=201,
    ),
    Route("POST", f"{_ONE}/test", "Test a webhook", test_webhook, NoBody, NoQuery, MessageNamed, status=201),
    Route("POST", f"{_ONE}/enabling", "Enable a webhook", enable_webhook, NoBody, NoQuery, WebhookNamed),
    Route("GET", f"{_ONE}/messages", "List messages of a webhook", list_messages, NoBody, MessageQuery, MessageList),
    Route(
        "POST", f"{_ONE}/redeliveries", "Send messages of a webhook again", redeliver,
        Redelivery, NoQuery, Redelivered,
    ),
)  # fmt: skip
