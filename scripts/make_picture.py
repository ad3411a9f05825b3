"""Make docs/picture.png from what `make demo` wrote.

    python scripts/make_picture.py [out/demo]

Each row: the photo, the fitted face over it, and its pixels in green where they show the face, in red where not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DOCS = Path(__file__).resolve().parents[1] / "docs"
PHOTOS = ("astronaut", "astronaut_mask")
SIDE = 320
GAP = 6
VISIBLE, HIDDEN = np.array([40, 200, 80]), np.array([230, 40, 60])

Picture = NDArray[np.uint8]


def row(demo: Path, name: str) -> Picture:
    """``(SIDE, 3 SIDE + 2 GAP, 3)``: one photo's three pictures, cropped around its face."""
    folder = demo / name
    photo = np.asarray(Image.open(demo / "photos" / f"{name}.png").convert("RGB"))
    overlay = np.asarray(Image.open(folder / "overlay.png").convert("RGB"))
    region = np.asarray(Image.open(folder / "face_region.png")) > 127
    visible = np.asarray(Image.open(folder / "mask.png")) > 127
    colour = np.where(visible[..., None], VISIBLE, HIDDEN)
    explained = np.where(region[..., None], 0.5 * photo + 0.5 * colour, photo).astype(np.uint8)
    crop = json.loads((folder / "coefficients.json").read_text())["crop"]
    gap = np.full((SIDE, GAP, 3), 255, np.uint8)
    return np.hstack([in_crop(photo, crop), gap, resized(overlay), gap, in_crop(explained, crop)])


def in_crop(photo: Picture, crop: dict[str, Any]) -> Picture:
    """``(SIDE, SIDE, 3)``: the part of the photo that was fitted."""
    left, top = ((-0.5 - offset) / crop["scale"] + 0.5 for offset in crop["offset"])  # from pixel centres to edges
    side = crop["size"] / crop["scale"]
    return resized(photo, (left, top, left + side, top + side))


def resized(picture: Picture, box: tuple[float, float, float, float] | None = None) -> Picture:
    """``(SIDE, SIDE, 3)``."""
    return np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS, box))


def main() -> None:
    """Write the picture."""
    demo = Path(sys.argv[1] if len(sys.argv) > 1 else "out/demo")
    gap = np.full((GAP, 3 * SIDE + 2 * GAP, 3), 255, np.uint8)
    rows = [part for name in PHOTOS for part in (row(demo, name), gap)][:-1]
    DOCS.mkdir(exist_ok=True)
    Image.fromarray(np.vstack(rows)).quantize(256).save(DOCS / "picture.png", optimize=True)
    print(DOCS / "picture.png")


if __name__ == "__main__":
    main()
