"""A member's statement: what it had, every movement in its own terms, and what it has.

Guarantees: opening + movements = closing, by account and unit; only accounts that bear the member's name are in it;
the other side is told as what it was to the member (sale, purchase, fee, tax, refund, payout …), never who it was.
Amounts are the member's: above zero it gained, below it gave. Nothing counts what others do: no transfer number,
no sequence, no line of another's contract.
A sale is booked as what is left of it; the statement tells the price, the fee and the tax of it apart.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from msgspec import Struct

from exchange.accounting.chart import parted
from exchange.accounting.period import Period
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.commission import BUYERS_FEE, BUYERS_TAX
from exchange.core.visibility import OWN_KINDS


class Row(Protocol):
    """A row of the tables, its columns by their names."""

    def __getitem__(self, name: str, /) -> Any:
        """A column."""
        ...


Fetch = Callable[..., Awaitable[Sequence[Row]]]
"""Runs one statement with its arguments; all rows."""

_K = AccountKind
STATEMENT_KINDS: Final = tuple(
    sorted(OWN_KINDS | {each.value for each in (_K.DEPOSIT, _K.FEES_RECEIVABLE, _K.RECOURSE, _K.REJECTED)})
)
"""Kinds of accounts that a statement shows to the member whose name they bear."""

PORTION: Final = 500
"""Postings that are read at once."""

_GAINED, _GAVE = True, False
_TERMS: Final[dict[tuple[AccountKind, bool], str]] = {
    (_K.BANK, _GAINED): "payment in",
    (_K.BANK, _GAVE): "payment out",
    (_K.CLEARING, _GAINED): "payout returned",
    (_K.CLEARING, _GAVE): "payout",
    (_K.SUSPENSE, _GAINED): "payment in",
    (_K.ESCROW, _GAVE): "purchase",
    (_K.ESCROW, _GAINED): "refund",
    (_K.FLOAT, _GAVE): "charge",
    (_K.FLOAT, _GAINED): "refund",
    (_K.HOUSE, _GAVE): "claim",
    (_K.HOUSE, _GAINED): "settled",
    (_K.SUCCESS_FEE, _GAVE): "fee",
    (_K.TAX, _GAVE): "tax",
    (_K.BROUGHT, _GAINED): "declared",
    (_K.BROUGHT, _GAVE): "withdrawn",
    (_K.INBOUND, _GAVE): "sale",
    (_K.INBOUND, _GAINED): "returned",
}
_REASONS: Final = {BUYERS_FEE: "fee", BUYERS_TAX: "tax"}
"""What a buyer bears, in escrow or given back: told by its reason, whatever the other side is."""
_OTHERWISE: Final = "exchange"
_SOLD: Final = frozenset({_K.PAYABLE, _K.RECOURSE, _K.FEES_RECEIVABLE})
"""Accounts on which a sale or what it owes is booked after fee and tax."""
_FEES: Final = frozenset({_K.COMMISSION, _K.SUCCESS_FEE})

_POSTINGS: Final = """
with page as (
    select p.* from unnest($1::text[]) as own (name) cross join lateral (
        (select number, debit as account, credit as counter, unit, amount, reason, subject, linked, at_us
        from transfers where debit = own.name and at_us >= $2 and at_us < $3 and seq <= $4
        order by at_us, number limit $5::bigint + $6::bigint)
        union all
        (select number, credit, debit, unit, -amount, reason, subject, linked, at_us
        from transfers where credit = own.name and at_us >= $2 and at_us < $3 and seq <= $4
        order by at_us, number limit $5::bigint + $6::bigint)
    ) as p order by number, account offset $5 limit $6
)
select page.*, (o.order_id is not null or exists (
    select from contract_lines c where c.contract_id = page.subject and c.member_id = $7)) as own_order
from page left join orders o on o.order_id = page.subject and o.member_id = $7
order by number, account
"""
_CHAINS: Final = """
select linked, debit, credit, amount from transfers
where linked = any($1) and not reason = any($2) order by number
"""
_BALANCES: Final = """
select account, unit, coalesce(sum(amount) filter (where at_us < $2), 0)::bigint as opening,
    sum(amount)::bigint as closing
