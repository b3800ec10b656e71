"""Webhooks: what waits in the queues is posted to its endpoint, signed, until the endpoint takes it.

Guarantees: at least once, with the same id each time; one request at a time for an endpoint, so that a slow one
delays nobody else; a message that fails goes behind the others. What was tried, and what came of it, is on disk.
An endpoint that took nothing for three days is disabled, and so is one that answers 410; its member is told by mail.
Follows no redirect, reads no answer but its status, and never sends to addresses that `targets` refuses.

A message waits → is delivered, or given up after three days; sent again on demand, it waits anew.
"""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Final

import aiohttp
import structlog
from msgspec import Struct

from exchange.outbound.base import POLL_S, Connection, connected, keep_going
from exchange.outbound.letters import WEBHOOK_DISABLED
from exchange.outbound.posting import Posting, now_us
from exchange.outbound.signing import headers
from exchange.outbound.targets import TargetRefused, guarded

SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US
REQUESTS_MAX: Final = 32
"""At once, each to another endpoint."""
ANSWER_S_MAX: Final = 10.0
RETRY_S_MIN, RETRY_S_MAX = 5, 21_600
"""Before a message is tried again: it doubles, and is drawn from half to all of that."""
ENDPOINT_PAUSE_S_MAX: Final = 300
"""Before another message of a failing endpoint is tried."""
FAILING_US_MAX: Final = 3 * DAY_US
KEPT_US: Final = 30 * DAY_US
"""For how long what was delivered or given up can be sent again."""
SWEEP_US: Final = 600 * SECOND_US
GONE: Final = 410

_DUE: Final = """
select message.*, endpoint.url, endpoint.secret, endpoint.failures, endpoint.failing_since_us,
    case when endpoint.old_until_us > $1 then endpoint.old_secret end as old_secret
from webhook_endpoints endpoint
cross join lateral (
    select number, message_id, endpoint_id, body, attempts, waits_since_us from webhook_messages waits
    where waits.endpoint_id = endpoint.endpoint_id and waits.state = 'waiting' and waits.next_at_us <= $1
    order by waits.attempts, waits.number limit 1
) as message
where endpoint.disabled_at_us is null and endpoint.next_at_us <= $1 and endpoint.endpoint_id <> all($2)
order by endpoint.next_at_us, message.number limit $3
"""
_SETTLED: Final = """
update webhook_messages set state = $2, attempts = attempts + 1, next_at_us = $3, settled_at_us = $4,
    last_status = $5, last_error = $6
where number = $1
"""
_ENDPOINT: Final = """
update webhook_endpoints set failures = $2, failing_since_us = $3, next_at_us = $4, disabled_at_us = $5,
    disabled_for = $6
where endpoint_id = $1
"""
_DISABLED: Final = """
insert into mails (member_id, kind, event_id, subject, at_us)
select member_id, $2, '', url, $3 from webhook_endpoints where endpoint_id = $1
"""
_SWEEP: Final = "delete from webhook_messages where state <> 'waiting' and settled_at_us < $1"

log = structlog.get_logger(__name__)


class Attempt(Struct, frozen=True):
    """What came of one request: the status, or 0 and why there was none."""

    status: int
    error: str = ""

    @property
    def taken(self) -> bool:
        """Whether the endpoint has it."""
        return 200 <= self.status < 300


