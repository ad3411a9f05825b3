"""Image networks of timm that end in one row of features."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from .. import assets
from ..errors import FocusfitError, WeightsError
from .torch_file import read_state


def build_backbone(name: str, size: int) -> nn.Module:
    """A network of timm with random weights and no classifier: ``(B, 3, size, size)`` to ``(B, num_features)``.

    Raises:
        FocusfitError: timm has no such network, or it does not take images of that size.
    """
    if not timm.is_model(name):
        close = get_close_matches(name, timm.list_models(), n=4) or ["resnet50", "resnet18", "mobilenetv3_small_100"]
        raise FocusfitError(f"timm has no network '{name}'", remedy=f"Did you mean one of: {', '.join(close)}?")
    backbone = timm.create_model(name, pretrained=False, num_classes=0)
    try:
        with torch.no_grad():
            features = backbone.eval()(torch.zeros(1, 3, size, size))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise FocusfitError(f"the network '{name}' does not take images of {size} pixels ({error})") from error
    if features.ndim != 2:
        raise FocusfitError(f"the network '{name}' does not end in one row of features")
    return backbone.train()


def feature_count(backbone: nn.Module, size: int) -> int:
    """Width of the features that a backbone really gives."""
    mode = backbone.training
    with torch.no_grad():
        width = backbone.eval()(torch.zeros(1, 3, size, size)).shape[1]
    backbone.train(mode)
    return int(width)


def input_statistics(backbone: nn.Module) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of RGB that its published weights were trained with."""
    settings = backbone.pretrained_cfg  # type: ignore[union-attr]
    return tuple(settings["mean"]), tuple(settings["std"])  # type: ignore[index, call-overload]


IMAGENET_WEIGHTS = {"tf_efficientnet_lite0": "efficientnet_lite0"}
"""Networks of timm whose ImageNet weights the program can fetch, and the asset that holds them."""


def load_imagenet_weights(backbone: nn.Module, name: str) -> None:
    """ImageNet weights for one of the networks of `IMAGENET_WEIGHTS`.

    Raises:
        WeightsError: there are none for this network.
        AssetError: they are absent and cannot be fetched.
    """
    backbone.load_state_dict(imagenet_weights(name, backbone.state_dict()), strict=True)


def imagenet_weights(name: str, wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights for ``wanted``, the first layers of timm's network ``name``, under the names that they have there.

    A first convolution of more than three channels gets the weights of RGB again for every three, and less of each, so
    that pictures of the same kind give features of the same size.

    Raises:
        WeightsError: there are none for this network.
        AssetError: they are absent and cannot be fetched.
    """
    if name not in IMAGENET_WEIGHTS:
        known = ", ".join(IMAGENET_WEIGHTS)
        remedy = f"Name a file of weights instead; without one, there are some for: {known}."
        raise WeightsError(f"no ImageNet weights of '{name}' can be fetched", remedy=remedy)
    path = assets.asset_path(IMAGENET_WEIGHTS[name])
    # another program's names, but the same layers in the same order; the classifier comes last
    given = dict(zip(wanted, read_state(path).values(), strict=False))
    first = next(iter(wanted))
    pictures = wanted[first].shape[1] // 3
    given[first] = given[first].repeat(1, pictures, 1, 1) / pictures
    if [tensor.shape for tensor in given.values()] != [tensor.shape for tensor in wanted.values()]:
        raise WeightsError(f"does not hold the layers of '{name}'", file=path)
    return given


def start_from(backbone: nn.Module, name: str, weights: str | Path) -> None:
    """Give a backbone, timm's network ``name``, the weights that ``weights`` names: ``imagenet``, or a file.

    Raises:
        WeightsError, AssetError: as :func:`load_imagenet_weights` and :func:`load_backbone_weights` say.
    """
    if str(weights) == "imagenet":
        load_imagenet_weights(backbone, name)
    else:
        load_backbone_weights(backbone, weights)


def load_backbone_weights(backbone: nn.Module, path: str | Path) -> None:
    """Weights that the user has, as published by timm or torchvision: ``.safetensors``, or a file of ``torch.save``.

    Those of the classifier are left out; everything else must fit.

    Raises:
        WeightsError: the file is damaged, refused, or of another network.
    """
    path = Path(path)
    state = _read(path)
    wanted = backbone.state_dict()
    heads = _classifier_names(backbone)
    state = {name: value for name, value in state.items() if name in wanted or not name.startswith(heads)}
    counters = {name: value for name, value in wanted.items() if name.endswith("num_batches_tracked")}
    try:
        backbone.load_state_dict(counters | state, strict=True)
    except RuntimeError as error:
        said = str(error).replace("\n\t", " ")
        raise WeightsError(
            f"does not fit the network ({said[:300]})", file=path, remedy="Name the network that it belongs to."
        ) from error


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix != ".safetensors":
        return read_state(path)
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"cannot be read ({error})", file=path) from error


def _classifier_names(backbone: nn.Module) -> tuple[str, ...]:
    named = backbone.pretrained_cfg.get("classifier") or ()  # type: ignore[union-attr, operator]
    return tuple(f"{name}." for name in ((named,) if isinstance(named, str) else named)) or ("fc.",)
