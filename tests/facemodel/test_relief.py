import numpy as np
import pytest
import torch

from focusfit.facemodel.load import SHIPPED_MODEL, load_face_model
from focusfit.facemodel.open_model.relief import relief
from focusfit.facemodel.open_model_file import read_open_model_arrays


@pytest.fixture(scope="module")
def moved():
    """The shipped mean face, its landmarks, and what it would be moved by once more."""
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    points = load_face_model().landmarks["anatomical68"]
    tip = points.of(torch.from_numpy(arrays.shape_mean))[30].numpy()
    return arrays, points, relief(arrays.shape_mean, tip)


def test_nose_and_lips_come_forward_and_the_rest_stays(moved):
    arrays, points, offsets = moved
    forward = points.of(torch.from_numpy(offsets).float())[:, 2].numpy()
    np.testing.assert_allclose(forward[[27, 28, 29, 30]], [3.6, 7.2, 7.7, 3.8], atol=0.6)  # mm
    np.testing.assert_allclose(forward[[48, 51, 54, 57]], [-1.1, 1.6, -1.1, 0.6], atol=0.4)
    still = [*range(17), *range(17, 21), *range(23, 27), 36, 39, 42, 45, 33]
    assert np.abs(forward[still]).max() < 0.7
    assert not offsets[:, :2].any()
    assert not offsets[arrays.shape_mean[:, 1] > 45].any()


def test_relief_is_smooth_and_symmetric_and_leaves_the_rim(moved):
    arrays, _, offsets = moved
    np.testing.assert_allclose(offsets[arrays.mirror] * [-1, 1, 1], offsets, atol=2e-3)
    sides = np.concatenate([arrays.triangles[:, [0, 1]], arrays.triangles[:, [1, 2]]])
    length = np.linalg.norm(np.diff(arrays.shape_mean[sides], axis=1)[:, 0], axis=1)
    stretch = np.linalg.norm(np.diff(offsets[sides], axis=1)[:, 0], axis=1)
    assert (stretch[length > 0.1] / length[length > 0.1]).max() < 0.9
    assert not offsets[arrays.regions["boundary"]].any()


def test_what_lies_far_behind_the_nose_stays():
    behind = np.array([[0.0, 12.0, -70.0], [3.0, -30.0, -61.0]])
    assert not relief(behind, np.zeros(3)).any()


def test_the_shipped_mean_face_has_it():
    model = load_face_model()
    points = model.landmarks["anatomical68"].of(model.shape_mean)
    bridge = float(points[28, 2] - points[[39, 42], 2].mean())
    assert 22.0 < bridge < 26.5  # mm; 25 on MediaPipe's canonical face, 17 on the source's
    lips = float(points[51, 2] - points[[48, 54], 2].mean())
    assert 16.0 < lips < 18.5  # mm; 17.6 on the canonical face, 14.3 on the source's
