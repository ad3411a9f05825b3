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

    Interrupted, it continues where it was; with a larger count, and as many more people, it adds photos.

    Args:
        count: number of photos.
        out: folder for the photos (in its folder Dataset), tables and contact sheets.
        size: side of the square photos in pixels.
        seed: of everything; the same seed gives the same files.
        model: open face model (.npz); the one that ships by default.
        backgrounds: folder of your photographs for backgrounds.
        occluders: folder of your cut-outs (PNG with transparency) to put before faces too.
        occluded_fraction: share of the photos in which something hides a part of the face.
        people: number of different people, a divisor of the count; as many as photos by default. A folder grows with
            as many photos per person as it has.
        workers: processes; one per core by default.
    """
    from ..data.synthetic import SyntheticConfig
    from ..data.synthetic.folder import synthesize as make

    config = SyntheticConfig(
        size=size,
        seed=seed,
        photos_per_person=1 if people is None else _photos_per_person(count, people),
        occluded_fraction=occluded_fraction,
        backgrounds=backgrounds,
        occluder_pictures=occluders,
    )
    with face_progress(count) as progress:
        done = make(config, count, out, model, workers, progress)
    rate = f", {done.made / done.seconds:.1f} photos/s" if done.made else ""
    print(f"{done.made} of {done.photos} photos made in {done.seconds:.1f} s{rate}: {out / 'contact_sheet.jpg'}")
    return 0


def _photos_per_person(count: int, people: int) -> int:
    """Everybody is on as many photos: a photo's number says who is on it, however large the folder becomes."""
    photos = max(count, 1)
    if not 1 <= people <= photos:
        raise FocusfitError(f"{people} people on {count} photos", remedy="Give from 1 to the number of photos.")
    if photos % people:
        fewer = next(number for number in range(people, 0, -1) if photos % number == 0)
        more = next(number for number in range(people, photos + 1) if photos % number == 0)
        cause = f"{people} people cannot be on equally many of {count} photos"
        raise FocusfitError(cause, remedy=f"The nearest --people that divide {count} are {fewer} and {more}.")
    return photos // people
