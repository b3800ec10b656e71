"""Money over REST: accounts, statements, invoices, payouts, and what the operator reads of the bank."""

from collections.abc import AsyncIterator

from exchange_client.rest_base import Answer, RestBase, segment


class MoneyRest(RestBase):
    """What a member has and had. Where a `member_id` may be named, only the operator may name another."""

    def accounts(self, *, member_id: str = "") -> AsyncIterator[Answer]:
        """What there is now, an account each."""
        return self.rows("/v1/accounts", "accounts", member_id=member_id)

    def postings(self, *, member_id: str = "", unit: str = "", since: str = "") -> AsyncIterator[Answer]:
        """Each posting with the balance after it."""
        return self.rows("/v1/postings", "postings", member_id=member_id, unit=unit, since=since)

    async def statement(
        self, *, month: str = "", first: str = "", end: str = "", member_id: str = ""
    ) -> Answer:
        """Accounts and movements of a month (`2026-01`), or of days up to `end`, which is not part of it; whole."""
        period = {"month": month, "from": first, "to": end, "member_id": member_id}
        answer = await self.get("/v1/statements", limit=500, **period)
        while cursor := answer.pop("next"):
            page = await self.get("/v1/statements", limit=500, cursor=cursor, **period)
            answer = page | {"movements": answer["movements"] + page["movements"]}
        return answer

    async def statement_file(
        self,
        media: str = "application/pdf",
        *,
        month: str = "",
        first: str = "",
        end: str = "",
        member_id: str = "",
    ) -> bytes:
        """The same on paper (up to 5,000 movements), or as `text/csv`."""
        period = {"month": month, "from": first, "to": end, "member_id": member_id}
        return await self.file("/v1/statements", media, **period)

    def invoices(self, *, member_id: str = "") -> AsyncIterator[Answer]:
        """Commission invoices, a month and currency each."""
        return self.rows("/v1/invoices", "invoices", member_id=member_id)

    async def invoice(self, number: int | str) -> Answer:
        """One of them with its lines."""
        return await self.get(f"/v1/invoices/{segment(str(number))}")

    async def invoice_file(self, number: int | str, media: str = "application/pdf") -> bytes:
        """The same on paper, or as `text/csv`."""
        return await self.file(f"/v1/invoices/{segment(str(number))}", media)

    async def commission(self) -> Answer:
        """Everybody's schedule of the surplus market, and who pays it."""
        return await self.get("/v1/commission")

    async def schedules(self) -> list[Answer]:
        """All versions of schedules that are everybody's or this member's own; an operator sees those of all sellers."""
        found: list[Answer] = (await self.get("/v1/schedules"))["schedules"]
        return found

    def withdrawals(self, *, member_id: str = "") -> AsyncIterator[Answer]:
        """Own money on its way to one's bank."""
        return self.rows("/v1/withdrawals", "payouts", member_id=member_id)

    async def bank_details(self) -> Answer:
        """Where withdrawals go: the holder and the end of the IBAN."""
        return await self.get("/v1/bank-details")

    async def set_bank_details(self, name: str, iban: str, bic: str = "") -> Answer:
        """Have withdrawals go there."""
        body = {"name": name, "iban": iban} | ({"bic": bic} if bic else {})
        return await self.send("PUT", "/v1/bank-details", body)

    # --- the operator's --------------------------------------------------------------------------

    def payouts(self, *, member_id: str = "") -> AsyncIterator[Answer]:
        """Operator: all payouts and sweeps."""
        return self.rows("/v1/payouts", "payouts", member_id=member_id)

    def bank_entries(self) -> AsyncIterator[Answer]:
        """Operator: what the bank's statements said and the exchange could not book."""
        return self.rows("/v1/bank-entries", "entries")

    async def suspense(self) -> list[Answer]:
        """Operator: credits that nobody expected."""
        found: list[Answer] = (await self.get("/v1/suspense"))["credits"]
        return found