class Webhooks:
    """The adapter; `step` starts what is due and takes in what has ended. `close` at the end."""

    name = "webhooks"

    def __init__(
        self, connection: Connection, now_us: Callable[[], int], chance: Random, *, loopback: bool = False
    ) -> None:
        self._connection = connection
        self._now_us = now_us
        self._chance = chance
        self._client = aiohttp.ClientSession(
            connector=guarded(loopback=loopback),
            timeout=aiohttp.ClientTimeout(total=ANSWER_S_MAX),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )
        self._sending: dict[asyncio.Task[Attempt], Connection] = {}  # with its row
        self._swept_at_us = 0

    async def close(self) -> None:
        """What is under way is given up here, and tried again by the next of us."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._client.close()

    async def step(self) -> int:
        """Send what is due; how many requests ended or began."""
        now_us = self._now_us()
        if now_us - self._swept_at_us > SWEEP_US:
            await self._connection.execute(_SWEEP, now_us - KEPT_US)
            self._swept_at_us = now_us
        begun = await self._begin(now_us)
        if self._sending:
            await asyncio.wait(self._sending, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in self._sending if task.done()]
        for task in ended:
            await self._note(self._sending.pop(task), task.result())
        return begun + len(ended)

    async def _begin(self, now_us: int) -> int:
        busy = [row["endpoint_id"] for row in self._sending.values()]
        rows = await self._connection.fetch(_DUE, now_us, busy, REQUESTS_MAX - len(busy))
        for row in rows:
            self._sending[asyncio.ensure_future(self._post(row, now_us))] = row
        return len(rows)

    async def _post(self, row: Connection, now_us: int) -> Attempt:
        secrets = [each for each in (row["secret"], row["old_secret"]) if each]
        signed = headers(secrets, row["message_id"], now_us // SECOND_US, row["body"])
        try:
            async with self._client.post(
                row["url"], data=row["body"], headers=signed, allow_redirects=False
            ) as answer:
                return Attempt(answer.status)
        except TimeoutError:
            return Attempt(0, f"It did not answer within {ANSWER_S_MAX:.0f} seconds.")
        except aiohttp.ClientConnectorError as error:
            return Attempt(0, _why(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Attempt(0, f"The request failed: {type(error).__name__}.")

    async def _note(self, row: Connection, attempt: Attempt) -> None:
        now_us = self._now_us()
        message = self._message_after(row, attempt, now_us)
        endpoint = (0, None, 0, None, None) if attempt.taken else self._failed(row, now_us, attempt.status)
        async with self._connection.transaction():
            await self._connection.execute(_SETTLED, row["number"], *message, attempt.status, attempt.error)
            await self._connection.execute(_ENDPOINT, row["endpoint_id"], *endpoint)
            if endpoint[-1] is not None:
                await self._connection.execute(_DISABLED, row["endpoint_id"], WEBHOOK_DISABLED, now_us)

    def _message_after(self, row: Connection, attempt: Attempt, now_us: int) -> tuple[str, int, int | None]:
        """Its state, when it is tried again, and when it was settled."""
        if attempt.taken:
            return "delivered", now_us, now_us
        again_us = now_us + self._pause_us(row["attempts"], RETRY_S_MAX)
        late = now_us - row["waits_since_us"] > FAILING_US_MAX
        return ("given_up", again_us, now_us) if late else ("waiting", again_us, None)

    def _failed(
        self, row: Connection, now_us: int, status: int
    ) -> tuple[int, int, int, int | None, str | None]:
        """Failures, since when, when it is tried again, and when and why it was disabled."""
        since_us = row["failing_since_us"] or now_us
        reason = None
        if status == GONE:
            reason = "It answered 410: gone."
        elif now_us - since_us > FAILING_US_MAX:
            reason = "It took nothing for three days."
        if reason:
            log.warning("webhook_disabled", endpoint_id=row["endpoint_id"], reason=reason)
        pause_us = self._pause_us(row["failures"], ENDPOINT_PAUSE_S_MAX)
        return row["failures"] + 1, since_us, now_us + pause_us, now_us if reason else None, reason

    def _pause_us(self, failures: int, most_s: int) -> int:
        whole_us = min(RETRY_S_MIN * 2 ** min(failures, 20), most_s) * SECOND_US
        return self._chance.randint(whole_us // 2, whole_us)


def _why(error: aiohttp.ClientConnectorError) -> str:
    refused = error.os_error
    if isinstance(refused, TargetRefused):
        return f"We don't send there. {refused}"
    return "There was no connection."


async def send_webhooks(dsn: str, posting: Posting, stopping: Callable[[], bool]) -> None:
    """Until `stopping`, over a connection that comes again when it is lost."""

    async def work(connection: Connection) -> None:
        adapter = Webhooks(connection, now_us, Random(), loopback=posting.webhooks_to_loopback)  # noqa: S311
        try:
            await keep_going((adapter,), lambda: stopping() or connection.is_closed())
        finally:
            await adapter.close()

    await connected(dsn, "webhooks", stopping, work)
