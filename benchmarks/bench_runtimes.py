"""Time of the two networks that look at a photo, in torch and in onnxruntime, and the ratio.

    python benchmarks/bench_runtimes.py [--rounds 30] [--threads 1 2] [--batches 1 8]

Both take turns, call by call, and the best of all rounds is printed: other work on the machine can only add to a time.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does; torch reads it when it is loaded

import torch

from focusfit.facemodel.load import load_face_model
from focusfit.networks.interface import LookingNetworks
from focusfit.networks.onnx_runtime import in_onnxruntime
from focusfit.networks.shipped import shipped_networks


def calls(networks: LookingNetworks, batch: int) -> dict[str, Callable[[], object]]:
    """One look of each network at ``batch`` pictures of noise."""
    size = networks.encoder.config.size
    rendering, photo = torch.rand(2, batch, 3, size, size, generator=torch.Generator().manual_seed(0))
    return {
        "surface encoder": lambda: networks.encoder(photo),
        "segmenter": lambda: networks.segmenter(rendering, photo),
    }


def best_in_turns(functions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Least seconds that each function took; the first round, which warms up, does not count."""
    best = dict.fromkeys(functions, float("inf"))
    for turn in range(rounds + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if turn:
                best[name] = min(best[name], time.perf_counter() - start)
    return best


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    options = parser.parse_args()

    model = load_face_model()
    networks = shipped_networks(model)
    assert networks is not None
    print(f"{'ms a call':<18}{'threads':>8}{'batch':>7}{'torch':>9}{'onnx':>9}{'ratio':>7}")
    for threads in options.threads:
        torch.set_num_threads(threads)
        running = in_onnxruntime(networks, model)  # a session has the threads that torch has when it starts
        for batch in options.batches:
            there = calls(running, batch)
            for name, here in calls(networks, batch).items():
                best = best_in_turns({"torch": here, "onnx": there[name]}, options.rounds)
                times = "".join(f"{1e3 * seconds:>9.2f}" for seconds in best.values())
                print(f"{name:<18}{threads:>8}{batch:>7}{times}{best['torch'] / best['onnx']:>7.2f}", flush=True)


if __name__ == "__main__":
    main()
