"""Model files that are not code: a registry, and a verified cache."""

from .asset import Asset, Source, WebFile, WheelMember
from .cache import AssetState, asset_path, cache_dir, cached_path, fetch, location, state
from .registry import ASSETS, find_asset

__all__ = [
    "ASSETS",
    "Asset",
    "AssetState",
    "Source",
    "WebFile",
    "WheelMember",
    "asset_path",
    "cache_dir",
    "cached_path",
    "fetch",
    "find_asset",
    "location",
    "state",
]
