"""``python -m focusfit`` is the ``focusfit`` command."""

from .cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
