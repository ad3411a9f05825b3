"""Adaptation to unlabelled photos of another kind."""

from __future__ import annotations

from ...errors import TrainingError
from ..run_folder import find_encoder, find_segmenter, place_of
from .joint import run_em
from .request import StepRequest, StepResult, going_on, used_model


def adapt(request: StepRequest, name: str | None = None) -> StepResult:
    """Go on with expectation maximisation on new photos, from step 4's networks; nothing but landmarks is needed.

    Writes ``MoFA_UNet_Adaptedto_<name>/enc_net.safetensors`` and ``unet.safetensors``.

    Args:
        request: whose ``start`` may name other networks.
        name: of the photos; that of their folder by default.

    Raises:
        FocusfitError: step 4 has left nothing, photos cannot be used, or training failed.
    """
    if request.img_path is None:
        raise TrainingError("there are no photos to adapt to", remedy="Name their folder with --img_path.")
    path = request.img_path.absolute()
    out = request.folder.adapted(name or (path.parent.name if path.name == "Dataset" else path.name))
    request = going_on(request.judged_by_photos(), out, same_photos=True)
    used = used_model(request.model, request.config.networks)
    folder, networks = request.folder, request.config.networks
    place = folder.joint if request.start is None else place_of(request.start, folder.joint)
    segmenter_place = place
    if request.segmenter_start is not None:
        segmenter_place = place_of(request.segmenter_start, folder.joint)
    encoder = find_encoder(place, networks.encoder, used.model, "step 4")
    segmenter = find_segmenter(segmenter_place, networks.segmenter, "step 4")
    return run_em(request, request.config.adapt, out, used, encoder, segmenter, "adapted")
