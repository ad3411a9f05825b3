"""Reading a photo, whatever a camera, a scanner or a web site made of it."""

from __future__ import annotations

import io
import os
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, TiffImagePlugin, UnidentifiedImageError

from ..errors import PhotoError

MAX_PIXELS = 120_000_000
"""Larger photos are refused: decoded, with their masks, they take more than a gigabyte."""

# Pillow warns of large images and odd metadata; our own limit and errors decide. Not around every photo: among threads,
# `catch_warnings` may leave everybody's warnings switched off.
warnings.filterwarnings("ignore", module=r"PIL\.")

_CONVERT = "Convert it to JPEG or PNG."
_TIFF_WIDTH, _TIFF_HEIGHT, _ORIENTATION = 256, 257, 274

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation but 1, which is upright."""


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
    """Decode a photo of any common format, upright, as 8-bit sRGB.

    Transparent parts become white; of an animation the first frame is taken; 16-bit values keep their upper 8 bits.

    Raises:
        PhotoError: it is missing, unreadable, no image, cut off, or larger than `MAX_PIXELS`.
    """
    path = Path(path)
    _require_file(path)
    try:
        with path.open("rb") as stream:
            rgb = _decode(stream, path)
    except PhotoError:
        raise
    except PermissionError as error:
        raise PhotoError("may not be read", file=path, remedy="Give yourself permission to read it.") from error
    except Image.DecompressionBombError as error:  # Pillow's own limit, which lies above ours
        cause = f"has more pixels than the {MAX_PIXELS // 10**6} million that can be handled"
        raise PhotoError(cause, file=path, remedy="Make it smaller first.") from error
    except UnidentifiedImageError as error:
        raise PhotoError("is not an image in a format that can be read", file=path, remedy=_CONVERT) from error
    except Exception as error:  # damaged files make decoders raise nearly anything
        cause = f"is damaged or cut off ({_one_line(error)})"
        raise PhotoError(cause, file=path, remedy="Copy or export it again.") from error
    return Photo(rgb=rgb, path=path, grey=is_grey(rgb))


def is_grey(rgb: NDArray[np.uint8]) -> bool:
    """Whether the photo has no colour, up to the noise of JPEG compression."""
    sample = rgb[:: max(1, rgb.shape[0] // 256), :: max(1, rgb.shape[1] // 256)].astype(int)
    return bool(np.percentile(np.ptp(sample, axis=-1), 99.5) <= 6)


def _require_file(path: Path) -> None:
    if os.path.islink(path) and not os.path.exists(path):
        raise PhotoError("is a broken link", file=path, remedy="Restore the file it points to.")
    try:
        kind = path.stat().st_mode
    except FileNotFoundError as error:
        raise PhotoError("does not exist", file=path, remedy="Check the path.") from error
    except OSError as error:
        raise PhotoError(f"cannot be reached ({error.strerror})", file=path, remedy="Check the path.") from error
    if stat.S_ISDIR(kind):
        raise PhotoError("is a folder, not a photo", file=path)
    if not stat.S_ISREG(kind):
        raise PhotoError("is not a regular file", file=path)


def _decode(stream: BinaryIO, path: Path) -> NDArray[np.uint8]:
    try:
        image: Image.Image = Image.open(stream)
        _require_size(image.size, path)
        image.load()
    except UnidentifiedImageError:
        return _decode_deep_tiff(stream, path)
    image = _turned_upright(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_deep_grey(np.asarray(image))
    return np.array(_in_srgb(image))


def _turned_upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; EXIF that is damaged is ignored, as viewers do."""
    try:
        method = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata make Pillow raise nearly anything, as damaged files do
        return image
    return image if method is None else image.transpose(method)


def _require_size(size: tuple[int, int], path: Path) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        cause = f"has {size[0]} x {size[1]} pixels, more than the {MAX_PIXELS // 10**6} million that can be handled"
        raise PhotoError(cause, file=path, remedy="Make it smaller first.")


def _decode_deep_tiff(stream: BinaryIO, path: Path) -> NDArray[np.uint8]:
    """TIFF with 16 bits per colour, which Pillow cannot read; OpenCV can, but does not tell the size beforehand."""
    stream.seek(0)
    header = stream.read(8)
    if header[:4] not in (b"II*\0", b"MM\0*"):
        raise UnidentifiedImageError
    directory = TiffImagePlugin.ImageFileDirectory_v2(header)
    stream.seek(directory.next)
    directory.load(stream)
    if not {_TIFF_WIDTH, _TIFF_HEIGHT} <= directory.keys():
        raise UnidentifiedImageError
    _require_size((directory[_TIFF_WIDTH], directory[_TIFF_HEIGHT]), path)
    stream.seek(0)
    image = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_COLOR)  # 8 bits, upright
    if image is None:
        raise UnidentifiedImageError
    return np.ascontiguousarray(image[..., ::-1], dtype=np.uint8)


def _from_deep_grey(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey values beyond 8 bits to 8 bits: integers by the least of 8, 16 or 32 bits that holds them, floats from 1."""
    deep = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    highest = float(deep.max())
    if values.dtype.itemsize == 2:
        top = 65535.0
    elif values.dtype.kind == "f" and highest <= 1:
        top = 1.0
    else:
        top = next(limit for limit in (255.0, 65535.0, max(highest, 4294967295.0)) if highest <= limit)
    grey = np.clip(deep * (255 / top), 0, 255).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _in_srgb(image: Image.Image) -> Image.Image:
    """RGB in the sRGB space, over white where the image is transparent."""
    if image.mode in ("P", "1", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if image.mode in ("LA", "La", "RGBa") or (image.mode in ("L", "RGB") and "transparency" in image.info):
        image = image.convert("RGBA")
    image = _through_profile(image)
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _through_profile(image: Image.Image) -> Image.Image:
    """Apply an embedded colour profile; one that is damaged or does not fit is ignored, as viewers do."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in (ImageCms.getProfileDescription(source) or "").lower():
            return image
        target = "RGB" if image.mode == "CMYK" else image.mode
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return image if converted is None else converted


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
