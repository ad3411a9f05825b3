"""Cached crops as a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ...detection.photo import read_photo
from ...detection.photo_list import FACE_REGION, VISIBLE_MASK
from ..canvas import cut
from ..face_batch import FaceItem
from .crop_cache import CachedCrop, CropCache


class PhotoFaces(Dataset[FaceItem]):
    """The faces of a cache; pixels stay on disk until they are asked for.

    Args:
        cache: what :func:`build_crop_cache` found.
        with_truth: also read the true masks that lie beside the photos; for validation, training never looks at them.
    """

    def __init__(self, cache: CropCache, with_truth: bool = False) -> None:
        self.cache = cache
        self.with_truth = with_truth
        self._shards: dict[Path, NDArray[np.uint8]] = {}

    def __len__(self) -> int:
        return len(self.cache.faces)

    def __getitem__(self, index: int) -> FaceItem:
        """Item ``index``; an index with an attribute ``seed`` hands that on for the augmentation."""
        face, crop = self.cache.faces[index], self.cache.crops[index]
        return FaceItem(
            name=face.name,
            seed=getattr(index, "seed", int(index)),
            photo=np.array(self._shard(crop.shard)[crop.row]),
            landmarks=crop.landmarks,
            bounds=crop.bounds,
            visible_face=self._mask(face.path, crop, VISIBLE_MASK),
            face_region=self._mask(face.path, crop, FACE_REGION),
        )

    def _mask(self, photo: Path, crop: CachedCrop, ending: str) -> NDArray[np.uint8] | None:
        path = photo.with_name(photo.stem + ending)
        if not self.with_truth or not path.is_file():
            return None
        mask = read_photo(path).rgb[..., 0]
        return cut(crop.canvas, np.ascontiguousarray(mask))

    def _shard(self, path: Path) -> NDArray[np.uint8]:
        if path not in self._shards:
            self._shards[path] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._shards[path]

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_shards": {}}  # a worker process maps the files itself
