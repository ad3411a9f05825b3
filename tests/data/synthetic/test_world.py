import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from focusfit.data.synthetic import PoseRange, SyntheticConfig, SyntheticWorld
from focusfit.errors import FaceModelError, FocusfitError
from focusfit.facemodel.load import load_face_model
from focusfit.imaging.camera import DISTANCE, Camera
from focusfit.imaging.renderer import render

SIZE = 96


@pytest.fixture(scope="module")
def world():
    return SyntheticWorld(SyntheticConfig(size=SIZE, seed=3, photos_per_person=2, occluded_fraction=0.0))


@pytest.fixture(scope="module")
def model():
    return load_face_model()


def arrays(photo):
    return {name: np.asarray(value) for name, value in vars(photo).items()}


def test_photo_depends_on_seed_and_number_alone(world):
    first = arrays(world.photo(5))
    world.photo(9)
    again = arrays(SyntheticWorld(world.config).photo(5))
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name], err_msg=name)
    other = SyntheticWorld(SyntheticConfig(size=SIZE, seed=4, photos_per_person=2, occluded_fraction=0.0)).photo(5)
    assert (other.rgb != first["rgb"]).mean() > 0.5


def test_pickled_world_makes_the_same_photos(world):
    copy = pickle.loads(pickle.dumps(world))
    np.testing.assert_array_equal(copy.photo(1).rgb, world.photo(1).rgb)


def test_one_person_on_two_photos(world):
    first, second, other = world.photo(0), world.photo(1), world.photo(2)
    assert first.person == second.person != other.person
    np.testing.assert_array_equal(first.neutral_vertices, second.neutral_vertices)
    np.testing.assert_array_equal(first.identity, second.identity)
    assert not np.allclose(first.expression, second.expression)
    assert not np.allclose(first.rotation, second.rotation)
    assert not np.allclose(first.light, second.light)
    assert world.person(0).texture is world.person(0).texture
    assert not np.allclose(first.neutral_vertices, other.neutral_vertices)


def test_pose_camera_and_landmarks_follow_the_projects_conventions(world, model):
    photo = world.photo(7)
    camera = Camera(torch.tensor([float(photo.focal)]), torch.tensor(photo.centre)[None], SIZE, SIZE)
    translation = torch.tensor(photo.translation)[None] - torch.tensor([0.0, 0.0, DISTANCE])
    own = np.linalg.solve(_placement(photo.rotation), (photo.posed_vertices - photo.translation).T).T
    placed = camera.place(torch.tensor(own, dtype=torch.float32)[None], torch.tensor(photo.rotation)[None], translation)
    np.testing.assert_allclose(placed[0], photo.posed_vertices, atol=0.02)
    points = camera.project(model.landmarks["ibug68"].of(torch.tensor(photo.posed_vertices)[None]))[0]
    np.testing.assert_allclose(points, photo.landmarks, atol=0.02)
    middle = photo.landmarks[27:].mean(0)
    assert (middle > 0.15 * SIZE).all()
    assert (middle < 0.85 * SIZE).all()


def _placement(rotation):
    import cv2

    return np.diag([1.0, -1.0, -1.0]) @ cv2.Rodrigues(rotation.astype(np.float64))[0]


def test_without_expression_the_face_is_the_neutral_one(model):
    config = SyntheticConfig(size=SIZE, seed=3, expression_strength=0.0, hairy_fraction=0.0, occluded_fraction=0.0)
    photo = SyntheticWorld(config).photo(0)
    own = np.linalg.solve(_placement(photo.rotation), (photo.posed_vertices - photo.translation).T).T
    np.testing.assert_allclose(own, photo.neutral_vertices, atol=0.02)
    assert np.abs(photo.expression).max() == 0


def test_true_shape_is_near_the_models_but_beyond_it(world, model):
    person = world.person(0)
    modelled = model.vertices(torch.tensor(person.identity)[None])[0].numpy()
    beyond = (person.neutral - modelled).reshape(-1)
    modes = model.expression_basis.numpy().reshape(len(beyond), -1)  # a resting face is partly like an expression
    misfit = np.linalg.norm((beyond - modes @ np.linalg.lstsq(modes, beyond)[0]).reshape(-1, 3), axis=1)
    assert 0.2 < misfit.mean() < 2.5  # mm
    assert misfit.max() < 8


