"""Waves in windows of images: what clusters are found by, and what a discriminator can be shown beside the pixels.

Windows of half the sides are nine, of a quarter 49: they overlap by half, and fade at their edges, so that where in one
a pattern lies makes little difference, and what pattern it is does.
"""

from functools import cache

import numpy as np

SMALLEST = 16  # pixels a side: smaller images have no windows to speak of
SHRUNK = 32  # larger ones are halved before, while no side comes below the smallest
COARSE = 4  # periods along a side: longer waves are shadows, and left out


def halvings(sides: tuple[int, int]) -> int:
    """How often images of these sides are halved before their waves are taken."""
    count = 0
    while max(sides) > SHRUNK and min(sides) >= 2 * SMALLEST:
        sides, count = (sides[0] // 2, sides[1] // 2), count + 1
    return count


def windows(side: int, parts: int = 2) -> list[slice]:
    """The rows, or columns, of windows that are one in so many parts of a side, from the first to the last."""
    own = side // parts
    starts = [(side - own) * place // (2 * parts - 2) for place in range(2 * parts - 1)]
    return [slice(start, start + own) for start in starts]


@cache
def waves(high: int, wide: int, parts: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """The cosines and sines of every wave in a window, as it fades: float32 (high x wide, waves).

    A product of a window's pixels, row by row, with them is a wave's complex amplitude. The window's mean is in none.
    """
    rows, columns = np.mgrid[:high, :wide].reshape(2, -1)
    down, across = np.rint(high * np.fft.fftfreq(high))[:, None], np.arange(wide // 2 + 1)
    # real images have the waves of some columns twice, upwards and downwards
    twice = ((across == 0) | (2 * across == wide)) & (down < 0) & (2 * down != -high)
    told = (np.hypot(down, across) >= COARSE / parts) & ~twice
    down, across = (np.broadcast_to(each, told.shape)[told] for each in (down, across))
    fading = np.outer(np.hanning(high + 2)[1:-1], np.hanning(wide + 2)[1:-1]).reshape(-1, 1)
    angles = 2 * np.pi * (np.outer(rows, down) / high + np.outer(columns, across) / wide)
    both = [fading * np.cos(angles), fading * np.sin(angles)]
    cosines, sines = ((each - each.mean(axis=0)).astype(np.float32) for each in both)
    return cosines, sines
