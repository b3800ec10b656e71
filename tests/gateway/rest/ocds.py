"""What the Open Contracting Data Standard 1.1 asks of the parts of a release that are filled here, as JSON Schema.

Written from the standard's release reference and its closed codelists; parts that aren't filled are not allowed.
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
INSTANT = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}


def only(required: tuple[str, ...], **parts: Any) -> dict[str, Any]:
    """An object with these parts and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": parts,
    }


def listed(of: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": of}


VALUE = only(
    ("amount", "currency"), amount={"type": "number"}, currency={"type": "string", "pattern": "^[A-Z]{3}$"}
)
ORGANIZATION = only(("id",), id=TEXT)
ITEM = only(("id",), id=TEXT, description=TEXT, quantity={"type": "integer", "minimum": 1})
TENDER = only(
    ("id",),
    id=TEXT,
    title=TEXT,
    status={"enum": ["planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"]},
    procurementMethod={"enum": ["open", "selective", "limited", "direct"]},
    mainProcurementCategory={"enum": ["goods", "works", "services"]},
    submissionMethod=listed({"enum": ["electronicSubmission", "electronicAuction", "written", "inPerson"]}),
    awardCriteria={"enum": ["priceOnly", "costOnly", "qualityOnly", "ratedCriteria"]},
    tenderPeriod=only((), startDate=INSTANT, endDate=INSTANT),
    items=listed(ITEM),
    value=VALUE,
)
AWARD = only(
    ("id",),
    id=TEXT,
    title=TEXT,
    status={"enum": ["pending", "active", "cancelled", "unsuccessful"]},
    value=VALUE,
    suppliers=listed(ORGANIZATION),
    items=listed(ITEM),
)
RELEASE = only(
    ("ocid", "id", "date", "tag", "initiationType"),
    ocid=TEXT,
    id={"type": "string", "minLength": 1, "pattern": "^[^#]+$"},
    date=INSTANT,
    tag=listed({"enum": ["tender", "award", "tenderCancellation"]}),
    initiationType={"enum": ["tender"]},
    language={"type": "string"},
    parties={
        "type": "array",
        "items": only(("id",), id=TEXT, roles=listed({"enum": ["buyer", "supplier"]})),
    },
    buyer=ORGANIZATION,
    tender=TENDER,
    awards=listed(AWARD),
)