def test_expression_coefficients_explain_the_expression(world, model):
    photo = world.photo(4)
    own = np.linalg.solve(_placement(photo.rotation), (photo.posed_vertices - photo.translation).T).T
    moved = own - photo.neutral_vertices
    explained = (torch.tensor(photo.expression) @ model.expression_basis.flatten(0, 1).T).view(-1, 3).numpy()
    assert np.linalg.norm(moved - explained, axis=1).mean() < 0.1 * np.linalg.norm(moved, axis=1).mean() + 0.02


def drawn(model, photo):
    """The photo's face as the project's renderer draws it from the truth."""
    own = np.linalg.solve(_placement(photo.rotation), (photo.posed_vertices - photo.translation).T).T
    return render(
        torch.tensor(own, dtype=torch.float32)[None],
        model.albedo(torch.tensor(photo.albedo)[None]),
        model.triangles,
        torch.tensor(photo.rotation)[None],
        torch.tensor(photo.translation)[None] - torch.tensor([0.0, 0.0, DISTANCE]),
        torch.tensor(photo.light)[None],
        Camera(torch.tensor([float(photo.focal)]), torch.tensor(photo.centre)[None], SIZE, SIZE),
    )


def test_region_is_where_the_projects_renderer_draws_the_face(world, model):
    for index in range(4):
        photo = world.photo(index)
        region, ours = drawn(model, photo).region[0, 0].numpy(), photo.face_region > 127
        assert (ours & region).sum() / (ours | region).sum() > 0.96


def test_true_albedo_and_light_explain_the_pixels(world, model):
    """Albedo times shading comes nearer to the photos than each face's mean colour does."""
    errors, spreads = [], []
    for index in range(8):
        photo = world.photo(index)
        rendering = drawn(model, photo)
        seen = (photo.visible_face == 255) & rendering.region[0, 0].numpy()
        image = rendering.image[0].permute(1, 2, 0).numpy().clip(0, 1)[seen]
        rgb = photo.rgb[seen].astype(np.float32) / 255
        errors.append(np.abs(image - rgb).mean())
        spreads.append(np.abs(rgb.mean(0) - rgb).mean())
    assert np.median(errors) < 0.08
    assert np.median(errors) < np.median(spreads)


def test_skin_has_detail_beyond_the_models_albedo(world, model):
    from focusfit.data.synthetic.tone import srgb_of_linear

    person, atlas = world.person(1), world.anatomy.atlas
    explained = atlas.spread(model.albedo(torch.tensor(person.albedo)[None])[0].numpy())
    there = (atlas.margin == 0) & (atlas.spread(world.anatomy.maps["eyeball"]) < 0.01)
    residual = (srgb_of_linear(person.texture[..., :3]) - explained)[there]
    assert np.abs(residual).mean() < 0.12  # the coefficients do explain the complexion ...
    assert residual.std() > 0.01  # ... but not everything


def test_masks_and_occluders():
    world = SyntheticWorld(SyntheticConfig(size=SIZE, seed=1, occluded_fraction=1.0))
    photos = [world.photo(index) for index in range(10)]
    for photo in photos:
        assert (photo.visible_face <= photo.face_region).all()
        if photo.occluders:
            assert photo.visible_face.sum() < 0.997 * photo.face_region.sum()
    assert np.mean([bool(photo.occluders) for photo in photos]) > 0.6


def test_clean_photos_show_the_whole_face(world):
    for index in range(8):
        photo = world.photo(index)
        assert photo.occluders == ()
        column, row = np.rint(photo.landmarks[27:]).astype(int).T
        shown = photo.visible_face[row, column] > 100
        assert shown[photo.face_region[row, column] > 250].mean() > 0.9
    bare = SyntheticWorld(SyntheticConfig(size=SIZE, seed=1, occluded_fraction=0.0, hairy_fraction=0.0)).photo(0)
    np.testing.assert_array_equal(bare.visible_face, bare.face_region)


