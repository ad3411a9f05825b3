from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from focusfit.data.synthetic.occluders import (
    CLASHING,
    FREQUENCIES,
    OCCLUDERS,
    WORN,
    paint_occluder,
    random_kinds,
    random_occluders,
)
from focusfit.data.synthetic.posed_face import PosedFace
from focusfit.errors import FocusfitError
from tests.data.synthetic.posed_faces import pose_face

EYES = [*range(36, 48)]
MOUTH = [*range(48, 68)]
NOSE = [*range(30, 36)]


@pytest.fixture(scope="module")
def face(open_model) -> PosedFace:
    return pose_face(open_model)


def cover_of(face: PosedFace, kind: str, seed: int) -> np.ndarray:
    layers = [layer for layer in paint_occluder(face, np.random.default_rng(seed), kind) if layer.occludes]
    return np.max([layer.cover for layer in layers], axis=0, initial=0)


def at_landmarks(face: PosedFace, picture: np.ndarray, index: list[int]) -> np.ndarray:
    x, y = np.rint(face.landmarks_px[index]).astype(int).T
    return picture[y, x]


def mean_cover(face: PosedFace, kind: str, index: list[int], count: int = 8) -> float:
    return float(np.mean([at_landmarks(face, cover_of(face, kind, seed), index).mean() for seed in range(count)]))


def test_registry_and_frequencies_name_the_same_things():
    assert set(FREQUENCIES) == set(OCCLUDERS)
    assert set(WORN) | set().union(*CLASHING) <= set(OCCLUDERS)
    assert max(FREQUENCIES, key=FREQUENCIES.__getitem__) == "hand"


@pytest.mark.parametrize("kind", OCCLUDERS)
def test_layers_are_pictures_within_bounds_and_repeat(face, kind):
    for seed in range(2):
        layers = paint_occluder(face, np.random.default_rng(seed), kind)
        again = paint_occluder(face, np.random.default_rng(seed), kind)
        for layer, same in zip(layers, again, strict=True):
            for picture, twin in ((layer.colour, same.colour), (layer.cover, same.cover), (layer.shadow, same.shadow)):
                assert picture.dtype == np.float32
                assert picture.shape[:2] == (face.size, face.size)
                assert np.isfinite(picture).all()
                assert picture.min() >= 0
                assert picture.max() <= 1
                np.testing.assert_array_equal(picture, twin)
            assert layer.shadow.min() > 0


@pytest.mark.parametrize("kind", OCCLUDERS)
def test_something_is_drawn_and_differs_by_seed(face, kind):
    drawn = [paint_occluder(face, np.random.default_rng(seed), kind) for seed in range(6)]
    covers = [np.max([layer.cover for layer in layers], axis=0) for layers in drawn]
    assert np.median([cover.sum() for cover in covers]) > 20
    assert any(np.abs(covers[0] - cover).max() > 0.5 for cover in covers[1:]) or kind == "haze"


@pytest.mark.parametrize("yaw", [-50, 0, 35])
@pytest.mark.parametrize("kind", ["surgical_mask", "respirator", "cloth_mask"])
def test_masks_follow_the_face(open_model, kind, yaw):
    face = pose_face(open_model, yaw)
    seen = [i for i in MOUTH if is_seen(face, i)]
    assert mean_cover(face, kind, seen) > 0.9
    assert mean_cover(face, kind, [i for i in EYES if is_seen(face, i)]) < 0.05
    assert mean_cover(face, kind, [i for i in (19, 24, 27) if is_seen(face, i)]) < 0.05


def is_seen(face: PosedFace, index: int) -> bool:
    """Whether a landmark is on the side of the face that the camera sees."""
    x, y = np.rint(face.landmarks_px[index]).astype(int)
    return bool(face.to_camera(face.landmarks[index])[2] < face.depth[y, x] + 3)


