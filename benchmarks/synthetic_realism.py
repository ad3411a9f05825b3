"""Whether detectors, landmarkers and recognisers that never saw the face model take synthetic faces for faces.

    python benchmarks/synthetic_realism.py detection [--count 400] [--real FOLDER]
    python benchmarks/synthetic_realism.py identity [--people 200]

detection: photos of bare faces (no occluders; hair and headwear as the world has them, beards and fringes included),
yaw uniform in -60 to 60 degrees, default sizes, light, expressions and sensors.
  yunet_found: share in which one pass of YuNet over the photo (320 pixels, a border of a quarter) has a box that scores
      at least 0.6 and whose middle lies in the box of the true landmarks.
  detector_found: the same for the program's default detector, which looks several times and asks FaceMesh.
  facemesh_nme51: median over the photos found of the default detector's error on the 51 inner landmarks, in % of the
      root of width x height of the true points' box.
  real_nme51: the same on FOLDER, photos with landmarks68.csv (file, yaw_deg, x0 .. y67).

identity: two photos each of people with their own pose, light, background, expression and camera, aligned by their
true landmarks as the program aligns faces: what is turned away is taken to lie on the outline.
  auc: area under the ROC curve of the cosine of MobileFaceNet's embeddings, between pairs of photos of one person and
      pairs of different people of the same sex, the same skin tone and at most five years apart in age.
  auc_all: the same with all pairs of different people.
  auc_true_points: as auc, faces aligned by the true places of points that are turned away, behind nose and lips.
  auc_yaw_A_B: auc over pairs whose larger yaw is between A and B degrees: recognisers trained on photos of
      celebrities know few profiles, of real people too.
The pose is the world's default (yaw normal with 20 degrees, 15 % of the photos uniform up to profile);
--near-frontal leaves the uniform part out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from focusfit.data.synthetic import PoseRange, SyntheticConfig, SyntheticWorld
from focusfit.detection import default_detector, read_photo
from focusfit.detection.photo import Photo
from focusfit.detection.yunet import Look, YuNet
from focusfit.evaluation.landmarks import INNER, normalised_errors
from focusfit.evaluation.occluded_faces import auc_of
from focusfit.evaluation.truth import read_truth
from focusfit.networks.recognition import load_recogniser
from focusfit.networks.recognition.align import FIVE_OF_68, align_faces

YUNET_SCORE = 0.6
AGE_GAP = 5.0


def detection(count: int, seed: int, real: Path | None) -> None:
    pose = PoseRange(yaw_uniform_share=1.0, yaw_limit_deg=60.0)
    world = SyntheticWorld(SyntheticConfig(seed=seed, occluded_fraction=0.0, pose=pose))
    yunet, detector = YuNet(), default_detector()
    plain, found, errors, missed = 0, 0, [], []
    for index in range(count):
        photo = world.photo(index)
        low, high = photo.landmarks.min(0), photo.landmarks.max(0)
        boxes = yunet.look(photo.rgb, Look(320, border=0.25), YUNET_SCORE)
        middles = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in (box.box for box in boxes)]
        seen = any((low < middle).all() and (middle < high).all() for middle in middles)
        plain += seen
        if not seen:
            missed.append(index)
        error = _error(detector, Photo(photo.rgb), photo.landmarks)
        found += error is not None
        if error is not None:
            errors.append(error)
    print(f"photos            {count}")
    print(f"yunet_found       {plain / count:.4f}   missed: {missed}")
    print(f"detector_found    {found / count:.4f}")
    print(f"facemesh_nme51    {np.median(errors):.3f} %  (mean {np.mean(errors):.3f})")
    if real is not None:
        truth = [photo for photo in read_truth(real) if photo.landmarks is not None]
        known = [_error(detector, read_photo(_file(real, photo.name)), photo.landmarks) for photo in truth]
        there = [error for error in known if error is not None]
        print(f"real_nme51        {np.median(there):.3f} %  (mean {np.mean(there):.3f})")
        print(f"real_found        {len(there)} of {len(truth)}")
        print(f"ratio             {np.median(errors) / np.median(there):.3f}")


def _file(folder: Path, name: str) -> Path:
    return next(path for path in folder.iterdir() if path.name == name or path.stem == Path(name).stem)


def _error(detector, photo, landmarks) -> float | None:  # type: ignore[no-untyped-def]
    """Mean error of the largest face's inner points; None where no face covers the true points' middle."""
    low, high = landmarks.min(0), landmarks.max(0)
    for face in detector.detect(photo):
        points = face.landmarks["ibug68"].points if "ibug68" in face.landmarks else None
        if points is not None and (low < points.mean(0)).all() and (points.mean(0) < high).all():
            return float(normalised_errors(points, landmarks)[INNER].mean())
    return None


def identity(people: int, seed: int, pose: PoseRange) -> None:
    world = SyntheticWorld(SyntheticConfig(seed=seed, occluded_fraction=0.0, photos_per_person=2, pose=pose))
    scores, true_point_scores, turned = _cosines(world, 2 * people)
    who = np.arange(2 * people) // 2
    faces = [world.person(number) for number in range(people)]
    sex, tone = np.array([f.sex for f in faces])[who], np.array([f.skin_tone for f in faces])[who]
    age = np.array([f.age for f in faces])[who]
    upper = np.triu(np.ones_like(scores, bool), 1)
    same = upper & (who[:, None] == who)
    other = upper & ~same
    near = np.abs(age[:, None] - age) <= AGE_GAP
    alike = other & (sex[:, None] == sex) & (tone[:, None] == tone) & near
    larger = np.maximum(turned[:, None], turned)
    _print_auc("auc", scores, same, alike)
    _print_auc("auc_all", scores, same, other)
    _print_auc("auc_true_points", true_point_scores, same, alike)
    for low, high in ((0, 30), (30, 60), (60, 91)):
        between = (low <= larger) & (larger < high)
        _print_auc(f"auc_yaw_{low}_{high}", scores, same & between, alike & between)


def _cosines(world: SyntheticWorld, photos: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``(N, N)`` cosines of photos, the same with all points where they truly are, and ``(N,)`` degrees of yaw."""
    recogniser = load_recogniser()
    codes, turned = [], []
    for index in range(photos):
        photo = world.photo(index)
        turned.append(abs(np.degrees(_yaw(photo.rotation))))
        image = torch.from_numpy(photo.rgb).permute(2, 0, 1)[None].float() / 255
        landmarks = torch.from_numpy(photo.landmarks)[None]
        true_points = torch.stack([landmarks[:, group].mean(1) for group in FIVE_OF_68], dim=1)
        faces = torch.cat([align_faces(image, landmarks), align_faces(image, true_points)])
        with torch.no_grad():
            codes.append(recogniser.embedding(faces).numpy())
    units = np.array(codes) / np.linalg.norm(codes, axis=2, keepdims=True)
    return units[:, 0] @ units[:, 0].T, units[:, 1] @ units[:, 1].T, np.array(turned)


def _print_auc(name: str, scores: np.ndarray, genuine: np.ndarray, impostors: np.ndarray) -> None:
    count = (int(genuine.sum()), int(impostors.sum()))
    if min(count) == 0:
        return
    shown = np.r_[scores[genuine], scores[impostors]]
    value = auc_of(shown, np.arange(len(shown)) < count[0])(np.ones(len(shown), np.int64))
    means = f"{scores[genuine].mean():.3f} and {scores[impostors].mean():.3f}"
    print(f"{name:15s} {value:.4f}   {count[0]} pairs of one person, {count[1]} of two; mean cosines {means}")


def _yaw(rotation) -> float:  # type: ignore[no-untyped-def]
    matrix, _ = cv2.Rodrigues(rotation.astype(np.float64))
    return float(np.arctan2(matrix[0, 2], matrix[2, 2]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("detection", "identity"))
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--near-frontal", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.what == "detection":
        detection(given.count, given.seed, given.real)
    else:
        identity(given.people, given.seed, PoseRange(yaw_uniform_share=0.0) if given.near_frontal else PoseRange())


if __name__ == "__main__":
    main()
