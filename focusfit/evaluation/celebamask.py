"""CelebAMask-HQ's label maps as masks of visible skin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from ..errors import FocusfitError
from .truth.photo import photos_by_stem

LABELS = (
    "background", "skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear",
    "mouth", "u_lip", "l_lip", "hair", "hat", "ear_r", "neck_l", "neck", "cloth",
)  # fmt: skip
"""The 19 classes in the order of their numbers (C.-H. Lee et al., "MaskGAN", CVPR 2020)."""

VISIBLE = ("skin", "nose", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear", "mouth", "u_lip", "l_lip")
"""Face and ears; not glasses, hair, hats, jewellery, neck and clothes."""


def visible_skin(labels: np.ndarray) -> np.ndarray:
    """``(H, W)`` uint8, 255 where one of the visible classes is, from ``(H, W)`` class numbers."""
    table = np.array([255 if name in VISIBLE else 0 for name in LABELS], np.uint8)
    return table[labels]


def convert_label_maps(labels: Path, photos: Path, out: Path) -> list[Path]:
    """Write ``NAME_visible_skin_mask.png`` for every label map of a folder.

    Args:
        labels: folder of ``NAME.png``, grey values being class numbers.
        photos: folder of the photos; a mask gets the size of the photo of its name, by the nearest label.
        out: folder to write to.

    Returns:
        The files written.

    Raises:
        FocusfitError: there is no label map, one is damaged or has other classes, or its photo is missing.
    """
    maps = sorted(labels.glob("*.png"))
    if not maps:
        raise FocusfitError("holds no label map NAME.png", file=labels)
    if not photos.is_dir():
        raise FocusfitError("is not a folder", file=photos)
    found = photos_by_stem(photos)
    missing = [path for path in maps if path.stem not in found]
    if missing:
        raise FocusfitError(f"has no photo of that name in {photos}", file=missing[0])
    out.mkdir(parents=True, exist_ok=True)
    return [_convert(path, found[path.stem], out / f"{path.stem}_visible_skin_mask.png") for path in maps]


def _convert(path: Path, photo: Path, target: Path) -> Path:
    try:
        with Image.open(path) as image, Image.open(photo) as picture:
            numbers, size = np.asarray(image.convert("L") if image.mode != "P" else image), picture.size
    except (OSError, ValueError, UnidentifiedImageError) as error:
        raise FocusfitError(f"no readable label map or photo ({error})", file=path) from error
    if numbers.max() >= len(LABELS):
        raise FocusfitError(f"has class {numbers.max()}; there are {len(LABELS)}", file=path)
    Image.fromarray(visible_skin(numbers)).resize(size, Image.Resampling.NEAREST).save(target)
    return target
