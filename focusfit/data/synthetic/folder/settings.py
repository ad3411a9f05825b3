"""What a folder of photos was made with, so that it is only ever continued in the same way."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from ....errors import FocusfitError
from ..config import SyntheticConfig

NAME = "synthesis.json"
SCHEMA = "focusfit-synthesis-1"


def keep_settings(root: Path, config: SyntheticConfig, model_sha256: str) -> None:
    """Write the settings, or check them against those of a folder that is being continued.

    Raises:
        FocusfitError: the folder was made with other settings, or its file is damaged.
    """
    paths = {"backgrounds": _text(config.backgrounds), "occluder_pictures": _text(config.occluder_pictures)}
    described = asdict(config) | paths
    wanted = json.loads(json.dumps({"schema": SCHEMA, "model_sha256": model_sha256, "config": described}))
    path = root / NAME
    if not path.exists():
        partial = path.with_name(NAME + ".partial")
        partial.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        differing = [key for key in wanted if found[key] != wanted[key]]
        if differing == ["config"]:
            # what an older version could not choose was as it is by default
            kept = json.loads(json.dumps(asdict(SyntheticConfig()))) | found["config"]
            differing = [key for key in wanted["config"] if kept[key] != wanted["config"][key]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FocusfitError(f"cannot be read ({error})", file=path, remedy="Choose an empty folder.") from error
    if differing:
        raise FocusfitError(
            f"the folder was made with another {', '.join(differing)}",
            file=path,
            remedy="Continue it with its own settings, or choose an empty folder.",
        )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())
