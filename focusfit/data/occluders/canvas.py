"""Painting in front of a face: a finely sampled patch in the face's own coordinates, and its way into the photo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

REACH = 1.5
"""Half the side of the patch in face units."""

FINEST = 420
"""Most samples along the patch's side."""


@dataclass(frozen=True, eq=False)
class FaceCanvas:
    """Coordinates fixed to a face: origin between eyes and mouth, x along the eyes, y down the face.

    X grows to the image's right. One unit is about the height from brows to chin.

    Attributes:
        landmarks: ``(68, 2)`` iBUG points in face units.
        origin: ``(2,)`` photo pixels.
        axes: ``(2, 2)`` photo pixels per unit of x and of y, in columns.
        samples: along each side of the patch.
        skin: ``(3,)`` the face's own skin colour, RGB in [0, 1].
        rng: for whatever varies.
    """

    landmarks: Array
    origin: Array
    axes: Array
    samples: int
    skin: Array
    rng: np.random.Generator

    @classmethod
    def on(cls, rgb: NDArray[np.uint8], landmarks: Array, rng: np.random.Generator) -> FaceCanvas:
        """The canvas of the face with iBUG points ``landmarks (68, 2)`` in the photo ``rgb (H, W, 3)`` uint8."""
        eyes = landmarks[36:48].mean(0)
        mouth = landmarks[48:60].mean(0)
        along = landmarks[42:48].mean(0) - landmarks[36:42].mean(0)
        # In profile the eyes nearly coincide; then the line from eyes to mouth says where the face points.
        down = mouth - eyes
        along = along / np.linalg.norm(down) + 0.3 * np.array([down[1], -down[0]]) / np.linalg.norm(down)
        along = along / np.linalg.norm(along)
        unit = 1.85 * max(np.linalg.norm(down), 0.8 * np.linalg.norm(landmarks[45] - landmarks[36]))
        axes = unit * np.stack([along, [-along[1], along[0]]], axis=1)
        origin = (eyes + mouth) / 2
        samples = int(np.clip(2 * REACH * unit * 1.5, 120, FINEST))
        placed = (landmarks - origin) @ np.linalg.inv(axes).T
        return cls(placed, origin, axes, samples, skin_colour(rgb, landmarks), rng)

    @cached_property
    def grid(self) -> Array:
        """``(N, N, 2)`` face coordinates of the patch's samples."""
        line = (np.arange(self.samples) + 0.5) / self.samples * 2 * REACH - REACH
        return np.stack(np.meshgrid(line, line), axis=-1)

    def fill(self, outline: Array) -> Array:
        """``(N, N)`` coverage in [0, 1] of a closed polygon ``(P, 2)`` in face units."""
        shift = 6
        pixels = (outline + REACH) / (2 * REACH) * self.samples - 0.5
        patch = np.zeros((self.samples, self.samples), np.uint8)
        cv2.fillPoly(patch, [np.rint(pixels * 2**shift).astype(np.int32)], 255, cv2.LINE_AA, shift)
        return patch / 255.0

    def edge(self, distance: Array) -> Array:
        """Coverage in [0, 1] from a signed distance in face units, negative inside: one sample of softness."""
        sample = 2 * REACH / self.samples
        return np.clip(0.5 - distance / sample, 0, 1)

    def noise(self, smoothness: float) -> Array:
        """``(N, N)`` noise of unit deviation, smooth over ``smoothness`` face units."""
        cells = int(np.clip(2 * REACH / smoothness, 4, self.samples))
        coarse = self.rng.standard_normal((cells, cells))
        raw = cv2.resize(coarse, (self.samples, self.samples), interpolation=cv2.INTER_CUBIC)
        return raw / raw.std()


@dataclass(frozen=True, eq=False)
class Layer:
    """What is painted on a canvas.

    Attributes:
        colour: ``(N, N, 3)`` RGB in [0, 1].
        cover: ``(N, N)`` opacity in [0, 1].
    """

    colour: Array
    cover: Array

    def over(self, below: Layer) -> Layer:
        """This layer in front of another one."""
        cover = self.cover + below.cover * (1 - self.cover)
        mixed = self.colour * self.cover[..., None] + (below.colour * below.cover[..., None]) * (
            1 - self.cover[..., None]
        )
        return Layer(mixed / np.maximum(cover, 1e-9)[..., None], cover)


@dataclass(frozen=True, eq=False)
class OccludedPhoto:
    """A photo with something painted over a face.

    Attributes:
        rgb: ``(H, W, 3)`` uint8.
        covered: ``(H, W)`` uint8, 255 where the occluder is; its shadow does not count.
    """

    rgb: NDArray[np.uint8]
    covered: NDArray[np.uint8]


