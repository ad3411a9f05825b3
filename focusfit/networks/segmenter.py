"""The network that says where the face is visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import FocusfitError, WeightsError
from .backbone import imagenet_weights
from .memory_format import fast_memory_format
from .plain_unet import PlainUNet

Backdrop = Literal["black", "photo"]


@dataclass(frozen=True)
class SegmenterConfig:
    """Everything that is decided about a segmenter.

    Attributes:
        architecture: one of `ARCHITECTURES`.
        encoder: name of an encoder of segmentation-models-pytorch, such as ``resnet18``; ``tu-NAME`` is timm's NAME.
        depth: how often the encoder halves the picture, 3 to 5.
        decoder_widths: channels of the decoder, deepest first, one for each halving.
        backdrop: what the network sees around the rendered face: black, or the photo.
    """

    architecture: str = "unet"
    encoder: str = "resnet34"
    depth: int = 5
    decoder_widths: tuple[int, ...] = (256, 128, 64, 32, 16)
    backdrop: Backdrop = "black"


def _unet(config: SegmenterConfig) -> nn.Module:
    import segmentation_models_pytorch as smp

    if config.depth != len(config.decoder_widths):
        raise FocusfitError(f"a decoder of {len(config.decoder_widths)} widths for {config.depth} halvings")
    try:
        network = smp.Unet(
            encoder_name=config.encoder,
            encoder_depth=config.depth,
            encoder_weights=None,  # none are downloaded
            decoder_channels=config.decoder_widths,
            in_channels=6,
            classes=1,
        )
    except KeyError as error:
        some = "resnet18, resnet34, resnet50, mobilenet_v2, timm-mobilenetv3_small_100, efficientnet-b0"
        raise FocusfitError(
            f"segmentation-models-pytorch has no encoder '{config.encoder}'",
            remedy=f"Name one of its encoders, such as {some}, or tu-NAME for a network of timm.",
        ) from error
    _balance(network.segmentation_head[0])
    return network


@torch.no_grad()
def _balance(head: nn.Conv2d) -> None:
    """Let a layer's new weights sum to zero over the channels that it reads.

    What it reads is never negative. Where the weights of few channels all happen to be negative, no logit could exceed
    the bias, and the masks of whole trainings would stay undecided.
    """
    if head.in_channels > 1:
        head.weight -= head.weight.mean(1, keepdim=True)


def _plain_unet(config: SegmenterConfig) -> nn.Module:
    return PlainUNet()


ARCHITECTURES: dict[str, Callable[[SegmenterConfig], nn.Module]] = {"unet": _unet, "plain-unet": _plain_unet}
"""Name to what builds the network: ``(B, 6, H, W)`` in [0, 1] to logits ``(B, 1, H, W)``."""


TIMM = "tu-"
"""How segmentation-models-pytorch marks the names of timm's networks."""


class FaceSegmenter(nn.Module):
    """Rendering and photo to logits of visible face.

    Weights are random until some are loaded; nothing is ever downloaded.

    Args:
        config: what to build.

    Raises:
        FocusfitError: no such architecture or encoder.
    """

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        if config.architecture not in ARCHITECTURES:
            known = ", ".join(ARCHITECTURES)
            raise FocusfitError(f"there is no segmenter '{config.architecture}'", remedy=f"Known ones: {known}.")
        self.config = config
        self.network = ARCHITECTURES[config.architecture](config)
        self._format = fast_memory_format(self.network)

    def start_from_imagenet(self) -> None:
        """Give the encoder ImageNet weights, the same for rendering and photo.

        Raises:
            WeightsError: there are none for it.
            AssetError: they are absent and cannot be fetched.
        """
        encoder = getattr(self.network, "encoder", None)
        if encoder is None:
            raise WeightsError(f"the segmenter '{self.config.architecture}' has no encoder to start from weights")
        name = self.config.encoder.removeprefix(TIMM)
        encoder.load_state_dict(imagenet_weights(name, encoder.state_dict()), strict=True)

    def forward(self, rendering: Tensor, photo: Tensor, region: Tensor | None = None) -> Tensor:
        """Logits of "this pixel shows the face that was rendered".

        Sides that the network cannot halve often enough are filled up by repeating the border.

        Args:
            rendering: ``(B, 3, H, W)`` RGB in [0, 1], black outside the face.
            photo: ``(B, 3, H, W)`` RGB in [0, 1].
            region: ``(B, 1, H, W)`` where the face was rendered; needed where the backdrop is the photo.

        Returns:
            ``(B, 1, H, W)`` in 32 bits; they mean something inside the region only.
        """
        if self.config.backdrop == "photo":
            if region is None:
                raise ValueError("this segmenter sees the rendering over the photo: it needs the region")
            rendering = torch.lerp(photo, rendering, region.to(photo))
        height, width = photo.shape[2:]
        multiple = 2 ** (4 if self.config.architecture == "plain-unet" else self.config.depth)
        fill = (0, -width % multiple, 0, -height % multiple)
        pair = torch.cat([rendering, photo], dim=1)
        if any(fill):
            pair = functional.pad(pair, fill, mode="replicate")
        return self.network(pair.contiguous(memory_format=self._format))[:, :, :height, :width].float()
