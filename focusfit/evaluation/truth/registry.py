"""Layouts of ground truth, recognised by what lies in the folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...errors import FocusfitError
from .landmark_photos import holds_landmark_photos, read_landmark_photos
from .now import holds_now, read_now
from .people import holds_people, read_people, with_people
from .photo import TruePhoto
from .scan_faces import holds_scan_faces, read_scan_faces
from .visible_skin import holds_visible_skin, read_visible_skin


@dataclass(frozen=True)
class Layout:
    """One way to lay out ground truth.

    Attributes:
        holds: the folder has this layout.
        read: its photos.
        signs: what it is recognised by, in words.
    """

    holds: Callable[[Path], bool]
    read: Callable[[Path], list[TruePhoto]]
    signs: str


LAYOUTS = {
    "scan_faces": Layout(holds_scan_faces, read_scan_faces, "index.csv and NAME.npz"),
    "now": Layout(holds_now, read_now, "NoW's imagepathsvalidation.txt"),
    "landmarks68": Layout(holds_landmark_photos, read_landmark_photos, "landmarks68.csv"),
    "visible_skin": Layout(holds_visible_skin, read_visible_skin, "NAME_visible_skin_mask.png"),
    "people": Layout(holds_people, read_people, "people.csv"),
}
"""In the order in which they are tried."""


def read_truth(folder: Path) -> list[TruePhoto]:
    """Read a folder of ground truth.

    A file ``people.csv`` beside any layout says who is on which photo.

    Raises:
        FocusfitError: there is no such folder, or it has none of the known layouts.
    """
    if not folder.is_dir():
        raise FocusfitError("is not a folder", file=folder)
    for layout in LAYOUTS.values():
        if layout.holds(folder):
            photos = layout.read(folder)
            return with_people(photos, folder) if holds_people(folder) else photos
    signs = "; ".join(layout.signs for layout in LAYOUTS.values())
    raise FocusfitError("holds no ground truth in a known layout", file=folder, remedy=f"Known are: {signs}.")
