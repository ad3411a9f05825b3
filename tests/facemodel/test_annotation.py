import numpy as np
import pytest

from focusfit.facemodel.load import load_face_model
from focusfit.facemodel.open_model.annotation import OFFSETS
from focusfit.facemodel.open_model.landmarks import LEFT_OF


@pytest.fixture(scope="module")
def points():
    """Annotated and anatomical points of the mean face, mm."""
    model = load_face_model()
    schemes = (model.landmarks["ibug68"], model.landmarks["anatomical68"])
    return [scheme.of(model.shape_mean).numpy() for scheme in schemes]


def test_points_lie_where_annotators_put_them(points):
    annotated, anatomical = points
    moved = (annotated - anatomical)[:, :2]
    np.testing.assert_allclose(moved[list(OFFSETS)], list(OFFSETS.values()), atol=0.3)
    others = set(range(68)) - set(OFFSETS) - {LEFT_OF.get(i) for i in OFFSETS}
    assert not moved[list(others)].any()


def test_both_sides_mirror_each_other(points):
    left, right = np.array(list(LEFT_OF.items())).T
    np.testing.assert_allclose(points[0][right] * [-1, 1, 1], points[0][left], atol=1e-3)


def test_brows_are_divided_evenly(points):
    annotated, anatomical = (np.linalg.norm(np.diff(p[22:27], axis=0), axis=1) for p in points)
    assert annotated.max() / annotated.min() < 1.3 < anatomical.max() / anatomical.min()


def test_the_lower_lip_ends_on_its_bulge_not_in_the_fold_below(points):
    annotated, anatomical = points
    assert (annotated[[56, 57, 58], 2] > anatomical[[56, 57, 58], 2] + 1.0).all()  # mm
