import numpy as np

from focusfit.detection import MEAN_FACE_68, fit_weak_perspective
from focusfit.detection.facemesh import FaceFrame
from focusfit.detection.facemesh_scheme import IBUG68_IN_FACEMESH, MIRROR, facemesh_to_ibug68
from focusfit.detection.yunet import FaceBox, group_same_face

IBUG_MIRROR = [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1), 45, 44, 43, 42, 47, 46]
IBUG_MIRROR += [39, 38, 37, 36, 41, 40, *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65]


def test_mirror_map_is_its_own_inverse():
    np.testing.assert_array_equal(MIRROR[MIRROR], np.arange(468))
    assert np.count_nonzero(np.arange(468) == MIRROR) == 28
    assert MIRROR[33] == 263
    assert MIRROR[61] == 291


def test_table_is_symmetric():
    for point, group in enumerate(IBUG68_IN_FACEMESH):
        assert set(MIRROR[list(group)]) == set(IBUG68_IN_FACEMESH[IBUG_MIRROR[point]]), point


def test_conversion_takes_points_and_scalars():
    values = np.arange(468.0)
    assert facemesh_to_ibug68(values)[36] == (33 + 7) / 2
    assert facemesh_to_ibug68(np.stack([values, values], 1)).shape == (68, 2)


def test_mean_face_is_symmetric_and_in_millimetres():
    np.testing.assert_array_equal(MEAN_FACE_68[IBUG_MIRROR] * [-1, 1, 1], MEAN_FACE_68)
    eyes = MEAN_FACE_68[36:42].mean(0) - MEAN_FACE_68[42:48].mean(0)
    assert abs(np.linalg.norm(eyes) - 63) < 1


def test_view_survives_wild_points():
    points = MEAN_FACE_68[:, :2] * [2, -2] + 300
    points[48:60] += 400
    view = fit_weak_perspective(points)
    assert abs(view.scale - 2) < 0.1
    assert np.linalg.norm(view.project(np.zeros(3)) - 300) < 10


def test_frame_maps_its_middle_to_its_centre():
    frame = FaceFrame((120.0, 80.0), 96.0, 0.3)
    matrix = frame.matrix()
    np.testing.assert_allclose(matrix @ (95.5, 95.5, 1), (120, 80), atol=1e-9)
    shifted = frame.shifted(0.5, 0.0, 1.0, 0.0)
    np.testing.assert_allclose(np.array(shifted.centre) - (120, 80), 48 * np.array([np.cos(0.3), np.sin(0.3)]))


def test_boxes_of_one_face_are_grouped():
    def box(x, y, side, score):
        return FaceBox(np.array([x, y, x + side, y + side], float), np.zeros((5, 2)), score)

    groups = group_same_face([box(0, 0, 100, 0.5), box(8, 5, 100, 0.9), box(300, 0, 40, 0.7), box(20, 20, 50, 0.4)])
    assert [[member.score for member in group] for group in groups] == [[0.9, 0.5, 0.4], [0.7]]
