"""An encoder and a segmenter that are quick to build and say something else for every photo."""

from __future__ import annotations

import torch

from focusfit.facemodel.dense_points import dense_points
from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.segmenter import Backdrop, FaceSegmenter, SegmenterConfig
from focusfit.networks.shipped import ENCODER_FILE, SEGMENTER_FILE, TrainedNetworks
from focusfit.networks.surface_encoder import SurfaceEncoder, SurfaceEncoderConfig

SIDE = 36
"""In pixels; the segmenter, which halves it three times, fills it up."""


def small_networks(model: MorphableModel, weights: str = "ab", backdrop: Backdrop = "black") -> TrainedNetworks:
    """Networks with random weights that claim to have the checksum ``weights``."""
    torch.manual_seed(0)
    config = SurfaceEncoderConfig(backbone="resnet10t", size=SIDE, points=70, identity=3, expression=2, albedo=1)
    encoder = SurfaceEncoder(config, torch.rand(70, 2))
    torch.nn.init.normal_(encoder.head.weight, std=0.01)
    segmenter = FaceSegmenter(SegmenterConfig("unet", "resnet18", 3, (32, 16, 8), backdrop))
    about = {ENCODER_FILE: weights, SEGMENTER_FILE: weights}
    return TrainedNetworks(encoder.eval(), dense_points(model, 70), segmenter.eval(), about, "CC0-1.0")
