"""Step 3: pretrain the UNet on step 2's labels.

The same as `focusfit train step3`; `--help` explains the arguments.
"""

import sys

from focusfit.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "step3", *sys.argv[1:]]))
