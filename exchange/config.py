"""What every command shares: exit codes, common options, and the settings of a server.

The settings are read once from the command line and the environment, and used by `app` only.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from exchange.journal.base import APPEND_S_MAX
from exchange.outbound.posting import Tls

WRONG, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
"""Exit codes: what was checked is wrong; wrong usage or settings; out of reach, or refused; interrupted."""

DEFAULT_PORT: Final = 8080
DEFAULT_DATA: Final = Path("exchange-data")

Data = Annotated[
    Path,
    Parameter(
        env_var="EXCHANGE_DATA_FOLDER", help="Folder of the embedded PostgreSQL and of `operator.key`."
    ),
]
Several = Annotated[tuple[str, ...], Parameter(negative="")]
DatabaseUrl = Annotated[
    str, Parameter(env_var="DATABASE_URL", help="An external PostgreSQL instead of the embedded one.")
]

AsJson = Annotated[bool, Parameter("--json", negative="", help="Print one JSON object.")]
Port = Annotated[int, Parameter(validator=Number(gte=0, lte=65_535))]
Count = Annotated[int, Parameter(validator=Number(gte=1))]
BatchCount = Annotated[int, Parameter(validator=Number(gte=1, lte=65_536))]
Seconds = Annotated[float, Parameter(validator=Number(gt=0))]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an operator can choose.

    Parameters
    ----------
    host
        Address to listen on. Anything but loopback needs --tls-cert, or a --trusted-proxy that ends TLS.
    port
        Port to listen on; 0 takes a free one and prints it.
    tls_cert
        Certificate chain in PEM.
    tls_key
        Its private key in PEM.
    origin
        Origin from which browsers may open a WebSocket, besides our own; can be given several times.
    trusted_proxy
        Address or network of a proxy whose X-Forwarded-For is believed; can be given several times.
    webhooks_to_loopback
        Let webhooks go to this machine itself, also without TLS: for development only.
    mail_host
        SMTP server for notices to members; without one they go into the maildir `mail` in --data.
    mail_port
        Its port.
    mail_tls
        How it is spoken to: starttls, tls from the first byte, or none.
    mail_user
        Who we are to it; may be left out.
    mail_password_file
        File with the password of --mail-user.
    mail_from
        Address that mails come from.
    bank_folder
        Folder for files to and from the bank: payments to `out`, statements from `in`.
    bank_name
        Holder of the house's accounts.
    bank_iban
        The account that holds the clients' money.
    bank_bic
        Its bank; may be left out.
    operating_iban
        The house's own account, to which its share is swept.
    lot_keys_copy
        Folder for a copy of every sealed lot's private key, besides `lot-keys` in --data; can be given several times.
    follower
        Run the second process that audits, archives history and writes snapshots.
    follower_lag_max
        Commands that the follower may be behind before new ones are answered BUSY.
    snapshot_every
        Commands between two snapshots.
    inbox_max
        Commands that may wait for the engine.
    batch_max
        Commands in one commit; 1 is a commit per command, for measurements.
    commit_s_max
        Seconds that a commit may take; then the exchange halts until the database answers again.
    journal
        Without it the journal is kept in memory: for measurements only, nothing survives.
    """

    data: Data = DEFAULT_DATA
    database_url: DatabaseUrl = ""
    host: str = "127.0.0.1"
    port: Port = DEFAULT_PORT
    tls_cert: Path | None = None
    tls_key: Path | None = None
    origin: Several = ()
    trusted_proxy: Several = ()
    webhooks_to_loopback: bool = False
    mail_host: str = ""
    mail_port: Annotated[int, Parameter(validator=Number(gte=1, lte=65_535))] = 587
    mail_tls: Tls = Tls.STARTTLS
    mail_user: str = ""
    mail_password_file: Path | None = None
    mail_from: str = "exchange@localhost"
    bank_folder: Path | None = None
    bank_name: str = ""
    bank_iban: str = ""
    bank_bic: str = ""
    operating_iban: str = ""
    lot_keys_copy: Annotated[tuple[Path, ...], Parameter(negative="")] = ()
    follower: bool = True
    follower_lag_max: Count = 5_000_000
    snapshot_every: Count = 200_000
    inbox_max: Count = 16_384
    batch_max: BatchCount = 1_024
    commit_s_max: Seconds = APPEND_S_MAX
    journal: bool = True

    @property
    def origins(self) -> tuple[str, ...]:
        """All allowed origins."""
        return self.origin

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """All trusted proxies."""
        return self.trusted_proxy


DEFAULTS: Final = Settings()
