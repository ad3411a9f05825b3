"""Which folder a face goes to."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

RESERVED = frozenset({"", ".", "..", "manifest.csv", "timings.csv", "contact_sheet.png", "report.html"})
"""Names that a face's folder must not bear: files of the run itself, and folders above."""

LONGEST = 200
"""Bytes of a folder's name; file systems stop at 255, and suffixes follow."""


class FolderNames:
    """Folder names of a run's faces: unique, predictable, the same on every run over the same photos.

    The largest face of ``a.jpg`` goes to ``a``, further ones to ``a.face2``, ``a.face3``... Photos that share a stem
    keep their extension (``a.jpg``, ``a.png``); photos that share even that (from different folders) are numbered
    (``a.jpg~2``). Names that differ only in case or in Unicode composition count as shared, as they do on many disks.

    Args:
        photos: all photos of the run, in order.
    """

    def __init__(self, photos: Sequence[Path]) -> None:
        stems = [printable(photo.stem) for photo in photos]
        shared = Counter(_key(stem) for stem in stems)
        self._used: set[str] = set()
        self._photos = [
            self._claim(stem if shared[_key(stem)] == 1 and _key(stem) not in RESERVED else printable(photo.name))
            for photo, stem in zip(photos, stems, strict=True)
        ]

    def folder(self, photo: int, face: int) -> str:
        """Claim the name for a face; both count from zero, faces from the largest. Ask once for each face."""
        base = self._photos[photo]
        return base if face == 0 else self._claim(f"{base}.face{face + 1}")

    def _claim(self, name: str) -> str:
        name = _shortened(name)
        if _key(name) in RESERVED:
            name += "~1"
        unique, count = name, 1
        while _key(unique) in self._used:
            count += 1
            unique = f"{name}~{count}"
        self._used.add(_key(unique))
        return unique


def printable(name: str) -> str:
    """A file name as valid Unicode: bytes that are not UTF-8 and control characters become escapes."""
    name = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) == "Cc" else c for c in name)


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _shortened(name: str) -> str:
    encoded = name.encode()
    if len(encoded) <= LONGEST:
        return name
    digest = hashlib.sha256(encoded).hexdigest()[:8]
    return encoded[: LONGEST - 9].decode("utf-8", "ignore") + "~" + digest
