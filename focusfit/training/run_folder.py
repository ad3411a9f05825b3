"""Where the steps leave their results, and where each finds what it starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from ..errors import CheckpointError, TrainingError
from ..facemodel.morphable import MorphableModel
from ..networks.encoder import EncoderConfig, FaceEncoder
from ..networks.network_files import load_encoder, load_segmenter
from ..networks.segmenter import FaceSegmenter, SegmenterConfig
from .checkpoints import MANIFEST, checkpoint_folders, read_checkpoint
from .config import TrainingConfig
from .processes import process_rank
from .resolve import resolve, write_config

ENCODER_FILE, SEGMENTER_FILE = "enc_net.safetensors", "unet.safetensors"
CHECKPOINTS = "checkpoints"


@dataclass(frozen=True)
class RunFolder:
    """The reference's folders.

    Attributes:
        root: ``MoFA_UNet_Save``, wherever it is.
    """

    root: Path

    @property
    def plan(self) -> Path:
        """What step 1 was told, for the steps after it."""
        return self.root / "config.yaml"

    @property
    def autoencoder(self) -> Path:
        """Step 1."""
        return self.root / "pretrain_mofa"

    @property
    def labels(self) -> Path:
        """Step 2."""
        return self.root / "UNet_trainset"

    @property
    def segmenter(self) -> Path:
        """Step 3."""
        return self.root / "Pretrain_UNet"

    @property
    def joint(self) -> Path:
        """Step 4."""
        return self.root / "robustness" / "MoFA_UNet"

    def adapted(self, name: str) -> Path:
        """Adaptation to the photos called ``name``."""
        return self.root / f"MoFA_UNet_Adaptedto_{name}"

    @property
    def crops(self) -> Path:
        """Crops of all photos, for all steps."""
        return self.root / "crops"

    @property
    def detections(self) -> Path:
        """Landmarks of photos that came without."""
        return self.root / "detected_landmarks.csv"


def keep_plan(plan: Path, config: TrainingConfig) -> None:
    """Write what later steps go by; only the first of several processes does.

    Raises:
        TrainingError: the folder cannot be written.
    """
    if process_rank() != 0:
        return
    try:
        plan.parent.mkdir(parents=True, exist_ok=True)
        write_config(plan, config)
    except OSError as error:
        cause = f"cannot be written ({error.strerror or error})"
        raise TrainingError(cause, file=plan, remedy="Choose another folder with --save_path.") from error


def place_of(given: str, stage: Path) -> Path:
    """What a ``--pretrained...`` option means.

    Args:
        given: a file or folder; or the number of an iteration of which ``stage`` has a checkpoint.
        stage: folder of the stage whose result it is.
    """
    if given.isdecimal():
        return stage / CHECKPOINTS / f"iteration_{int(given):08d}"
    return Path(given).expanduser()


def config_beside(place: Path) -> TrainingConfig:
    """What networks at ``place`` were trained with: ``config.yaml`` in a step's folder; else the default preset."""
    folders = (place, place.parent, place.parent.parent)
    file = next((folder / "config.yaml" for folder in folders if (folder / "config.yaml").is_file()), None)
    return resolve(None, file)


def find_encoder(place: Path, config: EncoderConfig, model: MorphableModel, step: str) -> FaceEncoder:
    """The encoder that a step left.

    Args:
        place: the step's folder, one of its checkpoints, or a file of weights.
        config: from which a checkpoint's encoder is built where no ``config.yaml`` goes with it; files know theirs.
        model: the face model.
        step: that makes it, for the error ("step 1").

    Raises:
        TrainingError: there is none, or the step is not finished.
        WeightsError: it is damaged, or for another face model.
    """
    if _is_checkpoint(place):
        encoder = FaceEncoder(_networks_of(place, "encoder", config), model)
        fill_from_checkpoint(encoder, place, "encoder")
        return encoder
    file = place / ENCODER_FILE if place.is_dir() else place
    _require(file, place, step)
    return load_encoder(file, model)


def find_segmenter(place: Path, config: SegmenterConfig, step: str) -> FaceSegmenter:
    """The segmenter that a step left; arguments and errors as of :func:`find_encoder`."""
    if _is_checkpoint(place):
        segmenter = FaceSegmenter(_networks_of(place, "segmenter", config))
        fill_from_checkpoint(segmenter, place, "segmenter")
        return segmenter
    file = place / SEGMENTER_FILE if place.is_dir() else place
    _require(file, place, step)
    return load_segmenter(file)


def _networks_of(checkpoint: Path, name: str, otherwise: Any) -> Any:
    """What the network of a checkpoint was built from: as the run's own configuration says, where it lies beside."""
    file = checkpoint.parent.parent / "config.yaml"
    return getattr(resolve(None, file).networks, name) if file.is_file() else otherwise


def _is_checkpoint(place: Path) -> bool:
    return (place / MANIFEST).is_file()


def _require(file: Path, place: Path, step: str) -> None:
    if file.suffix == ".model":
        raise TrainingError(
            "is a published file of FOCUS", file=file, remedy="Convert it first: focusfit import reference --help"
        )
    if file.is_file():
        return
    if place.suffix and not place.is_dir():
        raise TrainingError("does not exist", file=place, remedy=f"Name what {step} has left.")
    started = checkpoint_folders(place / CHECKPOINTS)
    if started:
        done, wanted = int(started[0].name.split("_")[1]), _iterations_of(place)
        raise TrainingError(
            f"{step} is not finished: it is at iteration {done}{'' if wanted is None else f' of {wanted}'}",
            file=place,
            remedy=f"Run {step} again, it goes on from there; or name one of its checkpoints, such as {started[0]}.",
        )
    raise TrainingError(
        f"there is no result of {step}",
        file=place,
        remedy=f"Run {step} first with the same --save_path, or name its result.",
    )


def _iterations_of(stage: Path) -> int | None:
    try:
        return int(_run_of(stage)["config"]["iterations"])
    except (ValueError, KeyError, TypeError):
        return None


def settings_of_run(stage: Path) -> Mapping[str, Any]:
    """What a stage's run was told, as far as it is written down."""
    settings = _run_of(stage).get("settings", {})
    return settings if isinstance(settings, dict) else {}


def _run_of(stage: Path) -> Mapping[str, Any]:
    try:
        run = json.loads((stage / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}


def fill_from_checkpoint(network: nn.Module, place: Path, name: str) -> None:
    """Load a checkpoint's weights, averaged ones where it has them, into a network and put it in eval mode."""
    parts = read_checkpoint(place).parts
    averaged = parts.get("averages", {}).get("averages", {}).get(name)
    state = averaged if averaged is not None else parts["networks"].get(name)
    if state is None:
        raise CheckpointError(f"holds no {name}", file=place, remedy="Name a checkpoint of another step.")
    try:
        found = network.load_state_dict(state, strict=averaged is None)
        if found.missing_keys:  # averages also hold buffers that states of networks leave out, but lack nothing
            raise RuntimeError(f"it lacks {', '.join(found.missing_keys[:3])}")
    except RuntimeError as error:
        said = " ".join(str(error).split())[:300]
        raise CheckpointError(
            f"its {name} is of another make ({said})", file=place, remedy="Give the settings that it was trained with."
        ) from error
    network.eval()
