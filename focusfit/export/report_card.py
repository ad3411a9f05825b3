"""One face of the report: pictures, a turnable mesh, coefficients."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from ..fitting.reconstruction import Reconstruction
from .doubts import doubts
from .face_folder import FILES
from .head_angles import head_angles
from .manifest import ManifestRow
from .photo_masks import FacePictures

PICTURE_SIDE = 320
"""Largest side of the report's pictures in pixels."""

CHARTED = ("identity", "expression", "albedo")
"""The fields that are drawn as bars."""


def report_card(row: ManifestRow, reconstruction: Reconstruction, pictures: FacePictures) -> str:
    """HTML of one face, about 200 kB at 9 400 vertices."""
    number = quote(row.folder, safe="")
    shown = (
        ("photo", pictures.photo),
        ("fitted face in its place", pictures.overlay),
        ("green: seen, red: hidden", pictures.mask),
        ("fitted face, hidden parts too", pictures.rendered),
    )
    figures = "".join(
        f'<figure><img alt="{escape(caption)}" src="{_data_uri(picture)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for caption, picture in shown
    )
    return f"""<article id="{escape(number)}">
<header class="face"><h2>{escape(row.photo)}</h2>{_verdict(row)}</header>
<div class="pictures">{figures}
<figure><canvas data-mesh="{escape(number)}" tabindex="0" role="img" aria-label="3D face"></canvas>
<figcaption>drag to turn<button type="button">show shape only</button></figcaption></figure></div>
{_mesh_data(number, reconstruction)}
<div class="charts">{"".join(bar_chart(name, reconstruction) for name in CHARTED)}</div>
{_details(row, reconstruction)}
</article>
"""


def _verdict(row: ManifestRow) -> str:
    fraction = 100 * (row.occluded_fraction or 0)
    text = f"occluded: {row.occluded} ({fraction:.0f} % of the face is hidden)"
    return (
        f'<span class="verdict {escape(row.occluded)}">{escape(text)}</span>'
        f'<span class="soft">face {row.face} of {row.face_count} · confidence {row.confidence or 0:.2f}</span>'
    )


def _details(row: ManifestRow, reconstruction: Reconstruction) -> str:
    links = "".join(f'<a href="{quote(row.folder)}/{name}">{name}</a>' for name in FILES)
    yaw, pitch, roll = head_angles(reconstruction)
    lines = [("turned by", f"yaw {yaw:.0f}°, pitch {pitch:.0f}°, roll {roll:.0f}°")]
    lines += [("doubts", "; ".join(doubts(reconstruction)) or "none")]
    lines += [(f"strongest in {name}", _strongest(name, reconstruction)) for name in CHARTED]
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in lines)
    return f'<details><summary>numbers and files</summary><table>{cells}</table><p class="files">{links}</p></details>'


def _strongest(name: str, reconstruction: Reconstruction, count: int = 5) -> str:
    values = getattr(reconstruction.coefficients, name)[0].detach().cpu().numpy()
    spread = getattr(reconstruction.deviation, name)[0].detach().cpu().numpy()
    order = np.argsort(-np.abs(values), kind="stable")[:count]
    return ", ".join(f"{k + 1}: {values[k]:+.2f} ± {spread[k]:.2f}" for k in order)


def bar_chart(name: str, reconstruction: Reconstruction) -> str:
    """Inline SVG: a bar for each coefficient in standard deviations, its uncertainty as a thin line."""
    values = getattr(reconstruction.coefficients, name)[0].detach().cpu().numpy()
    spread = getattr(reconstruction.deviation, name)[0].detach().cpu().numpy()
    width, middle, unit = 300.0, 40.0, 10.0
    step = width / max(len(values), 1)
    height = np.clip(values * unit, -middle + 8, middle - 2)
    bars = "".join(
        f"M{k * step:.1f} {middle:.0f}h{0.8 * step:.1f}v{-h:.1f}h{-0.8 * step:.1f}z" for k, h in enumerate(height)
    )
    low, high = (np.clip((values + sign * spread) * unit, -middle + 8, middle - 2) for sign in (-1, 1))
    lines = "".join(
        f"M{(k + 0.4) * step:.1f} {middle - a:.1f}V{middle - b:.1f}"
        for k, (a, b) in enumerate(zip(low, high, strict=True))
    )
    return (
        f'<svg viewBox="0 0 {width:.0f} {2 * middle:.0f}" role="img" aria-label="{name} coefficients">'
        f'<path class="axis" d="M0 {middle:.0f}H{width:.0f}"/><path class="bars" d="{bars}"/>'
        f'<path class="spread" d="{lines}"/><text x="0" y="10">{name} (standard deviations, ±3)</text></svg>'
    )


def _mesh_data(number: str, reconstruction: Reconstruction) -> str:
    vertices = reconstruction.vertices
    centre = (vertices.max(0) + vertices.min(0)) / 2
    reach = float(np.abs(vertices - centre).max()) or 1.0
    positions = np.rint((vertices - centre) / reach * 32767).astype("<i2")
    colours = np.rint(np.clip(reconstruction.albedo, 0, 1) * 255).astype(np.uint8)
    return data_element(f"{number}-positions", positions) + data_element(f"{number}-colours", colours)


def data_element(identifier: str, values: NDArray, attributes: Iterable[str] = ()) -> str:
    """Binary data that the browser keeps as text until a script asks for it."""
    text = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
    extra = "".join(f" {attribute}" for attribute in attributes)
    return f'<script type="text/plain" id="{escape(identifier)}"{extra}>{text}</script>'


def _data_uri(picture: NDArray[np.uint8]) -> str:
    if picture.shape[0] > PICTURE_SIDE:
        side = (PICTURE_SIDE, PICTURE_SIDE)
        picture = np.asarray(cv2.resize(picture, side, interpolation=cv2.INTER_AREA), np.uint8)
    kind, options = (
        ("webp", [cv2.IMWRITE_WEBP_QUALITY, 88]) if picture.shape[2] == 4 else ("jpeg", [cv2.IMWRITE_JPEG_QUALITY, 88])
    )
    order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    encoded = cv2.imencode(f".{kind}", cv2.cvtColor(picture, order), options)[1]
    return f"data:image/{kind};base64,{base64.b64encode(encoded.tobytes()).decode()}"
