"""Time of every stage from photo to files, on the demonstration's photos.

    python benchmarks/bench_stages.py [--model PATH] [--workers 2]

Start-up (loading and compiling) is over before the clock runs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import torch
from rich.console import Console

from focusfit.cli.progress import silence_decoders, timings_table
from focusfit.demo import make_photos
from focusfit.detection import default_detector
from focusfit.facemodel.load import load_face_model
from focusfit.fitting.fitter import Fitter
from focusfit.host_memory import keep_freed_memory
from focusfit.pipeline import RunOptions, reconstruct_photos


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="face model file; default: the one that ships with focusfit")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    keep_freed_memory()  # as the command line does
    silence_decoders()
    start = time.perf_counter()
    detector = default_detector()
    fitter = Fitter(load_face_model(options.model), detector)
    loaded = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        paths = [photo.path for photo in make_photos(out / "photos", detector)]
        painted = time.perf_counter()
        reconstruct_photos(paths[:1], fitter, detector, RunOptions(out / "first", workers=options.workers))
        first = time.perf_counter()
        summary = reconstruct_photos(paths, fitter, detector, RunOptions(out / "all", workers=options.workers))
    print(
        f"{fitter.model.name}, {fitter.model.vertex_count} vertices, {torch.get_num_threads()} threads; "
        f"{summary.faces} faces of {summary.photos} photos; "
        f"loading {loaded - start:.1f} s, first face {first - painted:.1f} s"
    )
    Console().print(timings_table(summary))


if __name__ == "__main__":
    main()
