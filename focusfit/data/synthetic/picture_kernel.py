"""Loops over whole pictures that would otherwise be many passes of numpy."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast


@fast
def lay_over(picture, colour, cover, shadow):  # type: ignore[no-untyped-def]
    """Darken ``picture (S, S, 3)`` by ``shadow (S, S)`` and blend ``colour`` over it by ``cover``, in place."""
    one = np.float32(1)
    for row in range(cover.shape[0]):
        for column in range(cover.shape[1]):
            opacity = cover[row, column]
            below = shadow[row, column] * (one - opacity)
            if below == one:
                continue
            for c in range(3):
                picture[row, column, c] = below * picture[row, column, c] + opacity * colour[row, column, c]


@fast
def blend(picture, colour, opacity):  # type: ignore[no-untyped-def]
    """Blend ``colour (S, S, 3)`` over ``picture`` by ``opacity (S, S)``, in place."""
    for row in range(opacity.shape[0]):
        for column in range(opacity.shape[1]):
            share = opacity[row, column]
            if share > np.float32(0):
                for c in range(3):
                    picture[row, column, c] += share * (colour[row, column, c] - picture[row, column, c])


@fast
def grade(picture, gain, contrast, pivot, saturation):  # type: ignore[no-untyped-def]
    """Saturation, white balance ``gain (3,)`` and contrast about ``pivot``, in place; to [0, 1]."""
    zero, one = np.float32(0), np.float32(1)
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            p = picture[row, column]
            grey = np.float32(0.299) * p[0] + np.float32(0.587) * p[1] + np.float32(0.114) * p[2]
            for c in range(3):
                value = gain[c] * (grey + saturation * (p[c] - grey))
                p[c] = min(max((value - pivot) * contrast + pivot, zero), one)


@fast
def store(picture, grain, channel, noise, vignette, stored):  # type: ignore[no-untyped-def]
    """Photon noise, which grows with the root of the light, darker corners, and 8 bits into ``stored``.

    ``grain (S, S, 3)`` is unit noise, its channels turned by ``channel``; ``vignette`` is the loss in the corners.
    """
    size = picture.shape[0]
    zero, half, full = np.float32(0), np.float32(0.5), np.float32(255)
    scale = np.float32(2) / np.float32(max(size - 1, 1))
    for row in range(size):
        y = row * scale - np.float32(1)
        for column in range(size):
            x = column * scale - np.float32(1)
            light = np.float32(1) - vignette * half * (x * x + y * y)
            for c in range(3):
                value = picture[row, column, c]
                root = np.float32(math.sqrt(max(value, zero)))
                value += noise * grain[row, column, (c + channel) % 3] * (np.float32(0.4) + root)
                stored[row, column, c] = np.uint8(min(max(value * light * full + half, zero), full))
