"""What several GPUs change in a network."""

from __future__ import annotations

import torch
from torch import nn

from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.encoder import EncoderConfig, FaceEncoder
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig
from focusfit.training.fabric import synchronize_batch_norm


def randomized(network: nn.Module) -> nn.Module:
    """Running statistics and weights as after some training."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.weight.data.uniform_(0.5, 1.5)
    return network.eval()


def test_synchronized_normalisation_keeps_timm_s_activations(open_model: MorphableModel) -> None:
    photo = torch.rand(2, 3, 64, 64)
    encoder = randomized(FaceEncoder(EncoderConfig("tf_efficientnet_lite0", 64), open_model))
    segmenter = randomized(
        FaceSegmenter(SegmenterConfig(encoder="tu-tf_efficientnet_lite0", depth=3, decoder_widths=(16, 8, 8)))
    )
    uses = (encoder.backbone, (photo,)), (segmenter, (photo, photo, torch.ones(2, 1, 64, 64)))
    for network, inputs in uses:
        names = list(network.state_dict())
        with torch.no_grad():
            before = network(*inputs)
            synchronize_batch_norm(network)
            after = network(*inputs)
        assert any(isinstance(module, nn.SyncBatchNorm) for module in network.modules())
        assert list(network.state_dict()) == names
        torch.testing.assert_close(after, before)
