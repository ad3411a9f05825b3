"""Which of FaceMesh's 468 points stand for the 68 of iBUG 300-W."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Both schemes start at the image's left where the face looks at the viewer. Two indices: the iBUG point lies
# between these vertices of the canonical mesh. The jaw follows the mesh's outline and is the least exact part.
_JAW = ((127,), (234,), (93,), (132, 58), (58, 172), (136,), (150,), (176,), (152,))
_JAW += ((400,), (379,), (365,), (288, 397), (361, 288), (323,), (454,), (356,))
_BROWS = ((70,), (63,), (105,), (66,), (107,), (336,), (296,), (334,), (293,), (300,))
_NOSE = ((168,), (197,), (5,), (4,), (75,), (97,), (2,), (326,), (305,))
_EYES = ((33,), (160,), (158,), (133,), (153,), (144,), (362,), (385,), (387,), (263,), (373,), (380,))
_OUTER_LIPS = ((61,), (39,), (37,), (0,), (267,), (269,), (291,), (405,), (314,), (17,), (84,), (181,))
_INNER_LIPS = ((78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,))

IBUG68_IN_FACEMESH: tuple[tuple[int, ...], ...] = _JAW + _BROWS + _NOSE + _EYES + _OUTER_LIPS + _INNER_LIPS
"""For each iBUG point, the FaceMesh points whose mean it is."""


def facemesh_to_ibug68(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points or per-point values ``(468, ...)`` to ``(68, ...)``."""
    return np.stack([values[list(index)].mean(0) for index in IBUG68_IN_FACEMESH])
