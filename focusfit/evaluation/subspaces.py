"""How far apart a face model's identity and expression are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def principal_angles(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Angles in degrees, ascending, between the spans of the columns of ``one (D, A)`` and ``other (D, B)``.

    min(A, B) of them; 90 throughout where the spans are orthogonal, 0 for each direction they share. Cosines come
    from the singular values, small angles from the sines (A. Bjoerck and G. H. Golub, 1973).
    """
    a, b = (np.linalg.qr(np.asarray(basis, np.float64))[0] for basis in (one, other))
    if a.shape[1] < b.shape[1]:
        a, b = b, a
    cosines = np.linalg.svd(a.T @ b, compute_uv=False)
    sines = np.linalg.svd(b - a @ (a.T @ b), compute_uv=False)[::-1]
    angles = np.where(cosines**2 < 0.5, np.arccos(np.clip(cosines, -1, 1)), np.arcsin(np.clip(sines, -1, 1)))
    return np.degrees(angles)
