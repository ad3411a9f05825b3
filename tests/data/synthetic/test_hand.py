from __future__ import annotations

import numpy as np
import pytest

from focusfit.data.synthetic.occluders.drawing import sample
from focusfit.data.synthetic.occluders.hand import GESTURES, hand_with_gesture
from focusfit.data.synthetic.occluders.hand.flesh import rest_hand, signed_distance
from focusfit.data.synthetic.occluders.hand.placement import SWAPPED, place_hand, random_build
from focusfit.data.synthetic.occluders.hand.pose import LIMITS, HandPose, bend_hand, tip
from focusfit.data.synthetic.occluders.hand.skeleton import INDEX, LENGTHS, MIDDLE, joints
from focusfit.data.synthetic.occluders.hand.skin import random_skin
from tests.data.synthetic.posed_faces import pose_face

STRAIGHT = HandPose(np.zeros((5, 3)), np.zeros(5))


def bent(degrees: float) -> HandPose:
    bend = np.zeros((5, 3))
    bend[1:] = degrees
    return HandPose(bend, np.zeros(5))


def test_rest_hand_is_one_closed_surface_of_human_size():
    hand = rest_hand()
    edges = np.sort(np.concatenate([hand.triangles[:, [0, 1]], hand.triangles[:, [1, 2]], hand.triangles[:, [2, 0]]]))
    _, count = np.unique(edges, axis=0, return_counts=True)
    assert (count == 2).all()
    assert 165 < hand.vertices[:, 1].max() < 205
    palm = hand.vertices[(hand.vertices[:, 1] > 60) & (hand.vertices[:, 1] < 85) & (hand.digit[:, 0] > 0)]
    assert 70 < np.ptp(palm[:, 0]) < 100
    corner = hand.vertices[hand.triangles].astype(float)
    volume = np.einsum("fi,fi->f", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])).sum() / 6
    assert volume > 0  # wound outwards


def test_normals_point_out_of_the_flesh():
    hand = rest_hand()
    near = np.abs(hand.vertices[:, 1]) < 150
    lifted = signed_distance(hand.vertices[near] + 2 * hand.normals[near])
    assert np.quantile(lifted, 0.01) > 0.8  # less only where fingers meet
    assert np.median(lifted) > 1.8
    np.testing.assert_allclose(np.linalg.norm(hand.normals, axis=1), 1, atol=1e-4)


def test_a_straight_pose_is_the_resting_hand():
    hand = rest_hand()
    np.testing.assert_array_equal(bend_hand(hand, hand.vertices, STRAIGHT), hand.vertices)


def test_bending_closes_fingers_towards_the_palm_and_keeps_bones_long():
    straight, closed = tip(MIDDLE, STRAIGHT), tip(MIDDLE, bent(80))
    assert closed[2] < straight[2] - 20
    assert np.linalg.norm(closed - joints()[MIDDLE, 0]) < 0.55 * LENGTHS[MIDDLE].sum()
    half = HandPose(np.zeros((5, 3)), np.zeros(5))
    half.bend[INDEX, 2] = 60
    moved = np.linalg.norm(tip(INDEX, half) - joints()[INDEX, 2])
    assert moved == pytest.approx(LENGTHS[INDEX, 2], abs=1e-3)


