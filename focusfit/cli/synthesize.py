"""``focusfit synthesize``: photos of people who do not exist, with everything known about them."""

from __future__ import annotations

from pathlib import Path

from ..errors import FocusfitError
from .progress import face_progress


def synthesize(
    count: int,
    out: Path,
    size: int = 224,
    seed: int = 0,
    model: Path | None = None,
    backgrounds: Path | None = None,
    occluders: Path | None = None,
    occluded_fraction: float = 0.5,
    people: int | None = None,
    workers: int | None = None,
) -> int:
    """Make photos with true masks, landmarks, coefficients and meshes.

    Interrupted, it continues where it was; with a larger count it adds photos.

    Args:
        count: number of photos.
        out: folder for the photos (in its folder Dataset), tables and contact sheets.
        size: side of the square photos in pixels.
        seed: of everything; the same seed gives the same files.
        model: open face model (.npz); the one that ships by default.
        backgrounds: folder of your photographs for backgrounds.
        occluders: folder of your cut-outs (PNG with transparency) to put before faces too.
        occluded_fraction: share of the photos in which something hides a part of the face.
        people: number of different people; as many as photos by default.
        workers: processes; one per core by default.
    """
    from ..data.synthetic import SyntheticConfig
    from ..data.synthetic.folder import synthesize as make

    if people is not None and not 1 <= people <= max(count, 1):
        raise FocusfitError(f"{people} people on {count} photos", remedy="Give from 1 to the number of photos.")
    config = SyntheticConfig(
        size=size,
        seed=seed,
        photos_per_person=1 if people is None else -(-count // people),
        occluded_fraction=occluded_fraction,
        backgrounds=backgrounds,
        occluder_pictures=occluders,
    )
    with face_progress(count) as progress:
        done = make(config, count, out, model, workers, progress)
    rate = f", {done.made / done.seconds:.1f} photos/s" if done.made else ""
    print(f"{done.made} of {done.photos} photos made in {done.seconds:.1f} s{rate}: {out / 'contact_sheet.jpg'}")
    return 0
