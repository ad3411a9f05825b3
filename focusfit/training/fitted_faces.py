"""Photos that nobody has labelled, with what fits of them say in place of the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..data.augmentation import frame_middle
from ..data.canvas import canvas_transform, cut, photo_bounds
from ..data.drawn_faces import SHARD, DrawnFaces, write_shard
from ..data.face_batch import FaceItem, collate
from ..data.random_cover import RandomCover, cover_faces
from ..detection.crop import CropTransform
from ..detection.photo import Photo
from ..facemodel.morphable import SurfacePoints
from ..fitting.fitter import Fitter
from ..fitting.reconstruction import Reconstruction
from ..pipeline.fitting import batches, face_jobs, fit_batch
from ..pipeline.reading import search_photos

HELD_OUT_EVERY = 5
"""Of so many faces one is kept apart."""

VIEWS_HELD_OUT = 4
"""How often each of those is looked at: once as it is, and behind covers."""

LEAST_CONFIDENCE = 0.4
"""Fits that trust themselves less teach nothing."""

COVERED = RandomCover(share=1.0)


@dataclass(frozen=True)
class FittedFaces:
    """Faces of unlabelled photos.

    Attributes:
        training: most of them.
        held_out: the others, each as it is and behind covers of which no fit knew.
        left_out: photos without a face and faces without a fit, each with its reason.
    """

    training: DrawnFaces
    held_out: DrawnFaces
    left_out: tuple[tuple[Path, str], ...]


def fit_photos(
    photos: Sequence[Path],
    fitter: Fitter,
    points: SurfacePoints,
    size: int,
    folder: Path,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> FittedFaces:
    """Fit every face of the photos, and keep what the fits say in ``folder``.

    Args:
        photos: files.
        fitter: says what the truth is taken to be.
        points: of the surface, to be ``surface_points``.
        size: side of the networks' view in pixels.
        folder: for the faces.
        workers: threads that read photos.
        progress: called with photos done and their number.
    """
    training, held_out = _Kept(folder / "training"), _Kept(folder / "held_out")
    left_out: list[tuple[Path, str]] = []
    done = found = 0
    searched = search_photos(photos, fitter.detector, workers)
    for batch in batches(face_jobs(searched, None), 8):
        for job in fit_batch(batch, fitter):
            done += job.last
            fit, photo = job.reconstruction, job.source.photo
            if fit is None or photo is None:
                left_out.append((job.source.path, job.reason))
            elif fit.confidence < LEAST_CONFIDENCE:
                left_out.append((job.source.path, f"the fit is unsure ({fit.confidence:.2f})"))
            else:
                found += 1
                item = fitted_item(photo, fit, points, size, f"{job.source.path.name}/{job.number}")
                if found % HELD_OUT_EVERY == 0:
                    held_out.add(held_out_views(item))
                else:
                    training.add([item])
        progress(done, len(photos))
    return FittedFaces(training.faces(), held_out.faces(), tuple(left_out))


def fitted_item(photo: Photo, fit: Reconstruction, points: SurfacePoints, size: int, name: str) -> FaceItem:
    """A fitted face on its canvas, as synthetic ones are: points, masks and coefficients are the fit's."""
    canvas = canvas_transform(fit.landmarks68, size)
    between = _from_crop(fit.crop, canvas)
    shape = torch.from_numpy(fit.vertices)[None]
    placed = fit.camera.project_coefficients(points.of(shape), fit.coefficients)[0]
    at = canvas.to_crop(fit.crop.to_photo(placed.double().numpy()))
    c = fit.coefficients
    visible = np.round(255 * fit.mask_probability).astype(np.uint8)
    region = 255 * fit.region.astype(np.uint8)
    reached = between.inside((fit.crop.size, fit.crop.size))
    return FaceItem(
        name=name,
        seed=0,
        photo=cut(canvas, photo.rgb),
        landmarks=canvas.to_crop(fit.landmarks68).astype(np.float32),
        bounds=photo_bounds(canvas, photo.size),
        visible_face=cut(between, visible) * reached,
        face_region=cut(between, region) * reached,
        surface_points=at.astype(np.float32),
        coefficients=torch.cat([c.identity, c.expression, c.albedo, c.light.flatten(1)], dim=1)[0].numpy(),
    )


def held_out_views(item: FaceItem) -> Iterator[FaceItem]:
    """The face as it is, and behind covers, with the points and the mask that it had without."""
    yield item
    batch = collate([item] * (VIEWS_HELD_OUT - 1))
    faces = frame_middle(batch, batch.canvas)
    covered = cover_faces(faces, torch.arange(1, VIEWS_HELD_OUT), COVERED)
    assert covered.visible_face is not None
    for picture, visible in zip(covered.photo, covered.visible_face, strict=True):
        yield FaceItem(**(vars(item) | {"photo": _bytes(picture), "visible_face": _bytes(visible)[..., 0]}))


def _bytes(picture: torch.Tensor) -> np.ndarray:
    """``(C, S, S)`` in [0, 1] to ``(S, S, C)`` uint8."""
    return (255 * picture).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


def _from_crop(crop: CropTransform, canvas: CropTransform) -> CropTransform:
    """A crop's pixels on the canvas."""
    scale = canvas.scale / crop.scale
    offset = np.asarray(canvas.offset) - scale * np.asarray(crop.offset)
    return CropTransform(scale, (float(offset[0]), float(offset[1])), canvas.size)


class _Kept:
    """Items on their way to the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._waiting, self._written = folder, list[FaceItem](), 0

    def add(self, items: Iterator[FaceItem] | Sequence[FaceItem]) -> None:
        self._waiting += items
        if len(self._waiting) >= SHARD:
            self._write()

    def faces(self) -> DrawnFaces:
        """All of them."""
        if self._waiting:
            self._write()
        return DrawnFaces(self.folder, self._written)

    def _write(self) -> None:
        write_shard(self.folder, self._written, self._waiting)
        self._written += len(self._waiting)
        self._waiting = []
