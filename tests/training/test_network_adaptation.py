from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from focusfit.cli.main import main
from focusfit.detection.photo import Photo
from focusfit.errors import TrainingError
from focusfit.facemodel.morphable import MorphableModel
from focusfit.fitting.fitter import Fitter
from focusfit.networks.shipped import networks_in
from focusfit.training.fitted_faces import fitted_item, held_out_views
from focusfit.training.network_adaptation import Adaptation, AdaptationConfig, adapt_networks

pytestmark = pytest.mark.usefixtures("detector_files")


@pytest.fixture(scope="module")
def photos(t1: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people as they are, in a mirror, and in the dusk."""
    folder = tmp_path_factory.mktemp("people")
    picture = Image.open(t1).convert("RGB")
    picture.save(folder / "bright.png")
    ImageOps.mirror(picture).save(folder / "mirrored.png")
    picture.point(lambda value: value // 2).save(folder / "dusk.png")
    return folder


def small() -> AdaptationConfig:
    full = AdaptationConfig()
    engine = replace(full.encoder_engine, iterations=4, batch_size=4, validate_every=2, pictures=1)
    return replace(
        full,
        synthetic=4,
        encoder_engine=engine,
        segmenter_engine=replace(engine, best_figure=full.segmenter_engine.best_figure),
    )


def adapted(photos: Path, out: Path, config: AdaptationConfig) -> Adaptation:
    return adapt_networks(sorted(photos.iterdir()), Fitter(), out, config)


@pytest.fixture(scope="module")
def adaptation(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Adaptation]:
    out = tmp_path_factory.mktemp("adapted")
    return out, adapted(photos, out, small())


def test_an_item_says_what_the_fit_says(astronaut: np.ndarray) -> None:
    fitter = Fitter()
    [fit] = fitter.fit(astronaut)
    assert fitter.networks is not None
    item = fitted_item(Photo(astronaut), fit, fitter.networks.points, 128, "astronaut")
    assert item.surface_points is not None
    assert item.visible_face is not None
    assert item.face_region is not None
    # the first points are landmarks; along the jaw all schemes agree
    np.testing.assert_allclose(item.surface_points[:17], item.landmarks[:17], atol=0.02)
    scale = np.ptp(item.landmarks, axis=0).prod() / np.ptp(fit.landmarks68, axis=0).prod()
    photo_pixels = fit.region.sum() / fit.crop.scale**2
    assert (item.face_region > 127).sum() == pytest.approx(scale * photo_pixels, rel=0.02)
    x, y = item.landmarks[30].round().astype(int)
    assert item.visible_face[y, x] > 200  # the tip of the nose
    assert not (item.visible_face > item.face_region.astype(int) + 64).any()  # both are resampled


def test_held_out_faces_are_covered_where_no_fit_has_seen_it(astronaut: np.ndarray) -> None:
    fitter = Fitter()
    [fit] = fitter.fit(astronaut)
    assert fitter.networks is not None
    bare, *covered = held_out_views(fitted_item(Photo(astronaut), fit, fitter.networks.points, 128, "astronaut"))
    assert len(covered) == 3
    for view in covered:
        assert view.visible_face is not None
        assert bare.visible_face is not None
        assert (view.photo != bare.photo).any()
        assert (view.visible_face <= bare.visible_face.astype(int) + 1).all()
        np.testing.assert_array_equal(view.surface_points, bare.surface_points)


def test_networks_are_handed_on_for_reconstruct(
    adaptation: tuple[Path, Adaptation], open_model: MorphableModel, t1: Path
) -> None:
    out, result = adaptation
    assert result.encoder.best.after <= result.encoder.best.before + 1e-6
    assert result.segmenter.best.after <= result.segmenter.best.before + 1e-6
    assert len(result.faces.training) + len(result.faces.held_out) // 4 == 18
    told = json.loads((out / "adaptation.json").read_text())
    assert told["encoder"]["after"] == result.encoder.best.after
    networks = networks_in(out, open_model)
    assert len(Fitter(open_model, networks=networks).fit(t1)) == 6


def test_a_folder_of_other_photos_or_networks_is_refused(
    photos: Path, adaptation: tuple[Path, Adaptation], tmp_path: Path, open_model: MorphableModel
) -> None:
    out, _ = adaptation
    with pytest.raises(TrainingError, match="was begun with other photos"):
        adapt_networks(sorted(photos.iterdir())[:2], Fitter(), out, small())
    others = Fitter(networks=networks_in(out, open_model))
    with pytest.raises(TrainingError, match="was begun with other networks"):
        adapt_networks(sorted(photos.iterdir()), others, out, small())


def test_what_is_worse_is_not_taken(photos: Path, tmp_path: Path, open_model: MorphableModel) -> None:
    """Steps far too long spoil both networks: those of the start are handed on."""
    config = small()
    spoiled = replace(
        config,
        surface=replace(config.surface, learning_rate=5.0, warm_up=0.3),
        masks=replace(config.masks, learning_rate=5.0, warm_up=0.3),
    )
    result = adapted(photos, tmp_path, spoiled)
    assert result.encoder.best.iteration == 0
    assert result.segmenter.best.iteration == 0
    kept, start = networks_in(tmp_path, open_model), Fitter(open_model).networks
    assert start is not None
    for name, weight in start.encoder.state_dict().items():
        torch.testing.assert_close(kept.encoder.state_dict()[name], weight, rtol=1e-6, atol=1e-7)


def test_a_handful_of_faces_is_refused(astronaut_file: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="only 1 faces") as error:
        adapt_networks([astronaut_file], Fitter(), tmp_path, small())
    assert "at least" in str(error.value.remedy)


def test_the_command_names_photos_it_could_not_use(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey = tmp_path / "grey.png"
    Image.new("RGB", (64, 64), "grey").save(grey)
    assert main(["adapt", str(grey), "--out", str(tmp_path / "out")]) == 2
    assert "only 0 faces" in capsys.readouterr().err
