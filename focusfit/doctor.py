"""What is installed, what will be used, and what to do about what is missing."""

from __future__ import annotations

import os
import platform
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__, assets
from .errors import FocusfitError

if TYPE_CHECKING:
    from .facemodel.morphable import MorphableModel

SYSTEM_PACKAGES = ("libgl1", "libglib2.0-0", "libxcb1")
"""Debian packages that OpenCV needs and slim images lack."""

DETECTOR_FILES = ("yunet", "facemesh")
RECOGNISER_FILE = "mobilefacenet"


class Status(Enum):
    """How a finding bears on the main job, photos to reconstructions."""

    GOOD = "ok"
    NOTE = "note"
    MISSING = "MISSING"


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes:
        subject: what was looked at.
        status: `Status.MISSING` where the main job cannot run for it.
        says: what was found.
        remedy: what to do about it, where something is to be done.
    """

    subject: str
    status: Status
    says: str
    remedy: str | None = None


def examine() -> list[Finding]:
    """Look at everything the program depends on; nothing is downloaded or changed."""
    checks: tuple[Callable[[], Iterable[Finding]], ...] = (
        _python,
        _packages,
        _opencv,
        _device,
        _face_model,
        _basel_face_model,
        _detector,
        _recogniser,
        _cache,
    )
    return [finding for check in checks for finding in _survived(check)]


def _survived(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """A check's findings, also where a package that it needs is not installed."""
    try:
        return list(check())
    except ImportError as error:
        return [Finding(check.__name__.strip("_").replace("_", " "), Status.MISSING, f"cannot be looked at: {error}")]


def _python() -> Iterator[Finding]:
    yield Finding(
        "focusfit", Status.GOOD, f"{__version__} on Python {platform.python_version()}, {platform.platform(terse=True)}"
    )


def _packages() -> Iterator[Finding]:
    try:
        required = [r for r in metadata.requires("focusfit") or [] if "extra ==" not in r]
    except metadata.PackageNotFoundError:
        yield Finding("packages", Status.MISSING, "focusfit is not installed", "Run `pip install .` in its folder.")
        return
    versions, absent = [], []
    for requirement in required:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            absent.append(requirement)
    yield Finding("packages", Status.GOOD, ", ".join(versions))
    if absent:
        install = " ".join(f"'{requirement}'" for requirement in absent)
        yield Finding(
            "packages", Status.MISSING, f"not installed: {', '.join(absent)}", f"Run `pip install {install}`."
        )


def _opencv() -> Iterator[Finding]:
    try:
        import cv2
    except ImportError as error:  # of the wheel itself, or of a system library it links to
        remedy = f"On Debian or Ubuntu, run `apt-get install {' '.join(SYSTEM_PACKAGES)}`."
        yield Finding("OpenCV", Status.MISSING, f"cannot be loaded ({error})", remedy)
        return
    yield Finding("OpenCV", Status.GOOD, f"{cv2.__version__}, with the system libraries it needs")


def _device() -> Iterator[Finding]:
    try:
        import torch
    except (ImportError, OSError) as error:
        yield Finding("device", Status.MISSING, f"torch cannot be loaded ({error})", "Run `pip install torch` again.")
        return
    if torch.cuda.is_available():
        yield Finding("device", Status.GOOD, f"{torch.cuda.get_device_name()} (--device cuda); cpu by default")
    else:
        yield Finding("device", Status.GOOD, f"cpu, {torch.get_num_threads()} threads; no CUDA device is visible")


def _face_model() -> Iterator[Finding]:
    try:
        from .facemodel.load import load_face_model

        model = load_face_model()
    except (FocusfitError, ImportError, OSError) as error:
        remedy = "Install focusfit again: its face model comes with it."
        yield Finding("face model", Status.MISSING, f"cannot be loaded ({error})", remedy)
        return
    size = f"{model.vertex_count} vertices, {len(model.triangles)} triangles"
    yield Finding("face model", Status.GOOD, f"{model.name} ({size}), unless --model names another")
    yield _misfit(model)
    yield _networks(model)


