"""The picture to show, and the portraits in it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from focusfit.export.gallery import GAP, LARGE, MARGIN, ONE_COLUMN, Gallery
from focusfit.export.portrait import DEEP, PAPER, portrait


@pytest.mark.parametrize("faces", [1, ONE_COLUMN, ONE_COLUMN + 1, 2 * ONE_COLUMN + 1])
def test_gallery_grows_downwards_alone(reconstruction, photo, faces):
    gallery = Gallery()
    for number in range(faces):
        gallery.add(f"face {number} " + "long" * 80, reconstruction, photo)
    picture = gallery.picture()
    assert len(gallery) == faces
    assert 1300 < picture.shape[1] <= 1600
    assert picture.shape[0] <= 100 + faces * (LARGE + 60)
    assert picture.dtype == np.uint8
    for edge in (picture[:MARGIN], picture[:, : MARGIN - 2], picture[:, 2 - MARGIN :], picture[-MARGIN // 2 :]):
        assert (edge == PAPER).all(), "nothing is cut off"


def test_a_face_is_shown_in_five_ways(reconstruction, photo):
    gallery = Gallery(turn=-30)
    gallery.add("a", reconstruction, photo)
    row = gallery.picture()[-LARGE - 40 : -40]
    shown = [row[:, MARGIN + k * (LARGE + GAP) :][:, :LARGE].astype(int) for k in range(5)]
    assert all(np.abs(one - other).mean() > 3 for k, one in enumerate(shown) for other in shown[:k])
    for shape in shown[2:4]:
        grey = (shape != PAPER).any(-1)
        assert 0.1 < grey.mean() < 0.9
        assert np.ptp(shape[grey], axis=-1).max() <= 3, "a shape has no colour of its own"


def test_an_empty_gallery_has_no_picture():
    with pytest.raises(ValueError, match="empty"):
        Gallery().picture()


def test_an_opening_in_the_face_is_dark_and_its_surroundings_are_paper(reconstruction):
    model, middle = reconstruction.model, torch.tensor([0.0, 0, 60])
    centres = model.shape_mean[model.triangles].mean(1)
    open_model = replace(model, triangles=model.triangles[(centres - middle).norm(dim=1) > 25])
    face = model.neutral_coefficients()
    light = torch.zeros_like(face.light)
    light[:, :, 0] = 3.0
    for drawn, inside in ((model, False), (open_model, True)):
        picture = portrait(drawn, face.replace(light=light), 64, grey=0.7)
        assert (picture[32, 32] == DEEP).all() == inside
        assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == PAPER).all()
