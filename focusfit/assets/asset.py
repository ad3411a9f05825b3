"""What a model file is and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WheelMember:
    """A file inside a pinned PyPI wheel, or the whole wheel.

    Attributes:
        requirement: exact pin, ``name==version``.
        wheel_sha256: of the wheel file.
        member: path inside the wheel; empty for the wheel itself.
    """

    requirement: str
    wheel_sha256: str
    member: str = ""

    def __str__(self) -> str:
        return f"PyPI {self.requirement}" + (f" ({self.member})" if self.member else "")


@dataclass(frozen=True)
class WebFile:
    """A file behind an ``http(s)`` address."""

    url: str

    def __str__(self) -> str:
        return self.url


Source = WheelMember | WebFile


@dataclass(frozen=True)
class Asset:
    """One model file.

    Attributes:
        name: what the program calls it.
        version: of the file's content.
        file_name: its name in the cache.
        source: where it is fetched from.
        sha256: of the file, in hexadecimal.
        size: bytes.
        licence: SPDX name or a few words, of the file and not of the package that carries it.
        needed_by: what does not work without it.
        description: one line for people.
    """

    name: str
    version: str
    file_name: str
    source: Source
    sha256: str
    size: int
    licence: str
    needed_by: str
    description: str

    @property
    def override_variable(self) -> str:
        """Environment variable with the user's own path, or an address to fetch the same file from."""
        return f"FOCUSFIT_ASSET_{self.name.upper()}"
