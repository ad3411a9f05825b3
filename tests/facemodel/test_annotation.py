import numpy as np
import pytest

from focusfit.facemodel.load import SHIPPED_MODEL, load_face_model
from focusfit.facemodel.open_model.annotation import OFFSETS
from focusfit.facemodel.open_model.landmarks import LEFT_OF
from focusfit.facemodel.open_model_file import read_open_model_arrays


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


@pytest.mark.parametrize(
    ("action", "numbers"),
    [("jawOpen", [55, 56, 57, 58, 59, 65, 66, 67]), ("eyeBlinkLeft", [43, 44]), ("eyeBlinkRight", [37, 38])],
)
def test_points_move_with_the_lip_or_lid_that_they_are_on(action, numbers):
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    offsets = arrays.actions[arrays.action_names.index(action)].astype(float)
    table = arrays.landmarks["ibug68"]
    down = -(offsets[table.vertices, 1] * table.weights).sum(1)
    assert down[numbers].min() > 7.5  # mm
    kept = [i for i in range(36, 68) if i not in numbers and i not in (48, 54, 60, 64)]
    assert down[kept].max() < 7.0


def test_points_of_lids_are_on_skin_not_on_the_eyeballs():
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    table = arrays.landmarks["ibug68"]
    assert arrays.maps["eyeball"][table.vertices[36:48]].max() == 0
