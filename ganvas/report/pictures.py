"""Pictures as part of the page: small files in data URIs."""

import base64
import io
import math
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from ganvas.images import grid, pillow

GAP = 2  # between the images of a grid, as in `images.grid`
LONGEST = 1024
LOSSLESS_BYTES = 48_000  # larger pictures are stored with a little loss
QUALITY = 84
SHARP = 600  # pictures with shorter sides than this are enlarged pixel by pixel, not blurred


def image(picture: np.ndarray, alt: str, kind: str = "", cell: Sequence[int] = ()) -> str:
    """An <img> of a uint8 picture (H, W, C).

    `kind` is a class of the style sheet; `cell`, the height and width of one image of a grid, clears the white between.
    """
    natural = _natural(picture)
    stored = _fitting(_cleared(natural, cell) if cell else natural)
    height, width = stored.shape[:2]
    kinds = f"{kind} sharp".strip() if max(height, width) < SHARP else kind
    size = f'width="{width}" height="{height}" style="flex:{width}"'
    return f'<img src="{data_uri(stored)}" alt="{escape(alt)}" class="{kinds}" {size}>'


def sheet(images: np.ndarray, columns: int, alt: str) -> str:
    """An <img> of uint8 images (N, H, W, C) in rows."""
    return image(grid(images, columns, GAP), alt, cell=images.shape[1:3])


def data_uri(picture: np.ndarray) -> str:
    """A uint8 picture (H, W, C) as WebP: without loss if that is small."""
    exact = _webp(picture, lossless=True)
    data = exact if len(exact) <= LOSSLESS_BYTES else min(exact, _webp(picture, lossless=False), key=len)
    return "data:image/webp;base64," + base64.b64encode(data).decode()


def _webp(picture: np.ndarray, lossless: bool) -> bytes:
    out = io.BytesIO()
    pillow(picture).save(out, format="WEBP", lossless=lossless, quality=QUALITY)
    return out.getvalue()


def _natural(picture: np.ndarray) -> np.ndarray:
    """The picture before its pixels were repeated: the browser enlarges it again."""
    common = math.gcd(*picture.shape[:2])
    for factor in range(min(common, 64), 1, -1):
        if common % factor == 0:
            small = picture[::factor, ::factor]
            if np.array_equal(small.repeat(factor, axis=0).repeat(factor, axis=1), picture):
                return small
    return picture


def _cleared(picture: np.ndarray, cell: Sequence[int]) -> np.ndarray:
    """A grid with nothing, not white, between its images of the size `cell`: white would glare on a dark page."""
    sides = list(zip(picture.shape, cell, strict=False))
    if picture.shape[2] not in (1, 3) or any((whole + GAP) % (side + GAP) for whole, side in sides):
        return picture
    rows, columns = (np.arange(whole) % (side + GAP) < side for whole, side in sides)
    colour = picture if picture.shape[2] == 3 else picture.repeat(3, axis=2)
    covered = np.where(rows[:, None] & columns, 255, 0).astype(np.uint8)
    return np.concatenate([colour, covered[..., None]], axis=2)


def _fitting(picture: np.ndarray) -> np.ndarray:
    """No side longer than the page can show."""
    longest = max(picture.shape[:2])
    if longest <= LONGEST:
        return picture
    height, width = (max(1, round(side * LONGEST / longest)) for side in picture.shape[:2])
    smaller = np.asarray(pillow(picture).resize((width, height), Image.Resampling.LANCZOS))
    return smaller[..., None] if smaller.ndim == 2 else smaller
