"""All styles of hair and headwear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from .cropped import cropped
from .hairdo import Hairdo, HairPainter, HairSite


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
    "cropped": Style(cropped, 1.0, 1.0),
}


def draw_hairdo(site: HairSite, female: bool, rng: Generator) -> Hairdo:
    """A random style on a person's head; equal generators give equal hair."""
    styles = tuple(STYLES.values())
    odds = np.array([style.women if female else style.men for style in styles])
    return styles[rng.choice(len(styles), p=odds / odds.sum())].paint(site, rng)
