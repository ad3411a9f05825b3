"""``focusfit train``: the numbered steps, with the reference's flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .training_options import Options, step_request

if TYPE_CHECKING:  # help must not wait for torch
    from ..training.steps import StepResult


def step1(options: Options, pretrained_model_train: str | None = None) -> int:
    """Pretrain the face autoencoder: the encoder learns to explain photos.

    Writes SAVE_PATH/pretrain_mofa. A run that was stopped goes on where it was.

    Args:
        options: of all steps.
        pretrained_model_train: encoder to start from: a file or a folder. A run that was stopped needs none.
    """
    from ..training.steps import pretrain_autoencoder

    return _report(pretrain_autoencoder(step_request(options, "step1", ("encoder",), pretrained_model_train)))


def step2(options: Options, pretrained_MoFA: str | None = None) -> int:
    """Label the pixels that step 1's encoder explains.

    Writes SAVE_PATH/UNet_trainset.

    Args:
        options: of all steps.
        pretrained_MoFA: encoder to use: a file, a folder, or the number of one of step 1's iterations.
    """
    from ..training.steps import generate_pseudo_labels

    return _report(generate_pseudo_labels(step_request(options, "step2", (), pretrained_MoFA)))


def step3(options: Options, pretrained_model_train: str | None = None) -> int:
    """Pretrain the UNet on step 2's labels.

    Writes SAVE_PATH/Pretrain_UNet; needs step 2's files alone.

    Args:
        options: of all steps.
        pretrained_model_train: UNet to start from: a file or a folder. A run that was stopped needs none.
    """
    from ..training.steps import pretrain_segmenter

    return _report(pretrain_segmenter(step_request(options, "step3", ("segmenter",), pretrained_model_train)))


def step4(options: Options, pretrained_model: str | None = None, pretrained_unet: str | None = None) -> int:
    """Train encoder and UNet jointly, by expectation maximisation.

    Writes SAVE_PATH/robustness/MoFA_UNet.

    Args:
        options: of all steps.
        pretrained_model: folder of both networks to start from; by default what steps 1 and 3 have left. A run that
            was stopped needs none.
        pretrained_unet: the UNet to start from, if it is elsewhere.
    """
    from ..training.steps import train_jointly

    request = step_request(options, "step4", ("encoder", "segmenter"), pretrained_model, pretrained_unet)
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

    request = step_request(options, "adapt", ("encoder", "segmenter"), pretrained_model, pretrained_unet)
    return _report(adapt_networks(request, output_name))


def _report(result: StepResult) -> int:
    from ..training.processes import process_rank

    if process_rank() != 0:
        return 0
    for name, value in result.figures.items():
        print(f"{name}: {value:.4g}")
    for file in result.files:
        print(file)
    return 0
