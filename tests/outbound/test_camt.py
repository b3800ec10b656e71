"""Bank statements: what an entry becomes, and that nothing hostile, foreign or broken gets in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.messages.bank import BankAccount, BookBankEntry, Direction
from exchange.outbound.camt import StatementRefused, entries_of
from tests.outbound.bank import CLIENT_IBAN, MEMBER_IBAN, OPERATING_IBAN, Line, assert_official, statement

ACCOUNTS = {CLIENT_IBAN: BankAccount.CLIENT, OPERATING_IBAN: BankAccount.OPERATING}


def booked(line: Line, version: str = "08", iban: str = CLIENT_IBAN) -> list[BookBankEntry]:
    document = statement([line], iban, version)
    assert_official(document, f"camt.053.001.{version}")
    return entries_of(document, ACCOUNTS)


@pytest.mark.parametrize("version", ["02", "04", "06", "08", "10", "13"])
def test_an_entry_of_any_version_becomes_one_command(version: str) -> None:
    line = Line("ref-1", "2145.10", credit=False, end_to_end="P1")

    assert booked(line, version) == [
        BookBankEntry(
            entry_id="ref-1",
            direction=Direction.DEBIT,
            currency="USD",
            amount_minor=2145_10,
            reference="P1",
        )
    ]


@pytest.mark.parametrize(
    "case, line, expected",
    [
        ("what the sender wrote", Line("r", "5", written="member-1", end_to_end="their-ref"), "member-1"),
        ("else its reference", Line("r", "5", end_to_end="member-1"), "member-1"),
        ("nothing", Line("r", "5"), ""),
        ("ours, when it comes back", Line("r", "5", written="sorry", end_to_end="P1", returned=True), "P1"),
        ("ours, when it went out", Line("r", "5", credit=False, written="x", end_to_end="P1"), "P1"),
    ],
)
def test_the_reference_is_the_one_by_which_it_is_found(case: str, line: Line, expected: str) -> None:
    assert booked(line)[0].reference == expected


def test_the_banks_own_charges_are_fees_and_pending_entries_wait() -> None:
    assert booked(Line("r", "1.50", credit=False, code="CHRG"))[0].is_fee
    assert not booked(Line("r", "1.50", code="CHRG"))[0].is_fee
    assert booked(Line("r", "1.50", status="PDNG")) == []


def test_the_account_is_known_by_its_iban() -> None:
    assert booked(Line("r", "1"), iban=OPERATING_IBAN)[0].account is BankAccount.OPERATING


def test_yen_have_no_decimals() -> None:
    assert booked(Line("r", "128001", currency="JPY"))[0].amount_minor == 128_001


def test_an_entry_of_several_payments_becomes_as_many_commands() -> None:
    detail = '<TxDtls><Refs><EndToEndId>P{0}</EndToEndId></Refs><Amt Ccy="USD">{0}</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>'
    one = statement([Line("r", "3", credit=False)])
    inner = one[one.index(b"<TxDtls>") : one.index(b"</NtryDtls>")]
    several = one.replace(inner, (detail.format(1) + detail.format(2)).encode())
    assert_official(several, "camt.053.001.08")

    assert [(each.entry_id, each.reference, each.amount_minor) for each in entries_of(several, ACCOUNTS)] == [
        ("r-1", "P1", 100),
        ("r-2", "P2", 200),
    ]
    with pytest.raises(StatementRefused, match="do not add up"):
        entries_of(several.replace(b'"USD">3<', b'"USD">4<'), ACCOUNTS)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Document>&c;</Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><Document>&x;</Document>"""
GOOD = statement([Line("r", "5.00")])


@pytest.mark.parametrize(
    "case, document, reason",
    [
        ("a billion laughs", LAUGHS, "entities"),
        ("an outside entity", OUTSIDE, "entities"),
        ("nothing", b"", "not XML"),
        ("cut off", GOOD[:-9], "not XML"),
        ("no text at all", bytes(range(256)), "not XML"),
        ("another document", b"<html/>", "not a camt.053"),
        ("another message", GOOD.replace(b"camt.053", b"camt.052"), "not a camt.053"),
        ("an old version", GOOD.replace(b"001.08", b"001.01"), "not a camt.053"),
        ("another's account", statement([Line("r", "5")], MEMBER_IBAN), "not ours"),
        ("no statement", GOOD[: GOOD.index(b"<Stmt>")] + b"</BkToCstmrStmt></Document>", "no statement"),
        ("a foreign currency", statement([Line("r", "5", currency="XAU")]), "currency"),
        ("a part of a cent", statement([Line("r", "5.001")]), "minor units"),
        ("nothing moved", statement([Line("r", "0")]), "minor units"),
        ("taken away", statement([Line("r", "-1")]), "no number"),
        ("no number", GOOD.replace(b">5.00<", b">NaN<"), "number"),
        ("without end", GOOD.replace(b">5.00<", b">1e99999999<"), "number"),
        ("neither way", GOOD.replace(b"CRDT</CdtDbtInd>\n<Sts>", b"BOTH</CdtDbtInd>\n<Sts>"), "neither"),
        ("a reference without end", statement([Line("r" * 65, "5")]), "too long"),
        ("more than can be booked", statement([Line("r", "99999999999999999.00")]), "out of bounds"),
    ],
)
def test_what_is_no_statement_of_ours_is_refused_with_a_reason(
    case: str, document: bytes, reason: str
) -> None:
    with pytest.raises(StatementRefused, match=reason):
        entries_of(document, ACCOUNTS)


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=8), st.integers(0, 8))
def test_whatever_a_statement_is_damaged_to_it_is_taken_or_refused(at: int, put: bytes, cut: int) -> None:
    damaged = GOOD[:at] + put + GOOD[at + cut :]
    try:
        entries = entries_of(damaged, ACCOUNTS)
    except StatementRefused:
        entries = []

    assert all(each.amount_minor > 0 for each in entries)
