"""Published weights become ours: same numbers out, same pixels under the published camera."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from focusfit.cli import main as cli
from focusfit.errors import WeightsError
from focusfit.facemodel.bfm import bfm_origin, read_bfm
from focusfit.imaging.camera import Camera
from focusfit.networks.network_files import load_encoder, load_segmenter
from focusfit.networks.reference_import import import_reference
from tests.facemodel.basel_like import SMALL, write_basel_like
from tests.networks.reference_like import published_classes

WIDE = replace(SMALL, modes=(199, 100, 199))


@pytest.fixture(scope="module")
def basel(open_model, tmp_path_factory):
    return write_basel_like(tmp_path_factory.mktemp("basel") / "basel.h5", WIDE, open_model)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Folder with an encoder and a UNet, and the two networks."""
    folder = tmp_path_factory.mktemp("published")
    torch.manual_seed(0)
    with published_classes() as (Encoder, UNet):
        encoder, unet = Encoder(), UNet()
        torch.nn.init.normal_(encoder.vgg.fc.weight, std=0.02)
        for network, name in ((encoder, "enc_net_200000.model"), (unet, "unet_200000.model")):
            for module in network.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.running_mean.normal_(std=0.1)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # their source code, which torch wants to keep, is not at hand
                torch.save(network.eval(), folder / name, _use_new_zipfile_serialization=False)
    return folder, encoder, unet


def test_encoder_gives_the_published_numbers_and_pixels(published, basel, tmp_path):
    folder, theirs, _ = published
    imported = import_reference(folder / "enc_net_200000.model", tmp_path, basel, "container")
    model = read_bfm(basel)
    ours = load_encoder(imported.path, model)
    photos = torch.rand(2, 3, 224, 224)
    with torch.no_grad():
        shape, expression, colour, camera, light = theirs(photos)
        found = ours(photos)
    close = partial(torch.testing.assert_close, atol=3e-4, rtol=0)  # convolutions add up in another order
    close(found.identity, shape[:, :80])
    close(found.expression, expression[:, :64])
    close(found.albedo, 3 * colour[:, :80])
    offset = torch.zeros(3, 9)
    offset[:, 0] = 0.7 * 2 * np.pi
    close(found.light, light.view(2, 3, 9) + offset)

    # the published camera, in the file's own frame
    vertices = model.vertices(found.identity, found.expression)
    in_file = vertices.double().numpy() + bfm_origin(basel) - [0, 0, 100]
    turn = Rotation.from_euler("XYZ", 0.3 * camera[:, :3].double().numpy()).as_matrix()
    shift = camera[:, 3:].double().numpy() * [1, 1, 0.005] + [0, 0, 1000]
    placed = in_file @ (np.diag([1.0, -1, -1]) @ turn).transpose(0, 2, 1) + shift[:, None]
    pixels = 1014.72 * placed[..., :2] / placed[..., 2:] + 111.5
    np.testing.assert_allclose(Camera.for_crop(224, 2).project_coefficients(vertices, found), pixels, atol=0.01)


def test_unet_gives_the_published_masks_in_either_edition(published, tmp_path):
    folder, _, theirs = published
    rendering, photo = torch.rand(1, 3, 48, 48), torch.rand(1, 3, 48, 48)
    region = torch.zeros(1, 1, 48, 48)
    region[..., 10:30, 10:30] = 1
    for edition, seen in (
        ("repository", rendering * region),
        ("container", rendering * region + photo * (1 - region)),
    ):
        imported = import_reference(folder / "unet_200000.model", tmp_path / edition, None, edition)
        ours = load_segmenter(imported.path)
        with torch.no_grad():
            mask = ours(rendering * region, photo, region).sigmoid()
            torch.testing.assert_close(mask, theirs(torch.cat([seen, photo], 1)), atol=1e-4, rtol=0)
        record = json.loads(imported.path.with_suffix(".json").read_text())
        assert record["about"]["edition"] == edition
        assert record["parameters"] == 34_528_769


def test_the_command_converts_both(published, basel, tmp_path, capsys):
    folder = published[0]
    files = [str(folder / "enc_net_200000.model"), str(folder / "unet_200000.model")]
    assert cli.main(["import", "reference", *files, "--out", str(tmp_path), "--model", str(basel)]) == 0
    assert "encoder for" in capsys.readouterr().out
    names = {"enc_net_200000.safetensors", "enc_net_200000.json", "unet_200000.safetensors", "unet_200000.json"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_what_cannot_be_converted_is_explained(published, tmp_path, capsys):
    folder = published[0]
    with pytest.raises(WeightsError, match="needs the Basel Face Model"):
        import_reference(folder / "enc_net_200000.model", tmp_path, None, "container")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.model")
    with pytest.raises(WeightsError, match="neither the published encoder nor"):
        import_reference(tmp_path / "other.model", tmp_path, None, "container")
    assert cli.main(["import", "reference", str(tmp_path / "absent.model"), "--out", str(tmp_path)]) == 2
    assert "absent.model: cannot be read" in capsys.readouterr().err
