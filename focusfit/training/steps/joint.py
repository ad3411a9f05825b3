"""Step 4."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...data.face_batch import collate
from ...data.photos.listing import write_problems
from ...networks.encoder import FaceEncoder
from ...networks.network_files import save_encoder, save_segmenter
from ...networks.segmenter import FaceSegmenter
from ..checkpoints import read_checkpoint
from ..engine import EngineConfig, TrainingData, train
from ..mask_guard import mask_guard
from ..processes import process_rank
from ..run_folder import ENCODER_FILE, SEGMENTER_FILE, fill_from_checkpoint, find_encoder, find_segmenter, place_of
from ..stages.joint_em import JointStage
from ..step_config import EmConfig
from ..training_faces import gather_faces
from ..weights import weights_of_encoder, weights_of_segmenter
from .request import (
    StepRequest,
    StepResult,
    UsedModel,
    going_on,
    keep_config,
    settings_of,
    term_context,
    used_model,
    with_epochs,
)


def train_jointly(request: StepRequest) -> StepResult:
    """Train segmenter and encoder in turn, from the results of steps 1 and 3; goes on where an earlier run stopped.

    Writes ``robustness/MoFA_UNet/enc_net.safetensors`` and ``unet.safetensors``.

    Raises:
        FocusfitError: steps 1 or 3 have left nothing, or training failed.
    """
    request = going_on(request, request.folder.joint)
    used = used_model(request.model, request.config.networks)
    folder, networks = request.folder, request.config.networks
    encoder_place, segmenter_place = folder.autoencoder, folder.segmenter
    if request.start is not None:
        encoder_place = segmenter_place = place_of(request.start, folder.joint)
    if request.segmenter_start is not None:
        segmenter_place = place_of(request.segmenter_start, folder.joint)
    encoder = find_encoder(encoder_place, networks.encoder, used.model, "step 1")
    segmenter = find_segmenter(segmenter_place, networks.segmenter, "step 3")
    return run_em(request, request.config.step4, folder.joint, used, encoder, segmenter, "mofa_unet")


def run_em(
    request: StepRequest,
    step: EmConfig,
    out: Path,
    used: UsedModel,
    encoder: FaceEncoder,
    segmenter: FaceSegmenter,
    name: str,
) -> StepResult:
    """Expectation maximisation from two networks, into ``out``.

    Where the configuration names a figure to go by, the best networks are handed on, those at the start if they are.

    Raises:
        FocusfitError: photos cannot be used, or training failed.
    """
    request = request.with_networks(encoder, segmenter)
    config = request.config
    faces = gather_faces(request.source, config, used.model)
    keep_config(out, request)
    write_problems(faces.problems, out / "skipped_photos.csv")
    terms = {**weights_of_encoder(step.weights), **weights_of_segmenter(step.weights)}
    context = term_context(used, config, terms, step.logged)
    engine = with_epochs(step.engine, request.epochs, faces.training)
    stage = JointStage(encoder, segmenter, context, step, config.data, engine.iterations, name)
    data = TrainingData(faces.training, faces.validation, collate)
    guard = mask_guard(stage, faces.validation)
    result = train(stage, data, engine, out, collapse=guard, settings=settings_of(request, used))
    iteration, figures = result.iteration, result.figures
    if result.best is not None:
        for part, network in stage.networks.items():
            fill_from_checkpoint(network, result.best, part)
        best = read_checkpoint(result.best)
        iteration, figures = best.iteration, best.parts["progress"]["figures"]
        request.say(_kept(engine, iteration, figures))
    files = out / ENCODER_FILE, out / SEGMENTER_FILE
    if process_rank() == 0:
        about = {"stage": name, "iteration": iteration, "preset": config.preset}
        save_encoder(files[0], encoder, about)
        save_segmenter(files[1], segmenter, about)
    return StepResult(out, files, figures)


def _kept(engine: EngineConfig, iteration: int, figures: Mapping[str, float]) -> str:
    """Which networks are handed on where the best ones are."""
    figure = f"{engine.best_figure} {figures[str(engine.best_figure)]:.4g} on validation photos"
    if iteration == 0:
        return f"no iteration was better than the networks that this started from: they are handed on ({figure})"
    return f"iteration {iteration} of {engine.iterations} was the best and is handed on ({figure})"
