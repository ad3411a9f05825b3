"""The published weights of FOCUS, as our files.

Their files are whole modules pickled by ``torch.save``; they are read through the allow-list unpickler and nothing in
them is run. What the numbers mean is written down here, so that the networks give our coefficients and logits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from ..errors import WeightsError
from ..facemodel.bfm import bfm_origin, read_bfm
from ..facemodel.coefficients import LIGHT_BANDS
from .coefficient_head import REFERENCE_SCALES, CoefficientSizes
from .encoder import EncoderConfig, FaceEncoder
from .network_files import save_encoder, save_segmenter
from .plain_unet import DROPOUT_LEVELS
from .segmenter import Backdrop, FaceSegmenter, SegmenterConfig
from .torch_file import read_state

PACKAGES = ("encoder.", "UNet.", "FOCUS_model.", "FOCUS.")
"""Where its authors' classes lived."""

Edition = Literal["container", "repository"]

BACKDROPS: Mapping[Edition, Backdrop] = {"container": "photo", "repository": "black"}
"""What its UNet saw around the rendered face: the container's the photo, the public code's black. The file does not
tell; the weights that were given out are the container's."""

STORED = CoefficientSizes(199, 100, 199)
"""Modes of the Basel Face Model 2017, one row each of the encoder's last layer; of its 1000 rows 531 are used."""

USED = CoefficientSizes(80, 64, 80)
"""Leading modes that it did not multiply by zero."""

CENTRE = np.array([0.0, 0.0, 100.0])
"""mm in the Basel file's frame: what it turns heads about."""

SIZE = 224


@dataclass(frozen=True)
class Imported:
    """What came of a file.

    Attributes:
        path: of the weights written.
        kind: ``encoder`` or ``segmenter``.
        says: one line for people.
    """

    path: Path
    kind: str
    says: str


def import_reference(file: str | Path, out: str | Path, basel_model: str | Path | None, edition: Edition) -> Imported:
    """Convert one published file.

    Args:
        file: ``enc_net_*.model`` or ``unet_*.model``.
        out: folder for ``NAME.safetensors`` and ``NAME.json``.
        basel_model: the Basel Face Model 2017 that encoders speak of; UNets need none.
        edition: which of the two published programs the weights are from.

    Raises:
        WeightsError: the file is damaged, refused, or something else.
        FaceModelError: the face model is.
    """
    file, out = Path(file), Path(out)
    state = read_state(file, PACKAGES)
    about: dict[str, Any] = {"imported_from": file.name, "edition": edition}
    if any(name.endswith("fc.weight") for name in state):
        if basel_model is None:
            remedy = "Name its file with --model: the encoder's numbers are that model's coefficients."
            raise WeightsError("is an encoder and needs the Basel Face Model 2017", file=file, remedy=remedy)
        encoder = encoder_from(state, Path(basel_model), file)
        about["crop"] = "Deep3D: five points, 102 pixels to their unit, at 224 pixels"
        return Imported(save_encoder(out / file.stem, encoder, about), "encoder", f"encoder for {encoder.model_name}")
    segmenter = segmenter_from(state, edition, file)
    about["input"] = f"rendering over {segmenter.config.backdrop}, then photo; both RGB in [0, 1]"
    says = f"segmenter that sees the rendering over {segmenter.config.backdrop}"
    return Imported(save_segmenter(out / file.stem, segmenter, about), "segmenter", says)


def encoder_from(state: Mapping[str, Tensor], basel_model: Path, file: Path) -> FaceEncoder:
    """The encoder: a ResNet-50 on plain RGB, its Euler angles, its offsets, and the rows of its head that count."""
    model = read_bfm(basel_model, identity=USED.identity, expression=USED.expression, albedo=USED.albedo)
    if CoefficientSizes.of(model) != USED:
        raise WeightsError(f"needs {USED}, more than the model has", file=basel_model)
    prefix = next(name for name in state if name.endswith("fc.weight")).removesuffix("fc.weight")
    named = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
    rows = _used_rows()
    weight, bias = named.pop("fc.weight"), named.pop("fc.bias", torch.zeros(0))
    if weight.ndim != 2 or len(weight) < sum(STORED.widths) or len(bias) != len(weight):
        raise WeightsError(f"its last layer is {tuple(weight.shape)}, not 531 rows or more", file=file)
    x, y, z = (float(value) for value in CENTRE - bfm_origin(basel_model))
    config = EncoderConfig(
        backbone="resnet50",
        size=SIZE,
        scales=REFERENCE_SCALES,
        mean=(0.0, 0.0, 0.0),  # it was trained without ImageNet's normalisation
        std=(1.0, 1.0, 1.0),
        pivot=(x, y, z),
        place=(0.0, 0.0, 0.0),
    )
    encoder = FaceEncoder(config, model)
    renamed = {f"backbone.{name}": value for name, value in named.items()}
    renamed |= {"head.linear.weight": weight[rows], "head.linear.bias": bias[rows]}
    return _filled(encoder, renamed, file)


def segmenter_from(state: Mapping[str, Tensor], edition: Edition, file: Path) -> FaceSegmenter:
    """The UNet, with the names of our plain one."""
    segmenter = FaceSegmenter(SegmenterConfig(architecture="plain-unet", backdrop=BACKDROPS[edition]))
    return _filled(segmenter, {_unet_name(name): value for name, value in state.items()}, file)


def _used_rows() -> Tensor:
    """Rows of its last layer: the leading modes of each block, its six numbers of pose, its 27 of light."""
    rows, start = [], 0
    for stored, used in zip(STORED.widths, USED.widths, strict=True):
        rows.append(torch.arange(start, start + used))
        start += stored
    assert start == 531
    assert USED.widths[-1] == 3 * LIGHT_BANDS
    return torch.cat(rows)


UNET_PARTS = re.compile(r"(Conv|Up_conv|Up)(\d)\.(?:double_conv|up)\.(.+)")


def _unet_name(name: str) -> str:
    """Their levels count from 1 at the top, ours from 0, the upward ones from the bottom."""
    match = UNET_PARTS.fullmatch(name)
    if match is None:
        return re.sub(r"^Conv\.", "network.last.", name)
    part, level, rest = match[1], int(match[2]), match[3]
    if part == "Conv":
        if level - 1 in DROPOUT_LEVELS:  # there the two convolutions share a container with the dropout
            rest = rest.removeprefix("0.")
        return f"network.down.{level - 1}.{rest}"
    return f"network.{'merge' if part == 'Up_conv' else 'up'}.{5 - level}.{rest}"


def _filled(network: Any, state: Mapping[str, Tensor], file: Path) -> Any:
    counters = {name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")}
    try:
        network.load_state_dict(counters | dict(state), strict=True)
    except RuntimeError as error:
        said = " ".join(str(error).split())[:300]
        raise WeightsError(f"is neither the published encoder nor the published UNet ({said})", file=file) from error
    return network.eval()
