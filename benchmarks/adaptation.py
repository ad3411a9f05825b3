"""What adaptation to unlabelled photos of another kind is worth.

    python benchmarks/adaptation.py --run DIR/run --out DIR [--kind pictures] [--iterations 300] [--seed 0]
        [--set KEY=VALUE ...]

Takes the networks of benchmarks/train_demo.py (or any run at 112 pixels) to photos they are not used to:
  pictures: before every second face hangs a piece of a photograph of scikit-image (bricks, coins, a page of text ...),
      before the others what the world has; the networks have seen no such pictures.
  sensors: every face is covered by something, every sensor a bad one (blur, noise, compression, grey), many heads are
      turned far.
  elsewhere: the occluders of the one before the sensors of the other; heads as usual.
600 such photos, with landmarks and without labels, are adapted to by steps/adapt.py; 200 others with their truth score
the networks before and after.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from skimage import data
from train_demo import HERE, VIEW
from train_demo_scores import ADAPTED, HeldOut, score_adaptation, table

from focusfit.data.synthetic.config import PoseRange, SyntheticConfig
from focusfit.data.synthetic.folder import synthesize
from focusfit.training.training_faces import PHOTO_PER_VIEW

PHOTOS, HELD_OUT = 600, 200
PHOTO_SEED, HELD_OUT_SEED = 777, 778
SIZE = round(PHOTO_PER_VIEW * VIEW)
PICTURES = ("brick", "grass", "gravel", "coffee", "cat", "coins", "page", "rocket", "clock", "retina", "colorwheel")
PIECE = 160


def pictures(out: Path, seed: int) -> SyntheticConfig:
    """Other occluders."""
    folder = out / "cut_outs"
    if not folder.exists():
        folder.mkdir(parents=True)
        cut_out(folder)
    return SyntheticConfig(size=SIZE, seed=seed, occluded_fraction=1.0, occluder_pictures=folder)


def sensors(out: Path, seed: int) -> SyntheticConfig:
    """Other sensors and poses, and more that is hidden."""
    pose = PoseRange(yaw_uniform_share=0.33)
    return SyntheticConfig(size=SIZE, seed=seed, occluded_fraction=1.0, degraded_fraction=1.0, pose=pose)


def elsewhere(out: Path, seed: int) -> SyntheticConfig:
    """Other occluders before bad sensors."""
    return replace(pictures(out, seed), degraded_fraction=1.0)


KINDS: Mapping[str, Callable[[Path, int], SyntheticConfig]] = {
    "pictures": pictures,
    "sensors": sensors,
    "elsewhere": elsewhere,
}


def cut_out(folder: Path) -> None:
    """Four pieces of each photograph, two with corners and two without, as PNG with transparency."""
    rng = np.random.default_rng(0)
    for name in PICTURES:
        photo = np.asarray(getattr(data, name)())
        photo = np.stack([photo] * 3, axis=-1) if photo.ndim == 2 else photo[..., :3]
        side = int(0.6 * min(photo.shape[:2]))
        for piece in range(4):
            y, x = rng.integers(0, photo.shape[0] - side + 1), rng.integers(0, photo.shape[1] - side + 1)
            colours = cv2.resize(photo[y : y + side, x : x + side], (PIECE, PIECE), interpolation=cv2.INTER_AREA)
            opacity = np.zeros((PIECE, PIECE), np.uint8)
            angles = np.linspace(0, 2 * np.pi, 9)[:-1]
            reach = PIECE * rng.uniform(0.2, 0.45, (8, 2))
            corners = PIECE / 2 + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            if piece % 2:
                cv2.fillPoly(opacity, [corners.astype(np.int32)], 255)
            else:
                axes = (int(reach[0, 0]), int(reach[0, 1]))
                cv2.ellipse(opacity, (PIECE // 2, PIECE // 2), axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
            cv2.imwrite(str(folder / f"{name}{piece}.png"), np.dstack([colours[..., ::-1], opacity]))


def make_photos(out: Path, kind: str) -> None:
    """Photos of the other kind."""
    for name, count, seed in ((kind, PHOTOS, PHOTO_SEED), ("held_out", HELD_OUT, HELD_OUT_SEED)):
        synthesize(KINDS[kind](out, seed), count, out / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=tuple(KINDS), default="pictures")
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the run's configuration")
    options = parser.parse_args()
    make_photos(options.out, options.kind)
    script = HERE.parent / "steps" / "adapt.py"
    settings = [f"adapt.engine.iterations={options.iterations}", *options.set]
    arguments = ["--img_path", str(options.out / options.kind), "--save_path", str(options.run), "--gpu", "-1"]
    arguments += ["--seed", str(options.seed), *(f"--set={setting}" for setting in settings)]
    subprocess.run([sys.executable, str(script), *arguments], check=True)
    scores = score_adaptation(HeldOut(options.out / "held_out", VIEW), options.run, options.kind)
    scores.save(options.out / "scores.npz")
    text = table(scores, ADAPTED)
    (options.out / "table.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
