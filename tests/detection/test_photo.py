import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from focusfit.detection import MAX_PIXELS, read_photo
from focusfit.errors import PhotoError


@pytest.fixture(scope="module")
def colours():
    """``(40, 60, 3)`` with a red left half, a green right half and a blue top row."""
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, :30] = (220, 30, 40)
    rgb[:, 30:] = (20, 200, 60)
    rgb[:8] = (30, 40, 210)
    return rgb


def close(a, b, tolerance=6):
    return np.abs(a.astype(int) - np.asarray(b).astype(int)).max() <= tolerance


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp"])
def test_lossless_formats(colours, tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(colours).save(path, lossless=True)
    photo = read_photo(path)
    np.testing.assert_array_equal(photo.rgb, colours)
    assert photo.path == path
    assert photo.size == (60, 40)
    assert not photo.grey


@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(colours, tmp_path, orientation, suffix):
    """The stored pixels are what a camera held that way would write; the photo comes out upright."""
    undo = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 1, 7: 1, 8: 3}[orientation]
    stored = np.rot90(colours, undo)
    if orientation in (2, 4, 5, 7):
        stored = stored[:, ::-1]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{suffix}"
    Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif, lossless=True)
    np.testing.assert_array_equal(read_photo(path).rgb, colours)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_damaged_exif_is_ignored(colours, tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(colours).save(path, dpi=(72, 72), quality=100, lossless=True, exif=b"Exif\0\0garbage-bytes")
    assert close(read_photo(path).rgb[20, 10], (220, 30, 40), 12)


def test_orientation_counts_though_the_rest_of_exif_is_damaged(colours, tmp_path):
    """Letters for the unit of resolution: they can be read, but not be written again."""
    count_and_tags = b"\x02\0" + b"\x12\x01\x03\0\x01\0\0\0\x03\0\0\0" + b"\x28\x01\x02\0\x04\0\0\0abc\0"
    path = tmp_path / "a.png"
    Image.fromarray(colours[::-1, ::-1].copy()).save(
        path, exif=b"Exif\0\0II*\0\x08\0\0\0" + count_and_tags + b"\0\0\0\0"
    )
    np.testing.assert_array_equal(read_photo(path).rgb, colours)


def test_cmyk_jpeg(colours, tmp_path):
    path = tmp_path / "print.jpg"
    Image.fromarray(colours).convert("CMYK").save(path, quality=95)
    photo = read_photo(path)
    assert photo.rgb.shape == (40, 60, 3)
    assert close(photo.rgb[20, 10], (220, 30, 40), 12)
    assert close(photo.rgb[20, 50], (20, 200, 60), 12)


def test_deep_png_and_tiff(colours, tmp_path):
    deep = colours.astype(np.uint16) * 257
    for name in ("deep.png", "deep.tif"):
        cv2.imwrite(str(tmp_path / name), np.ascontiguousarray(deep[..., ::-1]))
        assert close(read_photo(tmp_path / name).rgb, colours, 1), name


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.int32])
def test_deep_grey(tmp_path, dtype):
    ramp = np.tile(np.linspace(0, 1, 50), (20, 1))
    values = (ramp * (1 if dtype == np.float32 else 65535)).astype(dtype)
    path = tmp_path / "deep.tif"
    Image.fromarray(values).save(path)
    photo = read_photo(path)
    assert photo.grey
    assert close(photo.rgb[..., 0], ramp * 255, 1)


def test_grey_alpha_palette_and_one_bit(colours, tmp_path):
    grey = colours[..., 1]
    Image.fromarray(grey).save(tmp_path / "grey.jpg", quality=100)
    photo = read_photo(tmp_path / "grey.jpg")
    assert photo.grey
    assert photo.rgb.shape == (40, 60, 3)

    alpha = np.full((40, 60), 255, np.uint8)
    alpha[:, :10] = 0
    Image.fromarray(np.dstack([colours, alpha])).save(tmp_path / "alpha.png")
    rgb = read_photo(tmp_path / "alpha.png").rgb
    assert (rgb[:, :10] == 255).all(), "transparent parts become white"
    np.testing.assert_array_equal(rgb[:, 10:], colours[:, 10:])

    Image.fromarray(np.dstack([grey, alpha])).save(tmp_path / "la.png")
    assert (read_photo(tmp_path / "la.png").rgb[:, :10] == 255).all()

    Image.fromarray(colours).quantize(16).save(tmp_path / "palette.png")
    assert close(read_photo(tmp_path / "palette.png").rgb, colours)

    Image.fromarray(grey > 100).save(tmp_path / "bits.png")
    assert set(np.unique(read_photo(tmp_path / "bits.png").rgb)) == {0, 255}


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_animation_gives_its_first_frame(colours, tmp_path, suffix):
    path = tmp_path / f"moving.{suffix}"
    frames = [Image.fromarray(frame) for frame in (colours, colours[:, ::-1].copy(), 255 - colours)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50)
    assert close(read_photo(path).rgb[20, 5], (220, 30, 40), 30)


