"""The open face model that ships with the package: mesh, landmarks, statistics, colours."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import binary_fill_holes

from focusfit.data.synthetic.linear import LinearModes
from focusfit.facemodel.load import SHIPPED_MODEL
from focusfit.facemodel.morphable import MorphableModel
from focusfit.facemodel.open_model.charts import border_loops
from focusfit.facemodel.open_model.normals import vertex_normals
from focusfit.facemodel.open_model_file import read_open_model_arrays
from focusfit.imaging.camera import Camera
from focusfit.imaging.renderer import render_coefficients

FLIP = torch.tensor([-1.0, 1.0, 1.0])
REGIONS = "eyes lips brows nose jaw forehead cheeks beard eye_region mouth_interior boundary".split()
MIRRORED_POINTS = np.r_[
    np.arange(17)[::-1], np.arange(17, 27)[::-1], 27:31, np.arange(31, 36)[::-1], 45, 44, 43, 42, 47, 46, 39, 38,
    37, 36, 41, 40, np.arange(48, 55)[::-1], np.arange(55, 60)[::-1], np.arange(60, 65)[::-1], np.arange(65, 68)[::-1],
]  # fmt: skip


@pytest.fixture(scope="module")
def points(open_model: MorphableModel) -> torch.Tensor:
    return open_model.landmarks["ibug68"].of(open_model.shape_mean)


def triangle_normals(vertices: torch.Tensor, triangles: torch.Tensor) -> torch.Tensor:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return torch.linalg.cross(b - a, c - a)


def test_size_and_modes(open_model: MorphableModel) -> None:
    assert SHIPPED_MODEL.stat().st_size <= 16e6
    assert 8000 < open_model.vertex_count < 10000
    assert open_model.identity_basis.shape[2] == 80
    assert open_model.expression_basis.shape[2] == 45
    assert open_model.albedo_basis.shape[2] <= 80


def test_mirror_map_is_exact(open_model: MorphableModel) -> None:
    mirror = open_model.mirror
    assert mirror is not None
    assert torch.equal(mirror[mirror], torch.arange(open_model.vertex_count))
    assert (open_model.shape_mean[mirror] * FLIP - open_model.shape_mean).abs().max() < 1e-4
    turned = {tuple(np.roll(t, -t.argmin())) for t in open_model.triangles.numpy()}
    mirrored = mirror[open_model.triangles].flip(1).numpy()
    assert all(tuple(np.roll(t, -t.argmin())) in turned for t in mirrored)


@pytest.mark.parametrize(
    ("basis", "flip"), [("identity_basis", FLIP), ("expression_basis", FLIP), ("albedo_basis", FLIP.abs())]
)
def test_every_mode_is_symmetric_or_antisymmetric(open_model: MorphableModel, basis: str, flip: torch.Tensor) -> None:
    modes = getattr(open_model, basis)
    reflected = modes[open_model.mirror] * flip[:, None]
    size = modes.abs().amax((0, 1))
    even, odd = (reflected - modes).abs().amax((0, 1)) / size, (reflected + modes).abs().amax((0, 1)) / size
    assert torch.minimum(even, odd).max() < 5e-3
    assert (even < 5e-3).any()


def test_triangles_are_sound(open_model: MorphableModel) -> None:
    areas = triangle_normals(open_model.shape_mean, open_model.triangles).norm(dim=1) / 2
    assert areas.min() > 1e-3
    edges = open_model.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).sort(1).values
    assert edges.unique(dim=0, return_counts=True)[1].max() == 2
    assert len(open_model.triangles.unique()) == open_model.vertex_count


def test_one_smooth_rim(open_model: MorphableModel) -> None:
    rim = open_model.regions["boundary"].numpy()
    loops = [np.array(loop) for loop in border_loops(open_model.triangles.numpy())]
    outer = [loop for loop in loops if rim[loop].any()]
    assert len(outer) == 1
    assert rim[outer[0]].all()
    line = open_model.shape_mean.numpy()[outer[0]]
    sides = np.roll(line, -1, axis=0) - line
    sides /= np.linalg.norm(sides, axis=1, keepdims=True)
    turn = np.degrees(np.arccos(np.clip((sides * np.roll(sides, 1, axis=0)).sum(1), -1, 1)))
    assert np.percentile(turn, 95) < 30
    assert turn.max() < 60


def test_surface_faces_outwards(open_model: MorphableModel) -> None:
    hidden = open_model.regions["eye_region"] | open_model.regions["mouth_interior"]
    centres = open_model.shape_mean[open_model.triangles].mean(1)
    normals = triangle_normals(open_model.shape_mean, open_model.triangles)
    outwards = (normals * (centres - torch.tensor([0.0, 0.0, -60.0]))).sum(1) > 0
    assert outwards[~hidden[open_model.triangles].any(1)].float().mean() > 0.9


def test_landmarks_are_symmetric(points: torch.Tensor) -> None:
    assert torch.allclose(points[MIRRORED_POINTS] * FLIP, points, atol=1e-3)


def test_landmarks_lie_where_the_scheme_means(open_model: MorphableModel, points: torch.Tensor) -> None:
    x, y, z = points.unbind(1)
    assert (x[1:17] > x[:16] - 0.5).all(), "jaw runs from the subject's right to the left"
    assert y[8] == y.min(), "8 is the chin"
    assert (y[0:8] > y[1:9]).all()
    assert (y[17:27] > y[[36, 37, 38, 39, 42, 43, 44, 45]].max()).all(), "brows above the eyes"
    assert (y[27:30] > y[28:31]).all()
    assert (z[28:31] > z[27:30]).all()
    assert y[30] > y[33] > y[51] > y[62] >= y[66] > y[57] > y[8]
    assert (y[[37, 38]] > y[[41, 40]] + 4).all(), "upper lids above lower lids"
    assert x[36] < x[37] < x[38] < x[39] < 0 < x[42]
    assert x[48] < x[60] < x[61] < 0
    lips = open_model.landmarks["ibug68"].of(open_model.regions["lips"].float()[:, None])[:, 0]
    assert (lips[[50, 51, 52, 56, 57, 58, 61, 62, 63]] > 0).all()


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [(36, 45, 84, 96), (39, 42, 31, 38), (48, 54, 45, 56), (27, 8, 108, 125), (27, 33, 46, 56), (1, 15, 128, 152)],
)
def test_mean_face_measures_like_people(points: torch.Tensor, first: int, second: int, low: float, high: float) -> None:
    assert low < float((points[first] - points[second]).norm()) < high


def test_identities_vary_like_people(open_model: MorphableModel) -> None:
    deviation = open_model.identity_basis.square().sum((1, 2)).sqrt()
    assert 3 < deviation.mean() < 6
    assert deviation.max() < 15


def test_random_people_have_no_gaps_between_lips_or_beside_eyes(open_model: MorphableModel) -> None:
    faces = open_model.neutral_coefficients(12)
    people = torch.randn(*faces.identity.shape, generator=torch.Generator().manual_seed(3))
    drawn = render_coefficients(open_model, faces.replace(identity=people), Camera.for_crop(320, 12))
    gaps = [(binary_fill_holes(region) & ~region).sum() for region in drawn.region[:, 0].numpy()]
    assert np.median(gaps) == 0
    assert max(gaps) < 20, "a few pixels at the corner of a wide eye at most"


def test_skin_of_random_people_is_no_green_or_grey(open_model: MorphableModel) -> None:
    skins = torch.randn(200, open_model.albedo_basis.shape[2], generator=torch.Generator().manual_seed(5))
    cheeks = open_model.albedo(skins)[:, open_model.regions["cheeks"]].mean(1)
    red, green, blue = cheeks.unbind(1)
    assert (red > green + 0.04).all()
    assert (green > blue - 0.02).float().mean() > 0.98


def test_skin_tones_span_the_fitzpatrick_scale(open_model: MorphableModel) -> None:
    skins = torch.randn(300, open_model.albedo_basis.shape[2], generator=torch.Generator().manual_seed(6))
    red = open_model.albedo(skins)[:, open_model.regions["cheeks"]].mean((1,))[:, 0]
    assert red.quantile(0.03) < 0.42
    assert red.quantile(0.97) > 0.80
    assert open_model.albedo_mean.min() >= 0
    assert open_model.albedo_mean.max() <= 1


def test_texture_map_has_no_folds(open_model: MorphableModel) -> None:
    uv = open_model.uv
    assert uv is not None
    assert uv.min() >= 0
    assert uv.max() <= 1
    a, b, c = (uv[open_model.triangles[:, i]].double() for i in range(3))
    signed = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (signed > 0).all()


def test_regions(open_model: MorphableModel) -> None:
    assert set(REGIONS) <= set(open_model.regions)
    for name in REGIONS:
        mask = open_model.regions[name]
        assert mask.dtype == torch.bool
        assert mask.any(), name
        assert torch.equal(mask, mask[open_model.mirror]), name
    centre = {name: open_model.shape_mean[open_model.regions[name]].mean(0) for name in REGIONS}
    assert centre["forehead"][1] > centre["brows"][1] > centre["eyes"][1] > centre["nose"][1] > centre["lips"][1]
    assert centre["lips"][1] > centre["jaw"][1]


def test_nostrils_face_down_and_leave_the_wings_of_the_nose_alone() -> None:
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    normals = vertex_normals(arrays.shape_mean.astype(float), arrays.triangles)
    dark = arrays.maps["nostrils"] > 0.3
    assert 20 < dark.sum() < 150
    assert normals[dark, 1].max() < -0.3


def test_eyes_just_close_in_a_blink() -> None:
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    table = arrays.landmarks["anatomical68"]
    blinking = arrays.shape_mean + sum(
        arrays.actions[arrays.action_names.index(name)].astype(float) for name in ("eyeBlinkLeft", "eyeBlinkRight")
    )
    points = (blinking[table.vertices] * table.weights[..., None]).sum(1)
    gaps = points[[37, 38, 43, 44], 1] - points[[41, 40, 47, 46], 1]
    assert np.abs(gaps).max() < 1.0  # mm


def test_the_prior_of_expressions_knows_that_eyes_look_the_same_way_and_jaws_go_to_one_side() -> None:
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    modes = LinearModes.of(np.zeros_like(arrays.shape_mean), arrays.expression_basis)

    def cost(*names: str) -> float:
        offsets = sum(arrays.actions[arrays.action_names.index(name)].astype(np.float32) for name in names)
        return float(np.linalg.norm(modes.coefficients(offsets)))

    assert cost("eyeLookOutLeft", "eyeLookInRight") < 0.8 * cost("eyeLookInLeft", "eyeLookInRight")
    assert cost("jawLeft") < cost("jawLeft", "jawRight")


def test_cheeks_are_painted_on_the_cheeks() -> None:
    arrays = read_open_model_arrays(SHIPPED_MODEL)
    table = arrays.landmarks["anatomical68"]
    points = (arrays.shape_mean[table.vertices] * table.weights[..., None]).sum(1)
    painted = arrays.shape_mean[(arrays.maps["cheeks"] > 0.8) & (arrays.shape_mean[:, 0] > 0)]
    assert len(painted) > 30
    assert points[54, 1] < painted[:, 1].min()
    assert painted[:, 1].max() < points[46, 1]
    assert points[35, 0] < painted[:, 0].min()
    assert painted[:, 0].max() < points[15, 0]
