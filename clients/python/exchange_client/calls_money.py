"""Calls for money beside the orders: deposits and withdrawals, then the operator's desk. Amounts are `Decimal`.

Bank details go over REST, which keeps them; a command carries their hash.
"""

from collections.abc import Sequence
from decimal import Decimal

from exchange_client import messages as wire
from exchange_client.messages import BankAccount, Direction, PayoutSource, Tier
from exchange_client.money import minor_units
from exchange_client.phases import Phase, SetPhase, StartCall
from exchange_client.results import Done, Made, Numbered
from exchange_client.sending import Sending
from exchange_client.updates import Instrument

_ALL = Decimal(0)


class MoneyCalls(Sending):
    """A member's own money, and the desk of those who keep it."""

    async def set_bank_details(self, details_hash: str, *, timeout_s: float | None = None) -> Done:
        """Where payouts go from now on; REST makes the hash."""
        return Done.of(await self.send(wire.SetBankDetails(details_hash=details_hash), timeout_s=timeout_s))

    async def pay_deposit(
        self, amount: Decimal, currency: str, *, timeout_s: float | None = None
    ) -> Numbered:
        """Move money from the wallet to the deposit."""
        command = wire.PayDeposit(currency=currency, amount_minor=minor_units(amount, currency))
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def take_deposit_back(
        self, amount: Decimal, currency: str, *, timeout_s: float | None = None
    ) -> Numbered:
        """Move money from the deposit to the wallet."""
        command = wire.TakeDepositBack(currency=currency, amount_minor=minor_units(amount, currency))
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def withdraw_money(
        self,
        amount: Decimal,
        currency: str,
        *,
        source: PayoutSource = PayoutSource.WALLET,
        timeout_s: float | None = None,
    ) -> Made:
        """Have money paid to the own bank account."""
        command = wire.WithdrawMoney(
            currency=currency, amount_minor=minor_units(amount, currency), source=source
        )
        return Made.of(await self.send(command, timeout_s=timeout_s))

    # --- the operator's: money -------------------------------------------------------------------

    async def pay_out(
        self, member_id: str, currency: str, amount: Decimal = _ALL, *, timeout_s: float | None = None
    ) -> Made:
        """Pay a member what is payable to it, or so much of it."""
        command = wire.PayOut(
            member_id=member_id, currency=currency, amount_minor=minor_units(amount, currency)
        )
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def sweep_float(
        self, currency: str, amount: Decimal = _ALL, *, timeout_s: float | None = None
    ) -> Made:
        """Pay the house its share of the clients' account, or so much of it."""
        command = wire.SweepFloat(currency=currency, amount_minor=minor_units(amount, currency))
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def cancel_payout(self, payout_id: str, *, timeout_s: float | None = None) -> Done:
        """The bank will not execute it: the money is back where it was."""
        return Done.of(await self.send(wire.CancelPayout(payout_id=payout_id), timeout_s=timeout_s))

    async def book_bank_entry(
        self,
        entry_id: str,
        direction: Direction,
        amount: Decimal,
        currency: str,
        *,
        reference: str = "",
        account: BankAccount = BankAccount.CLIENT,
        is_fee: bool = False,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Book a line of the bank's statement; `entry_id` is the bank's own and counts once."""
        command = wire.BookBankEntry(
            entry_id=entry_id,
            direction=direction,
            currency=currency,
            amount_minor=minor_units(amount, currency),
            reference=reference,
            account=account,
            is_fee=is_fee,
        )
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def match_suspense(self, entry_id: str, member_id: str, *, timeout_s: float | None = None) -> Done:
        """An unexpected credit is this member's."""
        command = wire.MatchSuspense(entry_id=entry_id, member_id=member_id)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def send_back(self, entry_id: str, details_hash: str, *, timeout_s: float | None = None) -> Made:
        """An unexpected credit goes back to where it came from."""
        command = wire.SendBack(entry_id=entry_id, details_hash=details_hash)
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def set_credit_limit(
        self, member_id: str, limit: Decimal, currency: str, *, timeout_s: float | None = None
    ) -> Done:
        """How far a member's orders may overdraw its wallet."""
        command = wire.SetCreditLimit(
            member_id=member_id, currency=currency, limit_minor=minor_units(limit, currency)
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def forfeit_deposit(
        self, member_id: str, currency: str, amount: Decimal = _ALL, *, timeout_s: float | None = None
    ) -> Numbered:
        """Take a member's deposit, or so much of it, for the house."""
        command = wire.ForfeitDeposit(
            member_id=member_id, currency=currency, amount_minor=minor_units(amount, currency)
        )
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def write_off_recourse(
        self,
        member_id: str,
        currency: str,
        amount: Decimal = _ALL,
        *,
        from_provision: Decimal = _ALL,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Give up what a seller owes, or so much of it: from the guarantees that were called, the rest as bad debt."""
        command = wire.WriteOffRecourse(
            member_id=member_id,
            currency=currency,
            amount_minor=minor_units(amount, currency),
            provision_minor=minor_units(from_provision, currency),
        )
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def publish_schedule(
        self,
        rate_bps: int,
        currency: str = "",
        *,
        tax_bps: int = 0,
        tiers: Sequence[Tier] = (),
        whole: bool = False,
        fixed: Decimal = _ALL,
        minimum: Decimal = _ALL,
        cap: Decimal = _ALL,
        seller: str = "",
        begins_us: int = 0,
        ends_us: int = 0,
        payer: wire.Payer = wire.Payer.SELLER,
        buyer_share_bps: int = 0,
        tax_category: str = "",
        timeout_s: float | None = None,
    ) -> Numbered:
        """A version of the commission; amounts need its currency. Tells the version."""
        command = wire.PublishSchedule(
            rate_bps=rate_bps,
            tax_bps=tax_bps,
            tiers=tuple(tiers),
            whole=whole,
            fixed_minor=minor_units(fixed, currency) if fixed else 0,
            minimum_minor=minor_units(minimum, currency) if minimum else 0,
            cap_minor=minor_units(cap, currency) if cap else 0,
            seller=seller,
            currency=currency,
            begins_us=begins_us,
            ends_us=ends_us,
            payer=payer,
            buyer_share_bps=buyer_share_bps,
            tax_category=tax_category,
        )
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def issue_invoices(self, period: int, *, timeout_s: float | None = None) -> Numbered:
        """Invoice a month, written yyyymm, that is over; tells how many invoices there are."""
        return Numbered.of(await self.send(wire.IssueInvoices(period=period), timeout_s=timeout_s))

    # --- the operator's: markets -----------------------------------------------------------------

    async def set_phase(
        self, instrument: str | Instrument, phase: Phase, *, timeout_s: float | None = None
    ) -> Done:
        """Open, halt or close a market."""
        found = await self._instrument(instrument)
        command = SetPhase(instrument_id=found.instrument_id, phase=phase)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def start_call(
        self,
        instrument: str | Instrument,
        *,
        seconds: float,
        then: Phase = Phase.CONTINUOUS,
        timeout_s: float | None = None,
    ) -> Done:
        """Collect orders for so long, and then up to half a minute more; they meet at one price."""
        found = await self._instrument(instrument)
        command = StartCall(
            instrument_id=found.instrument_id, duration_us=round(seconds * 1_000_000), next_phase=then
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))
