"""The operator's money work: claims are decided, sellers paid out, the float swept; the bank says what it paid.

All over REST. A payout is booked only by an entry of the bank's statement, which here is written for it.
"""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Final

from exchange.demo.office import Office
from exchange.demo.tally import Tally

CURRENCY: Final = "USD"
PAUSE_S: Final = 1.5
ROUNDS_PER_PAYDAY: Final = 4
UPHELD_BPS: Final = (0, 4_000, 10_000)
COUNTRY, BANK = "XX", "DEMO"
"""No country has this code, so that the account numbers are nobody's."""


class Treasury:
    """`sellers` by member id are paid, in every few rounds and at the end."""

    def __init__(self, office: Office, sellers: Iterable[str], random: Random, tally: Tally) -> None:
        self._office = office
        self._sellers = tuple(sellers)
        self._random = random
        self._tally = tally
        self._sent: dict[str, str] = {}  # amounts by payout

    async def run(self, stopping: asyncio.Event) -> None:
        """While the market lives."""
        rounds = 0
        while not stopping.is_set():
            await asyncio.sleep(PAUSE_S)
            rounds += 1
            await self.bank_says()
            await self.decide_claims()
            if not rounds % ROUNDS_PER_PAYDAY:
                await self.pay_sellers()

    async def decide_claims(self) -> int:
        """Those that were answered, in part, whole, or not at all; how many are still open."""
        left = 0
        async for claim in self._office.all("/v1/claims", "claims"):
            if claim["state"] == "filed":
                left += 1
                continue
            upheld = self._random.choice(UPHELD_BPS)
            path = f"/v1/claims/{claim['claim_id']}/resolution"
            done = await self._office.attempt(path, {"upheld_bps": upheld})
            left += done is None
            self._tally.remedied += done is not None and upheld > 0
        return left

    async def pay_sellers(self) -> None:
        """All that is payable is sent to the bank."""
        for member_id in self._sellers:
            amount = await self._balance("payable", member_id=member_id)
            if amount > 0:
                body = {"member_id": member_id, "currency": CURRENCY, "amount": f"{amount}"}
                await self._send("/v1/payouts", body)

    async def bank_says(self) -> None:
        """The bank's statement: everything that was sent is paid."""
        for payout_id, amount in list(self._sent.items()):
            await self._book(payout_id, amount, "debit", "client")
            del self._sent[payout_id]
            self._tally.pay_out(_minor(amount))

    async def close(self) -> None:
        """The last payouts, and the house's own share to its own account."""
        await self.bank_says()
        await self.pay_sellers()
        await self.bank_says()
        share = await self._balance("float:house")
        if share <= 0:
            return
        amount = f"{share}"
        sweep = await self._office.do("POST", "/v1/sweeps", {"currency": CURRENCY, "amount": amount})
        await self._book(sweep["payout_id"], amount, "debit", "client")
        await self._book(sweep["payout_id"], amount, "credit", "operating")
        self._tally.swept_minor += _minor(amount)

    async def _send(self, path: str, body: dict[str, str]) -> None:
        if sent := await self._office.attempt(path, body):
            self._sent[sent["payout_id"]] = body["amount"]

    async def _book(self, payout_id: str, amount: str, direction: str, account: str) -> None:
        entry = {
            "entry_id": f"{account}-{payout_id}", "direction": direction, "currency": CURRENCY,
            "amount": amount, "reference": payout_id, "account": account,
        }  # fmt: skip
        await self._office.do("POST", "/v1/bank-entries", entry)

    async def _balance(self, kind: str, **whose: str) -> Decimal:
        async for account in self._office.all("/v1/accounts", "accounts", **whose):
            if (account["kind"], account["unit"]) == (kind, CURRENCY):
                return Decimal(account["available"])
        return Decimal(0)


def an_iban(number: int) -> str:
    """An account number with the check number that fits it."""
    account = f"{BANK}{number:010}"
    digits = "".join(str(int(each, 36)) for each in f"{account}{COUNTRY}00")
    return f"{COUNTRY}{98 - int(digits) % 97:02}{account}"


def _minor(amount: str) -> int:
    return int(Decimal(amount) * 100)
