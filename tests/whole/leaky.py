"""`python -m tests.whole.leaky MUTANT WORD...`: the exchange's own command line, with a bug of the simulation planted."""

import sys

from exchange.__main__ import main
from tests.simulation.mutants import planted

if __name__ == "__main__":
    with planted(sys.argv.pop(1)):
        main()
