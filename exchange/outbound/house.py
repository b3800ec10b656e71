"""The house's own accounts at its bank, and the folder through which they exchange files."""

from pathlib import Path

import msgspec
from msgspec import Struct

from exchange.outbound.iban import is_iban


class HouseBank(Struct, frozen=True):
    """`iban` is that of the clients' money, `operating_iban` the house's own; `bic` may be empty."""

    folder: Path
    name: str
    iban: str
    operating_iban: str
    bic: str = ""

    def unfit(self) -> str:
        """What is wrong with the settings, or nothing."""
        for option, iban in (("--bank-iban", self.iban), ("--operating-iban", self.operating_iban)):
            if not is_iban(iban):
                return f"With --bank-folder, {option} must be an IBAN with a right check number."
        if self.iban == self.operating_iban:
            return "The clients' money needs an account of its own: --bank-iban and --operating-iban are one."
        return (
            "" if self.name.strip() else "With --bank-folder, name the holder of the accounts by --bank-name."
        )

    def as_text(self) -> str:
        """For the environment of the second process; arguments could be read by everybody on the machine."""
        return msgspec.json.encode(self, enc_hook=str).decode()

    @classmethod
    def of_text(cls, text: str) -> "HouseBank":
        """What `as_text` wrote."""
        return msgspec.json.decode(text, type=cls, dec_hook=lambda _, value: Path(value))
