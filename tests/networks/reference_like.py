"""Whole pickled modules with the names and structure of the published FOCUS networks, made for tests.

Only names and sizes are theirs; the weights are random.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import torch
import torchvision
from torch import nn


def _module(name: str, **classes: type) -> ModuleType:
    module = ModuleType(name)
    for class_name, each in classes.items():
        each.__module__, each.__qualname__, each.__name__ = name, class_name, class_name
        setattr(module, class_name, each)
    return module


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = "res50"
        self.vgg = torchvision.models.resnet50(weights=None)
        self.shape_dim = self.shape_idx = 199
        self.exp_idx, self.color_idx, self.camera_idx, self.light_idx = 299, 498, 504, 531

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return torch.split(self.vgg(image)[:, :531], [199, 100, 199, 6, 27], dim=1)


class _Double(nn.Module):
    def __init__(self, inputs: int, outputs: int, dropout: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels in (inputs, outputs):
            layers += [nn.Conv2d(channels, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
        self.double_conv = nn.Sequential(*layers)
        if dropout:
            self.double_conv = nn.Sequential(self.double_conv, nn.Dropout(0.5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.double_conv(x)


class _Up(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        layers = [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, padding=1)]
        self.up = nn.Sequential(*layers, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.up(x)


class _UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = [6, 64, 128, 256, 512, 1024]
        for level in range(1, 6):
            setattr(self, f"Conv{level}", _Double(widths[level - 1], widths[level], dropout=level > 3))
            if level > 1:
                setattr(self, f"Maxpool{level - 1}", nn.MaxPool2d(2))
                setattr(self, f"Up{level}", _Up(widths[level], widths[level - 1]))
                setattr(self, f"Up_conv{level}", _Double(widths[level], widths[level - 1]))
        self.Conv = nn.Conv2d(64, 1, 1)
        self.active = nn.Sigmoid()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        levels = [self.Conv1(x)]
        for level in range(2, 6):
            pooled = getattr(self, f"Maxpool{level - 1}")(levels[-1])
            levels.append(getattr(self, f"Conv{level}")(pooled))
        x = levels.pop()
        for level in range(5, 1, -1):
            x = torch.cat((levels.pop(), getattr(self, f"Up{level}")(x)), dim=1)
            x = getattr(self, f"Up_conv{level}")(x)
        return self.active(5 * self.Conv(x))


@contextmanager
def published_classes() -> Iterator[tuple[type[nn.Module], type[nn.Module]]]:
    """The encoder's and the UNet's class, importable under their published names as long as it lasts."""
    held = {
        "encoder": ModuleType("encoder"),
        "encoder.encoder": _module("encoder.encoder", FaceEncoder=_Encoder),
        "UNet": ModuleType("UNet"),
        "UNet.UNet": _module("UNet.UNet", UNet=_UNet),
        "UNet.unet_modules": _module("UNet.unet_modules", conv_block=_Double, up_conv=_Up),
    }
    sys.modules |= held
    try:
        yield _Encoder, _UNet
    finally:
        for name in held:
            del sys.modules[name]
