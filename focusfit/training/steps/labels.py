"""Step 2."""

from __future__ import annotations

from collections.abc import Sequence

from torch.utils.data import Dataset

from ...data.face_batch import FaceItem
from ...data.photos.listing import Split, write_problems
from ..run_folder import find_encoder, place_of
from ..stages.pseudo_labels import write_pseudo_labels
from ..training_faces import gather_faces
from .request import StepRequest, StepResult, inference_device, keep_config, term_context, used_model


def generate_pseudo_labels(request: StepRequest) -> StepResult:
    """Label the pixels that step 1's encoder explains, of training and validation photos.

    Writes ``UNet_trainset/``; see :mod:`focusfit.data.pseudo_labels`.

    Raises:
        FocusfitError: step 1 has left no encoder, or photos or face model cannot be used.
    """
    folder, config = request.folder.labels, request.config
    used = used_model(request.model, config.networks)
    place = request.folder.autoencoder if request.start is None else place_of(request.start, request.folder.autoencoder)
    device = inference_device(config.step1.engine)
    encoder = find_encoder(place, config.networks.encoder, used.model, "step 1").to(device).eval()
    request = request.with_networks(encoder)
    config = request.config
    faces = gather_faces(request.source, config, used.model)
    keep_config(folder, request)
    write_problems(faces.problems, folder / "skipped_photos.csv")
    context = term_context(used, config, {}, ()).to(device)
    counts: dict[str, float] = {}
    parts: Sequence[tuple[Split, Dataset[FaceItem]]] = (("train", faces.training), ("val", faces.validation))
    for split, part in parts:
        counts[split] = float(write_pseudo_labels(part, split, folder, encoder, context, config.step2))
        request.say(f"{split}: {counts[split]:.0f} photos labelled")
    return StepResult(folder, tuple(folder / f"{split}_landmarks.csv" for split, _ in parts), counts)
