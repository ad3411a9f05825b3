"""The rounds in which the networks that come with the package were trained."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from ..errors import TrainingError
from ..facemodel.morphable import MorphableModel
from ..networks.shipped import ENCODER_FILE, FOLDER, SEGMENTER_FILE
from .config_tree import changed
from .known_faces import KnownFacesConfig, known_faces, train_segmenter, train_surface_encoder

RECIPE = FOLDER / "recipe.yaml"


def read_recipe(path: Path) -> tuple[KnownFacesConfig, ...]:
    """Rounds of a YAML file: a list under ``rounds``, each of them what it changes of the one before.

    Raises:
        TrainingError: the file is not such a list, or names what does not exist.
    """
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise TrainingError(f"cannot be read ({error})", file=path) from error
    listed = held.get("rounds") if isinstance(held, dict) else None
    if not isinstance(listed, list) or not listed:
        raise TrainingError("is no recipe", file=path, remedy="It must have a list of rounds under 'rounds'.")
    rounds: list[KnownFacesConfig] = []
    for number, values in enumerate(listed, start=1):
        before = rounds[-1] if rounds else KnownFacesConfig()
        rounds.append(changed(before, values, str(path), f"round {number}"))
    return tuple(rounds)


def train_rounds(
    rounds: Sequence[KnownFacesConfig],
    model: MorphableModel,
    out: Path,
    workers: int,
    first: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> tuple[Path, Path]:
    """Train round after round, each going on from the networks of the one before; files of the last ones.

    Args:
        rounds: of a recipe.
        model: the face model.
        out: folder with a folder for each round; finished parts are not done again.
        workers: processes that draw faces.
        first: number of the round to begin with; from the second on, it starts from the package's networks.
        say: called with what is about to happen.

    Raises:
        TrainingError: there is no such round.
    """
    if not 1 <= first <= len(rounds):
        raise TrainingError(f"there is no round {first}", remedy=f"The recipe has rounds 1 to {len(rounds)}.")
    before = (FOLDER / ENCODER_FILE, FOLDER / SEGMENTER_FILE)
    for number, config in enumerate(rounds[first - 1 :], start=first):
        folder = out / f"round{number}"
        if number > 1:
            config = replace(config, encoder_start=str(before[0]), segmenter_start=str(before[1]))
        say(f"round {number}: {config.faces} faces")
        data = known_faces(config, model, folder / "faces", workers)
        encoder = train_surface_encoder(config, model, data, folder / "encoder")
        before = encoder, train_segmenter(config, model, data, folder / "segmenter")
    for path in (each.with_suffix(end) for each in before for end in (".safetensors", ".json")):
        shutil.copy2(path, out / path.name)
    return out / ENCODER_FILE, out / SEGMENTER_FILE