def _misfit(model: MorphableModel) -> Finding:
    """Whether what the shipped model misses is known."""
    from .fitting.misfit import shipped_misfit

    try:
        prior = shipped_misfit(model)
    except FocusfitError as error:
        return Finding("misfit prior", Status.MISSING, f"{error.file}: {error.cause}", "Install focusfit again.")
    if prior is None:
        says = "belongs to another face model: brows, eyes and beards may be called occluders"
        return Finding("misfit prior", Status.NOTE, says, "Make it again with `focusfit misfit estimate`.")
    says = f"of {prior.faces} faces, for {model.name}; other models have none, and every part of a face counts alike"
    return Finding("misfit prior", Status.GOOD, says)


def _networks(model: MorphableModel) -> Finding:
    """Whether networks look at photos before the fit."""
    from .networks.shipped import shipped_networks

    try:
        networks = shipped_networks(model)
    except FocusfitError as error:
        return Finding("networks", Status.MISSING, f"{error.file}: {error.cause}", "Install focusfit again.")
    if networks is None:
        says = f"none for {model.name}: every photo is explained from the mean face"
        return Finding("networks", Status.NOTE, says, "Train some with `focusfit train networks`.")
    says = f"an encoder and a segmenter for {model.name}; other models have none. --networks none leaves them out"
    return Finding("networks", Status.GOOD, says)


def _basel_face_model() -> Iterator[Finding]:
    from .facemodel.bfm_file import FILE_NAMES, FOLDER, REQUEST_PAGE, find_bfm, open_bfm

    path = find_bfm()
    if path is None:
        says = f"none in {FOLDER}/ (it is optional: the open face model does the job)"
        remedy = (
            f"Request {FILE_NAMES[0]} or {FILE_NAMES[1]} at {REQUEST_PAGE} and put it into {Path(FOLDER).resolve()}."
        )
        yield Finding("Basel model", Status.NOTE, says, remedy)
        return
    try:
        with open_bfm(path) as file:
            says = f"{path} ({file.name}, {file.vertex_count} vertices); use it with `--model {path}`"
        yield Finding("Basel model", Status.GOOD, says)
    except FocusfitError as error:
        yield Finding("Basel model", Status.NOTE, f"{path}: {error.cause}", error.remedy)


def _detector() -> Iterator[Finding]:
    states = {name: assets.state(name) for name in DETECTOR_FILES}
    good = (assets.AssetState.PRESENT, assets.AssetState.USERS_OWN)
    wrong = [f"{name} is {state.value}" for name, state in states.items() if state not in good]
    if wrong:
        remedy = "Run `focusfit assets fetch` once with a network; `focusfit assets list` says where each file belongs."
        yield Finding("detector", Status.MISSING, f"YuNet and FaceMesh: {', '.join(wrong)}", remedy)
    else:
        yield Finding("detector", Status.GOOD, "YuNet and FaceMesh, verified; or your own points with --landmarks")


def _recogniser() -> Iterator[Finding]:
    state = assets.state(RECOGNISER_FILE)
    says = f"{RECOGNISER_FILE} is {state.value}; only training compares identities, reconstruction needs none"
    absent = state in (assets.AssetState.ABSENT, assets.AssetState.DAMAGED)
    remedy = f"Run `focusfit assets fetch {RECOGNISER_FILE}` if you train." if absent else None
    yield Finding("recogniser", Status.NOTE if absent else Status.GOOD, says, remedy)


def _cache() -> Iterator[Finding]:
    folder = assets.cache_dir()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    if _writable(folder):
        yield Finding("cache", Status.GOOD, f"{folder}, {size / 1e6:.1f} MB")
    else:
        remedy = "Name a writable folder in the environment variable FOCUSFIT_CACHE."
        yield Finding("cache", Status.NOTE, f"{folder} cannot be written", remedy)


def _writable(folder: Path) -> bool:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        return False
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError:
        return False
    return True
