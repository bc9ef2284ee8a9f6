"""Block means of pixels, about 8 x 8 of them: crude, quick and always there. Points in the plane as they are."""

import math

import numpy as np

from ganvas.data import Samples
from ganvas.data.files import chunks
from ganvas.features import Extracted, Extractor


def build(samples: Samples) -> Extractor:
    """The extractor; it is the same for all data."""
    return Extractor("pixels", "pixels-1", lambda images: Extracted(means(images)))


def means(samples: np.ndarray) -> np.ndarray:
    """float32 (N, features) in [0, 1] from uint8 images (N, H, W, C); points float (N, 2) as they are."""
    if samples.ndim == 2:
        return samples.astype(np.float32)
    _, height, width, _ = samples.shape
    step = max(1, math.ceil(height / 8)), max(1, math.ceil(width / 8))
    parts = []
    for rows in chunks(samples):  # a data set may not fit into memory as floats
        part = samples[rows].astype(np.float32)
        strips = np.add.reduceat(part, np.arange(0, height, step[0]), axis=1)
        blocks = np.add.reduceat(strips, np.arange(0, width, step[1]), axis=2)
        parts.append((blocks / (255.0 * step[0] * step[1])).reshape(len(part), -1))
    return np.concatenate(parts)
