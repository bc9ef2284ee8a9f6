"""Degradations: `(images) -> inputs`, what a network is given to make the images from; some take a number as well.

Images are uint8 (N, H, W, C), inputs uint8 (N, h, w, c). An input is a function of its own image alone: where chance
is needed it is drawn from the image's content, so that any part of a set, in any order, has the same inputs.
"""

import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image
from scipy import ndimage

from ganvas.data.files import chunks
from ganvas.errors import WrongUseError
from ganvas.images import coloured, pillow

REC601 = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue in brightness
# of a drawing's lines: the blur before the slopes, and the slopes, in shares of the full range a pixel, above which a
# line is begun, and is gone on with
SMOOTH, BEGUN, GONE_ON = 1.0, 0.06, 0.025


def blur(images: np.ndarray, deviation: float = 2.0) -> np.ndarray:
    """Out of focus: a Gaussian of `deviation` pixels, for restoration."""
    _check_number("blur", deviation, 100)
    return _by_chunks(lambda part: _rounded(_smooth(part.astype(np.float32), deviation)), images)


def edges(images: np.ndarray) -> np.ndarray:
    """Dark lines on white, 1 channel: a drawing to colour in (Pix2Pix, Isola et al. 2017), by Canny's method (1986).

    The steepest of the colours' slopes, thinned to their crests; faint lines stay where they go on from clear ones.
    """
    return _by_chunks(_lines, images)


def grayscale(images: np.ndarray) -> np.ndarray:
    """Brightness after Rec. 601, 1 channel: to be coloured (Isola et al. 2017); transparency is laid over white."""
    return _by_chunks(lambda part: _rounded((coloured(part) * REC601).sum(axis=3, keepdims=True)), images)


def mask(images: np.ndarray) -> np.ndarray:
    """A hole of half of each side, mid-grey, at a place of its own: inpainting (Pathak et al. 2016)."""
    height, width = images.shape[1:3]
    holed = np.array(images)
    for hole, random in zip(holed, _drawn_from(images), strict=True):
        top, left = random.randint(height - height // 2 + 1), random.randint(width - width // 2 + 1)
        hole[top : top + height // 2, left : left + width // 2] = 127
    return holed


def noise(images: np.ndarray, deviation: float = 0.1) -> np.ndarray:
    """Gaussian noise in every channel, its `deviation` a share of the full range, cut at its ends: for restoration."""
    _check_number("noise", deviation, 1)
    noisy = np.empty(images.shape, np.uint8)
    for i, random in enumerate(_drawn_from(images)):
        noisy[i] = _rounded(images[i] + 255 * deviation * random.standard_normal(images[i].shape))
    return noisy


def same(images: np.ndarray) -> np.ndarray:
    """As they are: for an autoencoder."""
    return images


def shrink(images: np.ndarray, factor: int = 4) -> np.ndarray:
    """Both sides by `factor`, bicubic with antialiasing: super-resolution's input (SRGAN, Ledig et al. 2017)."""
    height, width, channels = images.shape[1:]
    if not (float(factor).is_integer() and factor >= 2):
        raise WrongUseError(f"shrink takes a whole number from 2, not {factor}")
    factor = int(factor)
    if height % factor or width % factor:
        raise WrongUseError(f"shrink:{factor} needs sides that {factor} divides, and the images are {height}x{width}")
    sides = width // factor, height // factor
    small = np.empty((len(images), sides[1], sides[0], channels), np.uint8)
    for i, image in enumerate(images):
        small[i] = np.asarray(pillow(image).resize(sides, Image.Resampling.BICUBIC)).reshape(small.shape[1:])
    return small


def _lines(images: np.ndarray) -> np.ndarray:
    opaque = images if images.shape[3] == 1 else coloured(images)
    smooth = _smooth(opaque.astype(np.float32) / 255, SMOOTH)
    down, right = (_slopes(smooth, axis) for axis in (1, 2))
    steepest = np.argmax(down**2 + right**2, axis=3)[..., None]
    down, right = (np.take_along_axis(slope, steepest, axis=3)[..., 0] for slope in (down, right))
    slope = np.hypot(down, right)
    crest = np.where(_is_crest(slope, down, right), slope, 0)
    joined = np.zeros((3, 3, 3))
    joined[1] = 1  # neighbours within an image, of which the first axis counts many
    pieces, _ = ndimage.label(crest > GONE_ON, joined)
    begun = np.zeros(pieces.max() + 1, bool)
    begun[pieces[crest > BEGUN]] = True
    begun[0] = False
    return np.where(begun[pieces], 0, 255).astype(np.uint8)[..., None]


def _is_crest(slope: np.ndarray, down: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Where the slope is greater than on either side along its direction, of which there are four."""
    sector = np.rint(np.arctan2(down, right) / (np.pi / 4)).astype(int) % 4
    padded = np.pad(slope, ((0, 0), (1, 1), (1, 1)))
    height, width = slope.shape[1:]
    found = np.zeros(slope.shape, bool)
    for i, (rows, columns) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = padded[:, 1 + rows : 1 + rows + height, 1 + columns : 1 + columns + width]
        behind = padded[:, 1 - rows : 1 - rows + height, 1 - columns : 1 - columns + width]
        found |= (sector == i) & (slope > ahead) & (slope >= behind)  # of two alike one, so that lines are thin
    return found


def _slopes(images: np.ndarray, axis: int) -> np.ndarray:
    """Sobel's, in full range a pixel, along axis 1 (down) or 2 (right) of images (N, H, W, C)."""
    across = ndimage.correlate1d(images, [0.25, 0.5, 0.25], axis=3 - axis, mode="nearest")
    return ndimage.correlate1d(across, [-0.5, 0.0, 0.5], axis=axis, mode="nearest")


def _smooth(images: np.ndarray, deviation: float) -> np.ndarray:
    return ndimage.gaussian_filter(images, (0, deviation, deviation, 0), mode="nearest")


def _by_chunks(function: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> np.ndarray:
    """`function` of a few images at a time: a data set may not fit into memory as floats."""
    return np.concatenate([function(images[rows]) for rows in chunks(images)])


def _drawn_from(images: np.ndarray) -> Iterator[np.random.RandomState]:
    """For every image chance that its own content seeds."""
    random = np.random.RandomState()
    for image in images:
        random.seed(zlib.crc32(image.tobytes()))
        yield random


def _rounded(images: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(images), 0, 255).astype(np.uint8)


def _check_number(name: str, number: float, most: int) -> None:
    if not 0 < number <= most:
        raise WrongUseError(f"{name} takes a number above 0, up to {most}, not {number}")
