"""Batches of canvases, and what augmentation makes of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from focusfit.data.augmentation import IBUG68_MIRRORED, Augmentation, augment, frame_middle
from focusfit.data.canvas import canvas_transform, cut, photo_bounds
from focusfit.data.counter_random import uniform
from focusfit.data.face_batch import FaceItem, canvas_margin, collate
from focusfit.detection.crop import crop_for_landmarks
from focusfit.detection.mean_face import MEAN_FACE_68

SIZE = 64
STILL = Augmentation(shift=0, scale=(1, 1), rotation=0, flip=0)


def spotted_item(seed: int, with_masks: bool = False) -> FaceItem:
    """White discs at every landmark on black."""
    side = SIZE + 2 * canvas_margin(SIZE)
    points = (MEAN_FACE_68[:, :2] * [1, -1] * 0.22 + [side / 2 - 0.5, side / 2 - 8]).astype(np.float32)
    y, x = np.mgrid[:side, :side]
    distance = np.min([np.hypot(x - px, y - py) for px, py in points], axis=0)
    spots = (255 * np.clip(2 - distance, 0, 1)).astype(np.uint8)
    photo = np.repeat(spots[..., None], 3, axis=2)
    bounds = np.array([0, 0, side - 1, side - 1], np.float32)
    masks = {"visible_face": spots, "face_region": 255 - spots} if with_masks else {}
    return FaceItem(f"{seed}.png", seed, photo, points, bounds, **masks)


def test_the_middle_is_the_fitter_s_crop(astronaut):
    points = MEAN_FACE_68[:, :2] * [1, -1] * 1.1 + [225, 110]
    canvas = canvas_transform(points, SIZE)
    landmarks = canvas.to_crop(points).astype(np.float32)
    item = FaceItem("a", 0, cut(canvas, astronaut), landmarks, photo_bounds(canvas, (512, 512)))
    view = frame_middle(collate([item]), SIZE)
    crop = crop_for_landmarks(points, SIZE)
    expected = crop.warp(astronaut)
    assert np.abs(view.photo[0].permute(1, 2, 0).numpy() - expected).mean() < 0.01  # grids of the low-pass differ
    np.testing.assert_allclose(view.landmarks[0].numpy(), crop.to_crop(points), atol=1e-3)
    np.testing.assert_array_equal(view.inside[0, 0].numpy() > 0, crop.inside((512, 512)))


def test_augmentation_that_moves_nothing_gives_the_middle():
    batch = collate([spotted_item(k, with_masks=True) for k in range(3)])
    still, middle = augment(batch, SIZE, STILL), frame_middle(batch, SIZE)
    for name in ("photo", "landmarks", "inside", "visible_face", "face_region"):
        torch.testing.assert_close(getattr(still, name), getattr(middle, name), atol=2e-4, rtol=0)


@pytest.mark.parametrize("flip", [0.0, 1.0])
def test_landmarks_masks_and_photo_move_together(flip):
    view = augment(collate([spotted_item(k, with_masks=True) for k in range(16)]), SIZE, Augmentation(flip=flip))
    spots = view.photo[:, :1]
    torch.testing.assert_close(view.visible_face, spots)
    torch.testing.assert_close(view.face_region, 1 - spots, atol=1e-5, rtol=0)
    grid = (2 * view.landmarks + 1) / SIZE - 1
    at_points = torch.nn.functional.grid_sample(spots, grid[:, None], align_corners=False)[:, 0, 0]
    in_view = (grid.abs() < 0.95).all(-1)
    assert in_view.float().mean() > 0.9
    assert at_points[in_view].min() > 0.6


def test_light_turns_with_the_photo_and_other_coefficients_stay():
    """A lamp in the direction of one landmark from another is there after the turn."""
    batch = collate([spotted_item(k) for k in range(8)])
    towards = batch.landmarks[:, 8] - batch.landmarks[:, 27]
    lamp = torch.nn.functional.normalize(towards * torch.tensor([1.0, -1.0]), dim=1)  # y up
    light = torch.zeros(8, 3, 9)
    light[:, :, 1], light[:, :, 3] = -lamp[:, 1:], -lamp[:, :1]  # the harmonics' sign
    batch = replace(batch, coefficients=torch.cat([torch.ones(8, 5), light.flatten(1)], dim=1))
    view = augment(batch, SIZE, Augmentation(shift=0.05, scale=(0.9, 1.1), rotation=40, flip=0))
    moved = torch.nn.functional.normalize(
        (view.landmarks[:, 8] - view.landmarks[:, 27]) * torch.tensor([1.0, -1.0]), dim=1
    )
    assert (moved - lamp).norm(dim=1).max() > 0.3
    found = view.coefficients[:, 5:].unflatten(1, (3, 9))
    torch.testing.assert_close(found[..., [3, 1]], -moved[:, None].expand(8, 3, 2))
    torch.testing.assert_close(view.coefficients[:, :5], torch.ones(8, 5))


@pytest.mark.parametrize("flip", [0.0, 1.0])
def test_renderings_and_labels_move_with_their_photo(flip):
    batch = collate([spotted_item(k) for k in range(8)])
    batch = replace(batch, rendering=batch.photo // 2, label=255 - batch.photo[:, :1])
    view = augment(batch, SIZE, Augmentation(flip=flip))
    assert (view.photo - frame_middle(batch, SIZE).photo).abs().mean() > 0.01
    torch.testing.assert_close(view.rendering, view.photo / 2, atol=0.5 / 255 + 1e-5, rtol=0)
    torch.testing.assert_close(view.label, 1 - view.photo[:, :1], atol=1e-5, rtol=0)


def test_a_mirrored_face_has_its_right_eye_on_the_left_of_the_picture():
    item = spotted_item(0)
    mirrored = augment(collate([item]), SIZE, Augmentation(shift=0, scale=(1, 1), rotation=0, flip=1.0)).landmarks[0]
    plain = frame_middle(collate([item]), SIZE).landmarks[0]
    assert mirrored[36, 0] < mirrored[45, 0]
    assert mirrored[0, 0] < mirrored[16, 0]
    # the mean face is its own mirror image, but for integers that it is written in
    assert (mirrored[:, 0] - plain[:, 0]).abs().max() < 0.5
    assert [IBUG68_MIRRORED[k] for k in IBUG68_MIRRORED] == list(range(68))


def test_moves_stay_in_their_ranges_and_differ():
    ranges = Augmentation(flip=0)
    plain = frame_middle(collate([spotted_item(0)]), SIZE).landmarks[0].double()
    centred = plain - plain.mean(0)
    scales, angles, shifts = [], [], []
    moved = augment(collate([spotted_item(k) for k in range(200)]), SIZE, ranges).landmarks.double()
    for points in moved:
        solved = torch.linalg.lstsq(torch.cat([centred, torch.ones(68, 1)], 1), points).solution
        scales.append(float(torch.det(solved[:2]).sqrt()))
        angles.append(float(torch.rad2deg(torch.atan2(solved[0, 1], solved[0, 0]))))
        middle = (SIZE - 1) / 2
        turned = (torch.full((2,), middle) - plain.mean(0)) @ solved[:2] + solved[2]
        shifts.append((turned - middle).abs().max().item())
    assert 0.9 <= min(scales) < 0.92
    assert 1.08 < max(scales) <= 1.1
    assert -10.001 <= min(angles) < -9
    assert 9 < max(angles) <= 10.001
    assert 0.9 * 10 / 224 * SIZE < max(shifts) <= 10 / 224 * SIZE + 1e-3


def test_a_look_is_the_same_in_any_batch():
    items = [spotted_item(k) for k in range(6)]
    together = augment(collate(items), SIZE, Augmentation())
    alone = augment(collate([items[4]]), SIZE, Augmentation())
    torch.testing.assert_close(together.photo[4:5], alone.photo)
    torch.testing.assert_close(together.landmarks[4:5], alone.landmarks)


def test_what_only_some_items_know_is_flagged():
    batch = collate([spotted_item(0), spotted_item(1, with_masks=True)])
    assert batch.mask_known.tolist() == [False, True]
    assert batch.visible_face[0].max() == 0
    assert batch.visible_face[1].max() > 0
    assert batch.neutral is None
    assert batch.rendering is None
    assert collate([spotted_item(0)]).visible_face is None


def test_a_view_must_fit_its_canvas():
    with pytest.raises(ValueError, match="canvas"):
        frame_middle(collate([spotted_item(0)]), SIZE + 40)


def test_counted_random_numbers_are_uniform_and_independent():
    numbers = uniform(torch.arange(4000), 5).double()
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert (numbers.mean(0) - 0.5).abs().max() < 0.02
    correlation = torch.corrcoef(torch.cat([numbers[:-1], numbers[1:]], dim=1).T) - torch.eye(10)
    assert correlation.abs().max() < 0.06
    torch.testing.assert_close(uniform(torch.tensor([7]), 5)[0], uniform(torch.arange(10), 5)[7])
