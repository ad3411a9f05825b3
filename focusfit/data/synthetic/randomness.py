"""Independent random numbers for every part of every photo."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.random import Generator


class Stream(IntEnum):
    """What the numbers are for: a change in how one part draws leaves the other parts as they were."""

    PERSON = 1
    EXPRESSION = 2
    VIEW = 3
    LIGHT = 4
    BACKGROUND = 5
    HEAD = 6
    OCCLUDERS = 7
    SENSOR = 8
    SKIN = 9
    SHAPE_DETAIL = 10
    BEARER = 11
    RESTING = 12


def generator(seed: int, stream: Stream, *index: int) -> Generator:
    """The generator of one part of the photo or person ``index``; equal arguments, equal numbers."""
    numbers = [seed, int(stream), *index]
    # as one array of words, which numpy need not convert number by number
    fits = max(numbers) < 1 << 32
    return np.random.default_rng(np.array(numbers, np.uint32) if fits else numbers)
