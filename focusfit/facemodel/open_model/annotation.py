"""Where annotators put the iBUG points, as against where anatomy has the parts that they are named after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .front_view import render_front_view
from .landmarks import LEFT_OF, Landmarks

BROW = {22: (4.2, -0.6), 23: (5.4, -0.3), 24: (4.3, -0.5), 25: (2.4, -0.8), 26: (1.0, -0.6)}
LIDS = {43: (1.0, 0.4), 44: (2.5, 0.0), 46: (1.2, 0.0)}
OUTER_LIPS = {53: (0.7, 0.0), 52: (0.0, 0.7), 57: (0.0, 3.9), 56: (0.0, 3.1), 55: (0.0, 3.3)}
INNER_LIPS = {64: (-1.1, 0.8), 63: (0.0, 1.6), 62: (0.0, 1.4), 65: (0.0, 0.5), 66: (0.0, 0.5)}

OFFSETS = BROW | LIDS | OUTER_LIPS | INNER_LIPS
"""mm outwards and up from the anatomical point, of the left half: annotated brows start farther out and are divided
evenly, points of the lids lie farther out, and the lower lip ends on its bulge, not in the fold below, where the
source's mask of the lips ends.

Both of two sources say so, and the smaller offset of both is taken, by coordinate: the mean landmarks in the
``insightface`` wheel (MIT, ``meanshape_68``) after a similarity of the inner points, and how far FaceMesh's points lie
from annotations, on eight photos of AFLW2000 against on renderings of this model. Lips in two rounds, the second after
the mean face had its relief. Points stay on what they are named after, and so move with it: one of an upper lid's is
set on its edge again, and the sources want those of the lower lip's inner edge 0.3 and 0.6 mm higher, on the upper
lip."""


def annotated(landmarks: Landmarks, vertices: NDArray, triangles: NDArray, mirror: NDArray) -> Landmarks:
    """The points of a mean face as annotators would set them.

    Args:
        landmarks: the anatomical ones.
        vertices: ``(V, 3)`` mirror-symmetric mean, mm.
        triangles: ``(F, 3)``.
        mirror: ``(V,)`` left-right partner of every vertex.
    """
    view, points = render_front_view(vertices, triangles), landmarks.of(vertices)
    index, weights = landmarks.vertices.copy(), landmarks.weights.copy()
    for number, offset in OFFSETS.items():
        index[number], weights[number] = view.glue(*(points[number, :2] + np.array(offset)))
    for left, right in LEFT_OF.items():
        if left in OFFSETS:
            index[right], weights[right] = mirror[index[left]], weights[left]
    return Landmarks(index, weights)
