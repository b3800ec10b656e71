"""Calls before a supplier bids: changes of a draft, terms, questionnaire, qualification,
invitations and inquiries.

Words go over REST, which keeps them; a command carries their hash.
"""

from collections.abc import Sequence
from decimal import Decimal

from exchange_client import lot_commands as draft_wire
from exchange_client import qualification_commands as wire
from exchange_client.calls_awards import AwardCalls
from exchange_client.currencies import BidCurrency, SetCurrencies
from exchange_client.lot_rules import Disclosure, EventRules, LotRules, Overtime
from exchange_client.lot_sales import SaleTerms
from exchange_client.money import wire_price
from exchange_client.qualification_commands import Answer, Document, Question
from exchange_client.results import Done, Made, Numbered


class EventCalls(AwardCalls):
    """The buyer's and the supplier's."""

    async def change_event(
        self,
        event_id: str,
        *,
        title: str | None = None,
        open_at_us: int | None = None,
        duration_us: int | None = None,
        overtime: Overtime | None = None,
        disclosure: Disclosure | None = None,
        rules: EventRules | None = None,
        sale: SaleTerms | None = None,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Buyer: change what is given of a draft."""
        command = draft_wire.ChangeEvent(
            event_id=event_id,
            title=title,
            open_at_us=open_at_us,
            duration_us=duration_us,
            overtime=overtime,
            disclosure=disclosure,
            rules=rules,
            sale=sale,
            expected_version=expected_version,
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def set_currencies(
        self,
        event_id: str,
        currencies: Sequence[BidCurrency],
        *,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Buyer: name the currencies that a draft may be bid in beside its own, with their rates."""
        command = SetCurrencies(
            event_id=event_id, currencies=tuple(currencies), expected_version=expected_version
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def clone_event(
        self,
        event_id: str,
        *,
        open_at_us: int,
        title: str | None = None,
        invitations: bool = False,
        lottery_sha256: str = "",
        practice: bool | None = None,
        timeout_s: float | None = None,
    ) -> Made:
        """Buyer: draft an event like one of its own, invitations only where asked for; tells the draft.

        `practice`: to train, or in earnest; as the template, unless given.
        """
        command = draft_wire.CloneEvent(
            event_id=event_id,
            open_at_us=open_at_us,
            title=title,
            invitations=invitations,
            lottery_sha256=lottery_sha256,
            practice=practice,
        )
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def change_lot(
        self,
        lot_id: str,
        *,
        price_scale: int,
        title: str | None = None,
        quantity: int | None = None,
        ceiling_price: Decimal | None = None,
        min_step: Decimal | None = None,
        tick: Decimal | None = None,
        rules: LotRules | None = None,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Buyer: change what is given of a draft's lot; the scale is that of its event."""

        def price(name: str, given: Decimal | None) -> int | None:
            return None if given is None else wire_price(given, price_scale, name)

        command = draft_wire.ChangeLot(
            lot_id=lot_id,
            title=title,
            quantity=quantity,
            ceiling_price=price("ceiling_price", ceiling_price),
            min_step=price("min_step", min_step),
            tick=price("tick", tick),
            rules=rules,
            expected_version=expected_version,
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def remove_lot(
        self, lot_id: str, *, expected_version: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Buyer: take a lot out of a draft."""
        return Done.of(
            await self.send(
                draft_wire.RemoveLot(lot_id=lot_id, expected_version=expected_version), timeout_s=timeout_s
            )
        )

    async def set_terms(
        self,
        event_id: str,
        *,
        text_hash: str = "",
        documents: Sequence[Document] = (),
        timeout_s: float | None = None,
    ) -> Numbered:
        """Buyer: what every bidder accepts before its first bid; tells the version."""
        command = wire.SetTerms(event_id=event_id, text_hash=text_hash, documents=tuple(documents))
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def publish_addendum(
        self,
        event_id: str,
        *,
        text_hash: str,
        documents: Sequence[Document] = (),
        timeout_s: float | None = None,
    ) -> Numbered:
        """Buyer: add to the terms of a published event; tells the version that counts now. Proxies end, as every
        bidder has to accept again.
        """
        command = wire.PublishAddendum(
            event_id=event_id, text_hash=text_hash, documents=tuple(documents), ends_proxies=True
        )
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def accept_terms(self, event_id: str, version: int, *, timeout_s: float | None = None) -> Numbered:
        """Supplier: accept the terms up to the last version, which is the one that was read."""
        command = wire.AcceptTerms(event_id=event_id, version=version)
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def set_questionnaire(
        self,
        event_id: str,
        questions: Sequence[Question] = (),
        *,
        needed: bool = True,
        timeout_s: float | None = None,
    ) -> Done:
        """Buyer: only qualified suppliers bid."""
        command = wire.SetQuestionnaire(event_id=event_id, questions=tuple(questions), needed=needed)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def answer_questionnaire(
        self, event_id: str, answers: Sequence[Answer], *, timeout_s: float | None = None
    ) -> Done:
        """Supplier: all answers at once."""
        command = wire.AnswerQuestionnaire(event_id=event_id, answers=tuple(answers))
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def decide_qualification(
        self,
        event_id: str,
        member_id: str,
        *,
        approve: bool,
        lots: Sequence[str] = (),
        reason_hash: str = "",
        timeout_s: float | None = None,
    ) -> Done:
        """Buyer or operator: let the supplier bid in these lots, in all where none is named, or refuse it. Where it
        may not bid any more, its proxy ends.
        """
        command = wire.DecideQualification(
            event_id=event_id,
            member_id=member_id,
            approve=approve,
            lots=tuple(lots),
            reason_hash=reason_hash,
            ends_proxies=True,
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def answer_invitation(self, event_id: str, *, accept: bool, timeout_s: float | None = None) -> Done:
        """Supplier: say whether it will take part."""
        command = wire.AnswerInvitation(event_id=event_id, accept=accept)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def withdraw_invitation(
        self, event_id: str, member_id: str, *, timeout_s: float | None = None
    ) -> Done:
        """Buyer or operator: take back the invitation of a supplier that has not bid."""
        command = wire.WithdrawInvitation(event_id=event_id, member_id=member_id)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def inquire(self, event_id: str, *, text_hash: str, timeout_s: float | None = None) -> Made:
        """Supplier: ask something about an event; tells the inquiry."""
        command = wire.Inquire(event_id=event_id, text_hash=text_hash)
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def answer_inquiry(
        self, inquiry_id: str, *, text_hash: str, timeout_s: float | None = None
    ) -> Done:
        """Buyer or operator: answer to all who are invited."""
        command = wire.AnswerInquiry(inquiry_id=inquiry_id, text_hash=text_hash)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def set_supplier_profile(self, *, profile_hash: str = "", timeout_s: float | None = None) -> Done:
        """Supplier: be found by this profile; empty: by none."""
        command = wire.SetSupplierProfile(profile_hash=profile_hash)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def invite_suppliers(
        self,
        event_id: str,
        member_ids: Sequence[str],
        *,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Buyer or operator: invite all of these or none; tells how many."""
        command = wire.InviteSuppliers(
            event_id=event_id, member_ids=tuple(member_ids), expected_version=expected_version
        )
        return Numbered.of(await self.send(command, timeout_s=timeout_s))
