"""The networks that ship, before a fit and instead of one, on a real photo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from focusfit.data.occluders import occlude
from focusfit.detection import default_detector
from focusfit.detection.crop import CropTransform
from focusfit.detection.photo import Photo
from focusfit.export.photo_masks import photo_masks
from focusfit.facemodel.morphable import MorphableModel
from focusfit.fitting.config import FitConfig
from focusfit.fitting.fitter import REFINEMENT, Fitter
from focusfit.fitting.guidance import GuideConfig, guided_problem, opinion_prior
from focusfit.fitting.look import LANDMARKS, look_at, looks_in_crops
from focusfit.fitting.priors import prior_equations
from focusfit.fitting.problem import FitProblem
from focusfit.fitting.targets import landmark_targets
from focusfit.fitting.unknowns import Unknowns
from focusfit.imaging.camera import Camera
from focusfit.networks.shipped import FOLDER, TrainedNetworks, shipped_networks

INNER = slice(17, 68)


@pytest.fixture(scope="module")
def networks(open_model: MorphableModel) -> TrainedNetworks:
    found = shipped_networks(open_model)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def photo(astronaut) -> Photo:
    return Photo(astronaut)


@pytest.fixture(scope="module")
def face(photo, detector_files):
    [found] = default_detector().detect(photo)
    return found


def apart(points, truth) -> float:
    """Mean distance of the inner points in units of the outer eye corners' distance."""
    return float(np.linalg.norm(points - truth, axis=1)[INNER].mean() / np.linalg.norm(truth[36] - truth[45]))


def covered_iou(fit, painted, points) -> float:
    """Overlap of what is called and what is covered below the brows, inside the fitted region."""
    masks = photo_masks(fit, (512, 512))
    below = (masks.region > 0) & (np.arange(512)[:, None] > points[17:27, 1].min())
    said, true = below & (masks.visible == 0), below & (painted.covered > 0)
    return float((said & true).sum() / (said | true).sum())


def test_they_fit_into_the_package() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 40e6


def test_points_are_near_the_detectors(networks, photo, face):
    [look] = look_at([photo], [face], networks.encoder)
    seen = face.landmarks["ibug68"].points
    assert apart(look.points[LANDMARKS], seen) < 0.08
    assert (look.sigma > 0).all()


def test_a_look_is_the_same_in_every_crop(networks, photo, face):
    [look] = look_at([photo], [face], networks.encoder)
    crop = CropTransform(2.0, (-50.0, 30.0), 224)
    moved = looks_in_crops([look], [crop])
    np.testing.assert_allclose(crop.to_photo(moved.points[0].double().numpy()), look.points, atol=1e-3)
    np.testing.assert_allclose(moved.sigma[0].numpy(), 2 * look.sigma, rtol=1e-5)
    assert torch.equal(moved.light, look.encoded.light)


@pytest.mark.parametrize("kind", ["hand", "mask"])
def test_they_find_what_covers_the_face(kind, open_model, networks, photo, face):
    """The hand has the face's own tone: the fit by itself cannot tell it apart."""
    seen = face.landmarks["ibug68"].points
    painted = occlude(photo.rgb, seen, kind)
    fits = {
        name: Fitter(open_model, networks=chosen).fit_faces([Photo(painted.rgb)], [face])[0]
        for name, chosen in (("guided", networks), ("alone", None))
    }
    overlap = {name: covered_iou(fit, painted, seen) for name, fit in fits.items()}
    assert overlap["guided"] > 0.5
    assert overlap["guided"] > overlap["alone"] - 0.05


def test_what_they_say_without_a_fit(open_model, networks, photo, face):
    seen = face.landmarks["ibug68"].points
    painted = occlude(photo.rgb, seen, "mask")
    [fit] = Fitter(open_model, config=FitConfig().refined(0)).fit_faces([Photo(painted.rgb)], [face])
    assert covered_iou(fit, painted, seen) > 0.5
    assert apart(fit.landmarks68, seen) < 0.15
    assert np.isfinite(fit.deviation.identity.numpy()).all()


def test_refinement_is_short_after_a_look_and_said(open_model, photo, face):
    fitter = Fitter(open_model)
    [fit] = fitter.fit_faces([photo], [face])
    assert len(fitter.config.levels) == REFINEMENT
    assert set(fit.provenance["networks"]) == {"surface_encoder.safetensors", "segmenter.safetensors"}
    assert len(Fitter(open_model, networks=None).config.levels) == len(FitConfig().levels)


def test_a_likely_identity_is_where_the_prior_pulls(open_model):
    c = open_model.neutral_coefficients(2)
    unknowns = Unknowns(80, c.expression.shape[1], 20)
    likely = torch.randn(2, 80, generator=torch.Generator().manual_seed(0))
    step = prior_equations(c, unknowns, FitConfig().prior, likely).step(damping=0.0)
    torch.testing.assert_close(step[:, :80], likely, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("trust", "factor"), [(1.0, 3.0), (0.5, 2.0), (0.0, 1.0)])
def test_the_identity_is_held_tighter_the_more_an_encoder_says(open_model, networks, trust, factor):
    view = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    landmarks = torch.rand(1, 68, 2, generator=torch.Generator().manual_seed(1)) * 128
    config = replace(FitConfig(), encoder_trust=trust)
    targets = landmark_targets(open_model, "ibug68", config.landmarks, landmarks, torch.ones(1, 68))
    with torch.no_grad():
        encoded = networks.encoder(view)
    problem = FitProblem(view, torch.ones(1, 1, 128, 128), Camera.for_crop(128), targets, encoded)
    guide = GuideConfig(identity_precision=3.0)
    _, guided = guided_problem(problem, networks.points, open_model, config, guide)
    assert guided.prior.identity == pytest.approx(factor * config.prior.identity)


def test_opinions_count_more_inside_than_at_the_rim():
    region = torch.zeros(1, 1, 224, 224)
    region[..., 60:160, 60:160] = 1
    guide = GuideConfig(opinion=(1.0, 2.0), opinion_limit=(4.0, 8.0), rim=16.0)
    prior = opinion_prior(torch.full_like(region, 3.0), region, guide)
    assert prior[0, 0, 110, 110].item() == pytest.approx(6.0)
    assert prior[0, 0, 110, 60].item() == pytest.approx(3.0, rel=0.05)
    limited = opinion_prior(torch.full_like(region, -50.0), region, guide)
    assert limited[0, 0, 110, 110].item() == pytest.approx(-8.0)
    assert limited[0, 0, 110, 60].item() == pytest.approx(-4.0, rel=0.05)
    half = opinion_prior(torch.full((1, 1, 112, 112), 3.0), region[..., ::2, ::2], guide)
    torch.testing.assert_close(half[0, 0, 55, 30:80], prior[0, 0, 110, 60:160:2], atol=0.2, rtol=0)
