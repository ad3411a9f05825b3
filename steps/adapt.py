"""Adapt step 4's networks to unlabelled photos of another kind.

The same as `focusfit train adapt`; `--help` explains the arguments.
"""

import sys

from focusfit.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "adapt", *sys.argv[1:]]))
