"""A run's image-to-image network put to use: over pictures of any size, over files and folders."""

import glob
import itertools
import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganvas import progress
from ganvas.data import files, pairs
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.images import fitted, pillow, to_float, to_uint8
from ganvas.run import Run
from ganvas.whole import whole

TILE, OVERLAP = 256, 64  # pixels of an input: what is larger is made in pieces, blended where they overlap
WITHOUT_ALPHA = ("JPEG", "MPO", "BMP", "PPM")


@dataclass(frozen=True)
class Applied:
    """The files that were written, and the sentences about those that could not be read, or not be written."""

    written: list[Path]
    skipped: list[str]


class Translator:
    """A network from images to images, for pictures of any size. `tile` bounds its memory."""

    def __init__(self, run: Run, *, best: bool = False, back: bool = False, tile: int = TILE) -> None:
        if not run.recipe.inputs:
            raise WrongUseError(f"{run.path} makes samples from noise, not from images: use `ganvas sample`")
        self.run, self.network = run, run.generator(best, back)
        *self.sides, self.channels = self.network.inputs[0].shape[1:]  # None: any
        self.tile = -(-tile // self.multiple) * self.multiple

    @cached_property
    def multiple(self) -> int:
        """What the sides of inputs must be divisible by: how much the network halves them."""
        import keras

        halving = keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.AveragePooling2D
        layers = self.network._flatten_layers()
        return math.prod(layer.strides[0] for layer in layers if isinstance(layer, halving))

    @cached_property
    def factor(self) -> int:
        """How many times larger images are than inputs."""
        sides = [side or 4 * self.multiple for side in self.sides]
        return int(self.network.compute_output_shape((1, *sides, self.channels))[1]) // sides[0]

    def __call__(self, image: np.ndarray, watch: Callable[[Sequence[int]], Iterable[int]] = iter) -> np.ndarray:
        """One uint8 picture (H, W, channels) translated: uint8 (factor H, factor W, C).

        Larger ones than a tile are made in overlapping tiles, which blend into each other; `watch` is given the rows
        of tiles and passes them on, to show how far it is.
        """
        height, width = image.shape[:2]
        if None not in self.sides and [height, width] != self.sides:
            wanted = "x".join(map(str, self.sides))
            raise WrongUseError(f"{self.run.path} takes pictures of {wanted} alone, not {height}x{width}")
        if max(height, width) <= self.tile or None not in self.sides:
            return to_uint8(self._whole(image))
        return self._in_tiles(image, watch)

    def _in_tiles(self, image: np.ndarray, watch: Callable[[Sequence[int]], Iterable[int]]) -> np.ndarray:
        """Tile by tile; only what the tiles of one row add up to is held as floats, whatever the picture's height."""
        (height, width), factor = image.shape[:2], self.factor
        tops, lefts = (_starts(side, self.tile) for side in (height, width))
        channels = self.network.outputs[0].shape[-1]
        made = np.empty((height * factor, width * factor, channels), np.uint8)
        held = np.zeros((min(height, self.tile) * factor, width * factor, channels + 1), np.float32)
        ends = [*tops[1:], height]
        for row in watch(range(len(tops))):
            top, following = tops[row], ends[row]
            for left in lefts:
                piece = self._whole(image[top : top + self.tile, left : left + self.tile])
                share = _ramp(piece.shape[0])[:, None, None] * _ramp(piece.shape[1])[None, :, None]
                place = held[: piece.shape[0], left * factor :][:, : piece.shape[1]]
                place += share * np.concatenate([piece, np.ones_like(piece[..., :1])], axis=-1)
            done = (following - top) * factor
            made[top * factor : following * factor] = to_uint8(held[:done, :, :-1] / held[:done, :, -1:])
            held = np.concatenate([held[done:], np.zeros_like(held[:done])])
        return made

    def _whole(self, image: np.ndarray) -> np.ndarray:
        """All at once, the borders mirrored until the sides can be halved: float32 in [-1, 1]."""
        height, width = image.shape[:2]
        more = [(0, -side % self.multiple) for side in (height, width)]
        filled = np.pad(image, [*more, (0, 0)], mode="symmetric")
        made = np.asarray(self.network(to_float(filled)[None], training=False), np.float32)[0]
        return np.clip(made[: height * self.factor, : width * self.factor], -1.0, 1.0)


def apply(
    run: str | os.PathLike[str] | Run,
    source: str | os.PathLike[str] | np.ndarray,
    out: str | os.PathLike[str] | None = None,
    *,
    degrade: bool = False,
    back: bool = False,
    best: bool = False,
    show: bool = True,
) -> Any:
    """Translate pictures with a run that makes images from images.

    `source` is an array, uint8 (N, H, W, C), and the result another; or a file, a folder (with its sub-folders) or a
    pattern such as "photos/*.jpg", and what is made goes to `out`, a file or a folder: names stay, and so do sizes,
    but for a network that enlarges, and transparency. `degrade` first does to them what was done to the training
    images (`inputs=shrink:4`, say). `back` takes the other way of the game `unpaired`. Files that cannot be read are
    skipped and named. Returns what was written and skipped.
    """
    found = run if isinstance(run, Run) else Run.find(run)
    translator = Translator(found, best=best, back=back)
    spoil = _degradation(found) if degrade else lambda images: images
    if isinstance(source, np.ndarray):
        if source.ndim != 4 or source.dtype != np.uint8:
            raise WrongUseError(f"pictures are a uint8 array (N, H, W, C), not {source.dtype} {source.shape}")
        given = spoil(source)
        if given.shape[-1] != translator.channels:
            raise WrongUseError(f"{found.path} takes {translator.channels} channels, not {given.shape[-1]}")
        return np.stack([translator(image) for image in given])
    if out is None:
        raise WrongUseError("where to? Give out, a file or a folder")
    places = _places(Path(source).expanduser(), Path(out).expanduser())
    written, skipped = [], []
    with progress.choose(show) as shown:
        one = len(places) == 1  # which is large, if it takes long
        watch = shown.portions(f"{places[0][0].name}, tiles" if one else f"{len(places)} pictures")
        for i in (iter if one else watch)(range(len(places))):
            file, target = places[i]
            try:
                made = _translated(_opened(file), translator, spoil, degrade, watch if one else iter)
                written.append(_write(made, target))
            except WrongUseError as error:
                skipped.append(f"{file}: {error}")
    if not written:
        raise RunFailedError(f"none of {len(places)} files could be used: {'; '.join(skipped[:3])}")
    return Applied(written, skipped)


def _opened(file: Path) -> Image.Image:
    try:
        with open(file, "rb") as content:
            return files.open_picture(content.read())
    except Exception as error:  # decoders raise whatever a broken file leads them to
        raise WrongUseError(str(error)) from error


def _translated(
    picture: Image.Image, translator: Translator, spoil: Any, degraded: bool, watch: Callable[..., Any]
) -> Image.Image:
    channels = translator.channels
    if degraded:  # what is degraded is the image that was to be made, whole pixels of the input
        channels = translator.run.environment["data"]["shape"][-1]
        across, down = (max(1, side // translator.factor) * translator.factor for side in picture.size)
        picture = picture.crop((0, 0, across, down))
    image = spoil(files.to_mode(picture, channels)[None])[0]
    made = translator(image, watch)
    result = pillow(made)
    if files.has_alpha(picture) and made.shape[-1] == 3:
        opacity = np.asarray(picture.convert("RGBA"))[None, ..., 3:]
        result.putalpha(pillow(fitted(opacity, *made.shape[:2])[0]))
    if picture.mode in ("L", "LA", "RGB", "RGBA") and picture.getbands()[0] == result.getbands()[0]:
        result.info["icc_profile"] = picture.info.get("icc_profile")  # what its numbers mean as colours
    return result


def _degradation(run: Run) -> Any:
    try:
        found = pairs.degradation(run.recipe.inputs)
    except WrongUseError:
        found = None
    if found is None:
        raise WrongUseError(f"{run.path} was trained on inputs={run.recipe.inputs}, which is nothing to do to images")
    return found


def _places(source: Path, out: Path) -> list[tuple[Path, Path]]:
    """Every input file, and where its picture goes."""
    endings = files.endings()
    if source.is_file():
        single = out.suffix.lower() in endings
        return _apart([(source, out if single else out / source.name)])
    if source.is_dir():
        found = [(file, out / file.relative_to(source)) for file in sorted(source.rglob("*"))]
    else:
        above = Path(*itertools.takewhile(lambda part: not glob.has_magic(part), source.parts))
        names = sorted(glob.glob(str(source), recursive=True))
        found = [(Path(name), out / Path(name).relative_to(above)) for name in names]
    found = [(file, target) for file, target in found if file.suffix.lower() in endings and file.is_file()]
    if out.resolve() != source.resolve():  # what was made before may lie within: not to be made again
        found = [(file, target) for file, target in found if out.resolve() not in file.resolve().parents]
    if not found:
        raise WrongUseError(f"no pictures at {source}: give a file, a folder, or a pattern such as 'photos/*.jpg'")
    if out.is_file() or out.suffix.lower() in endings:
        raise WrongUseError(f"{len(found)} pictures need a folder to go to, and {out} names a file")
    return _apart(found)


def _apart(places: Sequence[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """What is written must not be what was read, nor one thing twice. Endings that cannot be written become .png."""
    writable = {ending for ending, kind in Image.registered_extensions().items() if kind in Image.SAVE}
    places = [(file, to if to.suffix.lower() in writable else to.with_suffix(".png")) for file, to in places]
    targets = [target.resolve() for _, target in places]
    if len(set(targets)) < len(targets):
        twice = next(target for target in targets if targets.count(target) > 1)
        raise WrongUseError(f"two pictures would be written to {twice.name}: translate their folders one by one")
    same = [file for file, target in places if file.resolve() == target.resolve()]
    if same:
        raise WrongUseError(f"{same[0]} would be overwritten: choose another folder for out")
    return list(places)


def _write(picture: Image.Image, target: Path) -> Path:
    """Whole or not at all; formats without transparency get white behind it."""
    profile = picture.info.get("icc_profile")
    if Image.registered_extensions()[target.suffix.lower()] in WITHOUT_ALPHA and picture.mode in ("RGBA", "LA"):
        picture = pillow(files.to_mode(picture, 3))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as part:
            picture.save(part, quality=95, icc_profile=profile)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:  # the disk's fault, not the picture's
            raise RunFailedError(f"cannot write {target}: {error.strerror}") from error
        raise WrongUseError(f"cannot be written as {target.suffix}: {error}") from error
    return target


def _starts(side: int, tile: int) -> list[int]:
    """Where tiles begin so that they overlap and the last one ends at the border."""
    if side <= tile:
        return [0]
    step = tile - min(OVERLAP, tile // 2)
    return [*range(0, side - tile, step), side - tile]


def _ramp(side: int) -> np.ndarray:
    """How much a tile counts along one side: little near its ends, where it knows little of what lies beyond."""
    place = np.arange(side)
    return (1.0 + np.minimum(np.minimum(place, side - 1 - place), side // 4)).astype(np.float32)
