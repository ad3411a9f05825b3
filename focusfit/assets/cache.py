"""Model files on the user's disk: fetched once, verified on every load."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from enum import Enum
from pathlib import Path

from ..errors import AssetError
from .asset import Asset, WebFile
from .download import download, file_sha256
from .registry import find_asset


class AssetState(Enum):
    """How an asset stands on this machine."""

    PRESENT = "present"
    ABSENT = "absent"
    DAMAGED = "damaged"
    USERS_OWN = "user's own file"


def cache_dir() -> Path:
    """Where model files are kept: ``FOCUSFIT_CACHE``, else the platform's cache folder."""
    if chosen := os.environ.get("FOCUSFIT_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "focusfit"


def cached_path(asset: Asset) -> Path:
    """Where the cache holds (or would hold) the asset."""
    return cache_dir() / "assets" / asset.name / asset.file_name


def asset_path(name: str) -> Path:
    """A verified local copy of an asset, fetched on first use.

    The user's own path in ``FOCUSFIT_ASSET_<NAME>`` is taken as it is; an address there replaces the asset's source,
    and what comes from it must have the registered checksum.

    Raises:
        AssetError: unknown name, no copy and no network, or a download that is not what its checksum says.
    """
    asset = find_asset(name)
    own = _users_own(asset)
    if own is not None:
        if not own.is_file():
            raise AssetError(f"{asset.override_variable} names a file that is not there", file=own)
        return own
    path = cached_path(asset)
    return path if _is_intact(asset, path) else fetch(name)


def location(name: str) -> Path:
    """Where the asset is or would be: the user's own path, else its place in the cache."""
    asset = find_asset(name)
    return _users_own(asset) or cached_path(asset)


def state(name: str) -> AssetState:
    """How the asset stands, without fetching it."""
    asset = find_asset(name)
    own = _users_own(asset)
    if own is not None:
        return AssetState.USERS_OWN if own.is_file() else AssetState.ABSENT
    path = cached_path(asset)
    if not path.exists():
        return AssetState.ABSENT
    return AssetState.PRESENT if _is_intact(asset, path) else AssetState.DAMAGED


def fetch(name: str) -> Path:
    """Download an asset into the cache, whatever is there already, and announce it on stderr.

    Raises:
        AssetError: as in `asset_path`.
    """
    asset = find_asset(name)
    if (override := os.environ.get(asset.override_variable, "")).startswith(("http://", "https://")):
        asset = replace(asset, source=WebFile(override))
    path = cached_path(asset)
    print(
        f"focusfit: fetching {asset.description} from {asset.source} "
        f"({asset.size / 1e6:.1f} MB, licence: {asset.licence}) to {path}",
        file=sys.stderr,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as folder:
            fresh = Path(folder) / asset.file_name
            download(asset.source, fresh)
            if not _is_intact(asset, fresh):
                raise AssetError(f"what {asset.source} gave has a wrong checksum (sha256 {file_sha256(fresh)})")
            os.replace(fresh, path)  # atomic: another process sees the old file or the whole new one
    except AssetError as error:
        raise AssetError(error.cause, file=path, remedy=_remedy(asset)) from error
    except OSError as error:
        raise unwritable(path, error) from error
    return path


def unwritable(path: Path, error: OSError) -> AssetError:
    """What to tell a user into whose cache ``path`` cannot be written."""
    remedy = "Name a writable folder in the environment variable FOCUSFIT_CACHE."
    return AssetError(f"cannot be written ({error.strerror or error})", file=path, remedy=remedy)


def _users_own(asset: Asset) -> Path | None:
    value = os.environ.get(asset.override_variable, "")
    if not value or value.startswith(("http://", "https://")):
        return None
    return Path(value).expanduser()


def _is_intact(asset: Asset, path: Path) -> bool:
    return path.is_file() and path.stat().st_size == asset.size and file_sha256(path) == asset.sha256


def _remedy(asset: Asset) -> str:
    return (
        f"Without a network, take {asset.file_name} from {asset.source} on another machine and put it there, "
        f"or name your copy in the environment variable {asset.override_variable} (needed by: {asset.needed_by})."
    )
