"""Things without a name: blobs, cards and cut-outs with any texture, somewhere before the face."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, Drawing
from .shadow import cast
from .sheet import fill
from .texture import random_colour, random_texture


def textured_shape(face: PosedFace, rng: Generator) -> Layer:
    """A smooth random outline filled with a natural texture, roughly lit."""
    return paste(face, rng, random_texture(rng, 128), blob(face, rng), "textured_shape")


def card(face: PosedFace, rng: Generator) -> Layer:
    """A flat quadrilateral of one colour or with something on it."""
    centre, reach = somewhere(face, rng), typical_reach(face, rng)
    angle, squash = rng.uniform(0, np.pi), rng.uniform(0.4, 1.0)
    corners = np.array([(-1, -squash), (1, -squash), (1, squash), (-1, squash)]) * reach
    corners += rng.normal(0, 0.08 * reach, (4, 2))
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    cover = fill((face.size, face.size), corners @ turn.T + centre)
    if rng.random() < 0.5:
        texture = np.broadcast_to(random_colour(rng), (8, 8, 3)).astype(np.float32)
    else:
        texture = random_texture(rng, 128)
    return paste(face, rng, texture, cover, "card")


def paste(face: PosedFace, rng: Generator, texture: Array, cover: Array, kind: str) -> Layer:
    """``texture`` stretched over what ``cover (S, S)`` covers, a little before the face, with its shadow."""
    size = face.size
    ys, xs = np.nonzero(cover > 0.01)
    colour = np.zeros((size, size, 3), np.float32)
    if len(xs):
        top, left, bottom, right = ys.min(), xs.min(), ys.max() + 1, xs.max() + 1
        stretched = cv2.resize(texture, (int(right - left), int(bottom - top)), interpolation=cv2.INTER_AREA)
        colour[top:bottom, left:right] = stretched * _soft_light(face, rng, cover[top:bottom, left:right])
    gap = rng.uniform(4, 60)
    depth = np.where(cover > 0.5, nearest_depth(face) - gap, np.inf).astype(np.float32)
    soft = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.4, 0.9) if rng.random() < 0.85 else rng.uniform(1, 4))
    return cast(face, Drawing(np.clip(colour, 0, 1), soft, depth), rng, kind)


def _soft_light(face: PosedFace, rng: Generator, cover: Array) -> Array:
    """``(h, w, 3)`` light on a body that bulges by some amount, or on a flat one."""
    flat = np.clip(face.light[:, 0] * 0.2821 + face.light[:, 2] * 0.4886 + face.light[:, 6] * 0.63, 0.2, 1.3)
    if rng.random() < 0.35:
        return np.broadcast_to(flat, (*cover.shape, 3))
    from .drawing import lit

    padded = cv2.copyMakeBorder(cover, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.distanceTransform((padded > 0.5).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    reach = max(float(inner.max()), 1.0)
    height = reach * np.sqrt(np.clip(1 - (1 - np.clip(inner / (0.8 * reach), 0, 1)) ** 2, 0, 1))
    height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), max(0.06 * reach, 0.8)) * rng.uniform(0.3, 1.0)
    slope_y, slope_x = np.gradient(height)
    normals = np.dstack([-slope_x, slope_y, np.ones_like(height)]).reshape(-1, 3).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return lit(face, normals).reshape(*cover.shape, 3)


def blob(face: PosedFace, rng: Generator) -> Array:
    """``(S, S)`` coverage of a random smooth outline somewhere on the face."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    radius = np.ones_like(angle)
    for k in range(2, 7):
        radius += rng.normal(0, 0.42 / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.25, 2) * typical_reach(face, rng)
    turn, squash = rng.uniform(0, np.pi), rng.uniform(0.4, 1)
    x, y = radius * np.cos(angle), squash * radius * np.sin(angle)
    outline = np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
    return fill((face.size, face.size), outline + somewhere(face, rng))


def somewhere(face: PosedFace, rng: Generator) -> Array:
    """``(2,)`` pixel that the face is hidden around: lower half, an eye, one side, or anywhere."""
    points = face.landmarks_px
    targets = (points[[48, 54, 57, 33]].mean(0), points[36:42].mean(0), points[42:48].mean(0), points[3], points[13],
               points[8], points[27], points[30], points[rng.integers(68)])  # fmt: skip
    chosen = targets[rng.choice(len(targets), p=[0.22, 0.08, 0.08, 0.12, 0.12, 0.1, 0.08, 0.08, 0.12])]
    return np.asarray(chosen + rng.normal(0, 0.12 * face_height(face), 2), np.float32)


def typical_reach(face: PosedFace, rng: Generator) -> float:
    """Half the size in pixels of an occluder: mostly a third of the face, rarely nearly all of it."""
    share = rng.uniform(0.55, 0.9) if rng.random() < 0.08 else 0.1 + 0.42 * rng.beta(1.6, 2.2)
    return float(share * face_height(face))


def face_height(face: PosedFace) -> float:
    """Pixels from brows to chin, foreshortening apart."""
    extent = np.ptp(face.landmarks_px, axis=0)
    return float(max(extent.max(), 8.0))


def nearest_depth(face: PosedFace) -> float:
    """Mm from the camera to the face's nearest point."""
    return float(face.vertices_camera[:, 2].min())
