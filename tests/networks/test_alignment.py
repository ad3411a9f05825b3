"""Faces laid before recognisers: insightface's pixels, scikit-image's similarity, profiles on the outline."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from insightface.utils import face_align
from skimage.transform import SimilarityTransform

from focusfit.networks.recognition import align_faces, five_points, similarity

from .aligned_people import aligned


def test_alignment_gives_insightface_s_pixels(seven_people):
    for rgb, points in seven_people:
        five = five_points(torch.tensor(points)[None])[0]
        theirs = face_align.norm_crop(rgb.astype(np.float32), five.numpy().astype(np.float32))
        ours = aligned(rgb, points)[0].permute(1, 2, 0).numpy() * 255
        # OpenCV rounds places to 1/32 of a pixel
        assert np.abs(ours - theirs).mean() < 0.5
        assert np.abs(ours - theirs).max() < 12


def points_at(open_model, yaw_deg: float) -> torch.Tensor:
    """``(1, 68, 2)`` of the mean face, x right and y down, turned about the vertical axis: positive to image right."""
    at = open_model.landmarks["ibug68"].of(open_model.shape_mean).double()
    angle = math.radians(yaw_deg)
    x, depth = at[:, 0], at[:, 2]
    return torch.stack([x * math.cos(angle) + depth * math.sin(angle), -at[:, 1]], dim=1)[None]


def plain_means(points: torch.Tensor) -> torch.Tensor:
    """``(1, 5, 2)``: what the five points are where nothing is hidden."""
    groups = ([36, 39], [42, 45], [30], [48], [54])
    return torch.stack([points[:, group].mean(1) for group in groups], dim=1)


@pytest.mark.parametrize("yaw_deg", [0.0, 40.0, -40.0])
def test_points_in_sight_stay_where_they_are(open_model, yaw_deg):
    points = points_at(open_model, yaw_deg)
    torch.testing.assert_close(five_points(points), plain_means(points))


def test_what_is_turned_away_lies_on_the_outline(open_model):
    points = points_at(open_model, 85.0)
    right_eye, left_eye, nose, right_corner, left_corner = five_points(points)[0]
    plain = plain_means(points)[0]
    # a face that looks to image right: its far side is the image's right one
    torch.testing.assert_close(torch.stack([right_eye, nose, right_corner]), plain[[0, 2, 3]])
    down = points[0, 8] - points[0, 27]
    for moved, outline, before in (
        (left_eye, points[0, 27], plain[1]),
        (left_corner, points[0, [51, 57]].mean(0), plain[4]),
    ):
        across = torch.stack([down[1], -down[0]])
        assert (before - outline) @ across < -10 * across.norm()
        torch.testing.assert_close((moved - outline) @ across, torch.zeros((), dtype=moved.dtype), atol=1e-9, rtol=0)
        torch.testing.assert_close((moved - before) @ down, torch.zeros((), dtype=moved.dtype), atol=1e-9, rtol=0)


def test_outlines_turn_and_mirror_with_the_face(open_model):
    points = points_at(open_model, 75.0)
    angle = math.radians(130)
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=torch.float64)
    torch.testing.assert_close(five_points(points @ turn.T + 7), five_points(points) @ turn.T + 7)
    mirror, other_side = torch.tensor([-1.0, 1.0], dtype=torch.float64), [1, 0, 2, 4, 3]
    swapped = points.clone()
    for one, other in ((36, 45), (39, 42), (48, 54)):
        swapped[:, [one, other]] = points[:, [other, one]]
    torch.testing.assert_close(five_points(swapped * mirror), five_points(points)[:, other_side] * mirror)


def test_similarity_is_scikit_image_s_also_for_points_that_do_not_fit():
    generator = np.random.default_rng(3)
    source, target = generator.normal(size=(2, 40, 5, 2)) * 30
    matrix, shift = similarity(torch.tensor(source), torch.tensor(target))
    for k in range(40):
        theirs = SimilarityTransform.from_estimate(source[k], target[k]).params
        np.testing.assert_allclose(matrix[k], theirs[:2, :2], atol=1e-9)
        np.testing.assert_allclose(shift[k], theirs[:2, 2], atol=1e-7)


def test_a_batch_is_aligned_like_its_members_and_black_outside():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(3, 3, 60, 80, generator=generator)
    points = torch.tensor([[30.0, 22], [50, 24], [40, 34], [33, 46], [48, 46]])
    points = points + torch.tensor([0.0, 5, -9])[:, None, None]
    batch = align_faces(images, points)
    for k in range(3):
        torch.testing.assert_close(batch[k : k + 1], align_faces(images[k : k + 1], points[k : k + 1]))
    far = align_faces(images, points + 500)
    assert far.abs().max() == 0


@pytest.mark.parametrize("spoil", [float("nan"), float("inf"), 0.0])
def test_landmarks_that_are_no_face_spoil_their_own_alone(spoil):
    """Neither an error nor a face of the batch that is not a number."""
    images = torch.rand(3, 3, 60, 80, generator=torch.Generator().manual_seed(0))
    points = torch.tensor([[30.0, 22], [50, 24], [40, 34], [33, 46], [48, 46]]).repeat(3, 1, 1)
    expected = align_faces(images, points)
    points[1] = points[1] * spoil  # not numbers, or all in one place
    images.requires_grad_()
    faces = align_faces(images, points)
    torch.testing.assert_close(faces[[0, 2]], expected[[0, 2]])
    faces[[0, 2]].sum().backward()
    assert images.grad.isfinite().all()
    if spoil == 0.0:
        assert faces.isfinite().all()


def test_gradient_by_points_is_right():
    generator = torch.Generator().manual_seed(0)
    smooth = torch.rand(1, 3, 6, 6, generator=generator, dtype=torch.float64)
    image = torch.nn.functional.interpolate(smooth, size=(48, 48), mode="bicubic")
    points = torch.tensor([[[15.3, 18.2], [30.1, 17.7], [22.9, 25.4], [17.2, 34.1], [29.3, 33.6]]], dtype=torch.float64)
    weights = torch.rand(1, 3, 8, 8, generator=generator, dtype=torch.float64)
    torch.autograd.gradcheck(lambda p: (align_faces(image, p, size=8) * weights).sum(), points.requires_grad_())
