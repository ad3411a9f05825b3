"""A small set of rendered scans, and predictions for it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from focusfit.export.mesh import write_obj

SIZE = 64
OCCLUDERS = ("none", "hand", "mask", "none", "hand", "none")
YAWS = (0.0, 0.2, 1.0, -1.2, 0.1, -0.3)
SEVEN = (0, 40, 80, 120, 160, 200, 240)
"""The vertices that stand for NoW's points."""


@dataclass(frozen=True)
class Scan:
    """One photo's truth."""

    stem: str
    vertices: np.ndarray
    points: np.ndarray
    region: np.ndarray
    visible: np.ndarray


def dome(bulge: float) -> tuple[np.ndarray, np.ndarray]:
    """A bumpy cap of 21 x 21 vertices, 100 mm wide, and its triangles."""
    side = np.linspace(-50, 50, 21)
    x, y = (grid.ravel() for grid in np.meshgrid(side, side))
    vertices = np.stack([x, y, bulge * np.cos(x / 40) * np.cos(y / 50) + 4 * np.sin(x / 9)], 1)
    index = np.arange(441).reshape(21, 21)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]))
    return vertices, np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])


def make_scans() -> list[Scan]:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    scans = []
    for k, occluder in enumerate(OCCLUDERS):
        region = (columns - 32) ** 2 + (rows - 30 - k) ** 2 < 24**2
        covered = (rows > 40) if occluder != "none" else np.zeros_like(region)
        angle = np.arange(68) / 68 * 2 * np.pi
        points = np.stack([32 + 18 * np.cos(angle), 30 + k + 20 * np.sin(angle)], 1)
        scans.append(Scan(f"{k:04d}", dome(20 + k)[0], points, region, region & ~covered))
    return scans


def write_truth(folder: Path) -> Path:
    """The layout of rendered scans."""
    folder.mkdir()
    with (folder / "index.csv").open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["file", "occluder", "yaw_rad"])
        for scan, occluder, yaw in zip(make_scans(), OCCLUDERS, YAWS, strict=True):
            writer.writerow([f"{scan.stem}.jpg", occluder, yaw])
            save_mask(folder / f"{scan.stem}_face_region.png", scan.region)
            save_mask(folder / f"{scan.stem}_visible_skin_mask.png", scan.visible)
            np.savez(
                folder / f"{scan.stem}.npz",
                neutral_vertices_mm=scan.vertices,
                landmarks7_neutral_mm=scan.vertices[list(SEVEN)],
                landmarks68_px=scan.points,
                identity=np.full(3, float(scan.stem)),
            )
    np.savez(folder / "topology.npz", scored_vertices=np.arange(441) % 3 > 0)
    return folder


def write_predictions(folder: Path, shift: int = 0, turn: bool = False) -> Path:
    """Folders as this program writes them: the truth, moved by some pixels and mm, or with its masks inverted."""
    triangles = dome(20)[1]
    for scan in make_scans():
        face = folder / scan.stem
        face.mkdir(parents=True)
        visible, region = (np.roll(mask, shift, axis=1) for mask in (scan.visible, scan.region))
        visible = region & ~visible if turn else visible
        save_mask(face / "mask.png", visible)
        save_mask(face / "face_region.png", region)
        occlusion = np.where(region & ~visible, 65535, 0).astype(np.uint16)
        Image.fromarray(occlusion).save(face / "occlusion.png")
        lines = ["x,y", *(f"{x + shift},{y}" for x, y in scan.points.tolist())]
        (face / "landmarks68.csv").write_text("\n".join(lines) + "\n")
        shape = scan.vertices * [1, 1, 1 + 0.1 * shift]
        write_obj(face / "neutral.obj", shape, triangles)
        np.savetxt(face / "landmarks7.txt", shape[list(SEVEN)])
        np.savez(face / "coefficients.npz", identity=np.full(3, 1.0 + int(scan.stem) // 2), expression=np.ones(2))
    return folder


def save_mask(path: Path, mask: np.ndarray) -> None:
    Image.fromarray(mask.astype(np.uint8) * 255).save(path)
