"""The command line: which commands there are, and how their ends are told.

Guarantees: only the command that is called is imported, so that a short one starts fast.
Exit codes: 0 done, 1 what was checked is wrong, 2 wrong usage or settings, 3 the database or the exchange
cannot be reached, or refuses, 130 interrupted. Results go to stdout, progress and logs to stderr.
"""

import sys
from typing import Final

from cyclopts import App

from exchange import __version__
from exchange.config import INTERRUPTED, UNREACHABLE, USAGE, WRONG

COMMANDS: Final = {
    "backup": ("exchange.console.upkeep:backup", "Copy the whole exchange into one new file, while it serves or not."),
    "bank": ("exchange.console.bank:app", "Book statements, list payouts and suspense (operator)."),
    "bid": ("exchange.console.bids:bid", "Bid in a lot (supplier). It counts if it arrives before the close."),
    "demo": ("exchange.demo.command:demo", "Run a live market of simulated members on an exchange of its own, and account for it at the end."),
    "describe": ("exchange.describe:describe", "Print what this program speaks: every command, frame and refusal."),
    "event": ("exchange.console.events:app", "Run sourcing events, from draft to award (buyer), and answer them (supplier)."),
    "export": ("exchange.console.exports:app", "Write books of a period for an auditor, made of the history."),
    "key": ("exchange.console.keys:app", "Create, list and revoke keys."),
    "load": ("exchange.console.loads:app", "Load instruments (operator), stock and offers (seller) or lots (buyer) from CSV or XLSX."),
    "member": ("exchange.console.members:app", "Admit, list, suspend and reinstate members (operator); print a member's papers."),
    "migrate": ("exchange.console.upkeep:migrate", "Bring the database to this program's version; prints what ran."),
    "receipt": ("exchange.console.receipts:receipt", "Prove that an own bid stands in the journal (supplier), once its lot is closed, or check a receipt that was kept."),
    "restore": ("exchange.console.upkeep:restore", "Make an exchange from a backup, in a new folder or an empty external database, and verify it."),
    "reveal": ("exchange.console.sealed:reveal", "Try again to open the sealed bids of a closed lot, once its key is back in `lot-keys` (operator)."),
    "seal": ("exchange.console.sealed:seal", "Seal a unit price here and hand it in (supplier), in place of the one before. Nobody reads it before the close."),
    "search": ("exchange.console.catalogue:search", "Find instruments by part number, a piece of one, or words; best first, with what is on offer."),
    "serve": ("exchange.console.serving:serve", "Run the exchange until it is interrupted; prints its address as one JSON object."),
    "verify": ("exchange.console.upkeep:verify", "Check the whole journal: chain, Merkle roots, every outcome by replay, and the ledger's invariants."),
    "watch": ("exchange.console.watch:watch", "Watch the lots of an event until all of them are closed: time left, lead, ranks, what to bid next."),
}  # fmt: skip
"""Where each command is, and the line that tells of it; a test compares with its own first line."""

OUTCOMES: Final = {
    WRONG: (
        "exchange.accounting.transfers.TransferMissing",
        "exchange.database.dump.BackupDamaged",
        "exchange.engine.base.Diverged",
        "exchange.follower.process.FollowerStopped",
        "exchange.journal.base.Corrupt",
        "exchange.journal.base.Fenced",
        "exchange_client.errors.NotProven",
    ),
    UNREACHABLE: (
        "builtins.OSError",
        "exchange.accounting.export.HistoryBehind",
        "exchange.console.ConsoleError",
        "exchange.database.DatabaseError",
        "exchange.demo.server.DemoFailed",
        "exchange.gateway.server.AddressTaken",
        "exchange.gateway.stored.records.RecordsUnavailable",
        "exchange.journal.base.JournalUnavailable",
        "exchange.journal.base.UnfitStore",
    ),
    USAGE: (
        "exchange.accounting.period.NoPeriod",
        "exchange.console.WrongUsage",
        "exchange.database.dump.BackupRefused",
        "exchange.gateway.server.UnfitSettings",
    ),
}
"""What can end a command, by the exit code that tells it; the first line that fits. Named, since most are never loaded."""


def parser(called: str = "") -> App:
    """All commands. The one that is called tells of itself, at length; the others by their line, unloaded."""
    app = App(
        name="exchange",
        help="An intermediary auction exchange: anonymous order books and timed lots on one durable journal.",
        help_format="plaintext",
        help_epilogue="""Exit codes:
  0    done
  1    what was checked is wrong
  2    wrong usage or settings
  3    the database or the exchange cannot be reached, or refuses
  130  interrupted""",
        version=__version__,
    )
    for name, (path, line) in COMMANDS.items():
        app.command(path, name=name, help=None if name == called else line)
    return app


def main() -> None:
    """Entry point. Refuses `python -O`: assertions are part of the exchange."""
    if not __debug__:
        _say("exchange: assertions are part of the product; run Python without -O.")
        sys.exit(USAGE)
    words = sys.argv[1:]
    try:
        code = parser("".join(words[:1]))(words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseExceptionGroup as group:
        code = _explained(_first(group))
    except (Exception, SystemExit) as error:
        code = _explained(error)
    sys.exit(code if isinstance(code, int) else 0)


def _first(error: BaseException) -> BaseException:
    """The first cause inside nested groups."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _explained(error: BaseException) -> int:
    """Say what went wrong in one line; a bug keeps its traceback."""
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    for code, named in OUTCOMES.items():
        if kinds.intersection(named):
            _say(f"exchange: {error}")
            return code
    raise error


def _say(line: str) -> None:
    """To people, on stderr: red where colours are wanted."""
    from rich.console import Console

    Console(stderr=True).print(line, style="red", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
