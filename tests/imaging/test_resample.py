"""Pictures moved and scaled along their axes."""

import cv2
import numpy as np
import pytest
from skimage import data

from focusfit.imaging.kernels.resample import resample_cubic


@pytest.mark.parametrize(("scale", "x", "y"), [(1.0, 0.0, 0.0), (1.37, -41.25, 12.5), (0.8, 30.1, -9.7)])
def test_moves_a_picture_as_opencv_does(scale: float, x: float, y: float) -> None:
    photo = data.astronaut()[:200, 100:280].astype(np.float32) / 255
    moved = np.empty((230, 230, 3), np.float32)
    resample_cubic(photo, scale, x, y, moved)
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    expected = cv2.warpAffine(photo, matrix, (230, 230), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    assert moved == pytest.approx(np.clip(expected, 0, 1), abs=1e-2)
    assert np.abs(moved - np.clip(expected, 0, 1)).mean() < 1e-3
