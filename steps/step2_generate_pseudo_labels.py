"""Step 2: label the pixels that step 1's encoder explains.

The same as `focusfit train step2`; `--help` explains the arguments.
"""

import sys

from focusfit.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "step2", *sys.argv[1:]]))
