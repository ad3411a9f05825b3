"""Step 3."""

from __future__ import annotations

from ...data.face_batch import collate
from ...data.pseudo_labels import PseudoLabelledFaces
from ...networks.network_files import save_segmenter
from ...networks.segmenter import FaceSegmenter
from ..engine import TrainingData, train
from ..processes import process_rank
from ..random_state import seed_everything
from ..run_folder import SEGMENTER_FILE, find_segmenter, place_of
from ..stages.segmenter_pretraining import SegmenterStage
from .request import StepRequest, StepResult, going_on, keep_config, settings_of, used_model, with_epochs


def pretrain_segmenter(request: StepRequest) -> StepResult:
    """Train the segmenter on step 2's labels; goes on where an earlier run was stopped.

    Writes ``Pretrain_UNet/unet.safetensors`` and the run's own files beside it.

    Raises:
        FocusfitError: step 2 has left no labels, or training failed.
    """
    folder = request.folder.segmenter
    request = going_on(request, folder)
    training, validation = (PseudoLabelledFaces(request.folder.labels, split) for split in ("train", "val"))
    segmenter = _new_segmenter(request)
    request = request.with_networks(segmenter)
    config, networks = request.config, request.config.networks
    keep_config(folder, request)
    engine = with_epochs(config.step3.engine, request.epochs, training)
    stage = SegmenterStage(segmenter, config.step3, config.data, engine.iterations)
    settings = settings_of(request, used_model(request.model, networks))
    result = train(stage, TrainingData(training, validation, collate), engine, folder, settings=settings)
    file = folder / SEGMENTER_FILE
    if process_rank() == 0:
        save_segmenter(file, segmenter, {"stage": stage.name, "iteration": result.iteration, "preset": config.preset})
    return StepResult(folder, (file,), result.figures)


def _new_segmenter(request: StepRequest) -> FaceSegmenter:
    networks = request.config.networks
    if request.start is not None:
        place = place_of(request.start, request.folder.segmenter)
        return find_segmenter(place, networks.segmenter, "step 3")
    seed_everything(request.config.step3.engine.seed)  # for the weights that start at random
    segmenter = FaceSegmenter(networks.segmenter)
    if networks.segmenter_weights is not None:
        segmenter.start_from_imagenet()
    return segmenter
