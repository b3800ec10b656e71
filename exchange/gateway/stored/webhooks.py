"""Where members want to be told, and what waits for them: the tables of webhooks, from the members' side.

Guarantees: whoever asks reaches its own endpoints alone; a URL that nothing would be sent to isn't kept.
Sends nothing: `outbound.webhooks` does, and judges the address again.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from exchange.core.rejects import Reject, RejectCode
from exchange.engine.randomness import Randomness
from exchange.gateway.problems import Refused
from exchange.gateway.stored.records import Records, Row
from exchange.outbound.signing import SECRET_BYTES, secret_of
from exchange.outbound.targets import url_refusal

ENDPOINTS_PER_MEMBER_MAX: Final = 8
OLD_SECRET_US: Final = 86_400 * 1_000_000
"""For how long a replaced secret signs too."""
LISTED_MAX: Final = 200
TESTS_WAITING_MAX: Final = 10

_CREATE: Final = """
insert into webhook_endpoints (endpoint_id, member_id, url, kinds, secret, created_at_us)
values ($1, $2, $3, $4, $5, $6) returning *
"""
_LIST: Final = """
select *, (
    select count(*) from webhook_messages waits
    where waits.endpoint_id = webhook_endpoints.endpoint_id and waits.state = 'waiting'
) as waiting
from webhook_endpoints where member_id = $1 order by created_at_us, endpoint_id
"""
_ONE: Final = "select * from webhook_endpoints where member_id = $1 and endpoint_id = $2"
_DELETE: Final = "delete from webhook_endpoints where member_id = $1 and endpoint_id = $2"
_ROTATE: Final = """
update webhook_endpoints set old_secret = secret, old_until_us = $4, secret = $3
where member_id = $1 and endpoint_id = $2
"""
_ENABLE: Final = """
update webhook_endpoints set failures = 0, failing_since_us = null, next_at_us = 0, disabled_at_us = null,
    disabled_for = null
where member_id = $1 and endpoint_id = $2
"""
_WAIT_ANEW: Final = """
update webhook_messages set waits_since_us = $2, next_at_us = 0, attempts = 0
where endpoint_id = $1 and state = 'waiting'
"""
_TEST: Final = """
insert into webhook_messages (endpoint_id, kind, body, at_us, waits_since_us)
select $1, $2, $3, $4, $4
where $5 > (select count(*) from webhook_messages where endpoint_id = $1 and state = 'waiting' and kind = $2)
returning message_id
"""
_MESSAGES: Final = """
select message_id, kind, at_us, state, attempts, last_status, last_error, settled_at_us, next_at_us
from webhook_messages where endpoint_id = $1 and ($2::text is null or state = $2) order by number desc limit $3
"""
_AGAIN: Final = """
update webhook_messages set state = 'waiting', attempts = 0, next_at_us = 0, waits_since_us = $2,
    settled_at_us = null
where endpoint_id = $1 and (message_id = $3 or at_us >= $4)
"""


class WebhooksTable:
    """The tables `webhook_endpoints` and `webhook_messages`. WEBHOOK_UNKNOWN for what isn't the member's own."""

    def __init__(self, records: Records, randomness: Randomness, *, loopback: bool = False) -> None:
        self._records = records
        self._randomness = randomness
        self._loopback = loopback
        self._adding = asyncio.Lock()

    async def add(self, member_id: str, url: str, kinds: Sequence[str], now_us: int) -> tuple[str, Row]:
        """The secret and the endpoint. Checks: TARGET_REFUSED, TOO_MANY_WEBHOOKS."""
        refusal = url_refusal(url, loopback=self._loopback)
        if refusal:
            raise Refused(Reject(RejectCode.TARGET_REFUSED, field="url"), refusal)
        secret = self._secret()
        async with self._adding:
            if len(await self.of_member(member_id)) >= ENDPOINTS_PER_MEMBER_MAX:
                raise Refused(Reject(RejectCode.TOO_MANY_WEBHOOKS, ENDPOINTS_PER_MEMBER_MAX))
            given = self._randomness.public_id(), member_id, url, list(kinds), secret, now_us
            row = await self._records.fetch_row(_CREATE, *given)
        assert row is not None
        return secret, row

    async def of_member(self, member_id: str) -> list[Row]:
        """Oldest first."""
        return await self._records.fetch(_LIST, member_id)

    async def delete(self, member_id: str, endpoint_id: str) -> None:
        """With all its messages."""
        await self._change(_DELETE, member_id, endpoint_id)

    async def rotate(self, member_id: str, endpoint_id: str, now_us: int) -> str:
        """The new secret; the one before signs too, for a day."""
        secret = self._secret()
        await self._change(_ROTATE, member_id, endpoint_id, secret, now_us + OLD_SECRET_US)
        return secret

    async def enable(self, member_id: str, endpoint_id: str, now_us: int) -> None:
        """As if it had never failed; what waits is tried at once."""
        await self._change(_ENABLE, member_id, endpoint_id)
        await self._records.execute(_WAIT_ANEW, endpoint_id, now_us)

    async def test(self, member_id: str, endpoint_id: str, kind: str, body: bytes, now_us: int) -> str:
        """The id of a message that waits now. Checks: WEBHOOK_DISABLED, TOO_MANY_REQUESTS."""
        await self._enabled(member_id, endpoint_id)
        row = await self._records.fetch_row(_TEST, endpoint_id, kind, body, now_us, TESTS_WAITING_MAX)
        if row is None:
            raise Refused(Reject(RejectCode.TOO_MANY_REQUESTS, TESTS_WAITING_MAX))
        return str(row["message_id"])

    async def messages(self, member_id: str, endpoint_id: str, state: str | None) -> list[Row]:
        """The last LISTED_MAX, newest first."""
        await self._own(member_id, endpoint_id)
        return await self._records.fetch(_MESSAGES, endpoint_id, state, LISTED_MAX)

    async def send_again(
        self, member_id: str, endpoint_id: str, message_id: str | None, since_us: int | None, now_us: int
    ) -> int:
        """How many wait anew: that one, or all of the instant and later. Checks: WEBHOOK_DISABLED."""
        await self._enabled(member_id, endpoint_id)
        return await self._records.execute(_AGAIN, endpoint_id, now_us, message_id, since_us)

    async def _own(self, member_id: str, endpoint_id: str) -> Row:
        row = await self._records.fetch_row(_ONE, member_id, endpoint_id)
        if row is None:
            raise Refused(Reject(RejectCode.WEBHOOK_UNKNOWN, field="endpoint_id"))
        return row

    async def _enabled(self, member_id: str, endpoint_id: str) -> None:
        if (await self._own(member_id, endpoint_id))["disabled_at_us"] is not None:
            raise Refused(RejectCode.WEBHOOK_DISABLED)

    async def _change(self, statement: str, member_id: str, endpoint_id: str, *more: object) -> None:
        if not await self._records.execute(statement, member_id, endpoint_id, *more):
            raise Refused(Reject(RejectCode.WEBHOOK_UNKNOWN, field="endpoint_id"))

    def _secret(self) -> str:
        return secret_of(self._randomness.salts(SECRET_BYTES))
