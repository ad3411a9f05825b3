"""What stands in front of a synthetic face, drawn as a picture of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Layer:
    """One thing, drawn over the whole frame.

    Attributes:
        kind: what it is ("hand", "surgical_mask", "glasses", "fringe", "text" ...): one of the names in the
            occluders' or hair styles' registry.
        colour: ``(S, S, 3)`` sRGB in [0, 1], already lit; anything where ``cover`` is 0.
        cover: ``(S, S)`` opacity in [0, 1], soft at its edges and partial where it is translucent.
        shadow: ``(S, S)`` factor in (0, 1] on the light of what lies behind it: its contact shadow. 1 is no shadow.
        occludes: whether the pixels it covers stop being visible face. False for what belongs to the skin's
            surface as people label it: stubble, thin spectacle glass, a shadow alone.
    """

    kind: str
    colour: Picture
    cover: Picture
    shadow: Picture
    occludes: bool = True
