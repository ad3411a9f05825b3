"""What an adaptation is made from, kept in its folder: another one must not be taken for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from ..data.photos.file_digest import file_digest
from ..errors import TrainingError
from ..networks.shipped import TrainedNetworks
from ..whole_file import write_whole

FILE = "inputs.json"


def keep_inputs(out: Path, photos: Sequence[Path], networks: TrainedNetworks) -> None:
    """Write down which photos and which networks ``out`` is for; an interrupted adaptation of the same goes on.

    Raises:
        TrainingError: it was begun with others.
    """
    inputs = {"photos": len(photos), "contents": _contents(photos), "networks": dict(networks.about)}
    file = out / FILE
    before = _read(file)
    for name, what in (("networks", "other networks"), ("contents", "other photos")):
        if before is not None and before.get(name) != inputs[name]:
            raise TrainingError(f"was begun with {what}", file=out, remedy="Choose another folder with --out.")
    out.mkdir(parents=True, exist_ok=True)
    write_whole(file, (json.dumps(inputs, indent=1) + "\n").encode())


def _read(file: Path) -> dict[str, object] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _contents(photos: Sequence[Path]) -> str:
    """One key for what all files hold, in whatever order."""
    keys = []
    for path in photos:
        try:
            keys.append(file_digest(path))
        except OSError:  # reading it will say what is wrong
            keys.append("unreadable")
    return hashlib.blake2b("".join(sorted(keys)).encode(), digest_size=16).hexdigest()
