"""The network that looks at a face and names its coefficients."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from .backbone import build_backbone, feature_count, input_statistics
from .coefficient_head import CoefficientHead, CoefficientSizes, OutputScales
from .crop_pose import crop_pose
from .memory_format import fast_memory_format


@dataclass(frozen=True)
class EncoderConfig:
    """Everything that is decided about an encoder.

    Attributes:
        backbone: name of a network in timm.
        size: side of the square crops in pixels.
        scales: of the outputs.
        mean: of the input's RGB, subtracted; None is what the backbone's published weights expect.
        std: what it is divided by then; None likewise.
        pivot: mm, model frame: the point of the head that translation moves; None is the middle of the crop.
        place: mm, camera frame less the camera's distance: where it is when the network says zero; None likewise.
    """

    backbone: str = "resnet50"
    size: int = 224
    scales: OutputScales = field(default_factory=OutputScales)
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    pivot: tuple[float, float, float] | None = None
    place: tuple[float, float, float] | None = None


class FaceEncoder(nn.Module):
    """Photos of faces to coefficients; untrained, it sees the mean face, frontal, in the middle of the crop.

    Weights are random until some are loaded; nothing is ever downloaded.

    Args:
        config: what to build.
        model: the face model whose coefficients it names.

    Attributes:
        config: with nothing left at None.

    Raises:
        FocusfitError: no such backbone.
    """

    def __init__(self, config: EncoderConfig, model: MorphableModel) -> None:
        super().__init__()
        self.backbone = build_backbone(config.backbone, config.size)
        self._format = fast_memory_format(self.backbone)
        mean, std = input_statistics(self.backbone)
        start = crop_pose(model)
        self.config = replace(
            config,
            mean=mean if config.mean is None else config.mean,
            std=std if config.std is None else config.std,
            pivot=start.pivot if config.pivot is None else config.pivot,
            place=start.place if config.place is None else config.place,
        )
        self.model_name, self.model_sha256 = model.name, model.sha256
        sizes = CoefficientSizes.of(model)
        assert self.config.pivot is not None
        assert self.config.place is not None
        features = feature_count(self.backbone, config.size)
        self.head = CoefficientHead(features, sizes, config.scales, self.config.pivot, self.config.place)
        self._mean: Tensor
        self._std: Tensor
        self.register_buffer("_mean", torch.tensor(self.config.mean)[:, None, None], persistent=False)
        self.register_buffer("_std", torch.tensor(self.config.std)[:, None, None], persistent=False)

    def forward(self, photos: Tensor) -> FaceCoefficients:
        """Coefficients of every face.

        Args:
            photos: ``(B, 3, size, size)`` RGB in [0, 1], cropped like the detector's.
        """
        side = self.config.size
        if photos.ndim != 4 or tuple(photos.shape[1:]) != (3, side, side):
            raise ValueError(f"photos are {tuple(photos.shape)}, expected (B, 3, {side}, {side})")
        standardised = (photos - self._mean) / self._std
        return self.head(self.backbone(standardised.contiguous(memory_format=self._format)))
