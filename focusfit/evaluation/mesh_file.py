"""Reading meshes and landmarks of any method's predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import FocusfitError


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh.

    Attributes:
        vertices: ``(V, 3)``.
        triangles: ``(F, 3)`` indices from zero.
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]


def read_mesh(path: Path) -> Mesh:
    """Read an OBJ (polygons are cut into fans) or PLY file.

    Raises:
        FocusfitError: the file is missing, has no faces or cannot be understood.
    """
    try:
        mesh = _read_ply(path) if path.suffix.lower() == ".ply" else _read_obj(path)
    except Exception as error:  # damaged files make readers raise nearly anything
        raise FocusfitError(f"no readable mesh ({error})", file=path) from error
    if not len(mesh.triangles):
        raise FocusfitError("the mesh has no faces", file=path)
    used = mesh.vertices[mesh.triangles.clip(0, len(mesh.vertices) - 1)]
    if mesh.triangles.min() < 0 or mesh.triangles.max() >= len(mesh.vertices) or not np.isfinite(used).all():
        raise FocusfitError("faces name vertices that are not there or not finite", file=path)
    return mesh


def _read_obj(path: Path) -> Mesh:
    vertices: list[list[str]] = []
    triangles: list[list[int]] = []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("v "):
                vertices.append(line.split()[1:4])
            elif line.startswith("f "):
                numbers = [int(word.split("/", 1)[0]) for word in line.split()[1:]]
                triangles += _fan([n - 1 if n > 0 else len(vertices) + n for n in numbers])
    return Mesh(np.array(vertices, np.float64).reshape(-1, 3), np.array(triangles, np.int64).reshape(-1, 3))


def _fan(polygon: list[int]) -> list[list[int]]:
    return [[polygon[0], polygon[k], polygon[k + 1]] for k in range(1, len(polygon) - 1)]


def _read_ply(path: Path) -> Mesh:
    import trimesh

    mesh = trimesh.load_mesh(path, process=False)
    return Mesh(np.asarray(mesh.vertices, np.float64), np.asarray(mesh.faces, np.int64))


def read_points(path: Path, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Read points from lines of numbers (``.txt``, separated by blanks or commas) or a NumPy file (``.npy``).

    Raises:
        FocusfitError: the file is missing, or does not hold finite numbers of that shape.
    """
    try:
        if path.suffix == ".npy":
            points = np.load(path, allow_pickle=False).astype(np.float64)
        else:
            lines = path.read_text(encoding="utf-8").replace(",", " ").splitlines()
            points = np.array([[float(word) for word in line.split()] for line in lines if line.strip()])
    except (OSError, ValueError, TypeError) as error:
        raise FocusfitError(f"no readable points ({error})", file=path) from error
    if points.shape != shape or not np.isfinite(points).all():
        raise FocusfitError(f"not {shape[0]} lines of {shape[1]} finite numbers", file=path)
    return points
