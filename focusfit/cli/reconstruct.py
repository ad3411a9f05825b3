"""``focusfit reconstruct``: photos in; meshes, coefficients and visibility masks out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from ..errors import FocusfitError
from .checks import require_workers
from .progress import photo_progress, print_summary
from .runtime import networks_in_runtime, require_runtime

if TYPE_CHECKING:
    from ..facemodel.morphable import MorphableModel
    from ..fitting.misfit import MisfitPrior
    from ..networks.shipped import TrainedNetworks

Photos = Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="PHOTO|FOLDER|GLOB")]


def reconstruct(
    photos: Photos,
    out: Path,
    landmarks: Path | None = None,
    detector: str = "default",
    model: Path | None = None,
    size: int = 224,
    faces: str = "all",
    device: str = "cpu",
    seed: int = 0,
    workers: int = 2,
    refine: int | None = None,
    networks: str = "shipped",
    runtime: str = "torch",
    misfit_correction: bool = False,
) -> int:
    """Reconstruct the faces of photos.

    OUT gets one folder a face, manifest.csv, timings.csv, contact_sheet.png and report.html.

    Args:
        photos: photos, folders of photos, or quoted patterns such as 'holiday/*.jpg'.
        out: folder for the results.
        landmarks: csv with the faces' points, instead of detection: name and 68 (or 5) x, y pairs a line.
        detector: yunet-facemesh, the default; yunet, for five points alone; insightface, with a pack of your own.
        model: face model file; the open model by default.
        size: side in pixels of the crop that is fitted.
        faces: which faces of each photo: all, largest, or at most so many, the largest first.
        device: where to fit, as torch names it: cpu, cuda, cuda:1.
        seed: of every random choice.
        workers: threads that read photos, and as many that write results.
        refine: levels of EM, coarse to fine: 3 are all, 2 the default after the networks' look, 0 leaves what they say.
        networks: shipped, for those that come with the package; none, for a fit without any; or a folder of others.
        runtime: what runs the networks: torch; or onnx, onnxruntime on the CPU, with files in the user's cache.
        misfit_correction: take what fits are wrong by on average off the neutral meshes.
    """
    most_faces = _most_faces(faces)
    require_workers(workers)
    if landmarks is not None and detector != "default":
        raise FocusfitError("--landmarks leaves nothing to --detector", remedy="Give one of them.")
    if refine is not None and not 0 <= refine <= 3:
        raise FocusfitError(f"--refine is {refine}", remedy="Give 0 to 3.")
    if not 64 <= size <= 1024:
        raise FocusfitError(f"--size is {size}", remedy="Give a number of pixels from 64 to 1024.")

    require_runtime(runtime, networks, device)

    # Heavy imports wait until the arguments are known to be good.
    require_device(device)
    from ..detection import list_photos, load_detector
    from ..facemodel.load import load_face_model
    from ..fitting.config import FitConfig
    from ..fitting.fitter import Fitter, default_refinement
    from ..pipeline import RunOptions, reconstruct_photos

    sheet = (out / "contact_sheet.png").absolute()
    paths = [path for path in list_photos(photos) if path.absolute() != sheet]
    if not paths:
        raise FocusfitError("no photo was found", remedy="Name photos, or a folder that holds some.")
    finder = load_detector(detector if landmarks is None else "csv", landmarks)
    face_model = load_face_model(model)
    correction = _correction(face_model) if misfit_correction else None
    looking = networks_in_runtime(runtime, wanted_networks(networks, face_model, refine), face_model)
    levels = default_refinement(looking) if refine is None else refine
    config = FitConfig(size=size, seed=seed).refined(levels)
    fitter = Fitter(face_model, finder, config, device, networks=looking, correction=correction)
    options = RunOptions(out, most_faces, workers, title=f"Reconstructed faces: {len(paths)} photos")
    with photo_progress(len(paths)) as progress:
        summary = reconstruct_photos(paths, fitter, finder, options, progress)
    print_summary(summary, out)
    return 0 if summary.photos_failed == 0 else 1


def wanted_networks(named: str, model: MorphableModel, refine: int | None = None) -> TrainedNetworks | None:
    """``shipped``, ``none``, or those in a folder; see :func:`reconstruct`."""
    from ..networks.shipped import networks_in, shipped_networks

    if named not in ("shipped", "none"):
        return networks_in(Path(named), model)
    networks = None if named == "none" else shipped_networks(model)
    if networks is None and refine == 0:
        cause = "--refine 0 leaves nothing to do" + ("" if named == "none" else f": no networks ship for {model.name}")
        raise FocusfitError(cause, remedy="Refine by 1 to 3 levels.")
    return networks


def _correction(model: MorphableModel) -> MisfitPrior:
    """What fits of ``model`` are wrong by on average."""
    from ..fitting.misfit import shipped_misfit

    prior = shipped_misfit(model)
    if prior is None:
        remedy = "Leave --misfit-correction out, or use the face model that ships."
        raise FocusfitError(f"nobody has measured what fits of {model.name} miss", remedy=remedy)
    return prior


def _most_faces(faces: str) -> int | None:
    """``all``, ``largest`` or a number as a limit."""
    if faces == "all":
        return None
    if faces == "largest":
        return 1
    if faces.isdecimal() and int(faces) > 0:
        return int(faces)
    raise FocusfitError(f"--faces is {faces!r}", remedy="Give all, largest or a number from 1.")


def require_device(device: str) -> None:
    """Raise FocusfitError unless torch can work on ``device``."""
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch raises either, with its advice in further lines
        reason = str(error).splitlines()[0].rstrip(".")
        remedy = "Give cpu, or cuda on a machine whose GPU torch can see."
        raise FocusfitError(f"--device {device!r} cannot be used ({reason})", remedy=remedy) from error
