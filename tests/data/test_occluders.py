"""Painted occluders: where they lie, and that their mask says exactly so."""

import numpy as np
import pytest
from skimage import data

from focusfit.data.occluders import OCCLUDERS, occlude
from focusfit.errors import FocusfitError

# The astronaut's iBUG points, to a few pixels.
LANDMARKS = np.concatenate(
    [
        [(181, 113), (182, 128), (184, 143), (187, 157), (192, 171), (201, 182), (211, 191), (221, 197), (232, 199)],
        [(241, 196), (249, 189), (256, 180), (262, 169), (265, 155), (267, 141), (268, 127), (268, 112)],
        [(187, 101), (193, 95), (201, 94), (209, 95), (216, 98), (232, 97), (239, 93), (247, 91), (255, 92), (261, 97)],
        [(225, 108), (225, 117), (226, 126), (226, 135), (216, 143), (221, 145), (226, 146), (231, 144), (236, 142)],
        [(195, 111), (200, 107), (206, 107), (212, 112), (206, 114), (200, 114)],
        [(236, 111), (241, 106), (247, 105), (253, 108), (248, 112), (242, 113)],
        [(207, 162), (213, 157), (221, 154), (226, 155), (231, 153), (240, 156), (247, 160)],
        [(241, 169), (234, 174), (228, 175), (221, 175), (213, 171)],
        [(210, 162), (221, 160), (226, 160), (232, 159), (244, 160), (232, 168), (227, 169), (221, 169)],
    ]
).astype(float)

COVERS = {"mask": (33, 51, 57, 8), "hand": (), "sunglasses": (37, 40, 44, 47), "card": ()}
SPARES = {"mask": (19, 24, 37, 44), "hand": (19, 24), "sunglasses": (33, 51, 57, 8), "card": (8,)}


@pytest.fixture(scope="module")
def photo():
    return data.astronaut()


@pytest.mark.parametrize("kind", OCCLUDERS)
@pytest.mark.parametrize("seed", [0, 1])
def test_covers_what_it_should_and_says_so(photo, kind, seed):
    painted = occlude(photo, LANDMARKS, kind, seed)
    at = lambda index: painted.covered[tuple(np.rint(LANDMARKS[index]).astype(int)[::-1])]  # noqa: E731
    assert all(at(index) == 255 for index in COVERS[kind])
    assert all(at(index) == 0 for index in SPARES[kind])
    changed = np.abs(painted.rgb.astype(int) - photo).max(-1)
    covered = painted.covered > 0
    inside_hull = covered[90:200, 180:270].mean()
    assert 0.05 < inside_hull < 0.75
    assert (changed[covered] > 8).mean() > 0.8
    # Outside there is nothing but a shadow.
    assert (painted.rgb.astype(int) - photo)[~covered].max() < 130
    assert np.median(changed[~covered]) == 0


def test_same_seed_same_picture(photo):
    first, second, other = (occlude(photo, LANDMARKS, "hand", seed) for seed in (3, 3, 4))
    assert np.array_equal(first.rgb, second.rgb)
    assert not np.array_equal(first.rgb, other.rgb)


def test_follows_a_turned_face(photo):
    turned = np.ascontiguousarray(np.rot90(photo, 2))
    points = np.array([511, 511]) - LANDMARKS
    upright, upside_down = occlude(photo, LANDMARKS, "mask").covered, occlude(turned, points, "mask").covered
    overlap = (upright > 0) & (np.rot90(upside_down, 2) > 0)
    assert overlap.sum() > 0.97 * (upright > 0).sum()


@pytest.mark.parametrize("offset", [(-190, -100), (200, 280), (4000, 0)])
@pytest.mark.parametrize("kind", OCCLUDERS)
def test_at_and_beyond_the_photos_edge(photo, kind, offset):
    painted = occlude(photo, LANDMARKS + offset, kind)
    assert painted.rgb.shape == photo.shape
    assert painted.covered.shape == photo.shape[:2]
    assert (painted.covered.max() == 0) == (offset == (4000, 0))


def test_unknown_kind(photo):
    with pytest.raises(FocusfitError, match="Known occluders: mask"):
        occlude(photo, LANDMARKS, "beard")
