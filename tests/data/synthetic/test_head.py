"""Heads, hair and headwear around synthetic faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, binary_fill_holes

from focusfit.data.synthetic.hair.beard import full_beard
from focusfit.data.synthetic.hair.hairdo import NO_HAIR, Hairdo
from focusfit.data.synthetic.hair.site import Skull
from focusfit.data.synthetic.hair.styles import STYLES
from focusfit.data.synthetic.head import place_trunk, trunk_turn
from focusfit.data.synthetic.head_drawing import HairLayers
from focusfit.data.synthetic.surroundings import Bearer
from tests.data.synthetic.head_scenes import LIGHT, Scene, Studio

BARE_FACED = ("bald", "cropped", "bun")


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio()


def wearing(studio: Studio, scene: Scene, name: str, seed: int = 0) -> Bearer:
    """The scene's person with a given style."""
    bearer = studio.surroundings.bearer(scene.person, np.random.default_rng(seed))
    hairdo = STYLES[name].paint(studio.surroundings.site(bearer.shape, scene.person), np.random.default_rng(seed))
    return replace(bearer, hairdo=hairdo)


def shaved(studio: Studio, scene: Scene) -> Bearer:
    """Nothing but skin, not even stubble."""
    bearer = wearing(studio, scene, "bald")
    nothing = np.full_like(bearer.hairdo.inside, NO_HAIR)
    return replace(bearer, hairdo=replace(bearer.hairdo, inside=nothing, strands=()))


def drawn(studio: Studio, scene: Scene, bearer: Bearer) -> HairLayers:
    return studio.surroundings.draw(bearer, scene.posed, LIGHT, np.random.default_rng(1))


def arrays(hairdo: Hairdo) -> list[np.ndarray]:
    locks = [a for lock in (*hairdo.strands, *hairdo.beard) for a in (lock.points, lock.colour)]
    return [hairdo.inside, hairdo.thickness, *locks, *(a for p in hairdo.pieces for a in (p.vertices, p.pattern))]


@pytest.mark.parametrize("name", STYLES)
def test_style_is_reproducible_and_draws(studio: Studio, name: str) -> None:
    scene = studio.scene(0, yaw=20, size=96)
    bearer, again, other = (wearing(studio, scene, name, seed) for seed in (5, 5, 6))
    same, changed = zip(arrays(bearer.hairdo), arrays(again.hairdo), strict=True), arrays(other.hairdo)
    assert all(np.array_equal(a, b) for a, b in same)
    assert len(changed) != len(arrays(bearer.hairdo)) or not all(
        np.array_equal(a, b) for a, b in zip(arrays(bearer.hairdo), changed, strict=True)
    )
    layers = drawn(studio, scene, bearer)
    for layer in (layers.behind, *layers.front):
        assert layer.colour.shape == (96, 96, 3)
        assert layer.cover.shape == layer.shadow.shape == (96, 96)
        inside = layer.cover > 0
        assert np.isfinite(layer.colour[inside]).all()
        assert layer.colour[inside].min() >= 0
        assert layer.colour[inside].max() <= 1
        assert 0 <= layer.cover.min() <= layer.cover.max() <= 1
        assert layer.shadow.min() > 0
        assert layer.shadow.max() <= 1
    assert layers.behind.kind == bearer.hairdo.kind
    assert layers.behind.cover.mean() > 0.2


@pytest.mark.parametrize("yaw", [0, -35, 70])
def test_no_gap_between_face_and_head(studio: Studio, yaw: float) -> None:
    scene = studio.scene(2, yaw)
    behind = drawn(studio, scene, shaved(studio, scene)).behind
    covered = 1 - (1 - behind.cover) * (1 - scene.face.cover)
    solid = binary_erosion(binary_fill_holes(covered > 0.5), iterations=2)
    assert covered[solid].min() > 0.95
    assert solid.sum() > (scene.face.cover > 0.5).sum()


@pytest.mark.parametrize("number", range(6))
def test_skin_is_one_across_the_rim(studio: Studio, number: int) -> None:
    scene = studio.scene(number, yaw=25)
    layers = drawn(studio, scene, shaved(studio, scene))
    rim = (scene.face.cover == 1) & (scene.face.inside < 0.5) & (layers.joined == 1)
    difference = (layers.behind.colour - scene.face.colour)[rim]
    assert rim.sum() > 60
    assert np.abs(np.median(difference, axis=0)).max() < 0.06
    fading = (scene.face.cover == 1) & (scene.face.inside < 0.5)
    assert (fading & (layers.joined == 0)).sum() < 0.5 * fading.sum()


def test_fringe_and_hats_occlude_and_a_bald_head_does_not(studio: Studio) -> None:
    scene = studio.scene(0)
    brow = (scene.posed.landmarks_px[17:27, 1].mean(), scene.posed.landmarks_px[8, 1])
    core = scene.face.cover.copy()
    core[: round(float(brow[0]))] = 0
    hidden = {}
    for name in ("bald", "fringe", "closed_helmet", "balaclava"):
        front = drawn(studio, scene, wearing(studio, scene, name, seed=2)).front
        assert all(layer.occludes for layer in front)
        hidden[name] = max((float((layer.cover * core).sum() / core.sum()) for layer in front), default=0.0)
    assert hidden["bald"] < 0.002
    assert all(hidden[name] > 0.03 for name in ("fringe", "balaclava"))


