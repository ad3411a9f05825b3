"""Step 2: what a trained encoder explains of each photo becomes a label."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ...data.face_batch import FaceBatch, FaceItem, collate
from ...data.photos.listing import Split
from ...data.pseudo_labels import PseudoLabel, write_pseudo_label
from ...errors import TrainingError
from ...networks.encoder import FaceEncoder
from ..step_config import LabelsConfig
from .face_stage import Look, explained_mask, validation_look
from .ingredients import TermContext
from .posterior import photo_posterior


def labels_of(look: Look, config: LabelsConfig, context: TermContext) -> Tensor:
    """``(B, 1, S, S)``, 1 where a face counts as seen, 0 elsewhere; the encoder must stand still."""
    if config.labels == "explained":
        return explained_mask(look, context)
    misfit = context.misfit.at(look.fit.rendering)
    posterior = photo_posterior(look.view.photo, look.shown, look.region, misfit, None, context.settings)
    return (posterior > 0.5).float()


@torch.no_grad()
def write_pseudo_labels(
    faces: Dataset[FaceItem],
    split: Split,
    folder: Path,
    encoder: FaceEncoder,
    context: TermContext,
    config: LabelsConfig,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the labels of a data set, and the table that says which they are; returns how many.

    Args:
        faces: photos on their canvases; what the networks see of them is kept, pixel by pixel.
        split: ``train`` or ``val``.
        folder: where to.
        encoder: in eval mode, on its device.
        context: on the same device.
        config: of the step.
        progress: called with the faces done and their number.

    Raises:
        TrainingError: the folder cannot be written.
    """
    count, device = len(faces), next(encoder.parameters()).device  # type: ignore[arg-type]
    loader: DataLoader[FaceItem] = DataLoader(faces, config.batch_size, collate_fn=collate)
    rows: list[list[str]] = []
    for batch in loader:
        for name, landmarks, face in _labelled(batch.to(device), encoder, context, config):
            photo = write_pseudo_label(folder, name, face)
            rows.append([photo.relative_to(folder).as_posix(), *(f"{value:.3f}" for value in landmarks.ravel())])
        if progress is not None:
            progress(len(rows), count)
    try:
        with (folder / f"{split}_landmarks.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)
    except OSError as error:
        raise TrainingError(f"cannot be written ({error.strerror or error})", file=folder) from error
    return len(rows)


def _labelled(
    batch: FaceBatch, encoder: FaceEncoder, context: TermContext, config: LabelsConfig
) -> Iterator[tuple[str, NDArray[np.float32], PseudoLabel]]:
    look = validation_look(batch, encoder, context)
    # at least one level wherever the face projects, so that the region can be told from the file
    rendering = torch.maximum(look.shown, look.fit.region / 255) * look.fit.region
    photos, renderings = _bytes(look.view.photo), _bytes(rendering)
    labels = _bytes(labels_of(look, config, context))
    truths = None if look.view.visible_face is None else _bytes(look.view.visible_face)
    landmarks = look.view.landmarks.cpu().numpy()
    for k, name in enumerate(batch.names):
        known = truths is not None and bool(batch.mask_known[k])
        truth = truths[k, ..., 0] if truths is not None and known else None
        yield name, landmarks[k], PseudoLabel(photos[k], renderings[k], labels[k, ..., 0], truth)


def _bytes(pictures: Tensor) -> NDArray[np.uint8]:
    """``(B, C, S, S)`` in [0, 1] to ``(B, S, S, C)`` uint8."""
    stored: NDArray[np.uint8] = (255 * pictures).round().byte().permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return stored
