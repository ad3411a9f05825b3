"""A folder's photos at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ....errors import FocusfitError

TILES = 64
COLUMNS = 8
SIDE = 160


def write_sheet(path: Path, photos: Sequence[Path]) -> None:
    """The first photos in rows, and a second sheet ``..._masks`` that shows in green what is visible face."""
    chosen = photos[:TILES]
    if not chosen:
        return
    plain = [_read(photo) for photo in chosen]
    marked = [_marked(picture, photo) for picture, photo in zip(plain, chosen, strict=True)]
    for target, pictures in ((path, plain), (path.with_name(f"{path.stem}_masks{path.suffix}"), marked)):
        tiles = [cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for picture in pictures]
        columns = min(COLUMNS, len(tiles))
        tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
        rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
        partial = target.with_name("partial_" + target.name)
        cv2.imwrite(str(partial), np.vstack(rows))
        partial.replace(target)


def _read(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FocusfitError("cannot be read", file=path, remedy="Delete it and run the command again.")
    return np.asarray(picture, np.uint8)


def _marked(picture: NDArray[np.uint8], photo: Path) -> NDArray[np.uint8]:
    mask = _read(photo.with_name(f"{photo.stem}_visible_skin_mask.png"))
    share = 0.45 * mask.astype(np.float32) / 255
    return np.rint(picture * (1 - share) + share * np.array([80, 220, 80])).astype(np.uint8)