def test_flesh_follows_its_bones_and_does_not_collapse():
    hand, pose = rest_hand(), bent(85)
    moved = bend_hand(hand, hand.vertices, pose)
    end = joints()[MIDDLE, 3]
    fingertip = np.linalg.norm(hand.vertices - end, axis=1) < 9
    assert np.abs(np.linalg.norm(moved[fingertip] - tip(MIDDLE, pose), axis=1)
                  - np.linalg.norm(hand.vertices[fingertip] - end, axis=1)).max() < 0.5  # fmt: skip
    joint = joints()[MIDDLE, 1]
    bend = HandPose(np.zeros((5, 3)), np.zeros(5))
    bend.bend[MIDDLE, 1] = 90
    around = (np.linalg.norm(hand.vertices - joint, axis=1) < 13) & (hand.digit[:, 0] == MIDDLE)
    around &= hand.membership[:, 0] > 0.999
    before = np.linalg.norm(hand.vertices[around] - joint, axis=1)
    after = np.linalg.norm(bend_hand(hand, hand.vertices, bend)[around] - joint, axis=1)
    np.testing.assert_allclose(after, before, rtol=0.02)
    palm = (hand.vertices[:, 1] < 40) & (hand.digit[:, 0] != 0)
    np.testing.assert_allclose(moved[palm], hand.vertices[palm], atol=0.5)


def test_varied_poses_stay_within_the_joints_limits():
    rng = np.random.default_rng(0)
    for _, gesture in GESTURES.values():
        for _ in range(20):
            pose = gesture.pose.varied(rng, 25.0)
            assert (pose.bend >= LIMITS[..., 0]).all()
            assert (pose.bend <= LIMITS[..., 1]).all()


def test_swapped_landmarks_mirror_the_mean_face(open_model):
    points = open_model.landmarks["ibug68"].of(open_model.shape_mean).numpy()
    np.testing.assert_allclose(points[SWAPPED] * (-1, 1, 1), points, atol=0.5)


@pytest.mark.parametrize(
    ("name", "hidden", "free"),
    [
        ("mouth_covered", [51, 57, 62], [19, 24]),
        ("mouth_behind_palm", [51, 57], [19, 24]),
        ("eyes_covered", [39, 42, 27], [8]),
        ("face_palm", [27, 28], []),
        ("brow_wiped", [], [48, 54, 8]),
        ("hush", [62], [36, 45]),
    ],
)
@pytest.mark.parametrize("yaw", [0, 30])
def test_gestures_hide_what_they_say(open_model, name, hidden, free, yaw):
    face = pose_face(open_model, yaw)
    layers = [hand_with_gesture(face, np.random.default_rng(s), name, (bool(s % 2),)) for s in range(12)]
    x, y = np.rint(face.landmarks_px).astype(int).T
    mean = np.mean([layer.cover[y, x] for layer in layers], axis=0)
    assert (mean[hidden] > 0.6).all()
    assert (mean[free] < 0.45).all()


def test_resting_hands_touch_the_face_and_neither_hover_nor_sink(open_model):
    face = pose_face(open_model)
    sunk = []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        skin = random_skin(face, rng)
        mesh = place_hand(face, GESTURES["mouth_covered"][1], random_build(face, rng), skin, bool(seed % 2), rng)
        points = mesh.vertices[mesh.attributes[:, 1] > 0]
        x, y = np.rint(face.project(points)).astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < face.size) & (y < face.size)
        depth = points[inside, 2] - face.depth[y[inside], x[inside]]
        sunk.append(depth[np.isfinite(depth)].max())
    assert -2 < np.median(sunk) < 25


def test_left_and_right_hands_mirror_each_other(open_model):
    face = pose_face(open_model)
    build = random_build(face, np.random.default_rng(0))
    gesture = GESTURES["waving"][1]
    skin = random_skin(face, np.random.default_rng(0))
    left, right = (place_hand(face, gesture, build, skin, side, np.random.default_rng(4)) for side in (True, False))
    np.testing.assert_allclose(left.vertices[:, 0], -right.vertices[:, 0], atol=1.5)
    for mesh in (left, right):  # both are seen from outside
        assert (sample(face, mesh).normals[:, 2] > -0.3).mean() > 0.99


def test_hands_wear_the_person_s_own_skin_mostly(open_model):
    face = pose_face(open_model)
    tones = np.array([random_skin(face, np.random.default_rng(seed)).tone for seed in range(300)])
    near = np.abs(tones / face.skin - 1).max(1) < 0.2
    assert 0.6 < near.mean() < 0.85
