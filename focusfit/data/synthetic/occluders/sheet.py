"""Sheets of cloth, paper and glass: surfaces over a grid, painted flat and then bent."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..posed_face import PosedFace
from .drawing import Array, Drawing, Mesh, gleam, lit, resolve, sample
from .kernels import look_up_bilinear


def grid_triangles(rows: int, columns: int) -> NDArray[np.int64]:
    """``(F, 3)`` of a grid of points whose rows run down and columns to the right, seen from where that is so."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    upper = np.column_stack([corner, corner + columns, corner + 1])
    lower = np.column_stack([corner + 1, corner + columns, corner + columns + 1])
    return np.concatenate([upper, lower])


def sheet_mesh(
    face: PosedFace, own: Array, texture_shape: tuple[int, ...], two_sided: bool = False, rows: slice = slice(None)
) -> Mesh:
    """A grid of points ``(R, C, 3)`` in the face's frame, spanned by the whole texture; only ``rows`` of it."""
    down = np.linspace(0, texture_shape[0] - 1, own.shape[0])[rows]
    v, u = np.meshgrid(down, np.linspace(0, texture_shape[1] - 1, own.shape[1]), indexing="ij")
    camera = face.to_camera(own[rows].reshape(-1, 3).astype(np.float32))
    return Mesh(camera, grid_triangles(*u.shape), np.column_stack([u.ravel(), v.ravel()]), two_sided)


def draw_sheet(
    face: PosedFace, mesh: Mesh, paint: Array, tolerance: float = np.inf, shine: float = 0.0, sharpness: float = 30.0
) -> Drawing:
    """A painted, lit sheet.

    Args:
        face: before which it hangs.
        mesh: of :func:`sheet_mesh`.
        paint: ``(H, W, 4)`` sRGB albedo and opacity.
        tolerance: see :func:`focusfit.data.synthetic.occluders.drawing.sample`.
        shine: strength of its mirror-like reflection.
        sharpness: of that reflection.
    """
    samples = sample(face, mesh, tolerance)
    found = look_up(paint, samples.attributes)
    colour = found[:, :3] * lit(face, samples.normals)
    if shine > 0:
        colour += shine * gleam(face, samples.normals, sharpness)[:, None]
    return resolve(face, samples, colour, found[:, 3])


def look_up(paint: Array, place: Array) -> Array:
    """``(N, C)`` of ``paint (H, W, C)`` at ``place (N, 2)`` x, y in its pixels, bilinear."""
    out = np.empty((len(place), paint.shape[2]), np.float32)
    look_up_bilinear(np.ascontiguousarray(paint, np.float32), np.ascontiguousarray(place, np.float32), out)
    return out


def fill(shape: tuple[int, int], outline: Array) -> Array:
    """``(H, W)`` coverage in [0, 1] of a closed polygon ``(P, 2)`` x, y."""
    out = np.zeros(shape, np.uint8)
    cv2.fillPoly(out, [np.rint(np.asarray(outline) * 64).astype(np.int32)], 255, cv2.LINE_AA, 6)
    return out.astype(np.float32) / 255


def stroke(shape: tuple[int, int], line: Array, width: float, closed: bool = False) -> Array:
    """``(H, W)`` coverage in [0, 1] of a polyline ``(P, 2)`` drawn ``width`` pixels wide."""
    out = np.zeros(shape, np.uint8)
    points = [np.rint(np.asarray(line) * 64).astype(np.int32)]
    cv2.polylines(out, points, closed, 255, max(round(width), 1), cv2.LINE_AA, 6)
    return out.astype(np.float32) / 255


def smooth_outline(points: Array, per_side: int = 10) -> Array:
    """A closed smooth curve ``(P * per_side, 2)`` through ``points (P, 2)`` (Catmull and Rom's spline)."""
    t = np.linspace(0, 1, per_side, endpoint=False)[:, None, None]
    before, after, beyond = (np.roll(points, shift, axis=0) for shift in (1, -1, -2))
    curve = 0.5 * (
        2 * points
        + (after - before) * t
        + (2 * before - 5 * points + 4 * after - beyond) * t**2
        + (3 * points - before - 3 * after + beyond) * t**3
    )
    return np.asarray(curve.transpose(1, 0, 2).reshape(-1, points.shape[1]))
