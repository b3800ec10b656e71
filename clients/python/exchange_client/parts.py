"""What goods are, so that equal ones are one instrument."""

from enum import StrEnum

from msgspec import Struct


class Condition(StrEnum):
    """What state the goods are in."""

    FACTORY_SEALED = "NEW-FACTORY-SEALED"
    OPEN = "NEW-OPEN"
    NOS = "NOS"
    REFURB = "REFURB"
    PULL = "PULL"


class Packaging(StrEnum):
    """What the goods lie in."""

    UNSPECIFIED = "UNSPECIFIED"
    REEL = "REEL"
    CUT_TAPE = "CUT-TAPE"
    AMMO = "AMMO"
    TUBE = "TUBE"
    TRAY = "TRAY"
    BOX = "BOX"
    BULK = "BULK"


class Rohs(StrEnum):
    """Whether the goods keep to the European directive on hazardous substances."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"
    EXEMPT = "EXEMPT"


class Traceability(StrEnum):
    """How far back papers follow the goods."""

    NONE = "NONE"
    PARTIAL = "PARTIAL"
    DISTRIBUTOR = "DISTRIBUTOR"
    MANUFACTURER = "MANUFACTURER"


class Part(Struct, frozen=True, omit_defaults=True, gc=False):
    """What goods are. Date codes are year x 100 + ISO week, both ends admissible; 0: no bound."""

    manufacturer: str
    part_number: str
    condition: Condition
    packaging: Packaging = Packaging.UNSPECIFIED
    date_code_from: int = 0
    date_code_to: int = 0
    rohs: Rohs = Rohs.UNKNOWN
    origin: str = ""
    traceability: Traceability = Traceability.NONE
