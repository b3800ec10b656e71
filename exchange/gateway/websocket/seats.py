"""How many connections there may be, by address and by member, and who sits where.

Guarantees: nobody takes all places, nor the whole inbox: what waits of a member is counted over all its connections.
A key that stops being valid ends every connection that it opened.
"""

from collections import Counter

from exchange.gateway.auth import Identity
from exchange.gateway.limits import CONNECTIONS_PER_ADDRESS_MAX, CONNECTIONS_PER_MEMBER_MAX
from exchange.gateway.websocket.closing import CloseCode
from exchange.gateway.websocket.session import Session


class Seats:
    """All connections of this process."""

    def __init__(
        self,
        per_member_max: int = CONNECTIONS_PER_MEMBER_MAX,
        per_address_max: int = CONNECTIONS_PER_ADDRESS_MAX,
    ) -> None:
        self._per_member_max = per_member_max
        self._per_address_max = per_address_max
        self._addresses: Counter[str] = Counter()
        self._members: dict[str, dict[Session, Identity]] = {}

    @property
    def connections(self) -> int:
        """All that are open, with or without a hello."""
        return self._addresses.total()

    def enter(self, address: str) -> bool:
        """Whether the address may have another connection; then `leave` gives the place back."""
        if self._addresses[address] >= self._per_address_max:
            return False
        self._addresses[address] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection from the address is gone."""
        self._addresses[address] -= 1
        if not self._addresses[address]:
            del self._addresses[address]

    def take(self, session: Session, identity: Identity) -> bool:
        """Whether the member may have another connection; then `rise` gives the place back."""
        seated = self._members.setdefault(identity.member_id, {})
        if len(seated) >= self._per_member_max:
            return False
        session.flight = next(iter(seated), session).flight
        seated[session] = identity
        return True

    def rise(self, session: Session) -> None:
        """The connection is gone, whether it had a place or not."""
        identity = session.identity
        seated = self._members.get(identity.member_id) if identity else None
        if identity and seated and seated.pop(session, None) and not seated:
            del self._members[identity.member_id]

    def seated(self, member_id: str) -> bool:
        """Whether the member has a connection."""
        return member_id in self._members

    def revoked(self, key_id: str) -> None:
        """Close every connection that the key opened."""
        every = [pair for seated in self._members.values() for pair in seated.items()]
        for session, identity in every:
            if identity.key_id == key_id:
                session.close(CloseCode.KEY_REFUSED)
