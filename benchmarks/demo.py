"""The demonstration that ``make demo`` runs: ``python benchmarks/demo.py [OUT]``."""

from __future__ import annotations

import sys

from focusfit.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main(["demo", *(["--out", sys.argv[1]] if len(sys.argv) > 1 else [])]))
