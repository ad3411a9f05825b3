"""What adaptation to unlabelled photos of another kind is worth.

    python benchmarks/adaptation.py --run DIR/run --out DIR [--iterations 300] [--seed 0] [--set KEY=VALUE ...]

Takes the networks of benchmarks/train_demo.py (or any run at 112 pixels) to photos they are not used to: every face
covered by something, every sensor a bad one (blur, noise, compression, grey), many heads turned far.
600 such photos, with landmarks and without labels, are adapted to by steps/adapt.py; 200 others with their truth score
the networks before and after.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from train_demo import HERE, VIEW
from train_demo_scores import ADAPTED, HeldOut, score_adaptation, table

from focusfit.data.synthetic.config import PoseRange, SyntheticConfig
from focusfit.data.synthetic.folder import synthesize
from focusfit.training.training_faces import PHOTO_PER_VIEW

PHOTOS, HELD_OUT = 600, 200
PHOTO_SEED, HELD_OUT_SEED = 777, 778


def make_photos(out: Path) -> None:
    """Photos of the other kind."""
    pose = PoseRange(yaw_uniform_share=0.33)
    for name, count, seed in (("photos", PHOTOS, PHOTO_SEED), ("held_out", HELD_OUT, HELD_OUT_SEED)):
        config = SyntheticConfig(
            size=round(PHOTO_PER_VIEW * VIEW), seed=seed, occluded_fraction=1.0, degraded_fraction=1.0, pose=pose
        )
        synthesize(config, count, out / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the run's configuration")
    options = parser.parse_args()
    make_photos(options.out)
    script = HERE.parent / "steps" / "adapt.py"
    settings = [f"adapt.engine.iterations={options.iterations}", *options.set]
    arguments = ["--img_path", str(options.out / "photos"), "--save_path", str(options.run), "--gpu", "-1"]
    arguments += ["--seed", str(options.seed), *(f"--set={setting}" for setting in settings)]
    subprocess.run([sys.executable, str(script), *arguments], check=True)
    scores = score_adaptation(HeldOut(options.out / "held_out", VIEW), options.run, "photos")
    scores.save(options.out / "scores.npz")
    text = table(scores, ADAPTED)
    (options.out / "table.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
