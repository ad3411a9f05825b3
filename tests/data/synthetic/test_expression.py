import numpy as np
import pytest

from focusfit.data.synthetic.anatomy import read_anatomy
from focusfit.data.synthetic.expression import draw_expression


@pytest.fixture(scope="module")
def anatomy():
    return read_anatomy(None, 64)


@pytest.fixture(scope="module")
def faces(anatomy):
    """The mean face with 300 expressions: ``(300, V, 3)`` mm."""
    return np.stack([anatomy.identity.mean + offsets for offsets in drawn(anatomy, 300)])


def drawn(anatomy, count):
    return [draw_expression(anatomy, 1.0, np.random.default_rng(i)).offsets for i in range(count)]


def test_both_eyes_look_at_the_same_thing(anatomy, monkeypatch):
    monkeypatch.setattr("focusfit.data.synthetic.expression.MODES_SHARE", 0.0)
    faces = np.stack([anatomy.identity.mean + offsets for offsets in drawn(anatomy, 200)])
    balls = anatomy.eyeballs[anatomy.identity.mean[anatomy.eyeballs, 2] > 0]
    left = anatomy.identity.mean[balls, 0] > 0
    moved = faces[:, balls] - anatomy.identity.mean[balls]
    across, up = (moved[:, left, axis].mean(1) - moved[:, ~left, axis].mean(1) for axis in (0, 1))
    assert np.abs(across).max() < 1.0  # mm
    assert np.abs(up).max() < 0.5


def test_lips_do_not_pass_through_each_other(anatomy, faces):
    points = np.stack([anatomy.landmarks(face) for face in faces])
    gap = points[:, 62, 1] - points[:, 66, 1]
    assert gap.min() > -1.0  # mm; 1.2 at rest
    assert np.mean(gap > 4.0) > 0.2


def test_eyes_are_mostly_open_and_lids_meet_at_most(anatomy, faces):
    points = np.stack([anatomy.landmarks(face) for face in faces])
    opening = (points[:, [37, 38, 43, 44], 1] - points[:, [41, 40, 47, 46], 1]).mean(1)
    assert opening.min() > -1.5  # mm
    assert 6.0 < np.median(opening) < 9.0
    assert np.mean(opening < 3.0) < 0.12
