"""``focusfit demo``: the whole pipeline on photos that come with the installation."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ..demo import MaskScore, make_photos, score_masks
from .checks import require_workers
from .progress import photo_progress, print_summary, timings_table


def demo(out: Path = Path("out/demo"), workers: int = 2) -> int:
    """Reconstruct seven people, bare and with things painted before their faces; needs no network.

    Args:
        out: folder for photos and results.
        workers: threads that read photos, and as many that write results.
    """
    require_workers(workers)

    # Heavy imports wait until the arguments are known to be good.
    from ..detection import default_detector
    from ..fitting.fitter import Fitter
    from ..pipeline import RunOptions, reconstruct_photos

    start = time.perf_counter()
    detector = default_detector()
    fitter = Fitter(detector=detector)
    loaded = time.perf_counter()
    photos = make_photos(out / "photos", detector)
    painted = time.perf_counter()
    with photo_progress(len(photos)) as progress:
        options = RunOptions(out, workers=workers, title="focusfit demo")
        summary = reconstruct_photos([photo.path for photo in photos], fitter, detector, options, progress)
    console = Console()
    console.print(_scores_table(score_masks(photos, out)))
    console.print(timings_table(summary))
    print(f"before that: {loaded - start:.1f} s to load the models, {painted - loaded:.1f} s to paint the occluders")
    print_summary(summary, out)
    print(f"Open {out / 'report.html'} in a browser; {out / 'contact_sheet.png'} shows all faces at a glance.")
    return 0 if summary.photos_failed == 0 else 1


def _scores_table(scores: list[MaskScore]) -> Table:
    table = Table(title="what hides the face, found against painted")
    for name in ("occluder", "faces", "covered", "IoU", "accuracy"):
        table.add_column(name, justify="left" if name == "occluder" else "right")
    for score in scores:
        iou = "" if score.iou != score.iou else f"{score.iou:.2f}"
        table.add_row(score.kind, str(score.faces), f"{score.covered:.0%}", iou, f"{score.accuracy:.1%}")
    return table
