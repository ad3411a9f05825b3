import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focusfit.detection import MEAN_FACE_68, CropTransform, WeakPerspective, crop_for_landmarks
from focusfit.detection.face import FIVE_POINT_GROUPS

WIDTH, HEIGHT = 300, 220

crops = st.builds(
    CropTransform.centred,
    centre=st.tuples(st.floats(-50, 350), st.floats(-50, 270)).map(np.array),
    side=st.floats(20, 900),
    size=st.sampled_from([64, 97, 224]),
)


def ramp(shape=(HEIGHT, WIDTH)):
    """Smooth in both directions, so that resampling has one right answer."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    return 20 + 0.5 * x + 0.3 * y


def rotation(yaw, pitch, roll):
    def turn(axis, angle):
        c, s = np.cos(angle), np.sin(angle)
        matrix = np.eye(3)
        a, b = [k for k in range(3) if k != axis]
        matrix[a, a], matrix[a, b], matrix[b, a], matrix[b, b] = c, -s, s, c
        return matrix

    return turn(2, roll) @ turn(0, pitch) @ turn(1, yaw)


def seen_face(scale, origin, yaw=0.0, pitch=0.0, roll=0.0):
    axes = scale * np.array([[1, 0, 0], [0, -1, 0]]) @ rotation(yaw, pitch, roll)
    return WeakPerspective(axes, np.array(origin, float)).project(MEAN_FACE_68)


@given(crops, st.lists(st.tuples(st.floats(-1e3, 1e4), st.floats(-1e3, 1e4)), min_size=1, max_size=5))
def test_points_there_and_back(crop, points):
    points = np.array(points)
    np.testing.assert_allclose(crop.to_photo(crop.to_crop(points)), points, atol=1e-8)
    np.testing.assert_allclose(crop.to_crop(crop.to_photo(points)), points, atol=1e-8)


@given(crops)
@settings(max_examples=60, deadline=None)
def test_warp_shows_the_photo_where_the_points_say(crop):
    photo = np.repeat(ramp()[..., None], 3, 2)
    warped = crop.warp(photo.round().astype(np.uint8))
    assert warped.shape == (crop.size, crop.size, 3)
    assert warped.dtype == np.float32
    grid = np.arange(crop.size, dtype=float)
    x, y = crop.to_photo(np.stack([grid, grid], -1)).T
    reach = 3 + 3 / crop.scale  # near the border the kernels see its repetition
    columns = (x > reach) & (x < WIDTH - 1 - reach)
    rows = (y > reach) & (y < HEIGHT - 1 - reach)
    expected = 20 + 0.5 * x[None, columns] + 0.3 * y[rows, None]
    got = warped[rows][:, columns, 1] * 255
    if got.size:
        # The ramp was rounded to integers; OpenCV places pixels on a grid of 1/32.
        assert np.abs(got - expected).max() < 1.2 + 0.8 / crop.scale / 32


@given(crops)
@settings(max_examples=60, deadline=None)
def test_warp_back_puts_a_crop_map_where_the_points_say(crop):
    grid = np.arange(crop.size, dtype=float)
    x, y = crop.to_photo(np.stack([grid, grid], -1)).T
    values = (20 + 0.5 * x[None, :] + 0.3 * y[:, None]).astype(np.float32)
    back = crop.warp_back(values, (WIDTH, HEIGHT), outside=-1)
    assert back.shape == (HEIGHT, WIDTH)
    covered = back != -1
    low, high = crop.to_photo(np.full(2, -0.5)), crop.to_photo(np.full(2, crop.size - 0.5))
    py, px = np.mgrid[:HEIGHT, :WIDTH]
    inside = [
        (px > low[0] + slack) & (px < high[0] - slack) & (py > low[1] + slack) & (py < high[1] - slack)
        for slack in (1e-6, -1e-6)
    ]
    assert covered[inside[0]].all()
    assert not covered[~inside[1]].any()
    margin = 3 + 3 / crop.scale
    deep = (px > low[0] + margin) & (px < high[0] - margin) & (py > low[1] + margin) & (py < high[1] - margin)
    if deep.any():
        assert np.abs(back - ramp())[deep].max() < 0.2


def test_inside_marks_the_photo():
    crop = CropTransform.centred(np.array([0.0, 0.0]), 100, 64)
    inside = crop.inside((WIDTH, HEIGHT))
    grid = np.arange(64, dtype=float)
    x = crop.to_photo(np.stack([grid, grid], -1))[:, 0]
    np.testing.assert_array_equal(inside[40], x >= -0.5)
    back = crop.warp_back(inside.astype(np.uint8), (WIDTH, HEIGHT), "nearest")
    assert back[:45, :45].all()


@pytest.mark.parametrize(("side", "ripple"), [(160, 0.2), (190, 0.08), (700, 0.03)])
def test_shrinking_does_not_alias(side, ripple):
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    warped = CropTransform.centred(np.array([400.0, 400.0]), side, 100).warp(stripes)
    assert np.abs(warped - 0.5).max() < ripple


def test_labels_stay_labels():
    labels = np.random.default_rng(0).integers(0, 4, (64, 64)).astype(np.uint8)
    back = CropTransform.centred(np.array([150.0, 100.0]), 180, 64).warp_back(labels, (WIDTH, HEIGHT), "nearest")
    assert set(np.unique(back)) <= {0, 1, 2, 3}
    same = CropTransform(1.0, (0.0, 0.0), 64).warp_back(labels, (64, 64), "nearest")
    np.testing.assert_array_equal(same, labels)


def test_crop_far_outside_the_photo():
    crop = CropTransform.centred(np.array([5000.0, -4000.0]), 200, 64)
    assert crop.warp(np.full((50, 40, 3), 77, np.uint8)) == pytest.approx(77 / 255)
    assert not crop.inside((40, 50)).any()
    assert (crop.warp_back(np.ones((64, 64), np.float32), (40, 50), outside=3) == 3).all()


@given(
    yaw=st.floats(-1.5, 1.5),
    pitch=st.floats(-0.5, 0.5),
    roll=st.floats(-3.1, 3.1),
    scale=st.floats(0.2, 8),
    noise=st.integers(0, 2**31),
)
@settings(max_examples=80, deadline=None)
def test_crop_keeps_its_size_and_holds_the_face_in_every_pose(yaw, pitch, roll, scale, noise):
    points = seen_face(scale, (400, 300), yaw, pitch, roll)
    points = points + np.random.default_rng(noise).normal(0, 2 * scale, points.shape)
    crop = crop_for_landmarks(points, 224)
    assert crop.size == 224
    assert 0.8 < crop.scale * scale / (224 / 250) < 1.25, "a turned face is neither enlarged nor shrunk"
    inside = crop.to_crop(points)
    assert inside.min() > 10
    assert inside.max() < 213


def test_forehead_and_chin_fit():
    points = seen_face(1.0, (500, 500))
    crop = crop_for_landmarks(points, 224)
    eyes, chin, hair = crop.to_crop(np.array([[500, 500], [500, 608], [500, 420]]))
    assert hair[1] > 10
    assert chin[1] < 214
    assert abs(eyes[0] - 111.5) < 1


def test_five_points_give_nearly_the_crop_of_68():
    for yaw in (-0.7, 0.0, 0.5):
        points = seen_face(1.3, (300, 280), yaw, 0.1, 0.2)
        five = np.stack([points[list(group)].mean(0) for group in FIVE_POINT_GROUPS])
        full, rough = crop_for_landmarks(points, 224), crop_for_landmarks(five, 224)
        assert rough.scale / full.scale == pytest.approx(1, abs=0.05)
        middle = np.full(2, 111.5)
        assert np.linalg.norm(rough.to_photo(middle) - full.to_photo(middle)) < 8


def test_crop_of_a_crop_is_the_same_crop():
    """Landmarks carried into a crop must lead to that crop again, not to a closer one."""
    points = seen_face(1.7, (300, 280), 0.4)
    crop = crop_for_landmarks(points, 224)
    again = crop_for_landmarks(crop.to_crop(points), 224)
    assert again.scale == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(again.offset, 0, atol=1e-4)


@pytest.mark.parametrize("points", [np.zeros((68, 2)), np.tile([[3.0, 4.0]], (5, 1))])
def test_points_without_extent_give_some_crop(points):
    crop = crop_for_landmarks(points, 64)
    assert np.isfinite(crop.scale)
    assert crop.warp(np.zeros((20, 20, 3), np.uint8)).shape == (64, 64, 3)
