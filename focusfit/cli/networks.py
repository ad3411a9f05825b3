"""``focusfit train networks``: the networks that come with the package, from their recipe."""

from __future__ import annotations

from pathlib import Path

from .checks import require_workers


def networks(out: Path, recipe: Path | None = None, workers: int = 2, first_round: int = 1) -> int:
    """Train the networks that come with the package, on synthetic faces alone.

    OUT gets a folder a round, with its faces and its trainings, and the networks of the last one. A run that was
    stopped goes on where it was.

    Args:
        out: folder for everything.
        recipe: YAML file with the rounds; the one that the package's networks were trained by, by default.
        workers: processes that draw faces.
        first_round: the round to begin with; any but the first goes on from the networks that the package has.
    """
    require_workers(workers)

    # Heavy imports wait until the arguments are known to be good.
    from ..facemodel.load import load_face_model
    from ..training.network_recipe import RECIPE, read_recipe, train_rounds

    rounds = read_recipe(recipe or RECIPE)
    say = lambda text: print(text, flush=True)  # noqa: E731
    for path in train_rounds(rounds, load_face_model(), out, workers, first_round, say):
        print(path)
    return 0
