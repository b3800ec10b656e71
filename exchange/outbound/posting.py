"""How members are told outside their feeds, as the operator set it."""

import time
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

_HERE = ("127.0.0.1", "::1", "localhost")


class Tls(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte
    NONE = "none"


class Posting(Struct, frozen=True):
    """What the second process needs to know. Without `mail_host`, mails go into the maildir `mail_folder`."""

    webhooks_to_loopback: bool = False
    mail_folder: str = ""
    mail_host: str = ""
    mail_port: int = 587
    mail_tls: Tls = Tls.STARTTLS
    mail_user: str = ""
    mail_password_file: str = ""
    mail_from: str = "exchange@localhost"

    def unfit(self) -> str:
        """What is wrong with the settings, or nothing."""
        if "@" not in self.mail_from or any(each.isspace() for each in self.mail_from):
            return "--mail-from must be an address, as exchange@example.org."
        if self.mail_user and not self.mail_password_file:
            return "With --mail-user, name the file of its password by --mail-password-file."
        if self.mail_user and self.mail_tls is Tls.NONE and self.mail_host not in _HERE:
            return "The mail password would travel unencrypted: leave --mail-tls at starttls, or take tls."
        if self.mail_password_file and not Path(self.mail_password_file).is_file():
            return f"There is no file {self.mail_password_file} with the mail password."
        return ""

    def password(self) -> str | None:
        """Read anew each time, so that it can be changed."""
        if not self.mail_user:
            return None
        return Path(self.mail_password_file).read_text(encoding="utf-8").strip()

    def as_text(self) -> str:
        """For the environment of the second process; arguments could be read by everybody on the machine."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of_text(cls, text: str) -> "Posting":
        """What `as_text` wrote."""
        return msgspec.json.decode(text, type=cls)


def now_us() -> int:
    """The machine's clock: attempts are made by it, not by the journal's."""
    return time.time_ns() // 1_000
