"""Step 4: train encoder and UNet jointly, by expectation maximisation.

The same as `focusfit train step4`; `--help` explains the arguments.
"""

import sys

from focusfit.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "step4", *sys.argv[1:]]))
