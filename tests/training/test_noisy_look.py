from __future__ import annotations

import pytest
import torch

from focusfit.data.augmentation import frame_middle
from focusfit.data.face_batch import collate
from focusfit.data.framed_faces import FramedFaces
from focusfit.data.synthetic import SyntheticConfig, SyntheticWorld
from focusfit.data.synthetic.dataset import SyntheticFaces
from focusfit.facemodel.dense_points import dense_points
from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.surface_encoder import SurfaceEncoderConfig
from focusfit.training.stages.noisy_look import LookErrors, noisy_look

SIZES = SurfaceEncoderConfig(size=64, points=80)
NONE = LookErrors(0, 0, 0, 0, 0, 0)
SEEDS = torch.tensor([3, 4, 5])


@pytest.fixture(scope="module")
def faces(open_model: MorphableModel) -> FramedFaces:
    world = SyntheticWorld(SyntheticConfig(size=96, seed=1, texture_size=128))
    drawn = SyntheticFaces(world, 3, SIZES.size, points=dense_points(open_model, SIZES.points))
    return frame_middle(collate([drawn[index] for index in range(3)]), SIZES.size)


def test_without_errors_it_is_the_truth(faces: FramedFaces) -> None:
    look = noisy_look(faces, SEEDS, SIZES, NONE)
    torch.testing.assert_close(look.points, faces.surface_points)
    assert faces.coefficients is not None
    torch.testing.assert_close(look.identity, faces.coefficients[:, :80])
    torch.testing.assert_close(look.albedo, faces.coefficients[:, 80 + 45 :][:, :20])
    torch.testing.assert_close(look.light.flatten(1), faces.coefficients[:, -27:])


def test_errors_are_as_large_as_they_are_said_to_be(faces: FramedFaces) -> None:
    many = torch.arange(999) * 7919
    repeated = FramedFaces(**{k: _repeat(v, 333) for k, v in vars(faces).items()})
    assert repeated.surface_points is not None
    size = SIZES.size
    shifted = noisy_look(repeated, many, SIZES, LookErrors(0.02, 0, 0, 0, 0, 0)).points - repeated.surface_points
    spread = (1 / 3 * 4) ** 0.5  # of a normal draw times a uniform one from 0 to 2
    assert abs(shifted.mean(1).std() / size - 0.02 * spread) < 0.002
    assert (shifted - shifted.mean(1, keepdim=True)).abs().max() < 1e-3
    single = noisy_look(repeated, many, SIZES, LookErrors(0, 0, 0, 0.01, 0, 0)).points - repeated.surface_points
    assert abs(single.std() / size - 0.01 * spread) < 0.0005
    turned = noisy_look(repeated, many, SIZES, LookErrors(0, 5, 0, 0, 0, 0)).points
    kept = (turned - turned.mean(1, keepdim=True)).norm(dim=(1, 2))
    before = (repeated.surface_points - repeated.surface_points.mean(1, keepdim=True)).norm(dim=(1, 2))
    torch.testing.assert_close(kept, before, rtol=1e-4, atol=1e-3)


def test_the_seed_alone_decides(faces: FramedFaces) -> None:
    errors = LookErrors()
    once, again = (noisy_look(faces, SEEDS, SIZES, errors) for _ in range(2))
    torch.testing.assert_close(once.points, again.points, rtol=0, atol=0)
    other = noisy_look(faces, SEEDS + 1, SIZES, errors)
    assert (other.points - once.points).abs().max() > 0.1


def _repeat(value: object, times: int) -> object:
    if isinstance(value, torch.Tensor):
        return value.repeat(times, *[1] * (value.ndim - 1))
    return value * times if isinstance(value, tuple) else value
