"""The faces that a step trains and validates on: photos, synthetic ones, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch.utils.data import Dataset

from ..data.face_batch import FaceItem
from ..data.mixture import MixedFaces
from ..data.occluders import OCCLUDERS, occlude
from ..data.photos.crop_cache import build_crop_cache
from ..data.photos.dataset import PhotoFaces
from ..data.photos.detected import DetectedLandmarks, write_landmark_table
from ..data.photos.listing import FaceList, PhotoProblem, Split, divide, has_table, list_faces
from ..errors import TrainingError
from ..facemodel.morphable import MorphableModel
from .config import TrainingConfig

Say = Callable[[str], None]

FIRST_TRAINING_PHOTO = 1_000_000
"""Number of the synthetic world's photo from which on photos are trained on; earlier ones validate."""

DETECTED_TABLE = "landmarks_in_photos.csv"
"""Detected points in photo pixels, for people to read; no name that a folder of photos is searched for."""

ENDLESS = 1 << 40
"""Photos that a synthetic world has."""

SYNTHETIC_EPOCH = 10_000
"""Photos that make an epoch where all are synthetic."""

PHOTO_PER_VIEW = 1.45
"""Side of a synthetic photo over that of the networks' view: its face is then no smaller than in the view."""


@dataclass(frozen=True)
class FaceSource:
    """Where faces come from.

    Attributes:
        img_path: folder of photos, see :mod:`focusfit.data.photos.listing`; None for synthetic ones alone.
        crops: folder of the crop cache.
        detections: table of landmarks found in photos that come without.
        workers: threads that read photos.
        rank: of this process among those that train together.
        say: told what takes its time.
    """

    img_path: Path | None
    crops: Path
    detections: Path
    workers: int = 2
    rank: int = 0
    say: Say = print


@dataclass(frozen=True)
class TrainingFaces:
    """A step's faces.

    Attributes:
        training: with synthetic ones mixed in.
        validation: in a fixed order; with the truth where it is known.
        problems: photos left out, with reasons.
    """

    training: Dataset[FaceItem]
    validation: Dataset[FaceItem]
    problems: tuple[PhotoProblem, ...]


def gather_faces(source: FaceSource, config: TrainingConfig, model: MorphableModel) -> TrainingFaces:
    """Data sets of a run; photos are decoded and cut on the first call, later ones find the crops.

    Raises:
        TrainingError: neither photos nor synthetic ones are asked for.
        FocusfitError: the photos' folder or tables cannot be used.
    """
    share, size = config.data.synthetic_share, config.networks.encoder.size
    if source.img_path is None and share == 0:
        raise TrainingError(
            "there are no photos", remedy="Name their folder with --img_path, or set data.synthetic_share above 0."
        )
    training: list[Dataset[FaceItem]] = []
    validation: list[Dataset[FaceItem]] = []
    problems: dict[PhotoProblem, None] = {}
    if source.img_path is not None and share < 1:
        parts: tuple[tuple[Split, list[Dataset[FaceItem]]], ...] = (("train", training), ("val", validation))
        for split, sets in parts:
            photos, left_out = photo_faces(source, split, size)
            sets.append(photos)
            problems |= dict.fromkeys(left_out)
    first = SYNTHETIC_EPOCH if not training else None
    if share > 0:
        seed = config.step1.engine.seed
        training.append(_synthetic(size, seed, FIRST_TRAINING_PHOTO, ENDLESS, model))
        if config.data.synthetic_validation:
            validation.append(KeptFaces(_synthetic(size, seed, 0, config.data.synthetic_validation, model)))
    if not validation:
        raise TrainingError("there are no photos to validate on", remedy="Set data.synthetic_share below 1.")
    shares = [1 - share, share] if len(training) == 2 else [1.0]
    lengths = [float(len(each)) for each in validation]  # type: ignore[arg-type]
    return TrainingFaces(MixedFaces(training, shares, first), MixedFaces(validation, lengths), tuple(problems))


def photo_faces(source: FaceSource, split: Split, size: int) -> tuple[PhotoFaces, tuple[PhotoProblem, ...]]:
    """The photos of a split, cropped, and those that were left out.

    Raises:
        FocusfitError: the folder or its tables cannot be used, or none of the photos can be read.
    """
    listed = _listed(source, split)
    progress = _progress(source.say, f"{split} photos: crops")
    cache = build_crop_cache(listed.faces, size, source.crops, source.workers, progress, source.rank)
    problems = (*listed.problems, *cache.problems)
    if not cache.faces:
        first = f" ({problems[0].name}: {problems[0].reason})" if problems else ""
        raise TrainingError(f"none of the {split} photos can be used{first}", file=source.img_path)
    return PhotoFaces(cache, with_truth=split != "train"), problems


def _listed(source: FaceSource, split: Split) -> FaceList:
    assert source.img_path is not None
    if has_table(source.img_path):
        return list_faces(source.img_path, split)
    from ..detection.registry import DEFAULT, default_detector

    detections = DetectedLandmarks(source.detections, default_detector, DEFAULT)
    listed = detections.list_faces(source.img_path, source.workers, _progress(source.say, "landmarks"))
    write_landmark_table(listed.faces, source.detections.with_name(DETECTED_TABLE))
    return divide(listed, split)


def _progress(say: Say, what: str) -> Callable[[int, int], None]:
    """Told at every tenth of the way, if it is a long one."""
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // max(total, 1)
        if tenth > told and total >= 200:
            say(f"{what}: {done} of {total}")
        told = tenth

    return progress


def _synthetic(size: int, seed: int, first: int, count: int, model: MorphableModel) -> Dataset[FaceItem]:
    from ..data.synthetic.config import SyntheticConfig
    from ..data.synthetic.dataset import SyntheticFaces
    from ..data.synthetic.world import SyntheticWorld
    from ..facemodel.load import load_face_model

    world = SyntheticWorld(SyntheticConfig(size=round(PHOTO_PER_VIEW * size), seed=seed))
    faces = SyntheticFaces(world, count, size, first)
    return faces if load_face_model().sha256 == model.sha256 else OtherModelsFaces(faces)


class OtherModelsFaces(Dataset[FaceItem]):
    """Faces whose true shape and coefficients belong to another face model than the one that is trained: left out."""

    def __init__(self, faces: Dataset[FaceItem]) -> None:
        self.faces = faces

    def __len__(self) -> int:
        return len(self.faces)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> FaceItem:
        """Item ``index``."""
        return replace(self.faces[index], neutral=None, surface_points=None, coefficients=None)


class KeptFaces(Dataset[FaceItem]):
    """Faces that are made once and kept; for the few that validate."""

    def __init__(self, faces: Dataset[FaceItem]) -> None:
        self.faces = faces
        self._kept: dict[int, FaceItem] = {}

    def __len__(self) -> int:
        return len(self.faces)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> FaceItem:
        """Item ``index``."""
        place = int(index)
        if place not in self._kept:
            self._kept[place] = self.faces[place]
        return self._kept[place]


def occluded_item(item: FaceItem, seed: int) -> FaceItem:
    """A face with something painted over it; its mask is then known but for what covered the face before."""
    kinds = list(OCCLUDERS)
    painted = occlude(item.photo, item.landmarks.astype(np.float64), kinds[seed % len(kinds)], seed)
    return replace(item, photo=painted.rgb, visible_face=255 - painted.covered)
