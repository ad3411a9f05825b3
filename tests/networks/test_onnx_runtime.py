"""The networks that ship, in onnxruntime: the same fits as with torch, on real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from focusfit.detection import default_detector, read_photo
from focusfit.detection.photo import Photo
from focusfit.errors import BackendError
from focusfit.fitting.config import FitConfig
from focusfit.fitting.fitter import REFINEMENT, Fitter
from focusfit.fitting.reconstruction import Reconstruction
from focusfit.networks.onnx_runtime import OnnxNetworks, in_onnxruntime
from focusfit.networks.onnx_session import start_session
from focusfit.networks.shipped import TrainedNetworks, shipped_networks


@pytest.fixture(scope="module")
def networks(open_model) -> TrainedNetworks:
    found = shipped_networks(open_model)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def running(networks, open_model, own_onnx_cache) -> OnnxNetworks:
    return in_onnxruntime(networks, open_model)


@pytest.fixture(scope="module")
def photos(astronaut, t1: Path) -> dict[str, Photo]:
    return {"astronaut": Photo(astronaut), "t1": read_photo(t1)}


@pytest.fixture(scope="module")
def found(photos, detector_files):
    """The faces of each photo."""
    detector = default_detector()
    return {name: detector.detect(photo) for name, photo in photos.items()}


def apart(one: Reconstruction, other: Reconstruction) -> float:
    """Largest difference between coefficients; of those beyond 10 (the distance in mm), a tenth of them is the unit."""
    pairs = [(value, getattr(other.coefficients, name)) for name, value in vars(one.coefficients).items()]
    return max(float(((a - b).abs() / (a.abs() / 10).clamp(min=1)).max()) for a, b in pairs)


@pytest.mark.parametrize(("levels", "at_most"), [(0, 1e-4), (REFINEMENT, 2e-2)])
@pytest.mark.parametrize("name", ["astronaut", "t1"])
def test_fits_are_the_same(name, levels, at_most, open_model, networks, running, photos, found):
    """EM amplifies rounding where a pixel at the face's rim is just in or just out, in torch alone as well."""
    fits = []
    for looking in (networks, running):
        fitter = Fitter(open_model, default_detector(), FitConfig().refined(levels), networks=looking)
        fits.append(fitter.fit_faces([photos[name]] * len(found[name]), found[name]))
    assert len(fits[1]) == len(found[name])
    off = [apart(here, there) for here, there in zip(*fits, strict=True)]
    assert np.median(off) < 1e-4
    assert max(off) < at_most
    for here, there in zip(*fits, strict=True):
        assert abs(here.vertices - there.vertices).max() < 0.05  # mm
        assert (abs(here.mask_probability - there.mask_probability) < 0.02).mean() > 0.999


def test_the_record_says_what_ran_them(networks, running, open_model, photos, found):
    [fit] = Fitter(open_model, config=FitConfig().refined(0), networks=running).fit_faces(
        [photos["astronaut"]], found["astronaut"]
    )
    runtime = {"runtime": f"onnxruntime {onnxruntime.__version__}"}
    assert fit.provenance["networks"] == {**networks.about, **runtime}


def test_files_are_taken_from_the_cache(networks, running, open_model, own_onnx_cache, capsys):
    capsys.readouterr()
    again = in_onnxruntime(networks, open_model)
    assert capsys.readouterr().err == ""
    photo = torch.rand(2, 3, 128, 128)
    assert torch.equal(again.segmenter(photo, photo), running.segmenter(photo, photo))


def test_they_stay_on_the_cpu(running, open_model):
    assert running.to("cpu") is running
    with pytest.raises(BackendError, match="on the CPU, not on 'cuda'"):
        running.to("cuda")


def test_a_session_has_as_many_threads_as_torch(running, own_onnx_cache):
    [file] = (own_onnx_cache / "onnx").glob("segmenter-*.onnx")
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        options = start_session(file.read_bytes()).get_session_options()
    finally:
        torch.set_num_threads(before)
    assert options.intra_op_num_threads == 1
    assert running.segmenter.session.get_session_options().intra_op_num_threads == before
