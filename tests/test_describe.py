"""What is written down about the wire is what the program speaks."""

from exchange.core.rejects import RejectCode
from exchange.describe import FOLDER, described


def test_the_written_schema_is_up_to_date() -> None:
    stale = [name for name, text in described().items() if (FOLDER / name).read_text() != text]

    assert not stale, "run `make describe` and read the diff"


def test_every_refusal_has_its_line() -> None:
    table = described()["refusals.md"]

    assert all(f"| {code.value} | `{code.name}` |" in table for code in RejectCode)
