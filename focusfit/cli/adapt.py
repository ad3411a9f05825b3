"""``focusfit adapt``: the networks that come with the package, adapted to a folder of photos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from ..errors import FocusfitError
from .checks import require_workers

if TYPE_CHECKING:
    from ..training.network_adaptation import AdaptationConfig, BestNetwork

Photos = Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="PHOTO|FOLDER|GLOB")]


def adapt(
    photos: Photos,
    out: Path,
    networks: str = "shipped",
    model: Path | None = None,
    iterations_scale: float = 1.0,
    seed: int = 0,
    workers: int = 2,
) -> int:
    """Adapt encoder and segmenter to photos that nobody has labelled.

    Both learn what fits of these photos say, also where covers hide it from them. Faces kept apart decide when to
    stop, and a network that is no better on them than before is not taken. Use the result with
    `focusfit reconstruct ... --networks OUT`.

    Args:
        photos: photos, folders of photos, or quoted patterns such as 'holiday/*.jpg'.
        out: folder for the networks, adaptation.json and what they were trained on.
        networks: shipped, for those that come with the package, or a folder of others.
        model: face model file; the open model by default.
        iterations_scale: factor on the counts of iterations.
        seed: of every random choice.
        workers: threads that read photos, and processes that draw synthetic ones.
    """
    require_workers(workers)
    if not 0 < iterations_scale <= 100:
        raise FocusfitError(f"--iterations-scale is {iterations_scale:g}", remedy="Give a number above 0, such as 0.5.")

    # Heavy imports wait until the arguments are known to be good.
    from ..detection import list_photos
    from ..export.naming import printable
    from ..facemodel.load import load_face_model
    from ..fitting.fitter import Fitter
    from ..networks.shipped import networks_in, shipped_networks
    from ..training.network_adaptation import AdaptationConfig, adapt_networks

    paths = list_photos(photos)
    if not paths:
        raise FocusfitError("no photo was found", remedy="Name photos, or a folder that holds some.")
    face_model = load_face_model(model)
    start = shipped_networks(face_model) if networks == "shipped" else networks_in(Path(networks), face_model)
    fitter = Fitter(face_model, networks=start)
    config = _scaled(AdaptationConfig(), iterations_scale, seed)
    say = lambda text: print(text, flush=True)  # noqa: E731
    result = adapt_networks(paths, fitter, out, config, workers, say)
    for photo, reason in result.faces.left_out:
        print(f"left out: {printable(str(photo))}: {reason}")
    print(_verdict("encoder", "% of the landmark box", result.encoder.best))
    print(_verdict("segmenter", "nats a pixel", result.segmenter.best))
    print(f"networks: {printable(str(out))}")
    return 1 if result.faces.left_out else 0


def _scaled(config: AdaptationConfig, scale: float, seed: int) -> AdaptationConfig:
    encoder, segmenter = (
        replace(each, iterations=max(2, round(scale * each.iterations)), seed=seed)
        for each in (config.encoder_engine, config.segmenter_engine)
    )
    return replace(config, encoder_engine=encoder, segmenter_engine=segmenter)


def _verdict(name: str, unit: str, best: BestNetwork) -> str:
    """What became of a network, for the terminal."""
    if best.iteration == 0:
        return f"{name}: not changed, nothing was better on the held-out faces than {best.before:.4g} {unit}"
    return f"{name}: {best.before:.4g} -> {best.after:.4g} {unit} on the held-out faces"
