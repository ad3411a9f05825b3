"""The fitter on a real photo, with the real detector and the open model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from focusfit.data.occluders import occlude
from focusfit.errors import PhotoError
from focusfit.export.photo_masks import photo_masks
from focusfit.fitting.fitter import Fitter, as_photo
from focusfit.fitting.misfit import shipped_misfit
from focusfit.fitting.reconstruction import Reconstruction

INNER = slice(17, 68)


@pytest.fixture(scope="module")
def fitter(open_model, detector_files) -> Fitter:
    return Fitter(open_model)


@pytest.fixture(scope="module")
def bare(fitter, astronaut) -> Reconstruction:
    [face] = fitter.fit(astronaut)
    return face


@pytest.fixture(scope="module")
def seen(bare) -> np.ndarray:
    """``(68, 2)`` where the detector sees the bare face's points."""
    return bare.detection.landmarks["ibug68"].points


def off(found: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """``(68,)`` distances in units of the outer eye corners' distance."""
    return np.linalg.norm(found - seen, axis=1) / np.linalg.norm(seen[36] - seen[45])


def eye_to_mouth(seen: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """``shape`` bool: the box around eyes, nose and mouth, which hair leaves free."""
    low, high = seen[36:].min(0).round().astype(int), seen[36:].max(0).round().astype(int)
    box = np.zeros(shape, bool)
    box[low[1] : high[1], low[0] : high[0]] = True
    return box


def test_fitted_landmarks_are_where_the_detector_saw_them(bare, seen):
    assert off(bare.landmarks68, seen)[INNER].mean() < 0.06


def test_bare_face_is_visible(bare, seen):
    masks = photo_masks(bare, (512, 512))
    inner = eye_to_mouth(seen, (512, 512))
    assert (masks.region[inner] > 0).mean() > 0.94
    assert (masks.visible[inner] > 0).mean() > 0.75


def test_the_networks_say_how_sure_they_are(fitter, bare, astronaut, seen):
    assert 0.5 < bare.look_deviation < 3.0
    low, high = seen.min(0).astype(int), seen.max(0).astype(int)
    hidden = astronaut.copy()
    hidden[low[1] - 40 : high[1] + 20, (low[0] + high[0]) // 2 : high[0] + 30] = 90
    [face] = fitter.fit_faces([as_photo(hidden)], [bare.detection])
    assert face.look_deviation > 1.2 * bare.look_deviation


def test_result_is_consistent(bare):
    assert not bare.mask_probability[~bare.region].any()
    assert not bare.rendered[~bare.region].any()
    share = 1 - bare.mask_probability.sum() / bare.region.sum()
    assert bare.occluded_fraction == pytest.approx(share, abs=1e-4)
    assert 0 < bare.confidence <= 1
    assert bare.provenance["model"] == bare.model.name


@pytest.mark.parametrize("kind", ["mask", "sunglasses"])
def test_the_mask_leaves_out_what_was_painted(kind, fitter, bare, seen, astronaut):
    painted = occlude(astronaut, seen, kind)
    [face] = fitter.fit_faces([as_photo(painted.rgb)], [bare.detection])
    masks = photo_masks(face, (512, 512))
    covered, region = painted.covered > 0, masks.region > 0
    # Hair and hat are occluders too: only what lies between brows and chin is compared.
    compared = region & (np.arange(512)[:, None] > seen[17:27, 1].min())
    found = compared & (masks.visible == 0)
    true = compared & covered
    assert (found & true).sum() / (found | true).sum() > 0.5
    assert (found & true).sum() / true.sum() > 0.7
    assert off(face.landmarks68, seen).max() < 0.35
    assert off(face.landmarks68, seen)[INNER].mean() < 0.2


def test_two_runs_are_identical_bit_by_bit(fitter, bare, astronaut):
    [again] = fitter.fit(astronaut)
    assert np.array_equal(again.mask_probability, bare.mask_probability)
    assert np.array_equal(again.vertices, bare.vertices)
    assert all(
        np.array_equal(a, b)
        for (_, a), (_, b) in zip(again.coefficients.items(), bare.coefficients.items(), strict=True)
    )


def test_a_batch_gives_what_single_faces_give(fitter, bare, astronaut):
    mirrored = as_photo(astronaut[:, ::-1].copy())
    [other] = fitter.detector.detect(mirrored)
    both = fitter.fit_faces([as_photo(astronaut), mirrored], [bare.detection, other])
    assert np.abs(both[0].vertices - bare.vertices).max() < 0.1
    assert np.abs(both[0].mask_probability - bare.mask_probability).mean() < 0.01


def test_grey_photo(fitter, bare, astronaut):
    grey = np.repeat(astronaut.mean(2, keepdims=True).astype(np.uint8), 3, axis=2)
    [face] = fitter.fit_faces([as_photo(grey)], [bare.detection])
    assert off(face.landmarks68, bare.landmarks68)[INNER].mean() < 0.1


def test_tiny_face(fitter, astronaut):
    tiny = np.asarray(Image.fromarray(astronaut).resize((140, 140), Image.Resampling.LANCZOS))
    faces = fitter.fit(tiny)
    assert len(faces) == 1
    assert np.isfinite(faces[0].vertices).all()


def test_face_cut_by_the_border(fitter, bare, seen, astronaut):
    middle = int(seen[33, 0])
    cut = astronaut[:, : middle + 20].copy()
    [face] = fitter.fit_faces([as_photo(cut)], [bare.detection])
    assert np.isfinite(face.vertices).all()
    columns = np.arange(face.region.shape[1])
    beyond = face.crop.to_photo(np.stack([columns, columns], 1))[:, 0] > cut.shape[1]
    assert not face.region[:, beyond].any()


def test_no_face(fitter):
    with pytest.raises(PhotoError, match="no face"):
        fitter.fit(np.full((200, 200, 3), 128, np.uint8))


@pytest.mark.parametrize(
    "array", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3), np.float32)]
)
def test_wrong_arrays(array):
    with pytest.raises(PhotoError, match=r"\(H, W, 3\) uint8"):
        as_photo(array)


