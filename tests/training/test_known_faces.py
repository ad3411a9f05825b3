"""The recipe of the shipped networks, in miniature."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from skimage import data

from focusfit import Fitter
from focusfit.data.synthetic import SyntheticConfig
from focusfit.errors import FocusfitError
from focusfit.facemodel.dense_points import dense_points
from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.network_files import load_segmenter
from focusfit.networks.segmenter import SegmenterConfig
from focusfit.networks.shipped import TrainedNetworks, load_surface_encoder
from focusfit.networks.surface_encoder import SurfaceEncoderConfig
from focusfit.training.engine import EngineConfig
from focusfit.training.known_faces import KnownFacesConfig, known_faces, train_segmenter, train_surface_encoder

ENGINE = EngineConfig(iterations=2, batch_size=4, workers=0, ema=0.5, accelerator="cpu", pictures=2)
TINY = KnownFacesConfig(
    faces=12,
    world=SyntheticConfig(size=64, seed=5, texture_size=128),
    encoder=SurfaceEncoderConfig(backbone="resnet10t", size=32, points=80),
    segmenter=SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(16, 8, 8)),
    encoder_start=None,
    segmenter_start=None,
    encoder_engine=ENGINE,
    segmenter_engine=ENGINE,
)


@pytest.fixture(scope="module")
def trained(open_model: MorphableModel, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Folder of faces, file of the encoder, file of the segmenter."""
    folder = tmp_path_factory.mktemp("known")
    faces = known_faces(TINY, open_model, folder / "faces", workers=1)
    encoder = train_surface_encoder(TINY, open_model, faces, folder / "encoder")
    return folder / "faces", encoder, train_segmenter(TINY, open_model, faces, folder / "segmenter")


def test_faces_are_drawn_once(trained: tuple[Path, Path, Path], open_model: MorphableModel) -> None:
    shard = trained[0] / "00000000" / "photo.npy"
    before = shard.stat().st_mtime_ns
    again = known_faces(TINY, open_model, trained[0], workers=1)
    assert shard.stat().st_mtime_ns == before
    assert len(again.training) == 10  # type: ignore[arg-type]
    item = again.validation[0]
    assert item.name == "drawn/10"
    assert item.surface_points is not None
    near = item.surface_points[:68] - item.landmarks
    assert abs(near[:17]).max() < 0.1  # the first points are landmarks; along the jaw all schemes agree
    assert item.photo.std() > 5


def test_a_second_world_trains_but_does_not_validate(
    trained: tuple[Path, Path, Path], open_model: MorphableModel
) -> None:
    other = replace(TINY.world, seed=6)
    config = replace(TINY, second_faces=4, second_world=other, second_share=0.5)
    data = known_faces(config, open_model, trained[0], workers=1)
    assert len(data.training) == 20  # type: ignore[arg-type]
    first, second = data.training[0], data.training[10]
    assert (first.photo != second.photo).any()
    alone = known_faces(TINY, open_model, trained[0], workers=1)
    assert len(data.validation) == len(alone.validation)  # type: ignore[arg-type]


def test_faces_of_other_settings_are_refused(trained: tuple[Path, Path, Path], open_model: MorphableModel) -> None:
    with pytest.raises(FocusfitError, match="other settings"):
        known_faces(replace(TINY, world=replace(TINY.world, seed=6)), open_model, trained[0])


def test_trained_networks_guide_a_fit(trained: tuple[Path, Path, Path], open_model: MorphableModel) -> None:
    encoder = load_surface_encoder(trained[1], open_model)
    networks = TrainedNetworks(encoder, dense_points(open_model, 80), load_segmenter(trained[2]), {})
    [alone] = Fitter(open_model, networks=None).fit(data.astronaut())
    [face] = Fitter(open_model, networks=networks).fit(data.astronaut())
    # networks that know nothing yet say so: wide deviations, odds near even
    width = alone.landmarks68[:, 0].max() - alone.landmarks68[:, 0].min()
    assert abs(face.landmarks68 - alone.landmarks68).mean() < 0.05 * width
    assert 0.2 < face.mask_probability[face.region].mean() <= 1


def test_a_network_that_is_not_trained_is_handed_on(
    trained: tuple[Path, Path, Path], open_model: MorphableModel, tmp_path: Path
) -> None:
    still = replace(TINY, encoder_start=str(trained[1]), encoder_engine=replace(ENGINE, iterations=0))
    faces = known_faces(TINY, open_model, trained[0], workers=1)
    before, after = (
        load_file(file) for file in (trained[1], train_surface_encoder(still, open_model, faces, tmp_path))
    )
    assert all(torch.equal(before[name], after[name]) for name in before)
