"""What must hold between any two commands, over all rooms: the numbers are those of the ledger's design."""

from collections import Counter

from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.commission import Cumulated
from exchange.core.ledger.schedules import Schedule
from exchange.core.messages.ledger import Payer
from tests.models.fees import Terms, borne, tax_due

BUYERS_BPS = {Payer.SELLER: 0, Payer.BUYER: 10_000}


def check(kernel: Exchange) -> None:
    """I1, I2, I4 by the ledger; I3 escrows end with their contracts; I5 clearing is what the bank owes an answer for;
    I6 fees are those of their schedules; what is set aside for guarantees belongs to deals that there are.
    """
    kernel.check_invariants()
    for account in kernel.ledger.accounts():
        if account.kind is AccountKind.ESCROW and kernel.contracts.get(account.owner) is None:
            assert account.balance == 0, f"{account.name} outlives its contract"
    _check_fees(kernel)
    _check_provisions(kernel)


def terms_of(schedule: Schedule) -> Terms:
    """The version as its twin takes it."""
    return Terms(
        schedule.rate_bps,
        schedule.tax_bps,
        tuple((tier.up_to_minor, tier.rate_bps) for tier in schedule.tiers),
        schedule.whole,
        schedule.fixed_minor,
        schedule.minimum_minor,
        schedule.cap_minor,
        BUYERS_BPS.get(schedule.payer, schedule.buyer_share_bps),
    )


def _check_provisions(kernel: Exchange) -> None:
    set_aside = _provided(kernel, called=False)
    for account in kernel.ledger.accounts():
        if account.kind is AccountKind.PROVISION:
            assert kernel.deals.pledged(account.unit) == set_aside[account.unit] <= -account.balance, (
                f"{account.name} has less than is set aside for deals"
            )


def check_nothing_stays_provided(kernel: Exchange) -> None:
    """Where provisions come of deals alone: of called deals, too, nothing stays when they have ended; a write-off may have
    used it before.
    """
    most = _provided(kernel, called=False) + _provided(kernel, called=True)
    for account in kernel.ledger.accounts():
        if account.kind is AccountKind.PROVISION:
            assert -account.balance <= most[account.unit], f"{account.name} has more than there are deals for"


def _provided(kernel: Exchange, *, called: bool) -> Counter[str]:
    provided = Counter[str]()
    for deal in kernel.deals.all():
        if deal.called is called:
            provided[deal.currency] += deal.provision_minor
    return provided


def _check_fees(kernel: Exchange) -> None:
    """Every sum has the fee of its schedule worked out afresh, and what sellers bore is the house's income."""
    commission = kernel.commission.dump()
    income = Counter[str]()
    for sums in commission.cumulated:
        if sums.charged_period == sums.period:
            _check_sums(sums, terms_of(kernel.commission.schedule(sums.schedule_version)))
        income[sums.currency] += sums.fee_minor - sums.refunded_fee_minor
    if commission.invoices or any(sums.side is not Payer.SELLER for sums in commission.cumulated):
        return  # sums that are invoiced are gone, and a buyer's fee is income only when its deal is settled
    for account in kernel.ledger.accounts():
        if account.kind is AccountKind.COMMISSION and account.owner == "surplus":
            assert -account.balance == income[account.unit], f"{account.name} differs from what was charged"


def _check_sums(sums: Cumulated, terms: Terms) -> None:
    """Never more than is due. All of it to a seller, unless a first base could not bear what it brought about; a buyer may
    owe a rest, since each of its orders bears no more than is held for it alone.
    """
    due = borne(terms, sums.base_minor, sums.side)
    assert sums.fee_minor <= due, f"{sums} is charged too much"
    if sums.side is Payer.SELLER and not (terms.whole or terms.fixed or terms.minimum):
        assert sums.fee_minor == due, f"{sums} is charged too little"
    assert sums.tax_minor <= tax_due(terms, sums.fee_minor), f"{sums} is taxed too much"
