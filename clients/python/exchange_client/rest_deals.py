"""Deals, goods, claims and feedback over REST."""

from collections.abc import AsyncIterator, Mapping

from exchange_client.rest_base import Answer, RestBase, segment


class DealRest(RestBase):
    """From the contract to what is said of it."""

    def contracts(self) -> AsyncIterator[Answer]:
        """Own contracts, one an order."""
        return self.rows("/v1/contracts", "contracts")

    async def contract(self, contract_id: str) -> Answer:
        """A contract with its fills as lines; its id is the order's."""
        return await self.get(_contract(contract_id))

    async def contract_steps(self, contract_id: str) -> list[Answer]:
        """What became of the goods of an own contract, and when."""
        found: list[Answer] = (await self.get(_contract(contract_id, "steps")))["steps"]
        return found

    async def settlement_note(self, contract_id: str, line: int, *, member_id: str = "") -> Answer:
        """The receipt of a settled line, with a proof of its place in the journal."""
        return await self.get(_contract(contract_id, f"lines/{line}/settlement-note"), member_id=member_id)

    async def settlement_note_file(
        self, contract_id: str, line: int, media: str = "application/pdf", *, member_id: str = ""
    ) -> bytes:
        """The same on paper, or as `text/csv`."""
        path = _contract(contract_id, f"lines/{line}/settlement-note")
        return await self.file(path, media, member_id=member_id)

    def deals(self, *, state: str = "", member_id: str = "") -> AsyncIterator[Answer]:
        """Where own goods are, both sides, until the guarantee is over; only an operator may name another member."""
        return self.rows("/v1/deals", "deals", state=state, member_id=member_id)

    def consignments(self) -> AsyncIterator[Answer]:
        """Own goods on their way to the hub; to inspectors and operators all."""
        return self.rows("/v1/consignments", "consignments")

    def shipments(self) -> AsyncIterator[Answer]:
        """Own goods on their way from the hub; to inspectors and operators all."""
        return self.rows("/v1/shipments", "shipments")

    async def hub(self, *, at: str = "") -> Answer:
        """Where sellers send to: name, address, and since when; or where they sent to at an instant."""
        return await self.get("/v1/hub", at=at)

    def hub_lots(self) -> AsyncIterator[Answer]:
        """Inspector and operator: what waits for inspection."""
        return self.rows("/v1/hub/lots", "hub_lots")

    def hub_ready(self) -> AsyncIterator[Answer]:
        """Inspector and operator: passed goods that wait for their shipment."""
        return self.rows("/v1/hub/ready", "lines")

    def claims(self) -> AsyncIterator[Answer]:
        """Open claims on own lines; to the operator all."""
        return self.rows("/v1/claims", "claims")

    async def resolved_claims(self) -> list[Answer]:
        """Own claims and those against oneself that are over, the latest."""
        found: list[Answer] = (await self.get("/v1/claims/resolved"))["claims"]
        return found

    async def file_claim(self, claim: Mapping[str, object]) -> Answer:
        """Buyer: object to delivered goods, in words; fields as `POST /v1/claims` has them."""
        return await self.send("POST", "/v1/claims", claim)

    async def answer_claim(self, answer: Mapping[str, object]) -> Answer:
        """Seller: answer a claim, in words; fields as `POST /v1/claims/answers` has them."""
        return await self.send("POST", "/v1/claims/answers", answer)

    def feedback(self) -> AsyncIterator[Answer]:
        """Operator: everybody who was rated, with what counts by now."""
        return self.rows("/v1/feedback", "scores")

    async def own_feedback(self) -> Answer:
        """The band in which this member stands."""
        return await self.get("/v1/feedback/own")

    def feedback_on(self, member_id: str) -> AsyncIterator[Answer]:
        """Operator: the ratings of one member, with their texts."""
        return self.rows(f"/v1/members/{segment(member_id)}/feedback", "said")

    async def give_feedback(
        self, contract_id: str, *, as_described: int, delivery: int, communication: int, text: str = ""
    ) -> Answer:
        """Rate a finished deal: three choices from 1, worst, to 5, best; the text is for the operator alone."""
        said = {"as_described": as_described, "delivery": delivery, "communication": communication}
        return await self.send("POST", _contract(contract_id, "feedback"), said | {"text": text})


def _contract(contract_id: str, rest: str = "") -> str:
    return f"/v1/contracts/{segment(contract_id)}" + (f"/{rest}" if rest else "")
