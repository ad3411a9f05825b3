"""Iterations recorded as CUDA graphs; needs a GPU."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from focusfit.data.synthetic import SyntheticConfig
from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.surface_encoder import SurfaceEncoderConfig
from focusfit.training.captured_step import CapturedStep
from focusfit.training.engine import EngineConfig
from focusfit.training.known_faces import KnownFacesConfig, known_faces, train_surface_encoder
from focusfit.training.stage import StepLosses

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_recorded_iterations_train_as_others_do(open_model: MorphableModel, tmp_path: Path) -> None:
    engine = EngineConfig(iterations=12, batch_size=4, workers=0, pictures=0, log_every=1, checkpoint_every=100)
    config = KnownFacesConfig(
        faces=20,
        world=SyntheticConfig(size=64, seed=5, texture_size=128),
        encoder=SurfaceEncoderConfig(backbone="resnet10t", size=32, points=80),
        encoder_start=None,
    )
    data = known_faces(config, open_model, tmp_path / "faces", workers=1)
    logs = []
    for captured in (True, False):
        torch.manual_seed(0)
        out = tmp_path / str(captured)
        run = replace(config, encoder_engine=replace(engine, captured=captured))
        train_surface_encoder(run, open_model, data, out)
        rows = (out / "losses_encoder.csv").read_text().splitlines()
        column = rows[0].split(",").index("total")
        logs.append([float(row.split(",")[column]) for row in rows[1:]])
    assert logs[0] == pytest.approx(logs[1], rel=0.02)


@dataclass(frozen=True)
class Look:
    photo: Tensor
    weight: Tensor | None


def test_batches_unlike_the_recorded_one_count_too() -> None:
    """One that lacks a tensor, and then nothing but such ones."""
    network = nn.Linear(4, 1).cuda()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)

    def loss_of(batch: Look) -> Tensor:
        error = network(batch.photo).square()
        return (error if batch.weight is None else error * batch.weight).mean()

    def backward(batch: Look, iteration: int) -> tuple[StepLosses, Tensor]:
        loss = loss_of(batch)
        loss.backward()
        return StepLosses(loss, {"error": loss.detach()}, {}), torch.stack([loss.detach(), loss.detach()])

    step = CapturedStep(backward, optimizer.zero_grad)
    for iteration in range(20):
        weight = None if iteration == 6 or iteration > 9 else torch.rand(8, 1, device="cuda")
        batch = Look(torch.rand(8, 4, device="cuda"), weight)
        expected = torch.autograd.grad(loss_of(batch), list(network.parameters()))
        losses, _ = step(batch, iteration)
        torch.testing.assert_close(losses.total, loss_of(batch).detach())
        for parameter, gradient in zip(network.parameters(), expected, strict=True):
            torch.testing.assert_close(parameter.grad, gradient)
        optimizer.step()
        step.let_gradients_go()
