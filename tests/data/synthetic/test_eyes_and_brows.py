from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from focusfit.data.synthetic import SyntheticConfig, SyntheticWorld
from focusfit.data.synthetic.brows import draw_brows
from focusfit.data.synthetic.eye_shade import eye_openness
from focusfit.data.synthetic.eyelashes import LOWER, UPPER
from focusfit.data.synthetic.face_rendering import render_face
from focusfit.data.synthetic.lighting import Lighting
from focusfit.data.synthetic.surface import unit_normals
from focusfit.data.synthetic.turning import turned
from focusfit.data.synthetic.viewpoint import TO_CAMERA, Viewpoint

LIDS = list(range(36, 48))
BLINK = ("eyeBlinkLeft", "eyeBlinkRight")


@pytest.fixture(scope="module")
def world():
    return SyntheticWorld(SyntheticConfig(size=160, seed=3))


@pytest.fixture(scope="module")
def anatomy(world):
    return world.anatomy


def blinking(anatomy, vertices, amount):
    return vertices + amount * sum(anatomy.actions[anatomy.action_names.index(name)] for name in BLINK)


def close_view(person, anatomy, size=160):
    """The right eye from the front, 2 pixels a mm."""
    eye = anatomy.landmarks(person.neutral)[36:42].mean(0)
    translation = np.array([0, 0, 1500], np.float32) - TO_CAMERA * eye
    matrix = turned(0.0, 0.0, 0.0).astype(np.float32)
    return Viewpoint(size, 3000.0, np.full(2, (size - 1) / 2, np.float32), matrix, np.zeros(3, np.float32), translation)


def picture(world, person, vertices):
    anatomy = world.anatomy
    landmarks = anatomy.landmarks(vertices)
    mouth = anatomy.mouth
    own = np.concatenate([mouth.vertices(anatomy.landmarks(person.neutral), landmarks), mouth.bag(vertices[mouth.rim])])
    ambient = np.zeros((3, 4), np.float32)
    ambient[:, 0] = 0.7
    light = Lighting(ambient, np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32), 0.0)
    return render_face(anatomy, person, vertices, own, close_view(person, anatomy), light).colour


def test_lids_darken_the_eyeballs_below_them(anatomy):
    face = anatomy.identity.mean
    balls, landmarks = face[anatomy.eyeballs], anatomy.landmarks(face)
    openness = eye_openness(balls, landmarks)
    right = (np.abs(balls[:, 0] - landmarks[36:42, 0].mean()) < 6) & (balls[:, 2] > 0)
    below = landmarks[[37, 38], 1].mean() - balls[:, 1]
    near, far = right & (np.abs(below) < 1.5), right & (below > 5) & (below < 8)
    assert openness[near].mean() < 0.6 * openness[far].mean()
    closing = eye_openness(balls, anatomy.landmarks(blinking(anatomy, face, 0.6)))
    assert closing[far].mean() < 0.9 * openness[far].mean()
    assert openness.min() >= 0
    assert openness.max() <= 1


def test_lashes_stand_on_the_edges_of_the_lids_and_go_with_them(anatomy):
    face, roots = anatomy.identity.mean, anatomy.lash_roots
    open_eyes = roots.curves(face, 6.0, 0.5)
    assert len(open_eyes) == 2 * (UPPER + LOWER)
    to_lid = cKDTree(anatomy.landmarks(face)[LIDS]).query(open_eyes[:, 0])[0]
    assert to_lid.max() < 8
    ball = np.stack([face[vertices].mean(0) for vertices in roots.balls])[roots.ball]
    outwards = np.linalg.norm(open_eyes[:, -1] - ball, axis=1) - np.linalg.norm(open_eyes[:, 0] - ball, axis=1)
    assert (outwards > 1).all()
    assert (open_eyes[:, -1, 2] > open_eyes[:, 0, 2]).mean() > 0.9
    closed_eyes = roots.curves(blinking(anatomy, face, 1.0), 6.0, 0.5)
    upper = roots.upwards[:, 0] > 0
    sunk = open_eyes[upper, :, 1] - closed_eyes[upper, :, 1]
    assert np.median(sunk[:, 0]) > 4, "roots go down with the lid"
    assert np.median(sunk[:, -1]) > np.median(sunk[:, 0]) + 1, "and tips farther, as the lid turns"


def test_lashes_are_seen(world):
    person = world.person(0)
    bare = replace(person.complexion.eyelashes, length=0.01)
    long = replace(person.complexion.eyelashes, length=7.0, colour=np.zeros(3, np.float32))
    with_, without = (
        picture(world, replace(person, complexion=replace(person.complexion, eyelashes=lashes)), person.neutral)
        for lashes in (long, bare)
    )
    darker = with_.mean(2) < 0.88 * without.mean(2)
    row, column = np.nonzero(darker)
    assert 60 < len(row) < 1500
    assert np.abs(row - 80).max() < 30
    assert np.abs(column - 80).max() < 50


def test_brows_slide_along_the_forehead_and_take_their_landmarks_along(anatomy):
    face = anatomy.identity.mean
    for heights in (np.full((2, 5), 3.0), np.full((2, 5), -3.0)):
        moved = anatomy.brow_place.moved(face, heights)
        before, after = anatomy.landmarks(face), anatomy.landmarks(moved)
        risen = (after - before)[17:27, 1] / heights.ravel()
        assert (risen > 0.5).all()
        assert (risen < 1.05).all()
        still = np.r_[0:17, 28:68]
        assert np.abs(after - before)[still].max() < 0.4
        # along the surface, not off it
        _, nearest = cKDTree(face).query(moved)
        normals = unit_normals(face, anatomy.triangles)
        off = np.abs(((moved - face[nearest]) * normals[nearest]).sum(1))
        assert np.percentile(off, 99) < 0.5
    one_side = anatomy.brow_place.moved(face, np.array([[0.0] * 5, [3.0] * 5]))
    lifted = anatomy.landmarks(one_side)[17:27, 1] - anatomy.landmarks(face)[17:27, 1]
    assert lifted[:5].max() < 0.3
    assert lifted[5:].min() > 1.5


def test_brows_differ_from_person_to_person_and_stay_the_same_on_one(world):
    again = SyntheticWorld(world.config)
    first, same, other = world.person(0), again.person(0), world.person(1)
    np.testing.assert_array_equal(first.complexion.brows.heights, same.complexion.brows.heights)
    assert np.abs(first.complexion.brows.heights - other.complexion.brows.heights).max() > 0.5
    rng = np.random.default_rng(0)
    many = [draw_brows(bool(number % 2), rng) for number in range(300)]
    middle = np.stack([brows.heights.mean(0) for brows in many])
    assert (middle.std(0) > 1.5).all()
    assert np.stack([brows.widths for brows in many]).std(0).min() > 0.3
    two_sides = np.stack([brows.heights[0] - brows.heights[1] for brows in many])
    assert np.abs(two_sides).mean() < 1
