"""The file of the misfit prior, the prior that ships, and its way into a fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from focusfit.errors import FaceModelError
from focusfit.facemodel.morphable import MorphableModel
from focusfit.fitting.config import FitConfig
from focusfit.fitting.expectation import known_misfit
from focusfit.fitting.misfit import SHIPPED_MISFIT, MisfitPrior, read_misfit, shipped_misfit, write_misfit
from focusfit.fitting.surface import FittingSurface
from focusfit.imaging.camera import Camera
from focusfit.imaging.renderer import render_coefficients


@pytest.fixture
def prior() -> MisfitPrior:
    rng = np.random.default_rng(0)
    values = {"colour": rng.random((9, 2)), "shape_mean": rng.normal(size=(9, 3)), "shape_covariance": np.ones((9, 6))}
    return MisfitPrior("abc", 7, **{name: v.astype(np.float16).astype(np.float32) for name, v in values.items()})


def test_what_is_written_is_read(prior: MisfitPrior, tmp_path: Path) -> None:
    write_misfit(tmp_path / "a.npz", prior)
    write_misfit(tmp_path / "b.npz", prior)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    back = read_misfit(tmp_path / "a.npz")
    assert (back.model_sha256, back.faces) == ("abc", 7)
    for name in ("colour", "shape_mean", "shape_covariance"):
        np.testing.assert_array_equal(getattr(back, name), getattr(prior, name))


def test_files_that_are_none_are_named(prior: MisfitPrior, tmp_path: Path) -> None:
    with pytest.raises(FaceModelError, match="does not exist"):
        read_misfit(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(FaceModelError, match="not a readable"):
        read_misfit(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", schema=np.array("focusfit-misfit-1"))
    with pytest.raises(FaceModelError, match="lacks the arrays"):
        read_misfit(tmp_path / "other.npz")
    write_misfit(tmp_path / "nan.npz", replace(prior, colour=np.full((9, 2), np.nan, np.float32)))
    with pytest.raises(FaceModelError, match="colour"):
        read_misfit(tmp_path / "nan.npz")
    np.savez(tmp_path / "pickle.npz", schema=np.array([{}], dtype=object))
    with pytest.raises(FaceModelError, match="not a readable"):
        read_misfit(tmp_path / "pickle.npz")


def test_the_prior_that_ships_belongs_to_the_model_that_ships(open_model: MorphableModel) -> None:
    prior = shipped_misfit(open_model)
    assert prior is not None
    assert prior.faces >= 200
    assert SHIPPED_MISFIT.stat().st_size < 400_000
    assert len(prior.colour) == open_model.vertex_count
    assert (prior.colour >= 0).all()
    assert open_model.mirror is not None
    np.testing.assert_allclose(prior.colour, prior.colour[open_model.mirror.numpy()], atol=2e-3)
    mean = {name: prior.colour[mask.numpy()].mean(0) for name, mask in open_model.regions.items()}
    for part in ("eyes", "lips"):
        assert (mean[part] > mean["nose"]).all(), part


def test_another_model_has_no_prior(open_model: MorphableModel) -> None:
    other = replace(open_model, sha256="0" * 64)
    assert shipped_misfit(other) is None
    surface = FittingSurface.of(other, 5, [0], shipped_misfit(other))
    assert surface.misfit.shape == (other.vertex_count, 2)
    assert surface.misfit.abs().max() == 0


def test_every_pixel_has_the_misfit_of_its_triangle(open_model: MorphableModel, surface: FittingSurface) -> None:
    x = open_model.shape_mean[:, :1]
    marked = replace(surface, misfit=torch.cat([(x > 0).float(), torch.full_like(x, 0.5)], dim=1))
    size = FitConfig().size
    drawn = render_coefficients(open_model, open_model.neutral_coefficients(), Camera.for_crop(size))
    values = known_misfit(marked, drawn)
    assert values.shape == (1, 2, size, size)
    region = drawn.region[0, 0]
    assert values[0, :, ~region].abs().max() == 0
    torch.testing.assert_close(values[0, 1][region], torch.full((int(region.sum()),), 0.5))
    middle = size // 2  # x grows to the right of a frontal face
    assert values[0, 0, :, : middle - 8].max() == 0
    assert values[0, 0, :, middle + 8 :][region[:, middle + 8 :]].min() == 1


def test_correction_takes_the_mean_off(prior: MisfitPrior) -> None:
    neutral = np.ones((9, 3), np.float32)
    np.testing.assert_allclose(prior.corrected(neutral) + prior.shape_mean, neutral, atol=1e-6)
