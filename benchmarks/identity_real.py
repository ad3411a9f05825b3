"""Whether the identity of a fit tells real people apart, on bare and on covered faces, beside a face recogniser.

    python benchmarks/identity_real.py --out DIR [--photos 1 4 7 10] [--folder FOLDER] [--threads 1]

Photos: benchmarks/identity_real_photos.py says whose, from where, and under what terms. The fit has not been trained on
any of them, nor tuned with them; whether the recogniser has seen these people is not known, but it is unlikely.

  clean: the photos as they are.
  covered: every photo with something painted over the face where the detector saw it on the clean photo, in grey like
      the photo: a surgical mask, a hand, sunglasses or a patterned card (focusfit/data/occluders), drawn at random for
      each photo, so that pairs of one person and of two share a kind equally often. The detector looks again at what
      came out.

  found: photos in which the detector finds a face; of several, the largest counts.
  auc: chance that the codes of two photos of one person have a larger cosine than those of two people, ties counting
      half: area under the ROC curve of all pairs of photos, the two of a pair both clean or both covered. A photo
      without a face counts as knowing nothing: its code is zero, and so is its cosine to any other.
  auc_men: the same among the men, so that no pair differs in sex.
  auc_centred: the same as auc after the mean code of the view's photos has been taken off every code: what all fits
      have in common says nothing about who it is, but makes cosines large.
  eer: rate at which as many pairs of two people are accepted as pairs of one are rejected, all pairs.
  In brackets: 95 % of the bootstrap over people (1000 draws); in the second table, of the difference, paired by people.

Codes: the 512 features of MobileFaceNet on the face aligned by the detector's points; the identity coefficients that
`focusfit.Fitter` finds with the networks that ship (its default), and those that it finds without networks.

DIR/codes.npz has every code; what is there is not fitted again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from identity_real_photos import RealPhoto, real_photos
from identity_real_tables import VIEWS, Codes, tables

from focusfit import Fitter
from focusfit.data.occluders import OCCLUDERS, occlude
from focusfit.detection import default_detector, read_photo
from focusfit.detection.face import DetectedFace, FaceDetector
from focusfit.detection.photo import Photo
from focusfit.networks.recognition import align_faces, load_recogniser

BATCH = 8
Coder = Callable[[Sequence[Photo], Sequence[DetectedFace]], Codes]


def largest_face(detector: FaceDetector, photo: Photo) -> DetectedFace | None:
    faces = detector.detect(photo)
    return faces[0] if faces else None


def covered(photo: Photo, face: DetectedFace | None, seed: int) -> Photo:
    """The photo with one of the occluders, whichever the seed says; without a face it stays as it is."""
    if face is None:
        return photo
    kind = np.random.default_rng(seed).choice(list(OCCLUDERS))
    painted = occlude(photo.rgb, face.landmarks["ibug68"].points, kind, seed)
    grey = cv2.cvtColor(painted.rgb, cv2.COLOR_RGB2GRAY)
    return Photo(np.repeat(grey[..., None], 3, axis=2), grey=photo.grey)


def recogniser_coder(_: FaceDetector) -> Coder:
    recogniser = load_recogniser()

    def code(photos: Sequence[Photo], faces: Sequence[DetectedFace]) -> Codes:
        rows = []
        for photo, face in zip(photos, faces, strict=True):
            image = torch.from_numpy(photo.rgb).permute(2, 0, 1)[None].float() / 255
            points = torch.from_numpy(face.landmarks["ibug68"].points)[None]
            with torch.no_grad():
                rows.append(recogniser.embedding(align_faces(image, points))[0].double().numpy())
        return np.array(rows)

    return code


def fit_coder(detector: FaceDetector, networks: Literal["shipped"] | None) -> Coder:
    fitter = Fitter(detector=detector, networks=networks)

    def code(photos: Sequence[Photo], faces: Sequence[DetectedFace]) -> Codes:
        fits = fitter.fit_faces(photos, faces)
        return np.array([fit.coefficients.identity[0].double().numpy() for fit in fits])

    return code


METHODS: Mapping[str, Callable[[FaceDetector], Coder]] = {
    "recogniser": recogniser_coder,
    "fit": partial(fit_coder, networks="shipped"),
    "fit, no networks": partial(fit_coder, networks=None),
}


def all_codes(coder: Coder, photos: Sequence[Photo], faces: Sequence[DetectedFace | None]) -> Codes:
    """``(N, K)``, zero where no face was found."""
    there = [(index, face) for index, face in enumerate(faces) if face is not None]
    rows: dict[int, Codes] = {}
    for first in range(0, len(there), BATCH):
        batch = there[first : first + BATCH]
        codes = coder([photos[index] for index, _ in batch], [face for _, face in batch])
        rows |= {index: row for (index, _), row in zip(batch, codes, strict=True)}
    return np.array([rows.get(index, np.zeros_like(next(iter(rows.values())))) for index in range(len(photos))])


def make_codes(photos: Sequence[RealPhoto], kept: Path) -> dict[str, Codes]:
    """Codes by ``view/method``, and for each view whether a face was found; what ``kept`` holds is taken from there."""
    codes: dict[str, Codes] = {}
    if kept.is_file():
        with np.load(kept) as stored:
            codes = dict(stored)
    if len(codes) == len(VIEWS) * (len(METHODS) + 1):
        return codes
    detector = default_detector()
    clean = [read_photo(photo.path) for photo in photos]
    seen = [largest_face(detector, photo) for photo in clean]
    hidden = [covered(photo, face, seed) for seed, (photo, face) in enumerate(zip(clean, seen, strict=True))]
    pictures = dict(zip(VIEWS, (clean, hidden), strict=True))
    faces = dict(zip(VIEWS, (seen, [largest_face(detector, photo) for photo in hidden]), strict=True))
    for name, make_coder in METHODS.items():
        coder = make_coder(detector)
        for view in VIEWS:
            codes[f"{view}/found"] = np.array([face is not None for face in faces[view]])
            if f"{view}/{name}" not in codes:
                codes[f"{view}/{name}"] = all_codes(coder, pictures[view], faces[view])
                np.savez(kept, **codes)  # type: ignore[arg-type]
                print(f"{view}: {name} done", flush=True)
    return codes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, nargs="+", default=[1, 4, 7, 10], help="which of each person's ten")
    parser.add_argument("--folder", type=Path, help="where wheel and photos are kept; in the cache by default")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    photos = real_photos(options.photos, options.folder)
    text = tables(make_codes(photos, options.out / "codes.npz"), list(METHODS), photos)
    (options.out / "table.md").write_text(text + "\n")
    print(f"{len(photos)} photos of {len({photo.person for photo in photos})} people\n{text}\n\n{__doc__}")


if __name__ == "__main__":
    main()
