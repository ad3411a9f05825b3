"""Cached crops as a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ..face_batch import FaceItem
from .crop_cache import CropCache


class PhotoFaces(Dataset[FaceItem]):
    """The faces of a cache; pixels stay on disk until they are asked for.

    Args:
        cache: what :func:`build_crop_cache` found.
    """

    def __init__(self, cache: CropCache) -> None:
        self.cache = cache
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
        )

    def _shard(self, path: Path) -> NDArray[np.uint8]:
        if path not in self._shards:
            self._shards[path] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._shards[path]

    def __getstate__(self) -> dict[str, object]:
        return {"cache": self.cache, "_shards": {}}  # a worker process maps the files itself
