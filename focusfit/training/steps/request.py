"""What a step is asked for, and what all of them need before they start."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from ...errors import TrainingError
from ...facemodel.load import load_face_model
from ...facemodel.morphable import MorphableModel
from ...networks.coefficient_head import CoefficientSizes
from ...networks.encoder import FaceEncoder
from ...networks.recognition.registry import load_recogniser
from ...networks.segmenter import FaceSegmenter
from ...objectives.contour import ContourLines
from ...objectives.registry import TERMS
from ..checkpoints import checkpoint_folders
from ..config import TrainingConfig
from ..config_tree import plain
from ..engine_config import EngineConfig
from ..input_config import NetworksConfig
from ..processes import process_count, process_rank
from ..resolve import write_config
from ..run_folder import CHECKPOINTS, RunFolder, settings_of_run
from ..stages.ingredients import TermContext
from ..stages.posterior import KnownMisfit
from ..training_faces import FaceSource

RECOGNISED = ("embedding", "shallow")
"""Endings of the ingredients that need a recogniser."""


@dataclass(frozen=True)
class StepRequest:
    """One run of one step.

    Attributes:
        config: resolved: what to do.
        save_path: the folder of all steps, ``MoFA_UNet_Save``.
        img_path: folder of the photos; None for synthetic ones alone.
        model: file of the face model; None for the open one.
        epochs: of the training photos, instead of the configuration's iterations.
        start: what to start from instead of the result of the step before: a file, a folder, an iteration's number.
        segmenter_start: the same for the segmenter, in steps that start from two networks.
        workers: threads that decode photos.
        say: told what happens.
    """

    config: TrainingConfig
    save_path: Path
    img_path: Path | None = None
    model: Path | None = None
    epochs: float | None = None
    start: str | None = None
    segmenter_start: str | None = None
    workers: int = 2
    say: Callable[[str], None] = print

    @property
    def folder(self) -> RunFolder:
        """Where results are."""
        return RunFolder(self.save_path)

    def with_networks(self, *networks: FaceEncoder | FaceSegmenter) -> StepRequest:
        """For networks that were trained before: their own settings count, not the configuration's."""
        names = {"encoder" if isinstance(each, FaceEncoder) else "segmenter": each.config for each in networks}
        config = replace(self.config, networks=replace(self.config.networks, **names))  # type: ignore[arg-type]
        return replace(self, config=config)

    def judged_by_photos(self) -> StepRequest:
        """No synthetic faces among those that validate: the best networks are the best on the photos."""
        data = replace(self.config.data, synthetic_validation=0)
        return replace(self, config=replace(self.config, data=data))

    @property
    def source(self) -> FaceSource:
        """Where faces come from."""
        folder = self.folder
        return FaceSource(self.img_path, folder.crops, folder.detections, self.workers, process_rank(), self.say)


@dataclass(frozen=True)
class StepResult:
    """What a step has made.

    Attributes:
        folder: of the step.
        files: that later steps start from.
        figures: of the last validation, or counts.
    """

    folder: Path
    files: tuple[Path, ...]
    figures: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class UsedModel:
    """A face model with as many coefficients as the networks name, and how many it has."""

    model: MorphableModel
    sizes: CoefficientSizes


def used_model(path: Path | None, networks: NetworksConfig) -> UsedModel:
    """Read the face model and keep its leading modes.

    Raises:
        FaceModelError: it cannot be read.
    """
    full = load_face_model(path)
    sizes = CoefficientSizes(full.identity_basis.shape[2], full.expression_basis.shape[2], full.albedo_basis.shape[2])
    return UsedModel(full.truncate(networks.identity, networks.expression, networks.albedo), sizes)


def term_context(
    used: UsedModel, config: TrainingConfig, terms: Mapping[str, float], logged: tuple[str, ...]
) -> TermContext:
    """What terms need besides a batch; the recogniser is loaded only where a term asks for its features.

    Raises:
        WeightsError: the recogniser cannot be read.
        AssetError: its weights are absent and cannot be fetched.
    """
    names = {need for name in (*terms, *logged) for need in TERMS[name].needs}
    recognises = any(name.endswith(RECOGNISED) for name in names)
    recogniser = load_recogniser(config.networks.recogniser) if recognises else None
    model = used.model
    return TermContext(model, used.sizes, ContourLines.of(model), KnownMisfit.of(model), recogniser, config.terms)


def with_epochs(engine: EngineConfig, epochs: float | None, faces: Dataset[Any]) -> EngineConfig:
    """The engine with as many iterations as ``epochs`` of ``faces`` take; unchanged without."""
    if epochs is None:
        return engine
    if not 0 < epochs < math.inf:
        raise TrainingError(f"--epochs is {epochs:g}", remedy="Give a number above 0.")
    together = engine.batch_size * process_count(engine)
    return replace(engine, iterations=max(1, math.ceil(epochs * len(faces) / together)))  # type: ignore[arg-type]


def settings_of(request: StepRequest, used: UsedModel) -> dict[str, Any]:
    """Plain JSON to keep with the run and its checkpoints."""
    model = {"name": used.model.name, "sha256": used.model.sha256}
    return {
        "preset": request.config.preset,
        "config": plain(request.config),
        "face_model": model,
        "img_path": _absolute(request.img_path),
        "start": request.start,
        "segmenter_start": request.segmenter_start,
    }


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def going_on(request: StepRequest, folder: Path, same_photos: bool = False) -> StepRequest:
    """What is asked for, where ``folder`` may hold the step's own training already.

    The reference resumes by the number of an iteration; here a training goes on by itself and needs none.

    Args:
        request: of a step that trains into ``folder``.
        folder: of that step.
        same_photos: a training there must have been on these photos.

    Raises:
        TrainingError: what began there started from other networks, or was for other photos.
    """
    begun = bool(checkpoint_folders(folder / CHECKPOINTS))
    if begun and request.start is not None and request.start.isdecimal():
        request.say(f"{folder}: training goes on from its last checkpoint")
        request = replace(request, start=None)
    if not begun:
        return request
    before = settings_of_run(folder)
    for name, now in (("start", request.start), ("segmenter_start", request.segmenter_start)):
        if now is not None and name in before and before[name] != now:
            raise TrainingError(
                f"what is trained here started from {before[name] or 'the step before'}, not from {now}",
                file=folder,
                remedy="Leave the option out to go on with it, or choose another --save_path.",
            )
    photos = _absolute(request.img_path)
    if same_photos and before.get("img_path", photos) != photos:
        raise TrainingError(
            f"what is trained here is for the photos of {before['img_path']}",
            file=folder,
            remedy="Give these ones a name of their own with --output_name.",
        )
    return request


def keep_config(folder: Path, request: StepRequest) -> None:
    """``config.yaml`` beside the run's results: ``--config`` with it does the same again."""
    if process_rank() == 0:
        folder.mkdir(parents=True, exist_ok=True)
        write_config(folder / "config.yaml", request.config)


def inference_device(engine: EngineConfig) -> torch.device:
    """Where a step that trains nothing runs."""
    gpu = engine.accelerator != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if gpu else "cpu")
