"""Step 1."""

from __future__ import annotations

from ...data.face_batch import collate
from ...data.photos.listing import write_problems
from ...networks.backbone import start_from
from ...networks.encoder import FaceEncoder
from ...networks.network_files import save_encoder
from ..engine import TrainingData, train
from ..processes import process_rank
from ..random_state import seed_everything
from ..run_folder import ENCODER_FILE, find_encoder, place_of
from ..stages.autoencoder import AutoencoderStage
from ..training_faces import gather_faces
from ..weights import weights_of_encoder
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


def pretrain_autoencoder(request: StepRequest) -> StepResult:
    """Train the encoder on photos and landmarks; goes on where an earlier run was stopped.

    Writes ``pretrain_mofa/enc_net.safetensors`` and the run's own files beside it.

    Raises:
        FocusfitError: photos, face model, recogniser or checkpoints cannot be used, or training failed.
    """
    folder = request.folder.autoencoder
    request = going_on(request, folder)
    used = used_model(request.model, request.config.networks)
    encoder = _new_encoder(request, used)
    request = request.with_networks(encoder)
    config = request.config
    faces = gather_faces(request.source, config, used.model)
    keep_config(folder, request)
    write_problems(faces.problems, folder / "skipped_photos.csv")
    step = config.step1
    context = term_context(used, config, weights_of_encoder(step.weights), step.logged)
    engine = with_epochs(step.engine, request.epochs, faces.training)
    stage = AutoencoderStage(encoder, context, step, config.data, engine.iterations)
    data = TrainingData(faces.training, faces.validation, collate)
    settings = settings_of(request, used)
    result = train(stage, data, engine, folder, settings=settings)
    file = folder / ENCODER_FILE
    if process_rank() == 0:
        save_encoder(file, encoder, {"stage": stage.name, "iteration": result.iteration, "preset": config.preset})
    return StepResult(folder, (file,), result.figures)


def _new_encoder(request: StepRequest, used: UsedModel) -> FaceEncoder:
    networks = request.config.networks
    if request.start is not None:
        place = place_of(request.start, request.folder.autoencoder)
        return find_encoder(place, networks.encoder, used.model, "step 1")
    seed_everything(request.config.step1.engine.seed)  # for the weights that start at random
    encoder = FaceEncoder(networks.encoder, used.model)
    if networks.encoder_weights is not None:
        start_from(encoder.backbone, networks.encoder.backbone, networks.encoder_weights)
    return encoder