def test_beard_belongs_to_the_face_and_reaches_beyond_it(studio: Studio) -> None:
    scene = studio.scene(0)
    bearer = wearing(studio, scene, "bald", seed=1)
    site = studio.surroundings.site(bearer.shape, scene.person)
    bearded = replace(bearer, hairdo=replace(bearer.hairdo, beard=full_beard(site, np.random.default_rng(3))))
    plain, layers = drawn(studio, scene, bearer), drawn(studio, scene, bearded)
    beard = next(layer for layer in layers.front if layer.kind == "beard")
    assert not beard.occludes
    chin = round(float(scene.posed.landmarks_px[8, 1]))
    assert (beard.cover * scene.face.cover)[chin - 25 : chin].sum() > 50
    assert beard.cover[: round(float(scene.posed.landmarks_px[30, 1]))].sum() < 0.05 * beard.cover.sum()
    changed = np.abs(layers.behind.colour - plain.behind.colour).max(2) > 0.05
    assert (changed & (scene.face.cover == 0)).sum() > 30


def test_hair_has_the_persons_colour(studio: Studio) -> None:
    scene = studio.scene(0)
    bearer = wearing(studio, scene, "falling", seed=4)
    site = studio.surroundings.site(bearer.shape, scene.person)
    means = []
    for colour in ((0.4, 0.25, 0.1), (0.02, 0.015, 0.012)):
        hairdo = STYLES["falling"].paint(replace(site, colour=np.array(colour, np.float32)), np.random.default_rng(4))
        behind = drawn(studio, scene, replace(bearer, hairdo=hairdo)).behind
        top = slice(0, round(float(scene.posed.landmarks_px[:, 1].min())) - 20)
        means.append(behind.colour[top][behind.cover[top] > 0.9].mean(0))
    fair, dark = means
    assert fair[0] > dark[0] + 0.15
    assert fair[0] > 1.15 * fair[2]


def test_same_hair_in_every_pose(studio: Studio) -> None:
    left, right = studio.scene(3, 30), studio.scene(3, -30)
    bearers = [studio.surroundings.bearer(scene.person, np.random.default_rng(8)) for scene in (left, right)]
    for a, b in zip(*(arrays(bearer.hairdo) for bearer in bearers), strict=True):
        np.testing.assert_array_equal(a, b)
    colours = [layers.behind.colour for layers in map(drawn, [studio] * 2, (left, right), bearers)]
    assert np.abs(colours[0] - colours[1]).mean() > 0.01


def test_trunk_turns_less_than_the_head(studio: Studio) -> None:
    head, scene = studio.surroundings.head, studio.scene(0, 60)
    vertices = head.head.mean
    turn = trunk_turn(scene.posed, np.random.default_rng(2))
    placed = place_trunk(head, vertices, turn)
    still = head.head.bend == 0
    np.testing.assert_array_equal(placed[still], vertices[still])
    low = head.head.garment > 60
    assert np.linalg.norm(placed[low] - vertices[low], axis=1).mean() > 10
    distance = np.linalg.norm(vertices - head.pivot, axis=1)
    np.testing.assert_allclose(np.linalg.norm(placed - head.pivot, axis=1), distance, atol=1e-2)


def test_skull_holds_the_vertices_it_was_made_around() -> None:
    rng = np.random.default_rng(0)
    direction = rng.standard_normal((20000, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    centre = np.array([3.0, 20, -80])
    skull = Skull.around((centre + 90 * direction).astype(np.float32), centre)
    azimuth, elevation = rng.uniform(-np.pi, np.pi, 50), rng.uniform(-1.5, 1.5, 50)
    np.testing.assert_allclose(skull.radius(azimuth, elevation), 90, atol=0.1)
    points = skull.points(azimuth, elevation, 10.0)
    np.testing.assert_allclose(np.linalg.norm(points - centre, axis=1), 100, atol=0.1)
    front = skull.points(np.array(0.0), np.array(0.0), 0.0)
    np.testing.assert_allclose(front, centre + np.array([0, 0, 90]), atol=0.1)


@pytest.mark.usefixtures("detector_files")
def test_detector_finds_people_with_heads(studio: Studio) -> None:
    from focusfit.detection.yunet import Look, YuNet

    network, found = YuNet(), 0
    for number in range(6):
        scene = studio.scene(number, yaw=12 * number - 30, size=224)
        behind = drawn(studio, scene, wearing(studio, scene, BARE_FACED[number % 3], number)).behind
        picture = 0.5 + behind.cover[..., None] * (behind.colour - 0.5)
        cover = scene.face.cover * np.maximum(1 - behind.cover, np.clip(1.25 * scene.face.inside, 0, 1))
        picture += cover[..., None] * (scene.face.colour - picture)
        found += len(network.look(np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8), Look(320), 0.6)) == 1
    assert found >= 5
