"""The default detector on real photos."""

import numpy as np
import pytest
from skimage import data
from skimage.transform import rescale

from focusfit.detection import Photo, default_detector, read_photo
from focusfit.detection.yunet import Look, YuNet

RIGHT_EYE, LEFT_EYE, MOUTH = range(36, 42), range(42, 48), range(48, 68)
ASTRONAUT = {RIGHT_EYE: (203, 101), LEFT_EYE: (247, 103), MOUTH: (223, 145)}
"""Eye and mouth centres, read off the photo."""


@pytest.fixture(scope="module")
def detector(detector_files):
    return default_detector()


def only_face(detector, rgb):
    faces = detector.detect(Photo(np.ascontiguousarray(rgb)))
    assert len(faces) == 1
    return faces[0]


def part(face, index):
    return face.landmarks["ibug68"].points[list(index)].mean(0)


def test_astronaut(detector, astronaut):
    face = only_face(detector, astronaut)
    for index, place in ASTRONAUT.items():
        assert np.linalg.norm(part(face, index) - place) < 4
    assert face.score > 0.8
    assert set(face.landmarks) == {"five", "ibug68", "facemesh468"}
    for name, count in (("five", 5), ("ibug68", 68), ("facemesh468", 468)):
        landmarks = face.landmarks[name]
        assert landmarks.scheme == name
        assert landmarks.points.shape == (count, 2)
        assert landmarks.confidence.shape == (count,)
        assert landmarks.confidence.min() >= 0
        assert landmarks.confidence.max() <= 1
    np.testing.assert_allclose(face.landmarks["five"].points[0], part(face, RIGHT_EYE), atol=6)


def test_same_answer_twice(detector, astronaut):
    first, second = only_face(detector, astronaut), only_face(detector, astronaut)
    for name in first.landmarks:
        np.testing.assert_array_equal(first.landmarks[name].points, second.landmarks[name].points)
        np.testing.assert_array_equal(first.landmarks[name].confidence, second.landmarks[name].confidence)


def test_six_people_largest_first(detector, t1):
    faces = detector.detect(read_photo(t1))
    assert len(faces) == 6
    areas = [face.area for face in faces]
    assert areas == sorted(areas, reverse=True)


def test_mirrored_photo_gives_mirrored_points(detector, astronaut):
    face, mirrored = only_face(detector, astronaut), only_face(detector, astronaut[:, ::-1])
    width = astronaut.shape[1]
    size = np.sqrt(np.prod(np.ptp(face.landmarks["ibug68"].points, axis=0)))
    back = part(mirrored, LEFT_EYE) * [-1, 1] + [width - 1, 0]
    assert np.linalg.norm(back - part(face, RIGHT_EYE)) < 0.02 * size


def test_every_look_answers_in_photo_pixels(detector_files, astronaut):
    yunet = YuNet()
    rgb = np.pad(astronaut, ((0, 0), (0, 90), (0, 0)), mode="edge")
    (plain,) = yunet.look(rgb, Look(640), 0.7)
    for how in (Look(640, border=0.3), Look(640, mirrored=True)):
        (face,) = yunet.look(rgb, how, 0.7)
        assert np.abs(face.five - plain.five).max() < 8, how
        assert np.abs(face.box - plain.box).max() < 15, how
    for turns in (1, 2, 3):
        turned = np.ascontiguousarray(np.rot90(rgb, -turns))
        (face,) = yunet.look(turned, Look(640, quarter_turns=turns), 0.7)
        x, y = plain.five.T
        last_x, last_y = rgb.shape[1] - 1, rgb.shape[0] - 1
        there = {1: (last_y - y, x), 2: (last_x - x, last_y - y), 3: (y, last_x - x)}[turns]
        np.testing.assert_allclose(face.five, np.stack(there, 1), atol=1)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_photo_on_its_side(detector, astronaut, turns):
    face = only_face(detector, np.rot90(astronaut, turns))
    upright = only_face(detector, astronaut)
    x, y = part(upright, MOUTH)
    last = 511
    expected = {1: (y, last - x), 2: (last - x, last - y), 3: (last - y, x)}[turns]
    assert np.linalg.norm(part(face, MOUTH) - expected) < 5


def test_small_and_large(detector, astronaut):
    for scale in (0.25, 3.0):
        rgb = (rescale(astronaut, scale, channel_axis=2, anti_aliasing=scale < 1) * 255).round().astype(np.uint8)
        face = only_face(detector, rgb)
        for index, place in ASTRONAUT.items():
            assert np.linalg.norm((part(face, index) + 0.5) / scale - 0.5 - place) < 5


def test_face_that_fills_the_frame(detector, astronaut):
    x0, y0 = 172, 62
    face = only_face(detector, astronaut[y0:190, x0:284])
    for index, place in ASTRONAUT.items():
        assert np.linalg.norm(part(face, index) + np.array([x0, y0]) - place) < 6


def cover(rgb, x0, x1, y0, y1, colour):
    rgb = rgb.copy()
    rgb[y0:y1, x0:x1] = colour
    return rgb


@pytest.mark.parametrize(
    ("box", "hidden"),
    [((180, 275, 130, 190), range(48, 68)), ((226, 275, 90, 130), range(42, 48))],
    ids=["mouth", "left eye"],
)
def test_covered_face_is_found_and_its_hidden_points_are_trusted_less(detector, astronaut, box, hidden):
    clear = only_face(detector, astronaut).landmarks["ibug68"]
    face = only_face(detector, cover(astronaut, *box, (120, 120, 120)))
    covered = face.landmarks["ibug68"]
    hidden = list(hidden)
    inner = [k for k in range(17, 68) if k not in hidden]
    size = np.sqrt(np.prod(np.ptp(clear.points, axis=0)))
    moved = np.linalg.norm(covered.points - clear.points, axis=1) / size
    assert moved[inner].mean() < 0.05
    assert covered.confidence[hidden].mean() < 0.8 * clear.confidence[hidden].mean()
    assert covered.confidence[hidden].mean() < covered.confidence[inner].mean()


@pytest.mark.parametrize("name", ["coffee", "rocket", "text", "chelsea", "moon"])
def test_no_face(detector, name):
    rgb = getattr(data, name)()
    rgb = np.repeat(rgb[..., None], 3, 2) if rgb.ndim == 2 else rgb
    assert detector.detect(Photo(np.ascontiguousarray(rgb))) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (9, 3000, 3), (64, 64, 3)])
def test_photos_without_content(detector, shape):
    assert detector.detect(Photo(np.full(shape, 90, np.uint8))) == []
