"""What several test folders share: the open face model, real photos, and files laid out like a Basel Face Model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command does; torch reads it when it is loaded

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from focusfit import assets
from focusfit.doctor import DETECTOR_FILES
from focusfit.errors import AssetError
from focusfit.facemodel.morphable import MorphableModel

torch.set_num_threads(2)
if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")  # GPU kernels run in Triton's interpreter, which needs no GPU


@pytest.fixture(scope="session")
def open_model() -> MorphableModel:
    """The model that comes with the package."""
    from focusfit.facemodel.load import load_face_model

    return load_face_model()


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """``(512, 512, 3)`` one frontal face (NASA, public domain)."""
    from skimage import data

    return data.astronaut()


@pytest.fixture(scope="session")
def astronaut_file(astronaut: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The astronaut as a png file."""
    from PIL import Image

    path = tmp_path_factory.mktemp("photos") / "astronaut.png"
    Image.fromarray(astronaut).save(path)
    return path


@pytest.fixture(scope="session")
def t1() -> Path:
    """Photo of six people that comes with insightface."""
    import insightface

    path = Path(insightface.__file__).parent / "data" / "images" / "t1.jpg"
    if not path.is_file():
        pytest.skip("this insightface has no data/images/t1.jpg")
    return path


@pytest.fixture(scope="session")
def detector_files() -> None:
    """Skips the test where the detector's model files are absent and cannot be fetched."""
    try:
        for name in DETECTOR_FILES:
            assets.asset_path(name)
    except AssetError as error:
        pytest.skip(f"no detector: {error}")


@pytest.fixture(scope="session")
def basel_full(open_model: MorphableModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file with the layout and size of the Basel Face Model 2017 (300 MB while the tests run)."""
    from tests.facemodel.basel_like import FULL, write_basel_like

    path = write_basel_like(tmp_path_factory.mktemp("basel") / "model2017-1_bfm_nomouth.h5", FULL, open_model)
    yield path
    path.unlink()


@pytest.fixture(scope="session")
def basel_face12(open_model: MorphableModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same for its face-only mesh (170 MB)."""
    from tests.facemodel.basel_like import FACE12, write_basel_like

    path = write_basel_like(tmp_path_factory.mktemp("basel") / "model2017-1_face12_nomouth.h5", FACE12, open_model)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def own_onnx_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the test's own, for ONNX files alone."""
    from focusfit.networks import onnx_cache

    place = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx_cache, "cache_dir", lambda: place)
        yield place
