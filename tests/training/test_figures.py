"""Validation figures against plain computations."""

from __future__ import annotations

import numpy as np
import torch

from focusfit.evaluation.alignment import best_similarity
from focusfit.evaluation.landmarks import INNER, normalised_errors
from focusfit.training.figures import landmark_error, mask_figures, photometric_error, shape_error


def test_landmark_error_is_the_evaluation_s():
    random = np.random.default_rng(0)
    given, predicted = random.uniform(0, 100, (2, 3, 68, 2)).astype(np.float32)
    expected = [normalised_errors(p, g)[INNER].mean() for p, g in zip(predicted, given, strict=True)]
    found = landmark_error(torch.from_numpy(predicted), torch.from_numpy(given))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4)


def test_photometric_error_counts_levels_under_the_weight():
    photo, rendering = torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 4, 4)
    rendering[0, :, :2] = 10 / 255
    rendering[0, :, 2:] = 200 / 255
    weight = torch.zeros(2, 1, 4, 4)
    weight[0, :, :2] = 1
    error = photometric_error(photo, rendering, weight)
    torch.testing.assert_close(error[0], torch.tensor(10.0))
    assert error[1].isnan()


def test_masks_are_judged_inside_the_region_and_where_the_truth_is_known():
    region = torch.ones(4, 1, 4, 4)
    region[:, :, 0] = 0
    visible = torch.ones(4, 1, 4, 4)
    visible[:, :, 2:] = 0  # 8 of 12 pixels of the region are occluded
    visible[3] = 1
    inside = torch.ones(4, 1, 4, 4)
    inside[3, :, 0] = 0  # beyond the photo's edge
    predicted = torch.ones(4, 1, 4, 4)
    predicted[0, :, 2:] = 0  # right
    predicted[1, :, 3:] = 0.1  # half of the occluder
    figures = mask_figures(predicted, region, visible, torch.tensor([True, True, False, True]), inside)
    np.testing.assert_allclose(figures["mask_accuracy"].numpy(), [1, 8 / 12, np.nan, 1], rtol=1e-5)
    np.testing.assert_allclose(figures["occluder_iou"].numpy(), [1, 0.5, np.nan, np.nan], rtol=1e-5)
    # the row that is no region is visible face too
    np.testing.assert_allclose(figures["face_iou"].numpy(), [4 / 8, 4 / 12, np.nan, 1], rtol=1e-5)


def test_shape_error_is_what_is_left_after_the_best_similarity():
    random = np.random.default_rng(1)
    true = random.normal(0, 50, (3, 200, 3))
    noisy = true + random.normal(0, 2, true.shape)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    predicted = 0.7 * noisy @ turn.T + 9
    expected = []
    for p, t in zip(predicted, true, strict=True):
        expected.append(np.linalg.norm(best_similarity(p, t).apply(p) - t, axis=1).mean())
    to = lambda a: torch.from_numpy(a).float()  # noqa: E731
    found = shape_error(to(predicted), to(true), torch.tensor([True, True, False]))
    np.testing.assert_allclose(found[:2].numpy(), expected[:2], rtol=1e-3)
    assert found[2].isnan()
    mirrored = true * [-1, 1, 1]
    assert shape_error(to(mirrored), to(true), torch.ones(3, dtype=torch.bool)).min() > 10
