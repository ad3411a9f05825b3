import numpy as np
import pytest
import torch

from focusfit.facemodel.load import SHIPPED_MODEL, load_face_model
from focusfit.facemodel.open_model.relief import RELIEF, relief
from focusfit.facemodel.open_model_file import read_open_model_arrays


@pytest.fixture(scope="module")
def moved():
    """The relief of the shipped mean face: vertices, landmarks, and what both would be moved by once more."""
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    points = load_face_model().landmarks["ibug68"]
    offsets = relief(arrays.shape_mean, points.of(torch.from_numpy(arrays.shape_mean)).numpy(), arrays.mirror)
    return arrays, points, offsets


def test_bridge_and_inner_corners_come_forward_and_other_landmarks_stay(moved):
    _, points, offsets = moved
    at = points.of(torch.from_numpy(offsets).float()).numpy()
    np.testing.assert_allclose(at[list(RELIEF)], list(RELIEF.values()), atol=0.6)
    others = [i for i in range(68) if i not in RELIEF]
    assert np.linalg.norm(at[others], axis=1).max() < 0.6


def test_relief_is_smooth_symmetric_and_fades_towards_the_head(moved):
    arrays, _, offsets = moved
    np.testing.assert_allclose(offsets[arrays.mirror] * [-1, 1, 1], offsets, atol=1e-9)
    sides = np.concatenate([arrays.triangles[:, [0, 1]], arrays.triangles[:, [1, 2]]])
    length = np.linalg.norm(np.diff(arrays.shape_mean[sides], axis=1)[:, 0], axis=1)
    stretch = np.linalg.norm(np.diff(offsets[sides], axis=1)[:, 0], axis=1)
    assert (stretch[length > 0.1] / length[length > 0.1]).max() < 0.5
    rim = arrays.regions["boundary"]
    assert np.linalg.norm(offsets[rim], axis=1).mean() < 0.3


def test_the_shipped_mean_face_has_it():
    model = load_face_model()
    points = model.landmarks["ibug68"].of(model.shape_mean)
    before_the_outer = points[[39, 42], 2] - points[[36, 45], 2]
    assert (before_the_outer > 3.5).all()  # mm; 5 on MediaPipe's canonical face, 2.6 on the source's
    assert (before_the_outer < 6.0).all()
