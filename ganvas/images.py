"""Pictures at the door: float32 in [-1, 1] inside, uint8 outside; grids, PNG, GIF and MP4."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from ganvas.errors import WrongUseError
from ganvas.whole import whole


def to_float(images: np.ndarray) -> np.ndarray:
    """uint8 [0, 255] to float32 [-1, 1]."""
    return images.astype(np.float32) / 127.5 - 1.0


def to_uint8(images: np.ndarray) -> np.ndarray:
    """float32 [-1, 1] to uint8 [0, 255], rounded; values outside are clipped."""
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


def grid(images: np.ndarray, columns: int | None = None, gap: int = 2) -> np.ndarray:
    """Lay uint8 images (N, H, W, C) out in rows on white: one uint8 picture (height, width, C)."""
    count, height, width, channels = images.shape
    columns = columns or max(1, math.ceil(math.sqrt(count)))
    rows = math.ceil(count / columns)
    picture = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), 255, np.uint8)
    for i, image in enumerate(images):
        top, left = (i // columns) * (height + gap), (i % columns) * (width + gap)
        picture[top : top + height, left : left + width] = image
    return picture


def enlarge(picture: np.ndarray, least: int = 480) -> np.ndarray:
    """Repeat pixels by a whole factor until the longer side reaches `least`: small images shown without blur."""
    factor = max(1, math.ceil(least / max(picture.shape[:2])))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def shrink(images: np.ndarray, longest: int) -> np.ndarray:
    """uint8 images (N, H, W, C) scaled down, with antialiasing, until no side is above `longest`."""
    height, width, channels = images.shape[1:]
    if max(height, width) <= longest:
        return images
    sides = [max(1, round(side * longest / max(height, width))) for side in (width, height)]
    small = [np.asarray(pillow(image).resize((sides[0], sides[1]), Image.Resampling.LANCZOS)) for image in images]
    return np.stack(small).reshape(len(images), sides[1], sides[0], channels)


def fitted(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 images (N, H, W, C) at another size, bicubic."""
    if images.shape[1:3] == (height, width):
        return images
    made = [np.asarray(pillow(image).resize((width, height), Image.Resampling.BICUBIC)) for image in images]
    return np.stack(made).reshape(len(images), height, width, images.shape[-1])


def coloured(images: np.ndarray) -> np.ndarray:
    """uint8 images (N, H, W, C) as RGB: grey repeated, transparency laid over white."""
    if images.shape[-1] == 1:
        return images.repeat(3, axis=-1)
    if images.shape[-1] == 3:
        return images
    opacity = images[..., 3:] / np.float32(255)
    return np.rint(images[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)


def save_png(path: str | os.PathLike[str], picture: np.ndarray) -> None:
    """Write one uint8 picture (H, W, C), C of 1, 3 or 4, whole or not at all."""
    with whole(Path(path)) as part:
        pillow(picture).save(part, format="PNG")


def pillow(picture: np.ndarray) -> Image.Image:
    """uint8 (H, W, C) as a Pillow image."""
    return Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)


def load_png(path: str | os.PathLike[str] | IO[bytes]) -> np.ndarray:
    """One picture file, or open stream, as uint8 (H, W, C)."""
    with Image.open(path) as image:
        picture = np.asarray(image)
    return picture[..., None] if picture.ndim == 2 else picture


def save_animation(path: str | os.PathLike[str], frames: Sequence[np.ndarray], seconds_a_frame: float = 0.1) -> None:
    """Write uint8 frames (H, W, C) of one size as .gif or .mp4, by the path's ending."""
    path = Path(path)
    if path.suffix.lower() == ".gif":
        stills = [pillow(coloured(frame[None])[0] if frame.shape[-1] == 4 else frame) for frame in frames]
        milliseconds = round(1000 * seconds_a_frame)
        stills[0].save(path, save_all=True, append_images=stills[1:], duration=milliseconds, loop=0, optimize=True)
    elif path.suffix.lower() == ".mp4":
        _save_mp4(path, frames, 1.0 / seconds_a_frame)
    else:
        raise WrongUseError(f"cannot write an animation to {path.name!r}: use a name ending in .gif or .mp4")


def _save_mp4(path: Path, frames: Sequence[np.ndarray], frames_a_second: float) -> None:
    import imageio_ffmpeg

    height, width = (side + side % 2 for side in frames[0].shape[:2])  # H.264 wants even sides
    writer = imageio_ffmpeg.write_frames(
        str(path), (width, height), fps=frames_a_second, quality=8, macro_block_size=1, ffmpeg_log_level="error"
    )
    writer.send(None)
    for frame in frames:
        padded = np.full((height, width, 3), 255, np.uint8)
        padded[: frame.shape[0], : frame.shape[1]] = coloured(frame[None])[0]
        writer.send(np.ascontiguousarray(padded))
    writer.close()
