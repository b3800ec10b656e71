"""Members, keys and webhooks over REST."""

from collections.abc import AsyncIterator, Sequence

from exchange_client.rest_base import Answer, RestBase, segment


class MemberRest(RestBase):
    """Who may do what, and where a member wants to be told."""

    async def time(self) -> Answer:
        """The exchange's clock: `at`, and `at_us` in microseconds."""
        return await self.get("/v1/time")

    def members(self) -> AsyncIterator[Answer]:
        """Those that this member may see: itself; the operator sees all."""
        return self.rows("/v1/members", "members")

    async def member(self, member_id: str) -> Answer:
        """One of them."""
        return await self.get(f"/v1/members/{segment(member_id)}")

    async def add_member(
        self, name: str, *, country: str, contact: str, roles: Sequence[str], owner: str = ""
    ) -> Answer:
        """Operator: admit a legal entity. Its name and contact are shown to operators alone."""
        body = {"name": name, "country": country, "contact": contact, "roles": roles}
        return await self.send("POST", "/v1/members", body | ({"owner": owner} if owner else {}))

    async def keys(self, member_id: str = "") -> list[Answer]:
        """Live keys, oldest first: the own ones; only the operator may name another member."""
        found: list[Answer] = (await self.get("/v1/keys", member_id=member_id))["keys"]
        return found

    async def add_key(
        self, member_id: str = "", *, scopes: Sequence[str] = ("read", "trade"), label: str = ""
    ) -> Answer:
        """A new key, shown this once (`key`); only the operator may name another member."""
        body = {"scopes": scopes, "label": label} | ({"member_id": member_id} if member_id else {})
        return await self.send("POST", "/v1/keys", body)

    async def revoke_key(self, key_id: str) -> Answer:
        """Make a key invalid at once and close its connections."""
        return await self.send("DELETE", f"/v1/keys/{segment(key_id)}")

    # --- webhooks --------------------------------------------------------------------------------

    async def webhooks(self) -> Answer:
        """The own `webhooks`, oldest first, with how they are doing; and all `kinds` that there are."""
        return await self.get("/v1/webhooks")

    async def add_webhook(self, url: str, kinds: Sequence[str] = ()) -> Answer:
        """Be told at this address what the feeds show from now on, of these kinds or of all; `secret` is shown once."""
        return await self.send("POST", "/v1/webhooks", {"url": url, "kinds": kinds})

    async def remove_webhook(self, endpoint_id: str) -> Answer:
        """Nothing is sent any more, and what waits is forgotten."""
        return await self.send("DELETE", _webhook(endpoint_id))

    async def enable_webhook(self, endpoint_id: str) -> Answer:
        """Send again to an endpoint that was disabled; what waited is tried at once."""
        return await self.send("POST", _webhook(endpoint_id, "enabling"))

    async def renew_webhook_secret(self, endpoint_id: str) -> Answer:
        """A new `secret`, shown once; for a day the one before signs too."""
        return await self.send("POST", _webhook(endpoint_id, "secret"))

    async def test_webhook(self, endpoint_id: str) -> Answer:
        """Have a message of the kind `test` sent; `webhook_messages` tells what came of it."""
        return await self.send("POST", _webhook(endpoint_id, "test"))

    async def webhook_messages(self, endpoint_id: str, *, state: str = "") -> list[Answer]:
        """The last 200, newest first: all, or those `waiting`, `delivered` or `given_up`."""
        answer = await self.get(_webhook(endpoint_id, "messages"), state=state)
        messages: list[Answer] = answer["messages"]
        return messages

    async def redeliver(self, endpoint_id: str, *, message_id: str = "", since: str = "") -> int:
        """Send one message again, or all from an instant on, under the ids that they had; tells how many."""
        body = {"message_id": message_id} if message_id else {"since": since}
        count: int = (await self.send("POST", _webhook(endpoint_id, "redeliveries"), body))["messages"]
        return count


def _webhook(endpoint_id: str, rest: str = "") -> str:
    return f"/v1/webhooks/{segment(endpoint_id)}" + (f"/{rest}" if rest else "")
