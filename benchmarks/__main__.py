"""`python -m benchmarks NAME [--json] …`: run one benchmark by its name."""

import sys
from importlib import import_module
from typing import Final

BENCHMARKS: Final = {
    "core": "benchmarks.core",
}
"""By name, the module whose `main(argv)` runs it and returns the exit code."""


def main(argv: list[str]) -> int:
    """Run what the first argument names; 2 when there is no such benchmark."""
    if not argv or argv[0] not in BENCHMARKS:
        print(f"usage: python -m benchmarks {{{','.join(BENCHMARKS)}}} [--json] …", file=sys.stderr)
        return 2
    code: int = import_module(BENCHMARKS[argv[0]]).main(argv[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