def test_yaw_stays_in_its_range():
    pose = PoseRange(yaw_uniform_share=1.0, yaw_limit_deg=60, pitch_spread_deg=0, roll_spread_deg=0)
    world = SyntheticWorld(SyntheticConfig(size=32, pose=pose, hairy_fraction=0, occluded_fraction=0))
    yaw = np.degrees([world.photo(index).rotation[1] for index in range(25)])
    assert np.abs(yaw).max() <= 60
    assert yaw.max() > 20
    assert yaw.min() < -20


def test_the_users_backgrounds_are_used(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "green.png"), np.full((50, 80, 3), (0, 255, 0), np.uint8))
    config = SyntheticConfig(
        size=SIZE, backgrounds=tmp_path, hairy_fraction=0, occluded_fraction=0, degraded_fraction=0
    )
    photo = SyntheticWorld(config).photo(0)
    behind = photo.rgb[photo.face_region == 0].mean(0)
    assert behind[1] > 150
    assert behind[0] < 90
    assert behind[2] < 90


def test_the_users_occluders_are_used(tmp_path):
    import cv2

    picture = np.zeros((40, 60, 4), np.uint8)
    picture[5:35, 5:55] = (255, 0, 0, 255)  # blue, as OpenCV orders channels
    cv2.imwrite(str(tmp_path / "blue.png"), picture)
    config = SyntheticConfig(
        size=SIZE, occluder_pictures=tmp_path, occluded_fraction=1, hairy_fraction=0, degraded_fraction=0
    )
    world = SyntheticWorld(config)
    photos = [photo for photo in map(world.photo, range(8)) if photo.occluders == ("picture",)]
    assert photos
    hidden = (photos[0].face_region == 255) & (photos[0].visible_face == 0)
    red, green, blue = photos[0].rgb[hidden].mean(0)
    assert blue > 90 + max(red, green)

    cv2.imwrite(str(tmp_path / "opaque.png"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(FocusfitError, match=r"opaque\.png: has no transparency"):
        SyntheticWorld(config)


@pytest.mark.parametrize(
    "changes", [{"size": 8}, {"occluded_fraction": 1.5}, {"photos_per_person": 0}, {"texture_size": 30}]
)
def test_impossible_worlds_are_refused(changes):
    with pytest.raises(FocusfitError):
        SyntheticConfig(**changes)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FocusfitError, match="nowhere"):
        SyntheticWorld(SyntheticConfig(backgrounds=tmp_path / "nowhere"))
    with pytest.raises(FocusfitError, match="no photographs"):
        SyntheticWorld(SyntheticConfig(backgrounds=tmp_path))
    with pytest.raises(FaceModelError, match="open face model"):
        SyntheticWorld(model=tmp_path / "bfm.h5")


def test_a_world_of_few_occluders_in_little_light(world):
    narrow = SyntheticConfig(size=SIZE, seed=3, occluded_fraction=1.0, hairy_fraction=0.0, scenes=("flash", "studio"))
    kinds = ("card", "bar")
    chosen = SyntheticWorld(replace(narrow, occluders=kinds))
    photos = [chosen.photo(index) for index in range(6)]
    assert {kind for photo in photos for kind in photo.occluders} == set(kinds)
    dark = SyntheticWorld(replace(narrow, occluders=kinds, exposure=0.4))
    for index, photo in enumerate(photos):
        face = photo.visible_face > 250
        assert dark.photo(index).rgb[face].mean() < 0.8 * photo.rgb[face].mean()
        np.testing.assert_array_equal(dark.photo(index).visible_face, photo.visible_face)
    other = SyntheticWorld(replace(narrow, occluders=kinds, scenes=("coloured",))).photo(0)
    assert not np.allclose(other.light, photos[0].light, atol=0.1)


def test_unknown_light_and_occluders_are_named():
    with pytest.raises(FocusfitError, match=r"moonlight.*overcast"):
        SyntheticWorld(SyntheticConfig(scenes=("sun", "moonlight")))
    with pytest.raises(FocusfitError, match=r"ghost.*hand"):
        SyntheticWorld(SyntheticConfig(occluders=("ghost",)))
    with pytest.raises(FocusfitError, match="exposure"):
        SyntheticConfig(exposure=0.0)
