"""Reconstruct with trained networks, score masks, export for NoW.

The same as `focusfit train test`; `--help` explains the arguments.
"""

import sys

from focusfit.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "test", *sys.argv[1:]]))
