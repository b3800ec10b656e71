"""A supplier says by what it is found; buyer or operator invites whom it found, all or none."""

from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.sides import bidding_role, hidden_refusal
from exchange.core.limits import SUPPLIERS_PER_LOT_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.drafting import Drafts
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.sourcing import InviteSupplier
from exchange.core.messages.suppliers import InviteSuppliers, SetSupplierProfile, SupplierProfileSet
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode


class Suppliers:
    """`profiles` has the hash of every supplier's current profile, by member."""

    def __init__(self, members: Members, auctions: Auctions, profiles: dict[str, str]) -> None:
        self._members = members
        self._auctions = auctions
        self._drafts = Drafts(auctions)
        self.profiles = profiles

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {SetSupplierProfile: self.set_profile, InviteSuppliers: self.invite}

    def set_profile(
        self, sent: Sequenced, command: SetSupplierProfile, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing."""
        if refused := self._members.refusal(sent.member_id, Role.SELLER):
            return refused
        if command.profile_hash:
            self.profiles[sent.member_id] = command.profile_hash
        else:
            self.profiles.pop(sent.member_id, None)
        events.append(SupplierProfileSet(sent.member_id, command.profile_hash))
        return Done(sent.member_id)

    def invite(self, sent: Sequenced, command: InviteSuppliers, events: list[AnyEvent]) -> Done | Reject:
        """Checks, supplier by supplier in their order: those of one invitation, as if those before were invited."""
        if refused := self._refusal(sent.member_id, command):
            return refused
        # Nothing below this line can fail: everybody is invited.
        for member_id in command.member_ids:
            owner = self._members.owner_of(member_id)
            self._drafts.invite(InviteSupplier(event_id=command.event_id, member_id=member_id), owner, events)
        return Done(command.event_id, number=len(command.member_ids))

    def _refusal(self, actor: str, command: InviteSuppliers) -> Reject | None:
        """BIDDERS_HIDDEN, then as of one invitation, with the place in the list as bound."""
        is_operator = self._members.is_operator(actor)
        event = self._auctions.governed_event(actor, is_operator, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if refused := hidden_refusal(event, is_operator=is_operator):
            return refused
        role = bidding_role(event)
        owners: dict[str, None] = {}
        members: dict[str, None] = {}
        for place, member_id in enumerate(command.member_ids, 1):
            refused = self._members.named_refusal(member_id) or self._members.refusal(member_id, role)
            if refused:
                return Reject(refused.code, place, "member_ids")
            owner = self._members.owner_of(member_id)
            code = self._drafts.invite_refusal(
                actor, is_operator, InviteSupplier(event_id=command.event_id, member_id=member_id), owner
            )
            if code is not None:
                return Reject(code.code, place, "member_ids")
            if member_id in members:
                return Reject(RejectCode.ALREADY_INVITED, place, "member_ids")
            if owner in owners:
                return Reject(RejectCode.OWNER_ALREADY_INVITED, place, "member_ids")
            members[member_id] = owners[owner] = None
        if len(event.invited) + len(members) > SUPPLIERS_PER_LOT_MAX:
            return Reject(RejectCode.TOO_MANY_SUPPLIERS, SUPPLIERS_PER_LOT_MAX)
        return None
