"""All styles of hair and headwear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from .hairdo import Hairdo
from .long import bob, falling
from .short import brushed_up, combed, cropped
from .site import HairPainter, HairSite


@dataclass(frozen=True)
class Style:
    """A style of hair or headwear.

    Attributes:
        paint: gives a head its hair.
        women: how often women wear it, relative to other styles.
        men: how often men do.
    """

    paint: HairPainter
    women: float
    men: float


STYLES: dict[str, Style] = {
    "cropped": Style(cropped, 0.3, 2.0),
    "combed": Style(combed, 0.6, 3.0),
    "brushed_up": Style(brushed_up, 0.3, 1.5),
    "bob": Style(bob, 1.5, 0.2),
    "falling": Style(falling, 3.0, 0.3),
}


def draw_hairdo(site: HairSite, rng: Generator) -> Hairdo:
    """A random style on a person's head; equal generators give equal hair."""
    styles = tuple(STYLES.values())
    odds = np.array([style.women if site.female else style.men for style in styles])
    return styles[rng.choice(len(styles), p=odds / odds.sum())].paint(site, rng)
