"""``focusfit gallery``: photos in, one picture to show out."""

from __future__ import annotations

from pathlib import Path

from ..errors import FocusfitError
from .checks import require_png, require_workers
from .progress import photo_progress
from .reconstruct import Photos, require_device, wanted_networks

MOST_FACES = 60
"""A picture of more could not be looked at."""


def gallery(
    photos: Photos,
    out: Path = Path("gallery.png"),
    faces: int = 12,
    turn: float = 40.0,
    model: Path | None = None,
    networks: str = "shipped",
    device: str = "cpu",
    workers: int = 2,
) -> int:
    """Show the faces of photos in one picture: photo, fitted face over it, its shape from two sides, and the mask.

    Args:
        photos: photos, folders of photos, or quoted patterns such as 'holiday/*.jpg'.
        out: the PNG to write.
        faces: most faces in the picture; photos after the last one are not looked at.
        turn: degrees by which the second shape is turned, to the image's right if positive.
        model: face model file; the open model by default.
        networks: shipped, for those that come with the package; none, for a fit without any; or a folder of others.
        device: where to fit, as torch names it: cpu, cuda, cuda:1.
        workers: threads that read photos.
    """
    if not 1 <= faces <= MOST_FACES:
        raise FocusfitError(f"--faces is {faces}", remedy=f"Give 1 to {MOST_FACES}.")
    if not -90 <= turn <= 90:
        raise FocusfitError(f"--turn is {turn:g}", remedy="Give -90 to 90 degrees.")
    require_workers(workers)
    require_png(out)

    # Heavy imports wait until the arguments are known to be good.
    require_device(device)
    from PIL import Image

    from ..detection import default_detector, list_photos
    from ..export.gallery import Gallery
    from ..export.naming import printable
    from ..facemodel.load import load_face_model
    from ..fitting.fitter import Fitter
    from ..pipeline.gallery import fill_gallery

    paths = [path for path in list_photos(photos) if path.absolute() != out.absolute()]
    if not paths:
        raise FocusfitError("no photo was found", remedy="Name photos, or a folder that holds some.")
    detector = default_detector()
    face_model = load_face_model(model)
    fitter = Fitter(face_model, detector, device=device, networks=wanted_networks(networks, face_model))
    with photo_progress(len(paths)) as progress:
        run = fill_gallery(paths, fitter, detector, Gallery(turn), faces, workers, progress)
    summary = run.summary
    if summary.faces:  # before anything is said, which may fail
        out.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(run.gallery.picture()).save(out, optimize=True)
    for path, reason in run.problems:
        print(f"{printable(str(path))}: {reason}")
    unseen = len(paths) - summary.photos
    rest = f"; {unseen} photos were not needed" if unseen else ""
    print(f"{summary.faces} faces of {summary.photos} photos in {summary.seconds:.1f} s{rest}")
    if summary.faces:
        print(printable(str(out)))
    return 0 if summary.photos_failed == 0 else 1