def composite(rgb: NDArray[np.uint8], canvas: FaceCanvas, layer: Layer, shadow: float = 0.3) -> OccludedPhoto:
    """Put a layer into the photo, with a soft shadow on what lies around it."""
    picture, covered = rgb.copy(), np.zeros(rgb.shape[:2], np.uint8)
    corners = canvas.origin + np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)]) * REACH @ canvas.axes.T
    left, top = np.floor(corners.min(0)).astype(int).clip(0, rgb.shape[1::-1])
    right, bottom = np.ceil(corners.max(0)).astype(int).clip(0, rgb.shape[1::-1])
    if left >= right or top >= bottom:
        return OccludedPhoto(picture, covered)
    window = (slice(top, bottom), slice(left, right))
    painted = _in_photo(canvas, layer, np.array([left, top]), (int(right - left), int(bottom - top)))
    cover = painted[..., 3]
    unit = float(np.linalg.norm(canvas.axes[:, 0]))
    dark = cv2.GaussianBlur(cover, (0, 0), max(0.05 * unit, 0.5))
    shift = np.array([[1, 0, 0.02 * unit], [0, 1, 0.04 * unit]])
    dark = shadow * cv2.warpAffine(dark, shift, dark.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    ground = picture[window].astype(np.float32) / 255 * (1 - dark)[..., None]
    mixed = ground * (1 - cover)[..., None] + painted[..., :3]
    picture[window] = np.rint(np.clip(mixed, 0, 1) * 255)
    covered[window] = np.where(cover >= 0.5, 255, 0)
    return OccludedPhoto(picture, covered)


def _in_photo(
    canvas: FaceCanvas, layer: Layer, corner: NDArray[np.int64], size: tuple[int, int]
) -> NDArray[np.float32]:
    """The layer in a window of the photo: ``(H, W, 4)`` colour times opacity, and opacity."""
    per_sample = canvas.axes * (2 * REACH / canvas.samples)
    start = canvas.origin - corner + canvas.axes @ np.full(2, -REACH) + per_sample @ np.full(2, 0.5)
    painted = np.dstack([layer.colour * layer.cover[..., None], layer.cover]).astype(np.float32)
    ratio = 1 / float(np.linalg.norm(per_sample[:, 0]))
    if ratio > 1:  # the patch is finer than the photo: blurred to the photo's resolution first
        painted = np.asarray(cv2.GaussianBlur(painted, (0, 0), 0.45 * ratio), np.float32)
    placed = cv2.warpAffine(painted, np.column_stack([per_sample, start]), size, flags=cv2.INTER_LINEAR)
    return np.asarray(placed, np.float32)


def skin_colour(rgb: NDArray[np.uint8], landmarks: Array) -> Array:
    """Median colour of cheeks and nose, RGB in [0, 1]."""
    points = np.stack([(landmarks[31] + landmarks[2]) / 2, (landmarks[35] + landmarks[14]) / 2, landmarks[29]])
    reach = max(int(0.06 * np.linalg.norm(landmarks[8] - landmarks[27])), 1)
    patches = []
    for x, y in np.rint(points).astype(int):
        x, y = int(np.clip(x, 0, rgb.shape[1] - 1)), int(np.clip(y, 0, rgb.shape[0] - 1))
        patches.append(rgb[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].reshape(-1, 3))
    return np.median(np.concatenate(patches), axis=0) / 255.0


def smooth_outline(points: Array, count: int = 160) -> Array:
    """A closed smooth curve ``(count, 2)`` through ``points (P, 2)``."""
    from scipy.interpolate import CubicSpline

    closed = np.vstack([points, points[:1]])
    # Centripetal parameters keep the curve from looping where points are unevenly spaced.
    steps = np.sqrt(np.linalg.norm(np.diff(closed, axis=0), axis=1)) + 1e-6
    knots = np.concatenate([[0], np.cumsum(steps)])
    return CubicSpline(knots, closed, bc_type="periodic")(np.linspace(0, knots[-1], count, endpoint=False))


def capsule(
    grid: Array, start: Array, end: Array, start_radius: float, end_radius: float
) -> tuple[Array, Array, Array]:
    """A tapered limb from ``start`` to ``end``.

    Returns:
        Signed distance to its outline (negative inside), the radius there, and the position along it in [0, 1].
    """
    axis = end - start
    along = np.clip(((grid - start) @ axis) / (axis @ axis), 0, 1)
    radius = start_radius + along * (end_radius - start_radius)
    return np.linalg.norm(grid - start - along[..., None] * axis, axis=-1) - radius, radius, along
