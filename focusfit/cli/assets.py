"""``focusfit assets``: the model files, where they come from and whether they are here."""

from __future__ import annotations

import sys
from typing import Annotated

import tyro

from .. import assets
from ..errors import FocusfitError

Names = Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]


def list_assets() -> int:
    """List the model files: source, licence, whether they are here."""
    for asset in assets.ASSETS.values():
        print(f"{asset.name:<14} {assets.state(asset.name).value:<16} {asset.size / 1e6:6.1f} MB  {asset.description}")
        print(f"{'':<14} version {asset.version}; needed by: {asset.needed_by}")
        print(f"{'':<14} licence {asset.licence}; from {asset.source}")
        print(f"{'':<14} {assets.location(asset.name)}")
    return 0


def fetch(names: Names = ()) -> int:
    """Fetch missing model files.

    Args:
        names: which ones; those of the default detector when none is named. ``all`` for every one.
    """
    wanted = _chosen(names) if names else [a.name for a in assets.ASSETS.values() if a.needed_by == "default detector"]
    failures = 0
    for name in wanted:
        try:
            print(f"{name:<14} {assets.asset_path(name)}")
        except FocusfitError as error:
            failures += 1
            print(f"focusfit: {error}", file=sys.stderr)
    return _exit_code(failures, len(wanted))


def verify(names: Names = ()) -> int:
    """Check the model files against their checksums.

    Args:
        names: which ones; those that are here when none is named. ``all`` for every one.
    """
    states = {name: assets.state(name) for name in _chosen(names or ("all",))}
    if not names:
        states = {name: state for name, state in states.items() if state is not assets.AssetState.ABSENT}
    for name, state in states.items():
        print(f"{name:<14} {state.value:<16} {assets.location(name)}")
    if not states:
        print("no model file is here yet; `focusfit assets fetch` fetches them")
    good = (assets.AssetState.PRESENT, assets.AssetState.USERS_OWN)
    return _exit_code(sum(state not in good for state in states.values()), len(states))


def _chosen(names: tuple[str, ...]) -> list[str]:
    return list(assets.ASSETS) if "all" in names else [assets.find_asset(name).name for name in names]


def _exit_code(failures: int, total: int) -> int:
    """0 all well, 1 some failed, 2 all failed."""
    if failures == 0:
        return 0
    return 1 if failures < total else 2
