"""What a step is asked for, and what all of them need before they start."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from ...facemodel.load import load_face_model
from ...facemodel.morphable import MorphableModel
from ...networks.coefficient_head import CoefficientSizes
from ...networks.encoder import FaceEncoder
from ...networks.recognition.registry import load_recogniser
from ...objectives.contour import ContourLines
from ...objectives.registry import TERMS
from ..config import TrainingConfig
from ..config_tree import plain
from ..engine_config import EngineConfig
from ..input_config import NetworksConfig
from ..resolve import write_config
from ..run_folder import RunFolder
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

    def with_encoder(self, encoder: FaceEncoder) -> StepRequest:
        """For an encoder that was trained before: its own settings count, not the configuration's."""
        networks = replace(self.config.networks, encoder=encoder.config)
        return replace(self, config=replace(self.config, networks=networks))

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
    together = engine.batch_size * process_count(engine)
    return replace(engine, iterations=max(1, math.ceil(epochs * len(faces) / together)))  # type: ignore[arg-type]


def settings_of(request: StepRequest, used: UsedModel) -> dict[str, Any]:
    """Plain JSON to keep with the run and its checkpoints."""
    model = {"name": used.model.name, "sha256": used.model.sha256}
    return {"preset": request.config.preset, "config": plain(request.config), "face_model": model}


def keep_config(folder: Path, request: StepRequest) -> None:
    """``config.yaml`` beside the run's results: ``--config`` with it does the same again."""
    if process_rank() == 0:
        folder.mkdir(parents=True, exist_ok=True)
        write_config(folder / "config.yaml", request.config)


def process_rank() -> int:
    """Of this process among those that train together."""
    return int(os.environ.get("RANK", "0"))


def process_count(engine: EngineConfig) -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", str(engine.devices)))


def inference_device(engine: EngineConfig) -> torch.device:
    """Where a step that trains nothing runs."""
    gpu = engine.accelerator != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if gpu else "cpu")
