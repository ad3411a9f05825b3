from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from focusfit.detection.face import LandmarkSet
from focusfit.export.doubts import doubts


@pytest.fixture
def good(reconstruction):
    points = np.stack(np.meshgrid(np.linspace(100, 200, 17), np.linspace(100, 200, 4)), -1).reshape(68, 2)
    seen = LandmarkSet("ibug68", points, np.ones(68))
    return replace(
        reconstruction,
        landmarks68=points,
        occluded_fraction=0.2,
        detection=replace(reconstruction.detection, landmarks={"ibug68": seen}),
    )


def test_a_good_fit_leaves_none(good):
    assert doubts(good) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda fit: replace(fit, occluded_fraction=0.7), "hidden"),
        (lambda fit: replace(fit, landmarks68=fit.landmarks68 + 15), "disagree"),
        (lambda fit: replace(fit, detection=replace(fit.detection, score=0.3)), "detector was unsure"),
        (lambda fit: replace(fit, look_deviation=7.0), "networks are unsure"),
        (
            lambda fit: replace(fit, coefficients=fit.coefficients.replace(rotation=torch.tensor([[0.0, 1.3, 0.0]]))),
            "turned",
        ),
    ],
)
def test_each_doubt_is_said_alone(good, change, said):
    [text] = doubts(change(good))
    assert said in text


def test_small_faces(good):
    seen = LandmarkSet("ibug68", good.landmarks68 / 4, np.ones(68))
    small = replace(
        good, landmarks68=good.landmarks68 / 4, detection=replace(good.detection, landmarks={"ibug68": seen})
    )
    assert doubts(small) == ("the face is small",)
