"""Sourcing events over REST: what buyer and supplier read of them, the words, and the files."""

from collections.abc import AsyncIterator, Mapping, Sequence

from exchange_client.rest_base import Answer, RestBase, segment


class EventRest(RestBase):
    """Events, lots, suppliers. Commands without words (drafting, awarding, bidding) are `Client`'s."""

    # --- events and lots -------------------------------------------------------------------------

    def events(self) -> AsyncIterator[Answer]:
        """All events that this member may see, the latest opening first."""
        return self.rows("/v1/events", "events")

    async def event(self, event_id: str) -> Answer:
        """An event with its lots, as this member may see it (`seen_as`)."""
        return await self.get(_event(event_id))

    async def lot(self, lot_id: str) -> Answer:
        """A lot as this member may see it."""
        return await self.get(_lot(lot_id))

    def bids(self, lot_id: str) -> AsyncIterator[Answer]:
        """To buyer and operator every bid by alias, to a supplier its own."""
        return self.rows(_lot(lot_id, "bids"), "bids")

    async def bid_receipt(self, lot_id: str, number: int) -> Answer:
        """The receipt of an own bid, counted from 1, once its lot is closed: `checked` recomputes it."""
        return await self.get(_lot(lot_id, f"bids/{number}/receipt"))

    async def envelope_receipt(self, lot_id: str, number: int) -> Answer:
        """The same of an own envelope, replaced ones counted too."""
        return await self.get(_lot(lot_id, f"envelopes/{number}/receipt"))

    async def lot_result(self, lot_id: str) -> Answer:
        """How a lot ended, as far as this member may know."""
        return await self.get(_lot(lot_id, "result"))

    async def standstill(self, lot_id: str) -> Answer:
        """Until when an award is provisional, and the complaints that this member may read."""
        return await self.get(_lot(lot_id, "standstill"))

    async def event_sales(self, event_id: str) -> list[Answer]:
        """The sales of an event from stock that this member may know of."""
        found: list[Answer] = (await self.get(_event(event_id, "sales")))["sales"]
        return found

    async def lot_sale(self, lot_id: str) -> Answer:
        """Where the sale of a surplus lot stands, to its winner and its seller."""
        return await self.get(_lot(lot_id, "sale"))

    async def seller_score(self, lot_id: str) -> Answer:
        """The band of who offers a forward lot; a reverse lot has none."""
        return await self.get(_lot(lot_id, "seller-score"))

    async def monitor(self, event_id: str, *, bids_max: int | None = None) -> Answer:
        """Buyer: clocks, overtime, savings, the latest bids by alias, which suppliers are connected."""
        return await self.get(_event(event_id, "monitor"), limit=bids_max)

    async def report(self, event_id: str) -> Answer:
        """Buyer: rules, timetable, awards, savings and every bid by alias, whole. `final` once nothing can change."""
        path = _event(event_id, "report")
        answer = await self.get(path, limit=500)
        while cursor := answer.pop("next"):
            page = await self.get(path, limit=500, cursor=cursor)
            answer = page | {"bids": answer["bids"] + page["bids"]}
        return answer

    async def report_file(self, event_id: str, media: str = "application/pdf") -> bytes:
        """The same on paper (up to 5,000 lines), or as `text/csv`."""
        return await self.file(_event(event_id, "report"), media)

    async def calendar(self, event_id: str) -> bytes:
        """Opening and closes as a calendar file (RFC 5545)."""
        return await self.file(_event(event_id, "calendar"), "text/calendar")

    async def release(self, event_id: str) -> Answer:
        """A public event as an open-contracting release (OCDS)."""
        return await self.get(_event(event_id, "release"))

    async def load_lots(
        self, event_id: str, sheet: bytes, media: str = "text/csv", *, dry_run: bool = False, batch: str = ""
    ) -> Answer:
        """Buyer: the lots of a spreadsheet into a draft, all or none. `faults` tell row and column; see `load`."""
        query = {"event_id": event_id, "dry_run": dry_run, "batch": batch}
        return await self.upload("/v1/lots/bulk", sheet, media, **query)

    # --- suppliers -------------------------------------------------------------------------------

    async def find_suppliers(
        self,
        *,
        categories: Sequence[str] = (),
        regions: Sequence[str] = (),
        capabilities: Sequence[str] = (),
        certificates: Sequence[str] = (),
        limit: int = 20,
    ) -> list[Answer]:
        """Buyer: who meets any of these, who meets most first, with what each meets and lacks."""
        wanted = {"categories": categories, "regions": regions, "capabilities": capabilities}
        body = wanted | {"certificates": certificates, "limit": limit}
        found: list[Answer] = (await self.send("POST", "/v1/suppliers/search", body))["suppliers"]
        return found

    async def supplier_profile(self) -> Answer:
        """The own profile, by which buyers find this supplier."""
        return await self.get("/v1/supplier-profile")

    async def set_supplier_profile(self, profile: Mapping[str, object]) -> Answer:
        """Be found by this profile: `name`, `categories`, `regions`, `capabilities`, `certificates`."""
        return await self.send("PUT", "/v1/supplier-profile", profile)

    async def remove_supplier_profile(self) -> Answer:
        """Be found no more."""
        return await self.send("DELETE", "/v1/supplier-profile")

    def invitations(self) -> AsyncIterator[Answer]:
        """What this supplier is invited to, with what is still asked before a bid."""
        return self.rows("/v1/invitations", "invitations")

    # --- terms, qualification, inquiries: in words -----------------------------------------------

    async def terms(self, event_id: str) -> Answer:
        """The terms with their addenda, in words."""
        return await self.get(_event(event_id, "terms"))

    async def set_terms(
        self, event_id: str, text: str, documents: Sequence[Mapping[str, str]] = ()
    ) -> Answer:
        """Buyer, of a draft: what every bidder accepts; documents by name and SHA-256."""
        return await self.send("PUT", _event(event_id, "terms"), {"text": text, "documents": documents})

    async def publish_addendum(
        self, event_id: str, text: str, documents: Sequence[Mapping[str, str]] = ()
    ) -> Answer:
        """Buyer, of a published event: added to the terms; every bidder accepts again."""
        return await self.send("POST", _event(event_id, "addenda"), {"text": text, "documents": documents})

    async def questionnaire(self, event_id: str) -> Answer:
        """What is asked, in words; to a supplier where it stands."""
        return await self.get(_event(event_id, "questionnaire"))

    async def set_questionnaire(
        self, event_id: str, questions: Sequence[Mapping[str, object]], *, needed: bool = True
    ) -> Answer:
        """Buyer, of a draft: `kind` (yes_no, choice, number, text, document), `text` and so on, each."""
        body = {"questions": questions, "needed": needed}
        return await self.send("PUT", _event(event_id, "questionnaire"), body)

    async def answer_questionnaire(self, event_id: str, answers: Sequence[Mapping[str, object]]) -> Answer:
        """Supplier: all answers at once, by `place` from 1."""
        return await self.send("PUT", _event(event_id, "questionnaire/answers"), {"answers": answers})

    def participants(self, event_id: str) -> AsyncIterator[Answer]:
        """Buyer: all who are invited, with answers and qualification."""
        return self.rows(_event(event_id, "participants"), "participants")

    async def decide_qualification(
        self, event_id: str, member_id: str, *, approve: bool, lots: Sequence[str] = (), reason: str = ""
    ) -> Answer:
        """Buyer: let an invited supplier bid, in these lots or in all; or refuse it with a reason."""
        body = {"approve": approve, "lots": lots, "reason": reason}
        path = _event(event_id, f"participants/{segment(member_id)}/qualification")
        return await self.send("PUT", path, body)

    def inquiries(self, event_id: str) -> AsyncIterator[Answer]:
        """What was asked and answered, without who asked."""
        return self.rows(_event(event_id, "inquiries"), "inquiries")

    async def inquire(self, event_id: str, text: str) -> Answer:
        """Supplier: ask something; with the answer, all who are invited read it."""
        return await self.send("POST", _event(event_id, "inquiries"), {"text": text})

    async def answer_inquiry(self, inquiry_id: str, text: str) -> Answer:
        """Buyer: answer to all who are invited."""
        return await self.send("PUT", f"/v1/inquiries/{segment(inquiry_id)}/answer", {"text": text})


def _event(event_id: str, rest: str = "") -> str:
    return f"/v1/events/{segment(event_id)}" + (f"/{rest}" if rest else "")


def _lot(lot_id: str, rest: str = "") -> str:
    return f"/v1/lots/{segment(lot_id)}" + (f"/{rest}" if rest else "")
