"""Reading a photo, whatever a camera, a scanner or a web site made of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ..errors import PhotoError

MAX_PIXELS = 120_000_000
"""Larger photos are refused, unless they are JPEG files, which can be decoded reduced (360 MB as RGB)."""

REDUCED_PIXELS = 30_000_000
"""A JPEG file above `MAX_PIXELS` is decoded at 1/2, 1/4 or 1/8 of its size to come near this."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo, upright.

    Attributes:
        rgb: ``(H, W, 3)`` uint8 sRGB, EXIF orientation applied.
        path: where it came from, if from a file.
        grey: the photo has no colour.
    """

    rgb: NDArray[np.uint8]
    path: Path | None = None
    grey: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width, height in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


def read_photo(path: str | Path) -> Photo:
    """Decode a photo of any common format, upright, as 8-bit sRGB; the first frame of an animation.

    Raises:
        PhotoError: it is missing, unreadable, no image, cut off, or larger than `MAX_PIXELS`.
    """
    path = Path(path)
    if path.is_symlink() and not path.exists():
        raise PhotoError("is a broken link", file=path, remedy="Restore the file it points to.")
    if path.is_dir():
        raise PhotoError("is a folder, not a photo", file=path)
    try:
        with warnings.catch_warnings():
            # Pillow's own size guard warns below and refuses above its limit; ours is explicit.
            warnings.simplefilter("ignore")
            with path.open("rb") as stream:
                return _decode(stream, path)
    except PhotoError:
        raise
    except FileNotFoundError as error:
        raise PhotoError("does not exist", file=path, remedy="Check the path.") from error
    except PermissionError as error:
        raise PhotoError("may not be read", file=path, remedy="Give yourself permission to read it.") from error
    except UnidentifiedImageError as error:
        raise PhotoError("is not an image in a format that can be read", file=path, remedy=CONVERT) from error
    except Exception as error:  # a damaged file makes the decoders raise almost anything
        raise PhotoError(f"is damaged or cut off ({error})", file=path, remedy="Copy or export it again.") from error


CONVERT = "Convert it to JPEG or PNG."


def _decode(stream, path: Path) -> Photo:  # type: ignore[no-untyped-def]
    image = Image.open(stream)
    width, height = image.size
    if width * height > MAX_PIXELS:
        if image.format == "JPEG":
            factor = (REDUCED_PIXELS / (width * height)) ** 0.5
            image.draft(None, (int(width * factor), int(height * factor)))
        if image.size[0] * image.size[1] > MAX_PIXELS:
            raise PhotoError(
                f"has {width} x {height} pixels; at most {MAX_PIXELS // 10**6} million can be read",
                file=path,
                remedy="Make it smaller first.",
            )
    image.load()
    rgb = _to_rgb(image)
    grey = bool((rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all())
    return Photo(rgb=rgb, path=path, grey=grey)


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    image = ImageOps.exif_transpose(image)
    return np.array(image.convert("RGB"))
