"""The four steps and their test from nothing but synthetic photos and their landmarks, on a CPU.

    python benchmarks/train_demo.py --out DIR [--seed 0] [--count 2000] [--held-out 300] [--iterations-scale 1]

Makes 2000 photos of the given seed and 300 held-out ones that are always the same, runs the scripts in steps/ with
benchmarks/train_demo.yaml, and scores what every step has left on the held-out photos, whose true landmarks frame the
face for all methods. DIR/table.md has the table, DIR/scores.npz every photo's figures, DIR/contact_sheet.png twelve
photos. What is there already is kept, so a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image
from train_demo_scores import HeldOut, contact_sheet, score_methods, table

from focusfit.data.synthetic.config import SyntheticConfig
from focusfit.data.synthetic.folder import synthesize
from focusfit.training.training_faces import PHOTO_PER_VIEW

HERE = Path(__file__).resolve().parent
STEPS = (
    "step1_pretrain_autoencoder.py",
    "step2_generate_pseudo_labels.py",
    "step3_pretrain_unet.py",
    "step4_joint_em.py",
)
VIEW = 112
HELD_OUT_SEED = 4242


def make_photos(out: Path, count: int, held_out: int, seed: int) -> None:
    """Training photos and held-out ones."""
    for name, number, of in (("photos", count, seed), ("held_out", held_out, HELD_OUT_SEED)):
        config = SyntheticConfig(size=round(PHOTO_PER_VIEW * VIEW), seed=of)
        made = synthesize(config, number, out / name)
        print(f"{name}: {made.photos} photos, {made.made} of them made in {made.seconds:.0f} s", flush=True)


def run_steps(out: Path, seed: int, scale: float) -> None:
    """Every step as its user would run it."""
    for script in STEPS:
        arguments = ["--img_path", str(out / "photos"), "--save_path", str(out / "run"), "--gpu", "-1"]
        if script == STEPS[0]:
            arguments += ["--config", str(HERE / "train_demo.yaml"), "--seed", str(seed)]
            arguments += ["--iterations-scale", str(scale)]
        start = time.perf_counter()
        subprocess.run([sys.executable, str(HERE.parent / "steps" / script), *arguments], check=True)
        print(f"{script}: {time.perf_counter() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--held-out", type=int, default=300)
    parser.add_argument("--iterations-scale", type=float, default=1.0)
    options = parser.parse_args()
    start = time.perf_counter()
    make_photos(options.out, options.count, options.held_out, options.seed)
    run_steps(options.out, options.seed, options.iterations_scale)
    held_out = HeldOut(options.out / "held_out", VIEW)
    scores = score_methods(held_out, options.out / "run")
    scores.save(options.out / "scores.npz")
    text = table(scores)
    (options.out / "table.md").write_text(text + "\n")
    Image.fromarray(contact_sheet(held_out, options.out / "run")).save(options.out / "contact_sheet.png")
    print(f"{text}\n\n{options.out / 'contact_sheet.png'}\nall of it took {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
