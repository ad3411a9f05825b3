"""The overview picture of a face model."""

from __future__ import annotations

import numpy as np
import pytest

from focusfit.export.model_sheet import CAPTION, COLUMNS, PAPER, TILE, model_sheet
from focusfit.facemodel.morphable import MorphableModel


@pytest.fixture(scope="module")
def small(open_model: MorphableModel) -> MorphableModel:
    return open_model.truncate(identity=10, expression=8, albedo=10)


def test_sheet_shows_every_row(small: MorphableModel) -> None:
    sheet = model_sheet(small, seed=1, random_faces=10)
    rows, lines = 8, 9
    assert sheet.shape == (rows * CAPTION + lines * TILE, COLUMNS * TILE, 3)
    assert sheet.dtype == np.uint8
    first = sheet[CAPTION : CAPTION + TILE].reshape(TILE, COLUMNS, TILE, 3)
    drawn = (first != np.array(PAPER, dtype=np.uint8)).any(-1).mean((0, 2))
    assert (drawn > 0.2).all()
    last = sheet[-TILE:].reshape(TILE, COLUMNS, TILE, 3)
    assert (last[:, 2:] == np.array(PAPER, dtype=np.uint8)).all(), "no more faces than asked for"


def test_seed_decides_the_random_faces(small: MorphableModel) -> None:
    first, again, other = (model_sheet(small, seed=s, random_faces=2)[-TILE:] for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
