"""``focusfit train``: the numbered steps, with the reference's flags."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from ..errors import FocusfitError

if TYPE_CHECKING:  # help must not wait for torch
    from ..training.config import TrainingConfig
    from ..training.steps import StepRequest, StepResult

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


def step1(options: Options, pretrained_model_train: str | None = None) -> int:
    """Pretrain the face autoencoder: the encoder learns to explain photos.

    Writes SAVE_PATH/pretrain_mofa. A run that was stopped goes on where it was.

    Args:
        options: of all steps.
        pretrained_model_train: encoder to start from: a file, a folder, or the number of one of its iterations.
    """
    from ..training.steps import pretrain_autoencoder

    return _report(pretrain_autoencoder(_request(options, "step1", ("encoder",), pretrained_model_train)))


def step2(options: Options, pretrained_MoFA: str | None = None) -> int:
    """Label the pixels that step 1's encoder explains.

    Writes SAVE_PATH/UNet_trainset.

    Args:
        options: of all steps.
        pretrained_MoFA: encoder to use: a file, a folder, or the number of one of step 1's iterations.
    """
    from ..training.steps import generate_pseudo_labels

    return _report(generate_pseudo_labels(_request(options, "step2", (), pretrained_MoFA)))


def step3(options: Options, pretrained_model_train: str | None = None) -> int:
    """Pretrain the UNet on step 2's labels.

    Writes SAVE_PATH/Pretrain_UNet; needs step 2's files alone.

    Args:
        options: of all steps.
        pretrained_model_train: UNet to start from: a file, a folder, or the number of one of its iterations.
    """
    from ..training.steps import pretrain_segmenter

    return _report(pretrain_segmenter(_request(options, "step3", ("segmenter",), pretrained_model_train)))


def step4(options: Options, pretrained_model: str | None = None, pretrained_unet: str | None = None) -> int:
    """Train encoder and UNet jointly, by expectation maximisation.

    Writes SAVE_PATH/robustness/MoFA_UNet.

    Args:
        options: of all steps.
        pretrained_model: both networks to start from: a folder, or the number of one of this step's iterations; by
            default what steps 1 and 3 have left.
        pretrained_unet: the UNet to start from, if it is elsewhere.
    """
    from ..training.steps import train_jointly

    request = _request(options, "step4", ("encoder", "segmenter"), pretrained_model, pretrained_unet)
    return _report(train_jointly(request))


def adapt(
    options: Options,
    output_name: str | None = None,
    pretrained_model: str | None = None,
    pretrained_unet: str | None = None,
) -> int:
    """Adapt step 4's networks to unlabelled photos of another kind.

    Writes SAVE_PATH/MoFA_UNet_Adaptedto_NAME.

    Args:
        options: of all steps.
        output_name: NAME; that of the photos' folder by default.
        pretrained_model: networks to start from: a folder, or the number of one of step 4's iterations.
        pretrained_unet: the UNet to start from, if it is elsewhere.
    """
    from ..training.steps import adapt as adapt_networks

    request = _request(options, "adapt", ("encoder", "segmenter"), pretrained_model, pretrained_unet)
    return _report(adapt_networks(request, output_name))


def _request(
    options: TrainingOptions,
    step: str,
    networks: tuple[str, ...],
    start: str | None = None,
    segmenter_start: str | None = None,
) -> StepRequest:
    from ..training.steps import StepRequest

    _choose_gpus(options.gpu)
    config = _config(options, step, networks)
    return StepRequest(
        config=config,
        save_path=options.save_path,
        img_path=options.img_path,
        model=options.model,
        epochs=options.epochs,
        start=None if start in (None, "0") else start,  # 0 is the reference's word for none
        segmenter_start=segmenter_start,
        workers=max(2, options.workers or 0),
        say=lambda text: print(text, flush=True),
    )


def _config(options: TrainingOptions, step: str, networks: tuple[str, ...]) -> TrainingConfig:
    """The options resolved; what step 1 was told holds for the others too, unless they are told something else."""
    from ..training.resolve import resolve, unscaled
    from ..training.run_folder import RunFolder, keep_plan

    plan = RunFolder(options.save_path).plan
    file = options.config
    if file is None and options.preset is None and plan.is_file():
        print(f"settings of {plan}", flush=True)
        file = plan
    overrides = [*options.set, *_overrides(options, step)]
    scale = [] if options.iterations_scale is None else [f"iterations_scale={options.iterations_scale}"]
    if options.learning_rate is not None and networks:
        before = getattr(resolve(options.preset, file, overrides), step)
        factor = options.learning_rate / getattr(before, networks[0]).rate
        overrides += [f"{step}.{name}.rate={factor * getattr(before, name).rate}" for name in networks]
    if step == "step1":
        _say_of_photos(options.img_path)
        keep_plan(plan, unscaled(options.preset, file, [*overrides, *scale]))
    return resolve(options.preset, file, [*overrides, *scale])


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
        devices = len(options.gpu.split(","))
        overrides += [f"*.engine.accelerator={_accelerator(options.gpu)}", f"*.engine.devices={devices}"]
    return overrides


def _accelerator(gpu: str) -> str:
    import torch

    if gpu == "-1":
        return "cpu"
    if torch.cuda.is_available():
        return "gpu"
    print("there is no GPU that torch can see: working on the CPU", flush=True)
    return "cpu"


def _choose_gpus(gpu: str | None) -> None:
    """Only the GPUs that were named; must be said before torch looks for them."""
    if gpu is None or gpu == "-1":
        return
    if not all(part.isdecimal() for part in gpu.split(",")):
        remedy = "Give a number, several with commas between, or -1 for the CPU."
        raise FocusfitError(f"--gpu is {gpu!r}", remedy=remedy)
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", gpu)


def _report(result: StepResult) -> int:
    for name, value in result.figures.items():
        print(f"{name}: {value:.4g}")
    for file in result.files:
        print(file)
    return 0
