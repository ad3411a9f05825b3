"""``focusfit``: subcommands, errors and exit codes in one place."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from .. import __version__
from ..errors import FocusfitError

DONE = 0
"""Everything asked for was done; ``reconstruct``: every photo gave a face."""

PARTLY = 1
"""Something failed on its own; ``reconstruct``: some photos gave no face; ``doctor``: the main job cannot run."""

NOTHING_RUN = 2
"""Nothing could be run: wrong arguments, a missing or damaged file."""

INTERRUPTED = 130
"""Stopped with Ctrl-C (128 + SIGINT, as shells count)."""

COMMANDS: dict[tuple[str, ...], tuple[str, str]] = {
    ("reconstruct",): ("reconstruct", "reconstruct"),
    ("gallery",): ("gallery", "gallery"),
    ("demo",): ("demo", "demo"),
    ("adapt",): ("adapt", "adapt"),
    ("synthesize",): ("synthesize", "synthesize"),
    ("evaluate", "masks"): ("evaluate", "masks"),
    ("evaluate", "shape"): ("evaluate", "shape"),
    ("evaluate", "landmarks"): ("evaluate", "landmarks"),
    ("evaluate", "identity"): ("evaluate", "identity"),
    ("evaluate", "celebamask"): ("evaluate", "celebamask"),
    ("export", "now"): ("export", "now"),
    ("export", "onnx"): ("export", "onnx"),
    ("train", "step1"): ("train", "step1"),
    ("train", "step2"): ("train", "step2"),
    ("train", "step3"): ("train", "step3"),
    ("train", "step4"): ("train", "step4"),
    ("train", "adapt"): ("train", "adapt"),
    ("train", "test"): ("trained", "reconstruct_and_score"),
    ("train", "networks"): ("networks", "networks"),
    ("import", "reference"): ("import_reference", "reference"),
    ("model", "build"): ("model", "build"),
    ("model", "info"): ("model", "info"),
    ("model", "sheet"): ("model", "sheet"),
    ("misfit", "estimate"): ("misfit", "estimate"),
    ("assets", "list"): ("assets", "list_assets"),
    ("assets", "fetch"): ("assets", "fetch"),
    ("assets", "verify"): ("assets", "verify"),
    ("doctor",): ("doctor", "doctor"),
}
"""Words on the command line: module in this package, and its function (typed arguments -> exit code)."""

SUMMARIES = {
    "reconstruct": "Photos in; meshes, coefficients and visibility masks out.",
    "gallery": "Photos in; one picture of their faces out: photo, fit, shape, mask.",
    "demo": "Reconstruct photos that come with the installation, bare and occluded.",
    "adapt": "Adapt the package's networks to a folder of unlabelled photos.",
    "synthesize": "Make photos of people who do not exist, with their true masks and meshes.",
    "evaluate masks": "Score masks of visible face against true ones.",
    "evaluate shape": "Score neutral faces against true surfaces.",
    "evaluate landmarks": "Score 68 landmarks against true ones.",
    "evaluate identity": "Score identity and expression coefficients.",
    "evaluate celebamask": "Make true masks from CelebAMask-HQ's label maps.",
    "export now": "Write a submission for the NoW benchmark.",
    "export onnx": "Write the package's networks as ONNX files.",
    "train step1": "Pretrain the face autoencoder on photos and landmarks.",
    "train step2": "Label the pixels that step 1's encoder explains.",
    "train step3": "Pretrain the UNet on step 2's labels.",
    "train step4": "Train encoder and UNet jointly, by expectation maximisation.",
    "train adapt": "Adapt trained networks to unlabelled photos of another kind.",
    "train test": "Reconstruct with trained networks, score masks, export for NoW.",
    "train networks": "Train the networks that come with the package.",
    "import reference": "Convert the published weights of FOCUS.",
    "model build": "Build the open face model from its source files.",
    "model info": "Say what a face model file holds.",
    "model sheet": "Draw a face model: mean, modes, random faces.",
    "misfit estimate": "Measure what fits miss on faces that the model cannot represent.",
    "assets list": "List the model files: source, licence, whether they are here.",
    "assets fetch": "Fetch missing model files.",
    "assets verify": "Check the model files against their checksums.",
    "doctor": "Say what is installed, what will be used, and what to do about what is missing.",
}

_WIDTH = max(map(len, SUMMARIES)) + 1

USAGE = f"""\
focusfit {__version__}: fits a 3D face model to photos, also where something covers the face.

usage: focusfit COMMAND [ARGUMENTS]
       focusfit --version

commands:
{chr(10).join(f"  {words:<20} {text}" for words, text in SUMMARIES.items())}

`focusfit COMMAND --help` explains a command's arguments.
exit codes: 0 every photo gave a face, 1 some did not, 2 nothing could be run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: the words after ``focusfit``; those of the process by default.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _print_any_name()
    try:
        return dispatch(words)
    except FocusfitError as error:
        print(f"focusfit: {error}", file=sys.stderr)
        return NOTHING_RUN
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PARTLY
    except OSError as error:  # a full disk, a folder that may not be written
        print(f"focusfit: {error.filename or 'the system says'}: {error.strerror or error}", file=sys.stderr)
        return NOTHING_RUN
    except KeyboardInterrupt:
        print("focusfit: interrupted", file=sys.stderr)
        return INTERRUPTED


def _print_any_name() -> None:
    """File names that the terminal's encoding lacks shall end no run: what cannot be shown is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def dispatch(words: list[str]) -> int:
    """Print help or the version, or call the command that ``words`` begin with."""
    if words[:1] == ["--version"]:
        print(f"focusfit {__version__}")
        return DONE
    if not words or words[0] in ("-h", "--help"):
        print(USAGE)
        return DONE if words else NOTHING_RUN
    for command in (tuple(words[:2]), tuple(words[:1])):
        if command in COMMANDS:
            return run(command, words[len(command) :])
    return reject(words)


def run(command: tuple[str, ...], arguments: list[str]) -> int:
    """Import a command's module only now, so that help stays quick, and call its function on parsed arguments."""
    import tyro

    from ..host_memory import keep_freed_memory

    # Threads of torch that wait shall sleep, not spin: reading and writing need the cores (ten times faster when they
    # are scarce). It must be said before torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    keep_freed_memory()
    module, name = COMMANDS[command]
    function: Callable[..., int] = getattr(import_module(f".{module}", __package__), name)
    try:
        return tyro.cli(function, prog=" ".join(("focusfit", *command)), args=arguments)
    except SystemExit as stop:  # tyro's own help (0) and usage errors (2)
        return stop.code if isinstance(stop.code, int) else NOTHING_RUN


def reject(words: list[str]) -> int:
    """Say which commands there are; asking a group for help is no mistake."""
    known = [f"  focusfit {text:<{_WIDTH}} {SUMMARIES[text]}" for text in SUMMARIES if text.split()[0] == words[0]]
    if known and words[1:2] in (["-h"], ["--help"]):
        print("\n".join(known))
        return DONE
    wrong = f"focusfit: {' '.join(words[:2]) if known else words[0]!r} is not a command"
    print("\n".join([wrong, *(known or ["Try `focusfit --help`."])]), file=sys.stderr)
    return NOTHING_RUN