def test_given_landmarks_shape_the_face_more_than_detected_ones(fitter, t1):
    photo = as_photo(t1)
    faces = fitter.detector.detect(photo)
    table = [replace(face, source="csv", landmarks={"ibug68": face.landmarks["ibug68"]}) for face in faces]
    results = fitter.fit_faces([photo] * 12, [*faces, *table])
    distance = {"detected": [], "given": []}
    for face, detected, given in zip(faces, results[:6], results[6:], strict=True):
        assert given.coefficients.identity.norm() > 1.2 * detected.coefficients.identity.norm()
        assert given.provenance["config"]["prior"]["identity"] < detected.provenance["config"]["prior"]["identity"]
        points = face.landmarks["ibug68"].points
        distance["detected"].append(off(detected.landmarks68, points)[INNER].mean())
        distance["given"].append(off(given.landmarks68, points)[INNER].mean())
    assert np.mean(distance["given"]) < 0.95 * np.mean(distance["detected"])


def test_labels_of_a_batch_do_not_mix(fitter, bare, astronaut):
    given = replace(bare.detection, source="csv")
    detected, _ = fitter.fit_faces([as_photo(astronaut)] * 2, [bare.detection, given])
    assert np.abs(detected.vertices - bare.vertices).max() < 0.1


def test_the_known_bias_is_taken_off_the_neutral_face(open_model, fitter, bare, astronaut):
    prior = shipped_misfit(open_model)
    correcting = Fitter(open_model, fitter.detector, correction=prior)
    [face] = correcting.fit_faces([as_photo(astronaut)], [bare.detection])
    np.testing.assert_allclose(bare.neutral - face.neutral, prior.shape_mean, atol=1e-3)
    np.testing.assert_array_equal(face.vertices, bare.vertices)
    assert face.provenance["neutral_corrected"]
    assert not bare.provenance["neutral_corrected"]
