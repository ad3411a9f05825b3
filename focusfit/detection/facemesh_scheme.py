"""FaceMesh's 468 points: their mirror partners, and those that stand for the 68 of iBUG 300-W."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MIDLINE = (0, 1, 2, 4, 5, 6, *range(8, 20), 94, 151, 152, 164, 168, 175, 195, 197, 199, 200)


def _mirror_map() -> NDArray[np.int64]:
    """The image's left half is numbered first; the right half follows from 248 on in the same order."""
    mirror = np.arange(468)
    half = [index for index in range(248) if index not in _MIDLINE]
    mirror[half], mirror[248:] = np.arange(248, 468), half
    return mirror


MIRROR = _mirror_map()
"""``(468,)`` left-right partner of every point."""

_Groups = tuple[tuple[int, ...], ...]

# Both schemes start at the image's left where the face looks at the viewer. Two indices: the iBUG point lies between
# these vertices of the canonical mesh. iBUG's brow points run along the middle of the brow, the mesh has its upper
# and lower edge. The jaw follows the mesh's outline and is the least exact part.
_JAW: _Groups = ((127,), (234, 93), (93, 132), (132, 58), (172,), (136, 150), (149,), (176, 148), (152,))
_JAW += ((377, 400), (378,), (365, 379), (397,), (361, 288), (323, 361), (454, 323), (356,))
_BROWS: _Groups = ((70, 46), (63, 53), (105, 52), (66, 65), (107, 55))
_BROWS += ((336, 285), (296, 295), (334, 282), (293, 283), (300, 276))
_NOSE = ((168, 6), (197,), (5,), (4, 1), (98, 97), (97,), (2,), (326,), (327, 326))
_EYES = ((33, 7), (160,), (158,), (133, 155), (153,), (144,), (362, 382), (385,), (387,), (263, 249), (373,), (380,))
_OUTER_LIPS = ((61,), (39, 40), (37,), (0,), (267,), (269, 270), (291,), (405, 321), (314,), (17,), (84,), (181, 91))
_INNER_LIPS = ((78,), (82, 81), (13,), (312, 311), (308,), (317, 402), (14,), (87, 178))

IBUG68_IN_FACEMESH: _Groups = _JAW + _BROWS + _NOSE + _EYES + _OUTER_LIPS + _INNER_LIPS
"""For each iBUG point, the FaceMesh points whose mean it is."""


def facemesh_to_ibug68(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points or per-point values ``(468, ...)`` to ``(68, ...)``."""
    return np.stack([values[list(index)].mean(0) for index in IBUG68_IN_FACEMESH])
