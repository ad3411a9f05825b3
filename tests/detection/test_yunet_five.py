from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from focusfit.detection import load_detector
from focusfit.detection.face import FIVE_POINT_GROUPS
from focusfit.detection.photo import Photo, read_photo
from focusfit.fitting.fitter import Fitter

pytestmark = pytest.mark.usefixtures("detector_files")


def size_of(points: np.ndarray) -> float:
    return float(np.sqrt(np.prod(np.ptp(points, axis=0))))


def test_it_finds_the_faces_that_the_default_finds(t1: Path) -> None:
    photo = read_photo(t1)
    five, both = load_detector("yunet").detect(photo), load_detector().detect(photo)
    assert len(five) == len(both) == 6
    for face, other in zip(five, both, strict=True):
        assert list(face.landmarks) == ["five"]
        assert face.source == "yunet"
        points = other.landmarks["ibug68"].points
        expected = np.stack([points[list(group)].mean(0) for group in FIVE_POINT_GROUPS])
        error = np.linalg.norm(face.landmarks["five"].points - expected, axis=1).mean()
        assert error < 0.08 * size_of(other.landmarks["ibug68"].points)


def test_photos_that_lie_on_their_side(astronaut: np.ndarray) -> None:
    [upright] = load_detector("yunet").detect(Photo(astronaut))
    [turned] = load_detector("yunet").detect(Photo(np.ascontiguousarray(np.rot90(astronaut))))
    x, y = upright.landmarks["five"].points.T
    expected = np.stack([y, astronaut.shape[1] - 1 - x], axis=1)
    assert np.linalg.norm(turned.landmarks["five"].points - expected, axis=1).max() < 10


def test_nothing_is_found_where_nothing_is() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert load_detector("yunet").detect(Photo(noise)) == []
    assert load_detector("yunet").detect(Photo(np.zeros((4, 4, 3), np.uint8))) == []


def test_five_points_are_enough_for_a_fit_with_networks(astronaut: np.ndarray) -> None:
    [few] = Fitter(detector=load_detector("yunet")).fit(astronaut)
    [many] = Fitter().fit(astronaut)
    apart = np.linalg.norm(few.landmarks68 - many.landmarks68, axis=1)[17:].mean()
    assert apart < 0.05 * size_of(many.landmarks68)


@pytest.mark.parametrize(("networks", "limit"), [("shipped", 0.05), (None, 0.1)])
def test_five_points_of_a_table_can_be_fitted(
    astronaut: np.ndarray, astronaut_file: Path, tmp_path: Path, networks: Any, limit: float
) -> None:
    [found] = load_detector("yunet").detect(Photo(astronaut))
    table = tmp_path / "five.csv"
    numbers = ",".join(f"{value:.2f}" for value in found.landmarks["five"].points.ravel())
    table.write_text(f"{astronaut_file.name},{numbers}\n")
    [few] = Fitter(detector=load_detector("csv", table), networks=networks).fit(astronaut_file)
    [many] = Fitter().fit(astronaut_file)
    apart = np.linalg.norm(few.landmarks68 - many.landmarks68, axis=1)[17:].mean()
    assert apart < limit * size_of(many.landmarks68)
