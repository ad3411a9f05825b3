"""Photos with annotated landmarks: ``landmarks68.csv``, and masks of painted occluders if there are any."""

from __future__ import annotations

from pathlib import Path

from .photo import TruePhoto, existing, photo_groups
from .table_file import number, points68, read_table


def holds_landmark_photos(folder: Path) -> bool:
    """The folder has this layout."""
    return (folder / "landmarks68.csv").is_file()


def read_landmark_photos(folder: Path) -> list[TruePhoto]:
    """Read ``landmarks68.csv`` (``file``, ``yaw_deg``, x0, y0 ... x67, y67) and ``masks/NAME.png`` (white: covered).

    Raises:
        FocusfitError: the table is damaged.
    """
    path = folder / "landmarks68.csv"
    return [
        TruePhoto(
            row["file"],
            photo_groups(None, number(row, "yaw_deg", path)),
            cover=existing(folder / "masks" / f"{Path(row['file']).stem}.png"),
            landmarks=points68(row, path),
        )
        for row in read_table(path, ("file", "x0", "y67"))
    ]
