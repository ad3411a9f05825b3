"""All styles of hair and headwear."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from .beard import with_beard
from .curly import afro, curls
from .fringe import fringed, windblown
from .hairdo import Hairdo
from .hats import beanie, brimmed, cap, headband, turban
from .helmets import closed_helmet, open_helmet
from .long import bob, falling
from .short import brushed_up, combed, cropped
from .site import HairPainter, HairSite
from .thinning import bald, receding, wreath
from .tied import bun, ponytail
from .wraps import balaclava, headscarf, hood


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
    "fringe": Style(fringed, 2.2, 0.8),
    "windblown": Style(windblown, 0.8, 0.15),
    "afro": Style(afro, 0.6, 0.5),
    "curls": Style(curls, 0.9, 0.4),
    "ponytail": Style(ponytail, 1.2, 0.12),
    "bun": Style(bun, 0.6, 0.08),
    "bald": Style(bald, 0.04, 0.8),
    "wreath": Style(wreath, 0.02, 0.5),
    "receding": Style(receding, 0.04, 0.9),
    "beanie": Style(beanie, 0.35, 0.5),
    "cap": Style(cap, 0.35, 0.9),
    "brimmed": Style(brimmed, 0.4, 0.3),
    "headband": Style(headband, 0.25, 0.12),
    "turban": Style(turban, 0.08, 0.2),
    "headscarf": Style(headscarf, 0.8, 0.0),
    "hood": Style(hood, 0.25, 0.4),
    "balaclava": Style(balaclava, 0.05, 0.1),
    "open_helmet": Style(open_helmet, 0.15, 0.35),
    "closed_helmet": Style(closed_helmet, 0.05, 0.15),
}


OVER_THE_FACE = frozenset(
    "windblown closed_helmet falling fringe bob brimmed headband cap open_helmet balaclava curls".split()
)
"""Styles that hide more of the face than its forehead, on most heads or from many sides."""


def draw_hairdo(site: HairSite, rng: Generator, without: Collection[str] = ()) -> Hairdo:
    """A random style on a person's head; equal generators give equal hair.

    Args:
        site: the head.
        rng: the generator.
        without: names of styles that are out of the question; who would have another one has the same hair as without
            this restriction.
    """
    names, styles = tuple(STYLES), tuple(STYLES.values())
    odds = np.array([style.women if site.female else style.men for style in styles])
    choice = rng.choice(len(styles), p=odds / odds.sum())
    while names[choice] in without:
        choice = rng.choice(len(styles), p=odds / odds.sum())
    return with_beard(styles[choice].paint(site, rng), site, rng)
