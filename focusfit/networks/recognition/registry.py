"""Face recognisers by name or file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torch import Tensor, nn

from ... import assets
from ...errors import WeightsError
from ..torch_file import read_state
from .iresnet import BLOCKS, IResNet, depth_of
from .mobilefacenet import MobileFaceNet
from .onnx_trunk import OnnxTrunk
from .recogniser import Recogniser

DEFAULT = "mobilefacenet"


def _mobilefacenet() -> Recogniser:
    path = assets.asset_path("mobilefacenet")
    trunk = MobileFaceNet()
    _load(trunk, read_state(path, packages=("models.network_def.",)), path)
    # Measured on photos: other people score 0.03 on average in BGR and 0.05 in RGB, the same ones alike.
    return Recogniser("mobilefacenet", trunk, "BGR", mean=127.5, scale=128.0)


def _arcface(path: Path) -> Recogniser:
    """An ArcFace backbone as insightface publishes them for torch (``backbone.pth``), of any depth."""
    state = read_state(path, packages=("backbones.", "iresnet."))
    depth = depth_of(set(state))
    if depth is None:
        known = ", ".join(f"iresnet{number}" for number in BLOCKS)
        raise WeightsError("holds no ArcFace network", file=path, remedy=f"Known ones: {known}.")
    trunk = IResNet(depth)
    _load(trunk, state, path)
    return Recogniser(f"arcface-iresnet{depth}", trunk, "RGB", mean=127.5, scale=127.5)


def _onnx(path: Path) -> Recogniser:
    """A recognition model of insightface's packs (``w600k_r50.onnx``, ``glintr100.onnx``, ...) or its like."""
    trunk = OnnxTrunk(path)
    mean, scale = (0.0, 1.0) if trunk.normalises else (127.5, 127.5)
    return Recogniser(path.stem, trunk, "RGB", mean, scale)


NAMED: dict[str, Callable[[], Recogniser]] = {DEFAULT: _mobilefacenet}
"""Recognisers whose weights the program can fetch."""

FROM_FILE: dict[str, Callable[[Path], Recogniser]] = {".pth": _arcface, ".pt": _arcface, ".onnx": _onnx}
"""Recognisers from the user's own file, by its ending."""


def load_recogniser(name_or_file: str | Path = DEFAULT) -> Recogniser:
    """A frozen recogniser.

    Args:
        name_or_file: a name of `NAMED`; or an ArcFace ``backbone.pth``; or a recognition model as ``.onnx``.

    Raises:
        WeightsError: no such name or file, or it does not hold a recogniser.
        AssetError: its weights are absent and cannot be fetched.
    """
    if str(name_or_file) in NAMED:
        return NAMED[str(name_or_file)]()
    path = Path(name_or_file).expanduser()
    if path.suffix.lower() not in FROM_FILE:
        raise WeightsError(
            f"there is no recogniser '{name_or_file}'",
            remedy=f"Name one of: {', '.join(NAMED)}; or a file: backbone.pth of an ArcFace network, or an .onnx.",
        )
    if not path.is_file():
        raise WeightsError("no such file of a recogniser", file=path)
    return FROM_FILE[path.suffix.lower()](path)


def _load(trunk: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    # files of torch before 0.4.1 lack the counters of batches, which nothing depends on
    counters = {name: value for name, value in trunk.state_dict().items() if name.endswith("num_batches_tracked")}
    try:
        trunk.load_state_dict(counters | state, strict=True)
    except RuntimeError as error:
        raise WeightsError(f"its weights are not those of a {type(trunk).__name__} ({error})", file=path) from error
