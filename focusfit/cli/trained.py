"""``focusfit train test``: what trained networks make of photos, and how good it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FocusfitError
from .checks import require_workers
from .progress import photo_progress, print_summary
from .training_options import SAVE_PATH, choose_gpus

if TYPE_CHECKING:  # help must not wait for torch
    from ..detection.face import FaceDetector
    from ..fitting.network_fitter import NetworkFitter


def reconstruct_and_score(
    img_path: Path | None = None,
    test_path: Path | None = None,
    save_path: Path | None = None,
    pretrained_model_test: Path | None = None,
    pretrained_unet: Path | None = None,
    landmark_list_name: Path | None = None,
    test_mode: str = "test",
    gpu: str | None = None,
    model: Path | None = None,
    now_photos: Path | None = None,
    workers: int = 2,
) -> int:
    """Reconstruct photos with trained networks; score masks where true ones lie beside the photos.

    The folder for the results gets what `focusfit reconstruct` writes, evaluation/ if there are true masks, and now/ if
    a list is given.

    Args:
        img_path: folder of the photos, or the one above that holds Dataset/ and the landmark tables.
        test_path: another name for --img_path, the reference's.
        save_path: folder for the results. In the steps' own, MoFA_UNet_Save by default, they go to test_results/.
        pretrained_model_test: folder of a step's networks (step 4's by default), a checkpoint, or an encoder's file.
        pretrained_unet: the UNet's file or folder, if it is elsewhere.
        landmark_list_name: landmark table, seen from the photos' folder; test_landmarks.csv by default, and detection
            where there is none.
        test_mode: what to call this test in reports.
        gpu: which GPU, the first where several are named; -1 for the CPU.
        model: face model file; the open model by default.
        now_photos: the NoW benchmark's list of photos, for a submission.
        workers: threads that read photos, and as many that write results.
    """
    require_workers(workers)
    choose_gpus(gpu)
    given = img_path or test_path
    if given is None:
        raise FocusfitError("there are no photos", remedy="Name their folder with --img_path.")
    from ..data.photos.listing import photo_folder, photos_below
    from ..pipeline import RunOptions, reconstruct_photos

    folder = photo_folder(given)
    paths, detector = _photos(given, landmark_list_name) or (photos_below(folder), _default_detector())
    if not paths:
        raise FocusfitError("holds no photo", file=folder, remedy="Give another folder.")
    results, networks = _places(save_path, pretrained_model_test)
    fitter = _fitter(networks, pretrained_unet, model, gpu)
    options = RunOptions(results, 1, workers, title=f"{test_mode}: {len(paths)} photos")
    with photo_progress(len(paths)) as progress:
        summary = reconstruct_photos(paths, fitter, detector, options, progress)
    print_summary(summary, results)
    complete = summary.photos_failed == 0
    complete &= _evaluate(folder, {path.name for path in paths}, results, test_mode)
    if now_photos is not None:
        from .export import now

        complete &= now(results, now_photos, results / "now") == 0
    return 0 if complete else 1


def _places(save_path: Path | None, networks: Path | None) -> tuple[Path, Path]:
    """The folder for the results, and that of the networks."""
    from ..training.run_folder import RunFolder

    steps = RunFolder(save_path or SAVE_PATH)
    if save_path is None or steps.joint.is_dir():
        return steps.root / "test_results", networks or steps.joint
    return save_path, networks or RunFolder(SAVE_PATH).joint


def _photos(img_path: Path, table: Path | None) -> tuple[list[Path], FaceDetector] | None:
    """The photos of a landmark table, and the table as a detector; None without a table."""
    import numpy as np

    from ..data.photos.listing import find_table, photo_folder, read_table
    from ..detection.face import LandmarkSet
    from ..detection.landmark_csv import LandmarkRow, LandmarkTable

    folder = photo_folder(img_path)
    found = find_table(img_path, "test") or find_table(img_path, "all") if table is None else folder / table
    if found is None:
        return None
    listed = read_table(folder, found)
    for problem in listed.problems:
        print(f"{problem.name}: {problem.reason}", file=sys.stderr)
    rows = [
        LandmarkRow(str(face.path.absolute()), LandmarkSet("ibug68", face.landmarks, np.ones(len(face.landmarks))))
        for face in listed.faces
    ]
    return list(dict.fromkeys(face.path for face in listed.faces)), LandmarkTable(found, rows)


def _default_detector() -> FaceDetector:
    from ..detection.registry import default_detector

    return default_detector()


def _fitter(place: Path, unet: Path | None, model: Path | None, gpu: str | None) -> NetworkFitter:
    import torch

    from ..fitting.network_fitter import NetworkFitter
    from ..training.run_folder import config_beside, find_encoder, find_segmenter
    from ..training.steps.request import used_model

    networks = config_beside(place).networks
    used = used_model(model, networks)
    encoder = find_encoder(place, networks.encoder, used.model, "step 4")
    beside = place if place.is_dir() else place.parent
    segmenter = find_segmenter(unet or beside, networks.segmenter, "step 4")
    device = "cuda" if gpu != "-1" and torch.cuda.is_available() else "cpu"
    return NetworkFitter(used.model, encoder, segmenter, device, {"networks": str(place)})


def _evaluate(folder: Path, tested: set[str], results: Path, name: str) -> bool:
    """Score masks if there are true ones of the tested photos; whether every one of those was scored."""
    from ..evaluation.mask_evaluation import evaluate_masks
    from ..evaluation.predictions import Predictions
    from ..evaluation.summary import summarize
    from ..evaluation.table import print_summaries
    from ..evaluation.truth.visible_skin import holds_visible_skin, read_visible_skin
    from ..evaluation.writing import write_summaries

    photos = read_visible_skin(folder, skip_faulty_rows=True) if holds_visible_skin(folder) else []
    photos = [photo for photo in photos if Path(photo.name).name in tested]
    if not photos:
        return True
    summaries = summarize([evaluate_masks(photos, Predictions(results), name)], 1000, 0)
    print_summaries(summaries)
    for path in write_summaries(summaries, results / "evaluation"):
        print(path)
    return all(summary.evaluation.found.all() for summary in summaries)
