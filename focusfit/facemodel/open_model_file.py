"""The file of the open face model: one ``.npz`` of plain arrays, no pickles."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import FaceModelError
from .morphable import MorphableModel, SurfacePoints

SCHEMA = "focusfit-open-model-1"
ZIP_TIME = (2020, 1, 1, 0, 0, 0)
"""Fixed time stamp, so that equal content gives equal bytes."""

REQUIRED = (
    "schema name shape_mean identity_basis expression_basis albedo_mean albedo_basis triangles mirror uv "
    "region_names regions landmark_schemes"
).split()


@dataclass(frozen=True, eq=False)
class LandmarkTable:
    """One scheme's points on the surface.

    Attributes:
        vertices: ``(L, 3)`` of the triangle.
        weights: ``(L, 3)`` barycentric.
        deviation: ``(L,)`` mm, how far the scheme's detector strays from each point, where that was measured.
    """

    vertices: NDArray
    weights: NDArray
    deviation: NDArray | None = None


@dataclass(frozen=True, eq=False)
class OpenModelArrays:
    """Everything that the file holds.

    Attributes:
        name: of the model.
        shape_mean: ``(V, 3)`` mm.
        identity_basis: ``(V, 3, Ki)`` mm per standard deviation.
        expression_basis: ``(V, 3, Ke)`` likewise.
        albedo_mean: ``(V, 3)`` sRGB.
        albedo_basis: ``(V, 3, Ka)`` sRGB per standard deviation.
        triangles: ``(F, 3)``.
        mirror: ``(V,)``.
        uv: ``(V, 2)``.
        regions: boolean ``(V,)`` by name.
        landmarks: by scheme.
        action_names: names of the facial actions (ARKit's).
        actions: ``(U, V, 3)`` mm, one full action each.
        maps: painted maps ``(V,)`` in [0, 1] by name, for painting complexions.
        pigment_names: names of the columns of ``pigments``.
        pigments: ``(N, P)`` the sampled population of complexions.
    """

    name: str
    shape_mean: NDArray
    identity_basis: NDArray
    expression_basis: NDArray
    albedo_mean: NDArray
    albedo_basis: NDArray
    triangles: NDArray
    mirror: NDArray
    uv: NDArray
    regions: Mapping[str, NDArray]
    landmarks: Mapping[str, LandmarkTable]
    action_names: tuple[str, ...] = ()
    actions: NDArray = field(default_factory=lambda: np.zeros((0, 0, 3)))
    maps: Mapping[str, NDArray] = field(default_factory=dict)
    pigment_names: tuple[str, ...] = ()
    pigments: NDArray = field(default_factory=lambda: np.zeros((0, 0)))


def write_open_model(path: str | Path, model: OpenModelArrays) -> None:
    """Write the model; equal arrays give equal bytes."""
    half, single = np.float16, np.float32
    arrays: dict[str, NDArray] = {
        "schema": np.array(SCHEMA),
        "name": np.array(model.name),
        "shape_mean": model.shape_mean.astype(single),
        "identity_basis": model.identity_basis.astype(half),
        "expression_basis": model.expression_basis.astype(half),
        "albedo_mean": model.albedo_mean.astype(single),
        "albedo_basis": model.albedo_basis.astype(half),
        "triangles": model.triangles.astype(np.int32),
        "mirror": model.mirror.astype(np.int32),
        "uv": model.uv.astype(single),
        "region_names": np.array(list(model.regions)),
        "regions": np.stack(list(model.regions.values())).astype(bool),
        "landmark_schemes": np.array(list(model.landmarks)),
        "action_names": np.array(model.action_names),
        "actions": model.actions.astype(half),
        "map_names": np.array(list(model.maps)),
        "maps": np.stack(list(model.maps.values())).astype(half) if model.maps else np.zeros((0, 0), half),
        "pigment_names": np.array(model.pigment_names),
        "pigments": model.pigments.astype(single),
    }
    for scheme, table in model.landmarks.items():
        arrays[f"landmarks_{scheme}_vertices"] = table.vertices.astype(np.int32)
        arrays[f"landmarks_{scheme}_weights"] = table.weights.astype(single)
        if table.deviation is not None:
            arrays[f"landmarks_{scheme}_deviation"] = table.deviation.astype(single)
    target = Path(path)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array, order="C"), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())
    partial.replace(target)


def read_open_model_arrays(path: str | Path) -> OpenModelArrays:
    """Everything in the file, the extras for synthetic data included.

    Raises:
        FaceModelError: the file is missing, damaged, or of another kind.
    """
    path = Path(path)
    arrays = _load(path)
    missing = [key for key in REQUIRED if key not in arrays]
    if missing:
        raise FaceModelError(f"lacks the arrays {', '.join(missing)}", file=path, remedy=REBUILD)
    if str(arrays["schema"]) != SCHEMA:
        raise FaceModelError(f"has schema {str(arrays['schema'])!r} instead of {SCHEMA!r}", file=path, remedy=REBUILD)
    count = len(arrays["shape_mean"])
    for key in ("identity_basis", "expression_basis", "albedo_mean", "albedo_basis", "mirror", "uv"):
        if len(arrays[key]) != count:
            rows = len(arrays[key])
            raise FaceModelError(f"holds {rows} rows of {key} for {count} vertices", file=path, remedy=REBUILD)
    if arrays["triangles"].min() < 0 or arrays["triangles"].max() >= count:
        raise FaceModelError(f"has triangles beyond its {count} vertices", file=path, remedy=REBUILD)
    schemes = [str(s) for s in arrays["landmark_schemes"]]
    return OpenModelArrays(
        name=str(arrays["name"]),
        shape_mean=arrays["shape_mean"],
        identity_basis=arrays["identity_basis"],
        expression_basis=arrays["expression_basis"],
        albedo_mean=arrays["albedo_mean"],
        albedo_basis=arrays["albedo_basis"],
        triangles=arrays["triangles"],
        mirror=arrays["mirror"],
        uv=arrays["uv"],
        regions={str(n): mask for n, mask in zip(arrays["region_names"], arrays["regions"], strict=True)},
        landmarks={scheme: _landmark_table(arrays, scheme, path) for scheme in schemes},
        action_names=tuple(str(n) for n in arrays.get("action_names", ())),
        actions=arrays.get("actions", np.zeros((0, 0, 3))),
        maps={str(n): m for n, m in zip(arrays.get("map_names", ()), arrays.get("maps", ()), strict=True)},
        pigment_names=tuple(str(n) for n in arrays.get("pigment_names", ())),
        pigments=arrays.get("pigments", np.zeros((0, 0))),
    )


def _landmark_table(arrays: dict[str, NDArray], scheme: str, path: Path) -> LandmarkTable:
    stem = f"landmarks_{scheme}_"
    for part in ("vertices", "weights"):
        if stem + part not in arrays:
            raise FaceModelError(f"lacks the array {stem}{part}", file=path, remedy=REBUILD)
    return LandmarkTable(arrays[stem + "vertices"], arrays[stem + "weights"], arrays.get(stem + "deviation"))


REBUILD = "Rebuild it with `focusfit model build`, or give another model file."


def _load(path: Path) -> dict[str, NDArray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except FileNotFoundError as error:
        raise FaceModelError("does not exist", file=path, remedy=REBUILD) from error
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise FaceModelError(f"is not a readable open-model file ({error})", file=path, remedy=REBUILD) from error


def read_open_model(path: str | Path) -> MorphableModel:
    """The face model of an open-model file.

    Raises:
        FaceModelError: the file is missing, damaged, or of another kind.
    """
    arrays = read_open_model_arrays(path)

    def real(values: NDArray) -> torch.Tensor:
        return torch.from_numpy(values.astype(np.float32))

    def whole(values: NDArray) -> torch.Tensor:
        return torch.from_numpy(values.astype(np.int64))

    def points(table: LandmarkTable) -> SurfacePoints:
        deviation = None if table.deviation is None else real(table.deviation)
        return SurfacePoints(whole(table.vertices), real(table.weights), deviation)

    return MorphableModel(
        name=arrays.name,
        sha256=hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        shape_mean=real(arrays.shape_mean),
        identity_basis=real(arrays.identity_basis),
        expression_basis=real(arrays.expression_basis),
        albedo_mean=real(arrays.albedo_mean),
        albedo_basis=real(arrays.albedo_basis),
        triangles=whole(arrays.triangles),
        landmarks={name: points(table) for name, table in arrays.landmarks.items()},
        mirror=whole(arrays.mirror),
        uv=real(arrays.uv),
        regions={name: torch.from_numpy(mask) for name, mask in arrays.regions.items()},
    )
