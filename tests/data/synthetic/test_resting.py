import numpy as np
import pytest

from focusfit.data.synthetic.anatomy import read_anatomy
from focusfit.data.synthetic.resting import SPREADS, draw_resting


@pytest.fixture(scope="module")
def anatomy():
    return read_anatomy(None, 64)


@pytest.fixture(scope="module")
def people(anatomy):
    """Offsets of 60 people's resting faces, mm."""
    return np.stack([draw_resting(anatomy, np.random.default_rng(i)) for i in range(60)])


def test_people_differ_by_millimetres_around_a_common_mean(anatomy, people):
    assert people.dtype == np.float32
    spread = np.linalg.norm(people.std(0), axis=1)
    assert 3.0 < spread.max() < 8.0  # mm
    assert np.linalg.norm(people.mean(0), axis=1).max() < 0.5 * spread.max()


def test_brows_and_lips_move_most_and_the_forehead_and_the_bridge_stay(anatomy, people):
    size = np.linalg.norm(people.std(0), axis=1)[:, None]
    at = anatomy.landmarks(size)[:, 0]
    assert at[[19, 24, 51, 57]].min() > 4 * at[28]
    assert size[anatomy.identity.mean[:, 1] > 85].max() < 1.0  # mm


def test_mouths_stay_closed(anatomy, people):
    at = np.stack([anatomy.landmarks(anatomy.identity.mean + offsets) for offsets in people])
    gap = at[:, 62, 1] - at[:, 66, 1]
    mean = anatomy.mean_landmarks
    np.testing.assert_allclose(gap, mean[62, 1] - mean[66, 1], atol=0.01)  # mm


def test_eyes_are_about_as_open_as_real_ones(anatomy, people):
    p = np.stack([anatomy.annotated_landmarks(anatomy.identity.mean + offsets) for offsets in people])
    opening = p[:, [43, 44], 1] - p[:, [47, 46], 1]
    assert 0.5 < opening.mean(1).std() < 1.7  # mm; measured on people: about 1.1
    assert opening.min() > 4.0


def test_faces_are_a_little_uneven(anatomy, people):
    p = np.stack([anatomy.landmarks(offsets) for offsets in people])
    difference = np.abs(p[:, 44, 1] - p[:, 37, 1])
    assert 0.02 < difference.mean() < np.abs(p[:, 44, 1]).mean()


def test_every_action_is_one_of_the_models(anatomy):
    names = set(anatomy.action_names)
    assert all(name in names or {name + "Left", name + "Right"} <= names for name in SPREADS)


def test_the_same_generator_gives_the_same_face(anatomy):
    first, second = (draw_resting(anatomy, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