def test_colour_profile_is_applied(colours, tmp_path):
    """A profile whose red and green primaries are swapped shows whether it is used."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    at = {name: srgb.index(name) for name in (b"rXYZ", b"gXYZ")}
    swapped = bytearray(srgb)
    swapped[at[b"rXYZ"] : at[b"rXYZ"] + 4], swapped[at[b"gXYZ"] : at[b"gXYZ"] + 4] = b"gXYZ", b"rXYZ"
    swapped = bytes(swapped).replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be")).replace(b"sRGB", b"test")
    Image.fromarray(colours).save(tmp_path / "swapped.png", icc_profile=swapped)
    red = read_photo(tmp_path / "swapped.png").rgb[20, 5]
    assert red[1] > red[0]
    Image.fromarray(colours).save(tmp_path / "srgb.png", icc_profile=srgb)
    np.testing.assert_array_equal(read_photo(tmp_path / "srgb.png").rgb, colours)
    Image.fromarray(colours).save(tmp_path / "broken.png", icc_profile=b"not a profile")
    np.testing.assert_array_equal(read_photo(tmp_path / "broken.png").rgb, colours)


def test_grey_survives_compression_but_faint_colour_is_colour(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    Image.fromarray(np.dstack([noise] * 3)).save(tmp_path / "a.jpg", quality=60)
    assert read_photo(tmp_path / "a.jpg").grey
    sepia = np.dstack([noise, (noise * 0.9).astype(np.uint8), (noise * 0.75).astype(np.uint8)])
    Image.fromarray(sepia).save(tmp_path / "b.jpg", quality=90)
    assert not read_photo(tmp_path / "b.jpg").grey


def test_one_pixel_and_unicode_name(tmp_path):
    path = tmp_path / "фото 顔 é.png"
    Image.new("RGB", (1, 1), (1, 2, 3)).save(path)
    assert read_photo(path).rgb.tolist() == [[[1, 2, 3]]]


def large_png(path, side):
    """A valid file of ``side x side`` one-bit pixels, small on disk."""
    Image.new("1", (side, side)).save(path)


@pytest.mark.parametrize("cut", [0.3, 0.9])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_truncated(astronaut, tmp_path, suffix, cut):
    path = tmp_path / f"whole.{suffix}"
    Image.fromarray(astronaut).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(cut * len(data))])
    with pytest.raises(PhotoError, match="damaged or cut off") as caught:
        read_photo(path)
    assert caught.value.file == path
    assert caught.value.remedy


def test_too_large_is_refused_from_its_header(tmp_path):
    path = tmp_path / "huge.png"
    large_png(path, 20_000)
    with pytest.raises(PhotoError, match="more pixels than the 120 million"):
        read_photo(path)
    assert MAX_PIXELS > 108_000_000, "the largest photos of common phones must pass"


def make_text(path):
    path.write_text("this is no photo")


def make_empty(path):
    path.write_bytes(b"")


def make_folder(path):
    path.mkdir()


def make_broken_link(path):
    path.symlink_to(path.parent / "gone.jpg")


def make_pipe(path):
    os.mkfifo(path)


def make_loop(path):
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (make_text, "not an image"),
        (make_empty, "not an image"),
        (make_folder, "is a folder"),
        (make_broken_link, "broken link"),
        (make_pipe, "not a regular file"),
        (make_loop, "broken link"),
        (lambda path: None, "does not exist"),
    ],
)
def test_what_is_no_photo(tmp_path, make, cause):
    path = tmp_path / "photo.jpg"
    make(path)
    with pytest.raises(PhotoError, match=cause) as caught:
        read_photo(path)
    assert caught.value.file == path


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_without_permission(tmp_path):
    path = tmp_path / "secret.png"
    Image.new("RGB", (4, 4)).save(path)
    path.chmod(0)
    with pytest.raises(PhotoError, match="may not be read"):
        read_photo(path)


def test_name_too_long(tmp_path):
    with pytest.raises(PhotoError, match="cannot be reached"):
        read_photo(tmp_path / ("x" * 300 + ".jpg"))


def test_reading_in_threads_leaves_warnings_as_they_are(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    for number in range(20):
        cv2.imwrite(str(tmp_path / f"{number}.png"), noise[: 100 + 10 * number])
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(read_photo, sorted(tmp_path.iterdir()) * 5))) == 100
    assert warnings.filters == before


def test_pillow_does_not_warn(tmp_path):
    Image.new("1", (9500, 9500)).save(tmp_path / "large.png")  # above Pillow's limit for a warning, below ours
    reading = f"from focusfit.detection import read_photo; print(read_photo({str(tmp_path / 'large.png')!r}).size)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", reading], capture_output=True, text=True, check=False)
    assert done.stdout == "(9500, 9500)\n", done.stderr
    assert "Warning" not in done.stderr
