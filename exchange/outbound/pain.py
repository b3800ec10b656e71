"""Payments as an ISO 20022 customer credit transfer, pain.001.001.09. Pure: equal payments give equal bytes.

Does not choose what is paid nor read any clock: instants come from the journal.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from msgspec import Struct

from exchange.core.values import CURRENCY_EXPONENT
from exchange.outbound.house import HouseBank

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
NAME_LENGTH_MAX: Final = 70
"""What every bank takes of a name; the schema would allow 140."""


class Payment(Struct, frozen=True):
    """One credit transfer; `payout_id` is the reference by which its statement entry is found."""

    payout_id: str
    amount_minor: int
    name: str
    iban: str
    bic: str


def credit_transfer(
    message_id: str, at_us: int, currency: str, house: HouseBank, payments: Sequence[Payment]
) -> bytes:
    """The file of one batch, in one currency, to be paid out of the clients' account at once."""
    made = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    total = decimal(sum(payment.amount_minor for payment in payments), currency)
    document = Element("Document", xmlns=NAMESPACE)
    body = SubElement(document, "CstmrCdtTrfInitn")
    header = SubElement(body, "GrpHdr")
    _text(header, "MsgId", message_id)
    _text(header, "CreDtTm", made.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _text(header, "NbOfTxs", str(len(payments)))
    _text(header, "CtrlSum", total)
    _party(header, "InitgPty", house.name)
    batch = SubElement(body, "PmtInf")
    _text(batch, "PmtInfId", message_id)
    _text(batch, "PmtMtd", "TRF")
    _text(batch, "NbOfTxs", str(len(payments)))
    _text(batch, "CtrlSum", total)
    _text(SubElement(batch, "ReqdExctnDt"), "Dt", made.strftime("%Y-%m-%d"))
    _party(batch, "Dbtr", house.name)
    _account(batch, "DbtrAcct", house.iban)
    _agent(batch, "DbtrAgt", house.bic)
    _text(batch, "ChrgBr", "SLEV")
    for payment in payments:
        _transfer(batch, payment, currency)
    written: bytes = tostring(document, encoding="utf-8")
    return DECLARATION + written


def decimal(amount_minor: int, currency: str) -> str:
    """Minor units with the currency's own decimals."""
    places = CURRENCY_EXPONENT[currency]
    digits = f"{amount_minor:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def _transfer(batch: Element, payment: Payment, currency: str) -> None:
    transfer = SubElement(batch, "CdtTrfTxInf")
    ids = SubElement(transfer, "PmtId")
    _text(ids, "InstrId", payment.payout_id)
    _text(ids, "EndToEndId", payment.payout_id)
    amount = _text(SubElement(transfer, "Amt"), "InstdAmt", decimal(payment.amount_minor, currency))
    amount.set("Ccy", currency)
    if payment.bic:
        _agent(transfer, "CdtrAgt", payment.bic)
    _party(transfer, "Cdtr", payment.name)
    _account(transfer, "CdtrAcct", payment.iban)
    _text(SubElement(transfer, "RmtInf"), "Ustrd", payment.payout_id)


def _text(parent: Element, tag: str, text: str) -> Element:
    child = SubElement(parent, tag)
    child.text = text
    return child


def _party(parent: Element, tag: str, name: str) -> None:
    _text(SubElement(parent, tag), "Nm", name[:NAME_LENGTH_MAX])


def _account(parent: Element, tag: str, iban: str) -> None:
    _text(SubElement(SubElement(parent, tag), "Id"), "IBAN", iban)


def _agent(parent: Element, tag: str, bic: str) -> None:
    institution = SubElement(SubElement(parent, tag), "FinInstnId")
    if bic:
        _text(institution, "BICFI", bic)
    else:
        _text(SubElement(institution, "Othr"), "Id", "NOTPROVIDED")
