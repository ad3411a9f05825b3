"""Step 1: pretrain the face autoencoder on photos and landmarks.

The same as `focusfit train step1`; `--help` explains the arguments.
"""

import sys

from focusfit.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "step1", *sys.argv[1:]]))
