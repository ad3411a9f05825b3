"""``focusfit export``: results in the form that others ask for."""

from __future__ import annotations

import sys
from pathlib import Path


def now(pred: Path, photos: Path, out: Path) -> int:
    """Write a submission for the NoW benchmark.

    Args:
        pred: output folder of `focusfit reconstruct` on the benchmark's photos.
        photos: the benchmark's list of photos, such as imagepathsvalidation.txt.
        out: folder for PERSON/CHALLENGE/PHOTO.obj and .txt.
    """
    from ..evaluation.predictions import Predictions
    from ..evaluation.truth.now import read_photo_list
    from ..export.now import write_submission

    wanted = read_photo_list(photos)
    predictions = Predictions(pred)
    summary = write_submission(wanted, [predictions.face_folder(str(photo)) for photo in wanted], out)
    print(f"{len(summary.written)} of {len(wanted)} meshes in {out}")
    for photo in summary.missing:
        print(f"{photo}: no reconstruction", file=sys.stderr)
    return 1 if summary.missing else 0
