from collections.abc import Callable

import pytest
from msgspec import msgpack

from exchange.core.ledger.accounts import Account, AccountKind, Ring
from exchange.core.ledger.ledger import Exists, FirstTopUp, Ledger, LedgerState
from exchange.core.limits import AMOUNT_MINOR_MAX
from exchange.core.messages import AnyEvent, TopUp, TransferPosted
from exchange.core.rejects import Reject, RejectCode


def a_top_up(
    transfer_id: str = "T1", member_id: str = "B1", currency: str = "USD", amount_minor: int = 1_000
) -> TopUp:
    return TopUp(transfer_id=transfer_id, member_id=member_id, currency=currency, amount_minor=amount_minor)


class Books:
    """A ledger with 1,000 on B1's wallet and 50 pieces in S1's stock, and short names for its accounts."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.events: list[AnyEvent] = []
        self.ledger.top_up(a_top_up(), self.events)
        self.ledger.post(self["brought:S1", "KIT"], self["stock:S1", "KIT"], 50, "declare", "", self.events)
        self.events.clear()

    def __getitem__(self, named: tuple[str, str]) -> Account:
        name, unit = named
        kind, owner = name.split(":")
        return self.ledger.account(AccountKind(kind), owner, unit)

    def balances(self, unit: str = "USD") -> dict[str, int]:
        """What is not at zero."""
        accounts = self.ledger.dump().accounts
        return {f"{each.kind}:{each.owner}": each.balance for each in accounts if each.unit == unit}

    def hold(self, hold_id: str = "O1", amount: int = 600) -> None:
        source, held = self["wallet:B1", "USD"], self["held:B1", "USD"]
        self.ledger.hold(hold_id, source, held, amount, hold_id, self.events)


# --- transfers -----------------------------------------------------------------------------------


def test_a_transfer_moves_one_amount_from_credit_to_debit_and_tells_it() -> None:
    books = Books()

    number = books.ledger.post(
        books["wallet:B1", "USD"], books["payable:S1", "USD"], 250, "sale", "C1", books.events
    )

    assert books.events == [TransferPosted(number, "USD", "wallet:B1", "payable:S1", 250, "sale", "C1", 0)]
    assert books.balances() == {"bank:client": 1_000, "wallet:B1": -750, "payable:S1": -250}


def test_transfers_are_numbered_one_by_one_and_a_chain_carries_its_first_number() -> None:
    books = Books()
    ledger = books.ledger
    bank, wallet, stock = books["bank:client", "USD"], books["wallet:B1", "USD"], books["stock:S1", "KIT"]
    chain = ledger.next_number

    ledger.post(bank, wallet, 5, "x", "", books.events, chain)
    ledger.post(stock, books["inbound:C1", "KIT"], 5, "x", "", books.events, chain)
    ledger.post(bank, wallet, 5, "x", "", books.events)

    numbers = [(each.number, each.linked) for each in books.events if isinstance(each, TransferPosted)]
    assert chain == 3
    assert numbers == [(3, 3), (4, 3), (5, 0)]


IMPOSSIBLE: list[tuple[str, tuple[str, str], tuple[str, str], int, int]] = [
    ("nothing", ("bank:client", "USD"), ("wallet:B1", "USD"), 0, 0),
    ("less than nothing", ("bank:client", "USD"), ("wallet:B1", "USD"), -1, 0),
    ("between units", ("wallet:B1", "USD"), ("wallet:B1", "EUR"), 1, 0),
    ("from the house to a client", ("house:float", "USD"), ("wallet:B1", "USD"), 1, 0),
    ("from a client to the house", ("wallet:B1", "USD"), ("commission:surplus", "USD"), 1, 0),
    ("more than a wallet has", ("wallet:B1", "USD"), ("payable:S1", "USD"), 1_001, 0),
    ("more than the stock", ("stock:S1", "KIT"), ("inbound:C1", "KIT"), 51, 0),
    ("out of an empty escrow", ("escrow:C1", "USD"), ("payable:S1", "USD"), 1, 0),
    ("out of an empty hold account", ("held:B1", "USD"), ("wallet:B1", "USD"), 1, 0),
    ("more than an account can have", ("bank:client", "USD"), ("float:house", "USD"), AMOUNT_MINOR_MAX, 0),
    ("linked to the future", ("bank:client", "USD"), ("wallet:B1", "USD"), 1, 9),
]


@pytest.mark.parametrize("case, debit, credit, amount, linked", IMPOSSIBLE)
def test_an_impossible_transfer_is_a_bug_and_changes_nothing(
    case: str, debit: tuple[str, str], credit: tuple[str, str], amount: int, linked: int
) -> None:
    books = Books()
    before = books.ledger.dump()

    with pytest.raises(AssertionError):
        books.ledger.post(books[debit], books[credit], amount, "x", "", books.events, linked)

    assert (books.ledger.dump(), books.events) == (before, [])


def test_the_credit_side_of_a_transfer_cannot_outgrow_what_can_be_booked() -> None:
    books = Books()
    mirror, income = books["house:float", "EUR"], books["commission:surplus", "EUR"]
    books.ledger.post(mirror, income, AMOUNT_MINOR_MAX, "x", "", books.events)

    with pytest.raises(AssertionError, match="commission:surplus"):
        books.ledger.post(books["tax:output", "EUR"], income, 1, "x", "", books.events)


# --- limits --------------------------------------------------------------------------------------

REFUSALS: list[tuple[str, tuple[str, str], int, Reject | None]] = [
    ("all of a wallet", ("wallet:B1", "USD"), 1_000, None),
    ("one more", ("wallet:B1", "USD"), 1_001, Reject(RejectCode.MONEY_SHORT, 1_000)),
    ("an unknown wallet", ("wallet:B2", "USD"), 1, Reject(RejectCode.MONEY_SHORT, 0)),
    ("all of the stock", ("stock:S1", "KIT"), 50, None),
    ("one piece more", ("stock:S1", "KIT"), 51, Reject(RejectCode.STOCK_SHORT, 50)),
    (
        "more than anything has",
        ("wallet:B1", "USD"),
        AMOUNT_MINOR_MAX + 1,
        Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX),
    ),
    ("up to the brim", ("brought:S1", "KIT"), AMOUNT_MINOR_MAX - 50, None),
    (
        "over the brim",
        ("brought:S1", "KIT"),
        AMOUNT_MINOR_MAX - 49,
        Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX - 50),
    ),
]


@pytest.mark.parametrize("case, named, amount, expected", REFUSALS)
def test_a_debit_is_refused_with_what_is_available(
    case: str, named: tuple[str, str], amount: int, expected: Reject | None
) -> None:
    books = Books()

    assert books.ledger.debit_refusal(books[named], amount) == expected


def test_a_credit_limit_lets_a_wallet_go_below_zero_and_no_further() -> None:
    books = Books()
    wallet, payable = books["wallet:B1", "USD"], books["payable:S1", "USD"]
    wallet.credit_limit = 500

    books.ledger.post(wallet, payable, 1_400, "sale", "C1", books.events)

    assert books.ledger.available(wallet) == 100
    assert books.ledger.debit_refusal(wallet, 101) == Reject(RejectCode.MONEY_SHORT, 100)
    books.ledger.check_invariants()


# --- holds ---------------------------------------------------------------------------------------


def test_a_hold_is_captured_many_times_and_gives_back_what_is_left_when_it_is_closed() -> None:
    books = Books()
    ledger, escrow = books.ledger, books["escrow:O1", "USD"]
    books.hold("O1", 600)

    for _ in range(5):
        ledger.capture("O1", escrow, 100, "trade", books.events)
    ledger.release("O1", 40, books.events)
    ledger.close("O1", books.events)

    moves = [
        (each.debit, each.credit, each.amount, each.reason, each.subject)
        for each in books.events
        if isinstance(each, TransferPosted)
    ]
    assert moves == [
        ("wallet:B1", "held:B1", 600, "hold", "O1"),
        *[("held:B1", "escrow:O1", 100, "trade", "O1")] * 5,
        ("held:B1", "wallet:B1", 40, "release", "O1"),
        ("held:B1", "wallet:B1", 60, "release", "O1"),
    ]
    assert books.balances() == {"bank:client": 1_000, "wallet:B1": -500, "escrow:O1": -500}
    assert ledger.holds == {}


def test_the_holds_of_a_member_share_an_account_and_not_their_amounts() -> None:
    books = Books()
    books.hold("O1", 600)
    books.hold("O2", 400)

    with pytest.raises(AssertionError, match="O2"):
        books.ledger.capture("O2", books["escrow:O2", "USD"], 401, "trade", books.events)

    assert books.balances() == {"bank:client": 1_000, "held:B1": -1_000}
    assert [hold.remaining for hold in books.ledger.holds.values()] == [600, 400]


def test_an_extended_hold_takes_more_from_the_same_source() -> None:
    books = Books()
    books.hold("O1", 600)

    books.ledger.extend("O1", 400, books.events)

    assert books.balances() == {"bank:client": 1_000, "held:B1": -1_000}
    assert books.ledger.holds["O1"].remaining == 1_000
    assert books.events[-1] == TransferPosted(4, "USD", "wallet:B1", "held:B1", 400, "hold", "O1", 0)


def test_releasing_nothing_or_closing_a_used_up_hold_moves_nothing() -> None:
    books = Books()
    books.hold("O1", 600)
    books.ledger.capture("O1", books["escrow:O1", "USD"], 600, "trade", books.events)
    books.events.clear()

    books.ledger.release("O1", 0, books.events)
    books.ledger.close("O1", books.events)

    assert books.events == []


def test_a_capture_can_be_a_link_of_a_chain() -> None:
    books = Books()
    ledger = books.ledger
    books.hold("O1", 600)
    ledger.hold("O2", books["stock:S1", "KIT"], books["reserved:S1", "KIT"], 6, "O2", books.events)

    chain = ledger.capture("O1", books["escrow:O1", "USD"], 600, "trade", books.events, ledger.next_number)
    ledger.capture("O2", books["inbound:O2", "KIT"], 6, "trade", books.events, chain)

    assert books.events[-2:] == [
        TransferPosted(chain, "USD", "held:B1", "escrow:O1", 600, "trade", "O1", chain),
        TransferPosted(chain + 1, "KIT", "reserved:S1", "inbound:O2", 6, "trade", "O2", chain),
    ]


def test_a_hold_is_not_opened_twice() -> None:
    books = Books()
    books.hold("O1", 600)

    with pytest.raises(AssertionError, match="open already"):
        books.hold("O1", 1)


# --- top-ups -------------------------------------------------------------------------------------

TOP_UPS: list[tuple[str, TopUp, Reject | Exists | None]] = [
    ("a new id", a_top_up("T2"), None),
    ("the same again", a_top_up(), Exists(1)),
    ("another member", a_top_up(member_id="B2"), Reject(RejectCode.TRANSFER_ID_REUSED, field="member_id")),
    ("another currency", a_top_up(currency="EUR"), Reject(RejectCode.TRANSFER_ID_REUSED, field="currency")),
    ("another amount", a_top_up(amount_minor=2), Reject(RejectCode.TRANSFER_ID_REUSED, field="amount_minor")),
    (
        "all differs: the first field is named",
        a_top_up("T1", "B2", "EUR", 2),
        Reject(RejectCode.TRANSFER_ID_REUSED, field="member_id"),
    ),
    (
        "a currency from nowhere",
        a_top_up(currency="ZZZ"),
        Reject(RejectCode.CURRENCY_UNKNOWN, field="currency"),
    ),
    (
        "more than the bank can have",
        a_top_up("T2", amount_minor=AMOUNT_MINOR_MAX),
        Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX - 1_000, "amount_minor"),
    ),
]


@pytest.mark.parametrize("case, command, expected", TOP_UPS)
def test_a_transfer_id_stands_for_one_top_up(
    case: str, command: TopUp, expected: Reject | Exists | None
) -> None:
    assert Books().ledger.top_up_refusal(command) == expected


def test_the_ref_of_the_command_is_no_part_of_the_transfer() -> None:
    again = TopUp(ref=7, transfer_id="T1", member_id="B1", currency="USD", amount_minor=1_000)

    assert Books().ledger.top_up_refusal(again) == Exists(1)


# --- what is kept --------------------------------------------------------------------------------


def test_equal_states_dump_equal_bytes_whatever_came_first_or_was_asked_before() -> None:
    curious, plain = Books(), Books()
    for name in ("wallet:B9", "held:B9", "bank:client"):
        curious.ledger.available(curious[name, "EUR"])
    for books, order in ((curious, ("2", "1")), (plain, ("1", "2"))):
        for number in order:
            books.hold(f"O{number}", 100)
            books.ledger.capture(f"O{number}", books[f"escrow:O{number}", "USD"], 10, "trade", books.events)

    assert msgpack.encode(curious.ledger.dump()) == msgpack.encode(plain.ledger.dump())


def test_top_ups_are_dumped_by_their_ids() -> None:
    books = Books()
    books.ledger.top_up(a_top_up("T0", amount_minor=5), books.events)

    assert books.ledger.dump().top_ups == [
        FirstTopUp("T0", "B1", "USD", 5, number=3),
        FirstTopUp("T1", "B1", "USD", 1_000, number=1),
    ]


def test_a_loaded_ledger_goes_on_where_the_dumped_one_stood() -> None:
    books = Books()
    for name in ("wallet:B1", "wallet:B2"):
        books[name, "USD"].credit_limit = 500
    books.hold("O1", 600)
    dumped = msgpack.encode(books.ledger.dump())

    loaded = Ledger.load(msgpack.decode(dumped, type=LedgerState))
    loaded.extend("O1", 900, books.events)

    assert msgpack.encode(books.ledger.dump()) == dumped
    assert loaded.top_up_refusal(a_top_up()) == Exists(1)
    assert loaded.available(loaded.account(AccountKind.WALLET, "B2", "USD")) == 500
    assert books.events[-1] == TransferPosted(4, "USD", "wallet:B1", "held:B1", 900, "hold", "O1", 0)
    loaded.check_invariants()


def test_a_retired_account_is_forgotten_and_opens_again_at_zero() -> None:
    books = Books()
    escrow, wallet = books["escrow:C1", "USD"], books["wallet:B1", "USD"]
    books.ledger.post(wallet, escrow, 10, "trade", "C1", books.events)

    with pytest.raises(AssertionError, match="still has a balance"):
        books.ledger.retire(escrow)
    books.ledger.post(escrow, wallet, 10, "undo", "C1", books.events)
    books.ledger.retire(escrow)

    assert books["escrow:C1", "USD"] is not escrow
    assert books["escrow:C1", "USD"].balance == 0


def test_an_account_with_a_credit_limit_is_not_retired() -> None:
    books = Books()
    wallet = books["wallet:B2", "USD"]
    wallet.credit_limit = 1

    with pytest.raises(AssertionError, match="still has a credit limit"):
        books.ledger.retire(wallet)


# --- the check itself ----------------------------------------------------------------------------


def test_the_sums_of_units_and_rings_are_zero() -> None:
    books = Books()

    assert books.ledger.sums() == {("USD", Ring.CLIENT): 0, ("KIT", Ring.GOODS): 0}


def a_cent_appears(books: Books) -> None:
    books["wallet:B1", "USD"].balance -= 1


def the_rings_are_crossed(books: Books) -> None:
    books["wallet:B1", "USD"].balance -= 1
    books["tax:output", "USD"].balance += 1


def a_wallet_is_overdrawn(books: Books) -> None:
    books["wallet:B1", "USD"].balance += 1_001
    books["payable:S1", "USD"].balance -= 1_001


def a_hold_forgets_a_capture(books: Books) -> None:
    books.hold("O1", 600)
    books.ledger.holds["O1"].remaining += 1


def a_reservation_is_lost(books: Books) -> None:
    ledger = books.ledger
    ledger.hold("O2", books["stock:S1", "KIT"], books["reserved:S1", "KIT"], 6, "O2", books.events)
    del ledger.holds["O2"]


def the_float_is_not_mirrored(books: Books) -> None:
    books.ledger.post(books["wallet:B1", "USD"], books["float:house", "USD"], 80, "fee", "", books.events)


def the_mirror_has_no_float(books: Books) -> None:
    books.ledger.post(books["house:float", "USD"], books["tax:output", "USD"], 80, "fee", "", books.events)


@pytest.mark.parametrize(
    "damage, words",
    [
        (a_cent_appears, "does not sum to zero"),
        (the_rings_are_crossed, "does not sum to zero"),
        (a_wallet_is_overdrawn, "wallet:B1 is overdrawn"),
        (a_hold_forgets_a_capture, "held:B1 is not the sum of its holds"),
        (a_reservation_is_lost, "reserved:S1 is not the sum of its holds"),
        (the_float_is_not_mirrored, "house:float is not"),
        (the_mirror_has_no_float, "house:float is not"),
    ],
)
def test_damage_is_found(damage: Callable[[Books], None], words: str) -> None:
    books = Books()
    books.ledger.check_invariants()

    damage(books)

    with pytest.raises(AssertionError, match=words):
        books.ledger.check_invariants()
