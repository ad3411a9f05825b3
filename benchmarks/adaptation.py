"""What adaptation to unlabelled photos of another kind is worth.

    python benchmarks/adaptation.py --out DIR [--kind stage] [--seed 0] [--count 1500] [--photos 1200] [--held-out 200]
        [--iterations-scale 1] [--set KEY=VALUE ...]

Networks are trained by steps 1 to 4 on plain photos alone (benchmarks/train_demo.yaml, 1500 photos); DIR/plain has
them, and keeps them for the next kind. Then steps/adapt.py goes on with unlabelled photos of another kind, with
landmarks and without masks; 200 others of that kind, and the unlabelled ones' test split, which nothing has read,
score the networks before and after by their truth. benchmarks/adaptation_kinds.py says what the kinds are.
DIR/KIND_table.md has the table, DIR/KIND_sheet.png sixteen photos: photo, rendering and mask before, the same after,
and the true mask.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from adaptation_kinds import PLAIN, TARGETS
from adaptation_scores import Pairs, adaptation_table, pooled, some_photos
from PIL import Image
from train_demo import HERE, VIEW, run_steps
from train_demo_scores import HeldOut

from focusfit.data.synthetic.config import SyntheticConfig
from focusfit.data.synthetic.folder import synthesize
from focusfit.training.training_faces import PHOTO_PER_VIEW

PHOTO_SEED, HELD_OUT_SEED = 100, 4243
"""Of the world; the benchmark's own seed is added to the first, so that every seed has other people."""


def make_photos(kind: SyntheticConfig, count: int, seed: int, out: Path) -> None:
    """Photos of one kind."""
    made = synthesize(replace(kind, size=round(PHOTO_PER_VIEW * VIEW), seed=seed), count, out)
    print(f"{out}: {made.photos} photos, {made.made} of them made in {made.seconds:.0f} s", flush=True)


def train_plainly(out: Path, count: int, seed: int, scale: float) -> None:
    """Networks that know plain photos; what is there already is kept."""
    make_photos(PLAIN, count, PHOTO_SEED + seed, out / "photos")
    run_steps(out, seed, scale)


def adapt(out: Path, run: Path, kind: str, seed: int, settings: list[str]) -> None:
    """The same networks, adapted."""
    arguments = ["--img_path", str(out / kind), "--save_path", str(run), "--gpu", "-1", "--seed", str(seed)]
    arguments += [f"--set={setting}" for setting in settings]
    start = time.perf_counter()
    subprocess.run([sys.executable, str(HERE.parent / "steps" / "adapt.py"), *arguments], check=True)
    print(f"adapt.py: {time.perf_counter() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=tuple(TARGETS), default="stage")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1500, help="of plain photos")
    parser.add_argument("--photos", type=int, default=1200, help="without labels")
    parser.add_argument("--held-out", type=int, default=200)
    parser.add_argument("--iterations-scale", type=float, default=1.0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the run's configuration")
    options = parser.parse_args()
    plain, seed = options.out / "plain", options.seed
    train_plainly(plain, options.count, seed, options.iterations_scale)
    make_photos(TARGETS[options.kind], options.photos, PHOTO_SEED + seed + 1000, options.out / options.kind)
    make_photos(TARGETS[options.kind], options.held_out, HELD_OUT_SEED, options.out / f"{options.kind}_held_out")
    adapt(options.out, plain / "run", options.kind, seed, options.set)
    held_out = HeldOut(options.out / f"{options.kind}_held_out", VIEW)
    pairs = Pairs.of(plain / "run", options.kind)
    unread = HeldOut(options.out / options.kind, VIEW, "test")
    scores = pooled([pairs.scores(held_out), pairs.scores(unread)])
    scores.save(options.out / f"{options.kind}_scores.npz")
    text = adaptation_table(scores)
    (options.out / f"{options.kind}_table.md").write_text(text + "\n")
    Image.fromarray(pairs.pictures(some_photos(held_out, 16))).save(options.out / f"{options.kind}_sheet.png")
    print(text)


if __name__ == "__main__":
    main()