def test_some_masks_leave_the_nose_free(face):
    nose = [at_landmarks(face, cover_of(face, "surgical_mask", seed), NOSE).mean() for seed in range(40)]
    assert 0.03 < np.mean(np.array(nose) < 0.3) < 0.4


def test_sunglasses_hide_the_eyes_and_spectacles_do_not(face):
    assert mean_cover(face, "sunglasses", EYES) > 0.8
    assert mean_cover(face, "spectacles", EYES) < 0.15
    for seed in range(10):
        glass, frame = paint_occluder(face, np.random.default_rng(seed), "spectacles")
        assert frame.occludes
        assert not glass.occludes
        assert at_landmarks(face, glass.cover, EYES).mean() > 0.02
    assert mean_cover(face, "sunglasses", MOUTH) < 0.05


@pytest.mark.parametrize(("kind", "hidden", "free"), [("scarf", [8], [*EYES, 27]), ("veil", [33, 57], EYES)])
def test_cloth_hides_what_it_says(face, kind, hidden, free):
    assert mean_cover(face, kind, hidden) > 0.75
    assert mean_cover(face, kind, free) < 0.1


@pytest.mark.parametrize("kind", ["cup", "food", "microphone"])
def test_things_come_to_the_mouth(face, kind):
    assert mean_cover(face, kind, MOUTH) > 0.15
    assert mean_cover(face, kind, MOUTH) > 3 * mean_cover(face, kind, [19, 24])


def test_shadows_lie_beside_what_casts_them(open_model):
    lit, ambient = pose_face(open_model, lamp=0.45), pose_face(open_model, lamp=0.0)
    loss = {}
    for name, face in (("lit", lit), ("ambient", ambient)):
        layers = [paint_occluder(face, np.random.default_rng(seed), "hand")[0] for seed in range(8)]
        beside = [layer.shadow[(layer.cover == 0) & (face.depth < 1e9)] for layer in layers]
        loss[name] = 1 - np.concatenate(beside).mean()
        assert min(np.quantile(b, 0.05) for b in beside if len(b) > 500) < 0.9
        far = np.concatenate([layer.shadow[face.depth > 1e9] for layer in layers])
        assert np.quantile(far, 0.02) > 0.97
    assert loss["lit"] > 0.02


def test_colour_follows_the_scene_s_light(face):
    dark = replace(face, light=0.4 * face.light)
    for kind in ("hand", "surgical_mask", "scarf", "food"):
        bright, dim = (paint_occluder(f, np.random.default_rng(5), kind)[-1] for f in (face, dark))
        solid = bright.cover > 0.9
        ratio = dim.colour[solid].mean() / bright.colour[solid].mean()
        assert 0.3 < ratio < 0.6, kind


def test_random_occluders_are_mostly_one_and_never_clash():
    rng = np.random.default_rng(0)
    drawn = [random_kinds(rng) for _ in range(4000)]
    counts = np.bincount([len(kinds) for kinds in drawn], minlength=4) / len(drawn)
    assert counts[0] == 0
    assert counts[1] > 0.8
    assert 0.05 < counts[2] < 0.2
    assert 0 < counts[3] < 0.02
    share = np.mean(["hand" in kinds for kinds in drawn])
    assert 0.33 < share < 0.5
    for kinds in drawn:
        assert all(len(group & set(kinds)) <= 1 for group in CLASHING)
        worn = [kind in WORN for kind in kinds]
        assert worn == sorted(worn, reverse=True)


def test_frequencies_choose(face):
    layers = random_occluders(face, np.random.default_rng(1), {"card": 1.0, "hand": 0.0})
    assert [layer.kind for layer in layers] == ["card"]


@pytest.mark.parametrize(
    ("frequencies", "message"),
    [({"hand": 0.0}, "above zero"), ({}, "above zero"), ({"hand": -1.0}, "'hand'"), ({"sword": 1.0}, "Known")],
)
def test_wrong_frequencies_are_refused(face, frequencies, message):
    with pytest.raises(FocusfitError, match=message):
        random_occluders(face, np.random.default_rng(0), frequencies)
