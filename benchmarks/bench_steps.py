"""What steps 1 and 4 cost beside their networks: photos a second of both, in one run.

    python benchmarks/bench_steps.py [--step step1] [--preset focusfit] [--backbone resnet18] [--unet resnet18]
        [--size 112] [--batch 32] [--iterations 10] [--rounds 3] [--accelerator auto] [--precision 32-true]
        [--workers 1] [--threads 2] [--compiled]

The networks alone are the encoder forward and backward; the recogniser forward over photos, forward and backward over
renderings, one of each; in step 4 also the UNet, forward in the encoder's turns, forward and backward in its own, where
the UNet as it was at the start goes forward too. All else is what training adds: crops from the cache, augmentation,
rendering, losses, optimiser, averages, log. Photos are renderings, cut and cached in a temporary folder.

Step 4's networks take turns in the preset's proportion, but in the shortest blocks that have it, so that a few
iterations show what a long training does: make ``--iterations`` a multiple of such a cycle (5 with preset focusfit) and
of 5.
With ``--compiled``, training compiles its networks; those alone are never compiled.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from bench_training import NetworksAlone, Workload, compare

from focusfit.data.face_batch import FaceItem, canvas_margin, collate
from focusfit.facemodel.morphable import MorphableModel
from focusfit.host_memory import keep_freed_memory
from focusfit.imaging.camera import Camera
from focusfit.imaging.renderer import render_coefficients
from focusfit.networks.encoder import FaceEncoder
from focusfit.networks.segmenter import FaceSegmenter
from focusfit.training.config import TrainingConfig
from focusfit.training.engine import TrainingData
from focusfit.training.resolve import resolve
from focusfit.training.stage import Stage
from focusfit.training.stages.autoencoder import AutoencoderStage
from focusfit.training.stages.joint_em import FIRST, JointStage
from focusfit.training.steps.request import UsedModel, term_context, used_model
from focusfit.training.weights import weights_of_encoder, weights_of_segmenter


class MappedFaces(torch.utils.data.Dataset[FaceItem]):
    """Renderings on disk, mapped as the crop cache maps its crops; over and over."""

    def __init__(self, file: Path, landmarks: np.ndarray, count: int) -> None:
        self.file, self.landmarks, self.count = file, landmarks, count
        self._crops: np.ndarray | None = None

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> FaceItem:
        if self._crops is None:
            self._crops = np.load(self.file, mmap_mode="r")
        row, side = int(index) % len(self._crops), self._crops.shape[1]
        bounds = np.array([0, 0, side - 1, side - 1], np.float32)
        photo = np.array(self._crops[row])
        return FaceItem(str(int(index)), getattr(index, "seed", 0), photo, self.landmarks[row], bounds)

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_crops": None}


def rendered_faces(model: MorphableModel, size: int, folder: Path, device: str = "cpu") -> TrainingData:
    """Sixty-four random faces, drawn on ``device``, on canvases for views of ``size`` pixels; two validate."""
    torch.manual_seed(0)
    side = size + 2 * canvas_margin(size)
    c = model.neutral_coefficients(64)
    c = c.replace(identity=torch.randn_like(c.identity), rotation=0.2 * torch.randn(64, 3))
    backgrounds = torch.rand(64, 3, side, side)
    model, c, backgrounds = model.to(device), c.to(device), backgrounds.to(device)
    # the face as large as in a view, in the middle of the canvas
    camera = Camera.for_crop(size, 64, device)
    camera = Camera(camera.focal, camera.centre + canvas_margin(size), side, side)
    photos = render_coefficients(model, c, camera).over(backgrounds).clamp(0, 1)
    points = model.landmarks["ibug68"].of(model.vertices(c.identity, c.expression))
    np.save(folder / "crops.npy", (255 * photos).byte().permute(0, 2, 3, 1).cpu().numpy())
    landmarks = camera.project_coefficients(points, c).cpu().numpy()
    training, validation = (MappedFaces(folder / "crops.npy", landmarks, count) for count in (10_000, 2))
    return TrainingData(training, validation, collate)


def stage_of(step: str, config: TrainingConfig, used: UsedModel) -> Stage:
    """A new stage with random networks."""
    encoder = FaceEncoder(config.networks.encoder, used.model)
    if step == "step1":
        weights = weights_of_encoder(config.step1.weights)
        context = term_context(used, config, weights, ())
        return AutoencoderStage(encoder, context, config.step1, config.data, 1000)
    weights = {**weights_of_encoder(config.step4.weights), **weights_of_segmenter(config.step4.weights)}
    context = term_context(used, config, weights, ())
    segmenter = FaceSegmenter(config.networks.segmenter)
    return JointStage(encoder, segmenter, context, config.step4, config.data, 1000)


def networks_alone(config: TrainingConfig, batch: int) -> Callable[[Stage, torch.device], NetworksAlone]:
    """The networks that a stage runs in the turn of one of them."""
    size = config.networks.encoder.size

    def prepare(stage: Stage, device: torch.device) -> NetworksAlone:
        photo = torch.rand(batch, 3, size, size, device=device)
        region = torch.ones(batch, 1, size, size, device=device)
        aligned = torch.rand(batch, 3, 112, 112, device=device)
        encoder, judges = stage.networks["encoder"], getattr(stage, "judges", {})
        recogniser, first = judges.get("recogniser"), judges.get(FIRST)

        def recognise() -> None:
            if recogniser is not None:
                with torch.no_grad():
                    recogniser.embedding(aligned)
                recogniser.embedding(aligned.clone().requires_grad_()).sum().backward()

        def step(name: str) -> None:
            for each, network in stage.networks.items():
                network.train(each == name).requires_grad_(each == name)
                network.zero_grad(set_to_none=True)
            packed = encoder(photo).pack()
            if name == "encoder":
                packed.square().mean().backward()
                recognise()
            if "segmenter" in stage.networks:
                with torch.set_grad_enabled(name == "segmenter"):
                    logits = stage.networks["segmenter"](photo, photo, region)
                if name == "segmenter":
                    logits.square().mean().backward()
                    if first is not None:
                        with torch.no_grad():
                            first(photo, photo, region)

        return step

    return prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", choices=("step1", "step4"), default="step1")
    parser.add_argument("--preset", default="focusfit")
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--unet", default="resnet18")
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--accelerator", choices=("auto", "cpu", "gpu"), default="auto")
    parser.add_argument("--precision", choices=("32-true", "bf16-mixed", "16-mixed"), default="32-true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--compiled", action="store_true")
    options = parser.parse_args()
    keep_freed_memory()  # as the command line does
    torch.set_num_threads(options.threads)
    own = ("iterations", "accelerator", "precision", "workers", "compiled")
    engine = {name: getattr(options, name) for name in own}
    settings = {f"{options.step}.engine.{name}": value for name, value in engine.items()}
    settings |= {f"{options.step}.engine.batch_size": options.batch, "data.synthetic_share": 0.0}
    settings |= {"networks.encoder.backbone": options.backbone, "networks.encoder.size": options.size}
    settings |= {"networks.segmenter.architecture": "unet", "networks.segmenter.encoder": options.unet}
    turns = resolve(options.preset, None, []).step4.alternation
    common = math.gcd(turns.segmenter, turns.encoder)
    settings |= {"step4.alternation.segmenter": turns.segmenter // common}
    settings |= {"step4.alternation.encoder": turns.encoder // common}
    config = resolve(options.preset, None, [f"{name}={value}" for name, value in settings.items()])
    used = used_model(None, config.networks)
    with tempfile.TemporaryDirectory() as folder:
        device = "cuda" if options.accelerator != "cpu" and torch.cuda.is_available() else "cpu"
        data = rendered_faces(used.model, options.size, Path(folder), device)
        workload = Workload(lambda: stage_of(options.step, config, used), data, networks_alone(config, options.batch))
        rates = compare(workload, getattr(config, options.step).engine, options.rounds)
    print(f"{options.step}, {options.preset}, {options.backbone}, {options.size} px, batch {options.batch}: {rates}")


if __name__ == "__main__":
    main()
