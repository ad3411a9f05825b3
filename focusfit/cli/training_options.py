"""What the training commands are told, and how it becomes a step's request."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from ..errors import FocusfitError

if TYPE_CHECKING:  # help must not wait for torch
    from ..training.config import TrainingConfig
    from ..training.steps import StepRequest

SAVE_PATH = Path("MoFA_UNet_Save")


@dataclass(frozen=True)
class TrainingOptions:
    """What all steps are told.

    Attributes:
        img_path: folder of the photos, or the one above that holds Dataset/ and the landmark tables. Without tables the
            landmarks are detected.
        save_path: folder of all steps' results.
        preset: values to start from: focusfit, or paper for those of the publication.
        config: YAML file that changes some of them.
        set: single values, such as step1.engine.workers=4; may be repeated.
        iterations_scale: factor on every count of iterations.
        learning_rate: of the network that the step trains; in steps with two, of the encoder, and the segmenter's
            keeps its ratio to it.
        epochs: of the training photos, instead of the configuration's iterations.
        batch_size: photos an iteration.
        gpu: which GPUs, such as 0 or 0,1; -1 for the CPU. By default a GPU where there is one.
        workers: processes that load photos.
        seed: of every random choice.
        model: face model file; the open model by default.
    """

    img_path: Path | None = None
    save_path: Path = SAVE_PATH
    preset: str | None = None
    config: Path | None = None
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    iterations_scale: float | None = None
    learning_rate: float | None = None
    epochs: float | None = None
    batch_size: int | None = None
    gpu: str | None = None
    workers: int | None = None
    seed: int | None = None
    model: Path | None = None


Options = Annotated[TrainingOptions, tyro.conf.arg(name="")]


def step_request(
    options: TrainingOptions,
    step: str,
    networks: tuple[str, ...],
    start: str | None = None,
    segmenter_start: str | None = None,
) -> StepRequest:
    """What a step is to do; ``networks`` are those that its learning rate is for."""
    from ..training.processes import process_rank
    from ..training.steps import StepRequest

    choose_gpus(options.gpu)
    config = resolved(options, step, networks)
    return StepRequest(
        config=config,
        save_path=options.save_path,
        img_path=options.img_path,
        model=options.model,
        epochs=options.epochs,
        start=None if start in (None, "0") else start,  # 0 is the reference's word for none
        segmenter_start=segmenter_start,
        workers=max(2, options.workers or 0),
        say=lambda text: print(text, flush=True) if process_rank() == 0 else None,
    )


def resolved(options: TrainingOptions, step: str, networks: tuple[str, ...]) -> TrainingConfig:
    """The options resolved; what step 1 was told holds for the others too, unless they are told something else."""
    from ..training.resolve import names_preset, resolve, unscaled
    from ..training.run_folder import RunFolder, keep_plan

    plan = RunFolder(options.save_path).plan
    files = [] if options.config is None else [options.config]
    if options.preset is None and not any(map(names_preset, files)) and plan.is_file():
        print(f"settings of {plan}", flush=True)
        files.insert(0, plan)
    overrides = [*options.set, *_overrides(options, step)]
    scale = [] if options.iterations_scale is None else [f"iterations_scale={options.iterations_scale}"]
    if options.learning_rate is not None and networks:
        before = getattr(resolve(options.preset, files, overrides), step)
        factor = options.learning_rate / getattr(before, networks[0]).rate
        overrides += [f"{step}.{name}.rate={factor * getattr(before, name).rate}" for name in networks]
    if step == "step1":
        _say_of_photos(options.img_path)
        keep_plan(plan, unscaled(options.preset, files, [*overrides, *scale]))
    return resolve(options.preset, files, [*overrides, *scale])


def _say_of_photos(img_path: Path | None) -> None:
    """Refuse a folder that is none before anything is written; say what happens without one."""
    from ..data.photos.listing import photo_folder

    if img_path is None:
        print("no --img_path: learning from synthetic faces alone", flush=True)
    else:
        photo_folder(img_path)


def _overrides(options: TrainingOptions, step: str) -> list[str]:
    """The reference's flags as settings."""
    overrides = []
    if options.seed is not None:
        overrides.append(f"*.engine.seed={options.seed}")
    if options.batch_size is not None:
        overrides.append(f"{step}.{'' if step == 'step2' else 'engine.'}batch_size={options.batch_size}")
    if options.workers is not None:
        overrides.append(f"*.engine.workers={options.workers}")
    if options.gpu is not None:
        accelerator = _accelerator(options.gpu)
        devices = len(options.gpu.split(",")) if accelerator == "gpu" else 1
        overrides += [f"*.engine.accelerator={accelerator}", f"*.engine.devices={devices}"]
    return overrides


def _accelerator(gpu: str) -> str:
    import torch

    if gpu == "-1":
        return "cpu"
    if torch.cuda.is_available():
        return "gpu"
    print("there is no GPU that torch can see: working on the CPU", flush=True)
    return "cpu"


def choose_gpus(gpu: str | None) -> None:
    """Only the GPUs that were named; must be said before torch looks for them."""
    if gpu is None or gpu == "-1":
        return
    if not all(part.isdecimal() for part in gpu.split(",")):
        remedy = "Give a number, several with commas between, or -1 for the CPU."
        raise FocusfitError(f"--gpu is {gpu!r}", remedy=remedy)
    if (visible := os.environ.setdefault("CUDA_VISIBLE_DEVICES", gpu)) != gpu:
        print(f"CUDA_VISIBLE_DEVICES is {visible}: it counts, and not --gpu {gpu}", flush=True)
