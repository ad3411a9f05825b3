"""The synthetic world as an endless supply of training faces."""

from __future__ import annotations

import numpy as np
from torch.utils.data import Dataset

from ...facemodel.morphable import SurfacePoints
from ..canvas import canvas_transform, cut, photo_bounds
from ..face_batch import FaceItem
from .photo import SyntheticPhoto
from .world import SyntheticWorld


class SyntheticFaces(Dataset[FaceItem]):
    """Photos of a world, made when they are asked for and cut out as real photos are.

    Worker processes build their own copy of the world; every item depends on the world's seed and its number alone.
    An item's ``coefficients`` are identity, expression, albedo and light (3 x 9, row by row), one after the other.

    Args:
        world: where the photos come from.
        count: number of items.
        size: side in pixels of the networks' view; the canvas is larger by its margin.
        first: number of the world's photo that is item 0.
        points: of which the pixels are wanted as ``surface_points``.
    """

    def __init__(
        self, world: SyntheticWorld, count: int, size: int, first: int = 0, points: SurfacePoints | None = None
    ) -> None:
        self.world = world
        self.count = count
        self.size = size
        self.first = first
        self.points = points

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> FaceItem:
        """Item ``index``; an index with an attribute ``seed`` hands that on for the augmentation."""
        if not 0 <= index < self.count:
            raise IndexError(index)
        photo = self.world.photo(self.first + int(index))
        canvas = canvas_transform(photo.landmarks, self.size)
        side = photo.rgb.shape[0]
        return FaceItem(
            name=f"synthetic/{self.world.config.seed}/{self.first + int(index)}",
            seed=getattr(index, "seed", int(index)),
            photo=cut(canvas, photo.rgb),
            landmarks=canvas.to_crop(photo.landmarks).astype(np.float32),
            bounds=photo_bounds(canvas, (side, side)),
            visible_face=cut(canvas, photo.visible_face),
            face_region=cut(canvas, photo.face_region),
            neutral=photo.neutral_vertices,
            surface_points=None if self.points is None else canvas.to_crop(self._surface(photo)).astype(np.float32),
            coefficients=np.concatenate([photo.identity, photo.expression, photo.albedo, photo.light.ravel()]),
        )

    def _surface(self, photo: SyntheticPhoto) -> np.ndarray:
        assert self.points is not None
        corners = photo.posed_vertices[self.points.vertices.numpy()]
        placed = (corners * self.points.weights.numpy()[..., None]).sum(1)
        return photo.focal * placed[:, :2] / placed[:, 2:] + photo.centre
