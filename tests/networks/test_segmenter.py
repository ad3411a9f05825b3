"""The segmenter: sizes, inputs, the published architecture."""

from __future__ import annotations

import pytest
import timm
import torch

from focusfit import assets
from focusfit.errors import AssetError, FocusfitError, WeightsError
from focusfit.networks.backbone import build_backbone, load_imagenet_weights
from focusfit.networks.plain_unet import PlainUNet
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig

SMALL = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 8))


@pytest.fixture(scope="module")
def segmenter():
    torch.manual_seed(0)
    return FaceSegmenter(SMALL).eval()


def test_plain_u_net_is_the_published_one():
    network = PlainUNet()
    assert sum(p.numel() for p in network.parameters()) == 34_528_769
    assert network.eval()(torch.rand(1, 6, 32, 48)).shape == (1, 1, 32, 48)


def test_its_sharpness_is_in_the_logits():
    torch.manual_seed(0)
    network = PlainUNet().eval()
    seen = []
    network.last.register_forward_hook(lambda module, inputs, output: seen.append(output))
    logits = network(torch.rand(1, 6, 16, 16))
    torch.testing.assert_close(logits, 5 * seen[0])


def test_its_two_deepest_levels_drop_half_of_their_features():
    network = PlainUNet().train()
    dropped = []
    network.dropout.register_forward_hook(lambda module, inputs, output: dropped.append((inputs[0], output)))
    network(torch.rand(2, 6, 32, 32))
    assert [given.shape[1] for given, _ in dropped] == [512, 1024]
    for given, left in dropped:
        kept = left[given > 0] > 0
        assert 0.4 < kept.float().mean() < 0.6
        torch.testing.assert_close(left[left > 0], 2 * given[left > 0])


@pytest.mark.parametrize("size", [(112, 112), (100, 75)])
def test_logits_have_the_photo_s_size(segmenter, size):
    with torch.no_grad():
        logits = segmenter(torch.rand(2, 3, *size), torch.rand(2, 3, *size))
    assert logits.shape == (2, 1, *size)
    assert logits.min() < 0 or logits.max() > 1  # no sigmoid yet


@pytest.mark.parametrize("width", [7, 8, 16])
def test_new_logits_of_both_signs_are_equally_near(width):
    """Whatever the seed, what many channels say alike is no opinion, and some channels speak for and some against."""
    for seed in range(10):
        torch.manual_seed(seed)
        config = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, width))
        head = FaceSegmenter(config).network.segmentation_head
        with torch.no_grad():
            alike = head(torch.ones(1, width, 5, 5))
            alone = head(torch.eye(width)[:, :, None, None].expand(-1, -1, 5, 5))[:, 0, 2, 2]
        torch.testing.assert_close(alike, torch.zeros_like(alike), rtol=0, atol=1e-5)
        assert alone.min() < -0.05
        assert alone.max() > 0.05


def test_the_weights_of_a_single_last_channel_are_kept():
    config = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 1))
    assert FaceSegmenter(config).network.segmentation_head[0].weight.abs().max() > 0


def test_rendering_comes_first_and_both_in_red_green_blue(segmenter):
    seen = []
    handle = segmenter.network.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    rendering, photo = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    segmenter(rendering, photo)
    handle.remove()
    torch.testing.assert_close(seen[0], torch.cat([rendering, photo], 1))


def test_backdrop_of_the_photo_needs_the_region_and_uses_it():
    config = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 8), backdrop="photo")
    segmenter = FaceSegmenter(config).eval()
    seen = []
    segmenter.network.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    rendering, photo = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    region = torch.zeros(1, 1, 32, 32)
    region[..., 8:20, 8:20] = 1
    segmenter(rendering * region, photo, region)
    inside = region.bool().expand(1, 3, 32, 32)
    torch.testing.assert_close(seen[0][:, :3][inside], rendering[inside])
    torch.testing.assert_close(seen[0][:, :3][~inside], photo[~inside])
    with pytest.raises(ValueError, match="region"):
        segmenter(rendering, photo)


def test_gradient_flows_to_rendering_and_photo(segmenter):
    pair = [torch.rand(1, 3, 32, 32, requires_grad=True) for _ in range(2)]
    segmenter(*pair).sum().backward()
    assert all((picture.grad != 0).float().mean() > 0.9 for picture in pair)


def test_wrong_names_are_explained():
    with pytest.raises(FocusfitError, match="plain-unet"):
        FaceSegmenter(SegmenterConfig(architecture="unet++"))
    with pytest.raises(FocusfitError, match="resnet34"):
        FaceSegmenter(SegmenterConfig(encoder="resnet35"))
    with pytest.raises(FocusfitError, match="2 widths for 3"):
        FaceSegmenter(SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16)))


def test_imagenet_weights_see_the_same_in_two_equal_pictures_as_in_one():
    try:
        assets.asset_path("efficientnet_lite0")
    except AssetError as error:
        pytest.skip(f"no ImageNet weights: {error}")
    segmenter = FaceSegmenter(SegmenterConfig("unet", "tu-tf_efficientnet_lite0", 3, (16, 8, 8))).eval()
    segmenter.start_from_imagenet()
    backbone = timm.create_model("tf_efficientnet_lite0", features_only=True, pretrained=False).eval()
    alone = build_backbone("tf_efficientnet_lite0", 64)
    load_imagenet_weights(alone, "tf_efficientnet_lite0")
    backbone.load_state_dict({name: alone.state_dict()[name] for name in backbone.state_dict()})
    photo = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = segmenter.network.encoder(torch.cat([photo, photo], dim=1))[1:]
        for one, two in zip(backbone(photo), features, strict=False):
            torch.testing.assert_close(two, one, rtol=1e-3, atol=1e-4)


def test_encoders_without_published_weights_are_explained():
    with pytest.raises(WeightsError, match="resnet18"):
        FaceSegmenter(SegmenterConfig("unet", "resnet18", 3, (16, 8, 8))).start_from_imagenet()
    with pytest.raises(WeightsError, match="no encoder"):
        FaceSegmenter(SegmenterConfig("plain-unet")).start_from_imagenet()