from postings where account = any($1) and at_us < $3 and seq <= $4
group by account, unit
having max(at_us) >= $2 or sum(amount) <> 0
order by account, unit
"""
_BEFORE: Final = """
select account, unit, sum(amount)::bigint as balance from (
    select account, unit, amount from postings where account = any($1) and at_us < $2 and seq <= $3
    union all
    (select account, unit, amount from postings where account = any($1) and at_us = $2 and seq <= $3
    order by number, account limit $4)
) as earlier
group by account, unit
"""


class Summary(Struct, frozen=True):
    """One account in one unit: what the member had before the period, and at its end."""

    kind: str
    unit: str
    opening: int
    closing: int


class Movement(Struct, frozen=True):
    """What the member gained (or, below zero, gave) on one of its accounts, and what it had there then.

    `subject` is an order or contract of the member's own or its bank's reference, else empty.
    """

    at_us: int
    kind: str
    unit: str
    term: str
    reason: str
    subject: str
    amount: int
    balance: int


class Place(NamedTuple):
    """Behind so many of the postings of an instant."""

    at_us: int
    skipped: int = 0

    def behind(self, postings: Sequence[Row]) -> "Place":
        """The place behind these postings, which begin here."""
        if not postings:
            return self
        last_us: int = postings[-1]["at_us"]
        skipped = sum(each["at_us"] == last_us for each in postings)
        return Place(last_us, skipped + (self.skipped if last_us == self.at_us else 0))


class Leg(NamedTuple):
    """One transfer of a chain."""

    debit: str
    credit: str
    amount: int


class Reader:
    """Reads one member's statement of one period; what came after `until_seq` is not seen, so that pages agree."""

    def __init__(self, fetch: Fetch, member_id: str, period: Period, until_seq: int) -> None:
        self._fetch = fetch
        self._member_id = member_id
        self._accounts = [f"{kind}:{member_id}" for kind in STATEMENT_KINDS]
        self._period = period
        self._until_seq = until_seq

    async def summaries(self) -> list[Summary]:
        """Accounts that had anything, or that something moved in the period."""
        period = self._period
        rows = await self._fetch(_BALANCES, self._accounts, period.from_us, period.until_us, self._until_seq)
        return [
            Summary(parted(row["account"])[0], row["unit"], -row["opening"], -row["closing"]) for row in rows
        ]

    async def page(self, place: Place, count: int) -> tuple[list[Movement], Place | None]:
        """Movements of the next so many postings, and where the following ones begin, if there are any."""
        balances = await self._balances(place)
        postings = await self._postings(place, count + 1)
        movements = await self._movements(postings[:count], balances)
        return movements, place.behind(postings[:count]) if len(postings) > count else None

    async def portions(self) -> AsyncIterator[list[Movement]]:
        """All movements, in portions."""
        place = Place(self._period.from_us)
        balances = await self._balances(place)
        while postings := await self._postings(place, PORTION):
            yield await self._movements(postings, balances)
            place = place.behind(postings)

    async def count(self, most: int) -> int:
        """How many postings there are, up to `most`."""
        place = Place(self._period.from_us)
        return len(await self._postings(place, most))

    async def _postings(self, place: Place, count: int) -> Sequence[Row]:
        return await self._fetch(
            _POSTINGS,
            self._accounts,
            place.at_us,
            self._period.until_us,
            self._until_seq,
            place.skipped,
            count,
            self._member_id,
        )

    async def _balances(self, place: Place) -> dict[tuple[str, str], int]:
        """What the member had at a place, by account and unit."""
        rows = await self._fetch(_BEFORE, self._accounts, place.at_us, self._until_seq, place.skipped)
        return {(row["account"], row["unit"]): -row["balance"] for row in rows}

    async def _movements(
        self, postings: Sequence[Row], balances: dict[tuple[str, str], int]
    ) -> list[Movement]:
        """The postings in the member's terms; `balances` move on with them."""
        sold = [row["linked"] for row in postings if row["linked"] and parted(row["account"])[0] in _SOLD]
        chains: dict[int, list[Leg]] = {linked: [] for linked in sold}
        for row in await self._fetch(_CHAINS, sold, list(_REASONS)) if sold else ():
            chains[row["linked"]].append(Leg(row["debit"], row["credit"], row["amount"]))
        movements: list[Movement] = []
        for row in postings:
            key = row["account"], row["unit"]
            kind = parted(row["account"])[0]
            told = _REASONS.get(row["reason"], "")
            for term, amount in (
                [(told, -row["amount"])]
                if told
                else parts(row["account"], row["counter"], -row["amount"], chains.get(row["linked"]))
            ):
                balances[key] = balances.get(key, 0) + amount
                movements.append(
                    Movement(
                        row["at_us"],
                        kind,
                        row["unit"],
                        term,
                        row["reason"],
                        _subject(row),
                        amount,
                        balances[key],
                    )
                )
        return movements


def parts(
    account: str, counter: str, amount: int, chain: Sequence[Leg] | None = None
) -> list[tuple[str, int]]:
    """A posting as its owner understands it: terms and amounts that add up to it.

    Fee and tax are taken from the chain where no other posting in it could have borne them.
    """
    term = _term(account, counter, amount)
    if not chain or parted(account)[0] not in _SOLD or _bearers(chain) != [account]:
        return [(term, amount)]
    fee, tax = _charged(chain)
    told = [(term, amount + fee + tax), ("fee", -fee), ("tax", -tax)]
    return [(name, part) for name, part in told if part]


def _term(account: str, counter: str, amount: int) -> str:
    kind, owner = parted(account)
    other, other_owner = parted(counter)
    if other_owner == owner and other.value in STATEMENT_KINDS:
        return other.value
    if kind is _K.PAYABLE and other is _K.ESCROW:
        return "sale"
    return _TERMS.get((other, amount > 0), _OTHERWISE)


def _bearers(chain: Sequence[Leg]) -> list[str]:
    """Accounts in the chain that could have borne its fees, as often as they are in it."""
    return [name for leg in chain for name in (leg.debit, leg.credit) if parted(name)[0] in _SOLD]


def _charged(chain: Sequence[Leg]) -> tuple[int, int]:
    """Fee and tax of a chain, below zero where they are given back; goods tax that passes through is none of them."""
    fee = tax = 0
    for leg in chain:
        for name, amount in ((leg.credit, leg.amount), (leg.debit, -leg.amount)):
            kind = parted(name)[0]
            fee += amount if kind in _FEES else 0
            tax += amount if kind is _K.TAX else 0
    return fee, tax


def _subject(row: Row) -> str:
    subject: str = row["subject"]
    is_own = row["own_order"] or parted(row["counter"])[0] in {_K.BANK, _K.CLEARING, _K.SUSPENSE}
    return subject if is_own else ""
