"""Settings of a server, read once, by `app` only."""

from pathlib import Path

from msgspec import Struct

DEFAULT_PORT = 8080


class Settings(Struct, frozen=True, kw_only=True):
    """Everything an operator can choose. The command line and the environment name them alike."""

    data: Path = Path("exchange-data")
    """Folder of the embedded PostgreSQL and of `operator.key`."""
    database_url: str = ""
    """An external PostgreSQL instead of the embedded one (also by DATABASE_URL)."""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    """0 takes a free one."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    origins: tuple[str, ...] = ()
    """Origins from which browsers may open a WebSocket; programs send none."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For is believed."""
    follower: bool = True
    """Run the second process that audits, archives and writes snapshots."""
    follower_lag_max: int = 5_000_000
    """Commands that it may be behind before new ones are refused."""
    snapshot_every: int = 200_000
    """Commands between two snapshots."""
    inbox_max: int = 16_384
    """Commands that may wait for the engine."""
    batch_max: int = 1_024
    """Commands in one commit."""
    journal: bool = True
    """False keeps the journal in memory: for measurements only, nothing survives."""
