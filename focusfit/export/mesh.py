"""Wavefront OBJ files, written in a few milliseconds."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DECIMALS = 4
"""Digits after the point: 0.1 micrometres, and finer than an 8 bit colour."""

LIMIT = 10_000
"""Numbers at or beyond this magnitude do not fit the digit table."""


def write_obj(
    path: Path,
    vertices: NDArray[np.floating],
    triangles: NDArray[np.integer],
    colours: NDArray[np.floating] | None = None,
) -> None:
    """Write a triangle mesh as ``v x y z [r g b]`` and ``f a b c`` lines.

    Args:
        path: file to write.
        vertices: ``(V, 3)`` mm.
        triangles: ``(F, 3)`` vertex indices from zero, counter-clockwise seen from outside.
        colours: ``(V, 3)`` RGB in [0, 1], clipped; without them the lines hold positions only.

    Raises:
        ValueError: a coordinate is not finite.
    """
    columns = vertices if colours is None else np.hstack([vertices, np.clip(colours, 0, 1)])
    path.write_bytes(vertex_lines(columns) + face_lines(np.ascontiguousarray(triangles, np.int64).tobytes()))


def vertex_lines(columns: NDArray[np.floating]) -> bytes:
    """The ``v`` lines of ``columns (V, C)``.

    Digits come from a table, all numbers at once: three times as fast as ``%`` formatting, and it lets other threads
    work meanwhile. Cells have a fixed width whose unused bytes are NUL and dropped at the end.
    """
    columns = np.asarray(columns, np.float64)
    if not np.isfinite(columns).all():
        raise ValueError("the mesh has coordinates that are not finite")
    scaled = np.rint(np.abs(columns) * 10**DECIMALS)
    if scaled.max(initial=0) >= LIMIT * 10**DECIMALS:
        line = "v" + f" %.{DECIMALS}f" * columns.shape[1] + "\n"
        return (line * len(columns) % tuple(columns.ravel().tolist())).encode()
    whole, fraction = np.divmod(scaled.astype(np.int64), 10**DECIMALS)
    whole_digits, fraction_digits = _digit_tables()
    rows, count = columns.shape
    cells = np.empty((rows, count, 11), np.uint8)
    cells[..., 0] = ord(" ")
    cells[..., 1] = np.where((columns < 0) & (scaled > 0), ord("-"), 0)
    cells[..., 2:6] = whole_digits[whole]
    cells[..., 6] = ord(".")
    cells[..., 7:] = fraction_digits[fraction]
    text = np.empty((rows, 2 + 11 * count), np.uint8)
    text[:, 0], text[:, 1:-1], text[:, -1] = ord("v"), cells.reshape(rows, -1), ord("\n")
    text = text.ravel()
    return text[text != 0].tobytes()


@lru_cache(maxsize=4)
def face_lines(triangles: bytes) -> bytes:
    """The ``f`` lines of int64 index triples; every face of a run shares them."""
    index = np.frombuffer(triangles, np.int64) + 1
    return ("f %d %d %d\n" * (len(index) // 3) % tuple(index.tolist())).encode()


@lru_cache(maxsize=1)
def _digit_tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """ASCII of 0..9999 in four bytes, without and with leading zeros."""
    bare = b"".join(str(n).encode().rjust(4, b"\0") for n in range(LIMIT))
    padded = b"".join(b"%04d" % n for n in range(LIMIT))
    return np.frombuffer(bare, np.uint8).reshape(-1, 4), np.frombuffer(padded, np.uint8).reshape(-1, 4)
