"""A reconstruction whose every number is known: an ellipsoid over the astronaut's face."""

import numpy as np
import pytest
import torch
from skimage import data

from focusfit.detection.crop import CropTransform
from focusfit.detection.face import DetectedFace
from focusfit.detection.photo import Photo
from focusfit.facemodel.morphable import MorphableModel, SurfacePoints
from focusfit.fitting.reconstruction import Reconstruction
from focusfit.imaging.camera import Camera

SIZE = 112


def ellipsoid_model() -> MorphableModel:
    u, v = np.meshgrid(np.linspace(-1.4, 1.4, 15), np.linspace(-1.5, 1.5, 15))
    shape = np.stack([70 * np.sin(u) * np.cos(v), -95 * np.sin(v), 60 * np.cos(u) * np.cos(v)], -1).reshape(-1, 3)
    grid = np.arange(225).reshape(15, 15)
    a, b, c, d = (part.ravel() for part in (grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]))
    random = torch.Generator().manual_seed(0)
    return MorphableModel(
        name="ellipsoid",
        sha256="ab" * 32,
        shape_mean=torch.tensor(shape, dtype=torch.float32),
        identity_basis=torch.randn(225, 3, 6, generator=random),
        expression_basis=torch.randn(225, 3, 4, generator=random),
        albedo_mean=torch.rand(225, 3, generator=random),
        albedo_basis=0.01 * torch.randn(225, 3, 5, generator=random),
        triangles=torch.tensor(np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)])),
        landmarks={"ibug68": SurfacePoints.at_vertices(torch.arange(68) * 3)},
    )


@pytest.fixture(scope="session")
def photo() -> Photo:
    return Photo(data.astronaut())


@pytest.fixture(scope="session")
def reconstruction() -> Reconstruction:
    model = ellipsoid_model()
    random = torch.Generator().manual_seed(1)
    coefficients = model.neutral_coefficients().replace(
        identity=torch.randn(1, 6, generator=random),
        expression=torch.randn(1, 4, generator=random),
        rotation=torch.tensor([[0.1, 0.4, -0.2]]),
        translation=torch.tensor([[3.0, -2.0, 40.0]]),
    )
    rows, columns = np.mgrid[:SIZE, :SIZE]
    region = ((rows - 60) / 48) ** 2 + ((columns - 55) / 36) ** 2 < 1
    probability = np.where(region, np.where(rows > 70, 0.1, 0.95), 0).astype(np.float32)
    return Reconstruction(
        model=model,
        coefficients=coefficients,
        deviation=coefficients.map(lambda value: torch.full_like(value, 0.25)),
        camera=Camera.for_crop(SIZE),
        crop=CropTransform(0.6, (-90.0, -15.0), SIZE),
        detection=DetectedFace((175.0, 70.0, 275.0, 205.0), 0.97, source="hand"),
        mask_probability=probability,
        region=region,
        rendered=np.where(region[..., None], np.float32([0.8, 0.6, 0.5]), 0).astype(np.float32),
        vertices=model.vertices(coefficients.identity, coefficients.expression)[0].numpy(),
        neutral=model.vertices(coefficients.identity)[0].numpy(),
        albedo=model.albedo(coefficients.albedo)[0].clamp(0, 1).numpy(),
        landmarks68=np.linspace(100, 300, 136).reshape(68, 2),
        confidence=0.8,
        occluded_fraction=float((1 - probability)[region].mean()),
        provenance={"focusfit": "0", "config": {"size": SIZE}},
    )
