"""The configuration of a run: a preset, changed by a YAML file, changed by the command line; kept with the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from ..errors import TrainingError
from ..whole_file import write_whole
from .config import TrainingConfig
from .config_tree import changed, plain
from .presets import PRESETS

COMMAND_LINE = "command line"
DEFAULT_PRESET = "focusfit"


Files = str | Path | Sequence[str | Path] | None


def resolve(preset: str | None = None, files: Files = None, overrides: Sequence[str] = ()) -> TrainingConfig:
    """What a run is to do, every count of iterations final.

    Args:
        preset: name of the values to start from; without one, a file's ``preset``, else ``focusfit``.
        files: YAML with some values of :class:`TrainingConfig`, nested as it is; of several, later ones win.
        overrides: ``step4.weights.neighbour=0`` and the like, values as in YAML; a ``*`` in a name stands for any
            text, as in ``step*.engine.seed=1``.

    Raises:
        TrainingError: no such preset or key, or a value of the wrong type; says where, and what is nearest.
    """
    return unscaled(preset, files, overrides).scaled()


def unscaled(preset: str | None = None, files: Files = None, overrides: Sequence[str] = ()) -> TrainingConfig:
    """Like :func:`resolve`, with ``iterations_scale`` still to be applied."""
    listed = [] if files is None else [files] if isinstance(files, str | Path) else files
    layers = [(str(file), _read_yaml(Path(file))) for file in listed]
    where, named = COMMAND_LINE, None
    for file, values in layers:
        if (name := values.pop("preset", None)) and preset is None:
            where, named = file, name
    config = _preset(preset or named or DEFAULT_PRESET, where)
    for file, values in layers:
        config = changed(config, values, file)
    for override in overrides:
        config = _overridden(config, override)
    return config


def names_preset(file: str | Path) -> bool:
    """Whether a YAML file says which values it starts from: those of a run, kept with it, do."""
    return "preset" in _read_yaml(Path(file))


def write_config(path: str | Path, config: TrainingConfig) -> None:
    """Every value as YAML, in an order fit for reading; :func:`resolve` with this file gives ``config`` again."""
    text = yaml.safe_dump(plain(config), sort_keys=False, default_flow_style=None, width=120)
    write_whole(Path(path), text.encode())


def _preset(name: Any, where: str) -> TrainingConfig:
    if not isinstance(name, str) or name not in PRESETS:
        close = get_close_matches(str(name), PRESETS, n=1)
        remedy = f"Did you mean {close[0]}?" if close else f"Presets are {', '.join(PRESETS)}."
        raise TrainingError(f"there is no preset {name!r}", file=where, remedy=remedy)
    return PRESETS[name]


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TrainingError("does not exist", file=file) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise TrainingError(f"cannot be read as YAML ({said})", file=file) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise TrainingError("holds no keys with values", file=file)
    return values


def _overridden(config: TrainingConfig, override: str) -> TrainingConfig:
    key, equals, text = override.partition("=")
    key = key.strip()
    if not equals or not key:
        raise TrainingError(
            f"{override!r} sets nothing", file=COMMAND_LINE, remedy="Write it as step4.weights.neighbour=0."
        )
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise TrainingError(f"the value of {key!r} cannot be read: {text!r}", file=COMMAND_LINE) from error
    names = key.split(".")
    paths = list(_matching(config, names)) if "*" in key else [names]
    if not paths:
        raise TrainingError(f"no setting is called {key!r}", file=COMMAND_LINE)
    for path in paths:
        nested = value
        for name in reversed(path):
            nested = {name: nested}
        config = changed(config, nested, COMMAND_LINE)
    return config


def _matching(config: Any, names: Sequence[str]) -> Iterator[list[str]]:
    """Paths into ``config`` whose parts match ``names``, where all of them exist."""
    if not names:
        yield []
    elif is_dataclass(config):
        for field in fields(config):
            if fnmatchcase(field.name, names[0]):
                yield from ([field.name, *rest] for rest in _matching(getattr(config, field.name), names[1:]))
