"""Your own data: folders, zip and .npz/.npy files, arrays. A folder is decoded once into a memory-mapped cache."""

import csv
import functools
import hashlib
import io
import json
import math
import mmap
import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from ganvas.data import Samples
from ganvas.data.fetch import cache
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.images import pillow
from ganvas.machine import cores
from ganvas.whole import FULL, whole

Size = tuple[int, int]  # height, width
CHUNK = 4_000_000  # bytes of images that are worked on at a time
LARGE = 256_000_000  # bytes of mapped images that are not taken into memory
# no others: some that Pillow knows are opened by other programs, and some that hold no pictures are taken for them
FORMATS = ("BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TGA", "TIFF", "WEBP")
_LOSSY = (".jpg", ".jpeg", ".jfif", ".webp")
HALVES = ("left", "right")
_LABEL_FILES = ("labels.csv", "labels.json", "dataset.json", "metadata.csv")


@dataclass(frozen=True)
class Shelf:
    """Image files in a folder or a zip: their names, a stamp that changes when any of them does, and their bytes.

    `others` are the names of files that are not read as images. Where `half` is `left` or `right`, the pictures are
    that half of what is in the files.
    """

    path: Path
    names: tuple[str, ...]
    stamp: str
    read: Callable[[str], bytes]
    label_file: str | None
    half: str = ""
    others: tuple[str, ...] = ()

    @classmethod
    def open(cls, path: Path) -> "Shelf":
        if path.is_dir():
            stats = {p.relative_to(path).as_posix(): p.stat() for p in _files_under(path)}
            stamps = {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}
            return cls._of(path, stamps, lambda name: (path / name).read_bytes())
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise WrongUseError(f"{path} is not a readable zip file: {error}") from error
        stamps = {entry.filename: (entry.file_size, entry.CRC) for entry in archive.infolist() if not entry.is_dir()}
        return cls._of(path, stamps, archive.read)

    @classmethod
    def _of(cls, path: Path, stamps: dict[str, tuple[int, int]], read: Callable[[str], bytes]) -> "Shelf":
        visible = [n for n in stamps if not any(part.startswith((".", "__MACOSX")) for part in n.split("/"))]
        names = sorted((n for n in visible if Path(n).suffix.lower() in endings()), key=_natural)
        label_file = next((n for n in _LABEL_FILES if n in stamps), None)
        listed = [(n, stamps[n]) for n in [*names, *([label_file] if label_file else [])]]
        stamp = hashlib.sha256(repr((str(path.resolve()), listed)).encode()).hexdigest()
        others = sorted({*visible} - {*names, label_file})
        return cls(path, tuple(names), stamp, read, label_file, others=tuple(others))

    def cut(self, half: str) -> "Shelf":
        """The same files, of which only one half counts."""
        return replace(self, half=half, stamp=f"{self.stamp} {half}")

    def picture(self, name: str) -> Image.Image:
        """Decode a picture fully, upright; raises OSError or ValueError with the reason."""
        image = open_picture(self.read(name))
        if not self.half:
            return image
        if image.width % 2:
            raise OSError(f"{image.width} pixels wide, where two pictures side by side have an even width")
        first = image.width // 2 * HALVES.index(self.half)
        return image.crop((first, 0, first + image.width // 2, image.height))

    def labels(self) -> dict[str, str]:
        """Each file's class: from a label file, else the folder it lies in; empty where there are neither."""
        if self.label_file:
            return self._read_labels(self.label_file)
        folders = {name: name.rpartition("/")[0] or "(top folder)" for name in self.names}
        return folders if len(set(folders.values())) > 1 else {}

    def _read_labels(self, file: str) -> dict[str, str]:
        try:
            text = self.read(file).decode("utf-8-sig")
            if file.endswith(".csv"):
                rows = [row for row in csv.reader(io.StringIO(text)) if row]
                pairs = [(row[0], row[1]) for row in rows]
            else:
                content = json.loads(text)
                content = content.get("labels", content) if isinstance(content, dict) else content
                if content is None:  # StyleGAN's tool writes so where there are no classes; its folders are none either
                    return {}
                pairs = list(content.items()) if isinstance(content, dict) else [tuple(pair) for pair in content]
            found = {str(name): str(label) for name, label in pairs}
        except (ValueError, IndexError, AttributeError, TypeError, csv.Error, OSError) as error:
            raise WrongUseError(
                f"cannot read {self.path / file} ({error}): write lines of file,class in a .csv, or "
                '{"file": "class", ...} in a .json'
            ) from error
        missing = [name for name in self.names if name not in found]
        if missing:
            raise WrongUseError(f"{self.path / file} has no label for {some(missing)}")
        return found


def load(path: Path, size: Size | None = None, only: Callable[[str], bool] | None = None, half: str = "") -> Samples:
    """A folder, .zip, .npz or .npy file as samples, or only one `half` of each picture: `left` or `right`."""
    if path.is_file() and path.suffix in (".npz", ".npy"):
        samples = _from_numpy_file(path)
        return resized(halved(samples, half) if half else samples, size)
    if path.is_file() and path.suffix != ".zip":
        raise WrongUseError(f"{path} is neither a folder nor a .zip, .npz or .npy file")
    shelf = Shelf.open(path)
    if only:
        shelf = replace(shelf, names=tuple(name for name in shelf.names if only(name)))
    if not shelf.names:
        raise WrongUseError(f"no images in {path}: looked for files such as .png and .jpg, sub-folders included")
    return _decoded(shelf.cut(half) if half else shelf, size)


def from_array(array: np.ndarray, name: str, labels: np.ndarray | None = None) -> Samples:
    """An array of images (N, H, W) or (N, H, W, C), or of points (N, 2), checked and brought to our form.

    uint8 and uint16 span their full range; float images must lie in [0, 1] or in [-1, 1].
    """
    images = _checked(array, name)
    if labels is None:
        return Samples(name, images)
    labels = np.asarray(labels).reshape(-1)
    if len(labels) != len(images):
        raise WrongUseError(f"{name} has {len(images)} images and {len(labels)} labels")
    values, indices = np.unique(labels, return_inverse=True)
    return Samples(name, images, indices.astype(np.int64), tuple(str(value) for value in values))


def from_pictures(name: str, pictures: Iterable[Image.Image], count: int, size: Size) -> Samples:
    """A stream of `count` colour pictures, scaled to `size` and kept in the cache as a memory-mapped array."""

    def fill(array: np.ndarray) -> None:
        for i, picture in enumerate(pictures):
            array[i] = to_mode(covering(picture, size), 3)

    return Samples(name, kept((name, count, size), (count, *size, 3), fill))


def stored_pairs(path: Path, size: Size | None) -> Samples:
    """An .npz with the arrays `inputs` and `targets`; `size` is the targets', and inputs keep their ratio to it."""
    stored = _arrays(path)
    if not {"inputs", "targets"} <= set(stored):
        raise WrongUseError(f"{path} holds {', '.join(stored) or 'nothing'}: name its arrays 'inputs' and 'targets'")
    targets = from_array(stored["targets"], str(path), stored.get("labels"))
    given = from_array(stored["inputs"], f"{path} (inputs)")
    if len(targets) != len(given):
        raise WrongUseError(f"{path} has {len(targets)} targets and {len(given)} inputs: each target has its own")
    if size:
        sides = zip(size, given.shape, targets.shape, strict=False)
        height, width, *_ = (max(1, round(side * own / whole)) for side, own, whole in sides)
        given = resized(given, (height, width))
    return replace(resized(targets, size), inputs=given.images)


def halved(samples: Samples, half: str) -> Samples:
    """Only the `left` or the `right` half of every image."""
    if samples.images.ndim != 4 or samples.shape[1] % 2:
        raise WrongUseError(
            f"{samples.name} has samples of the shape {samples.shape}: two pictures side by side have an even width"
        )
    width = samples.shape[1] // 2
    first = width * HALVES.index(half)
    return replace(samples, images=samples.images[:, :, first : first + width])


def kept(key: object, shape: tuple[int, ...], fill: Callable[[np.ndarray], None]) -> np.ndarray:
    """A memory-mapped uint8 array that is filled once and stays in the cache under `key`."""
    saved = _cache_file(hashlib.sha256(repr(key).encode()).hexdigest()[:24])
    if not saved.exists():
        with _new_array(saved, shape) as array:
            fill(array)
    return np.load(saved, mmap_mode="r")


def rows_of(array: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Some rows of an array; many of one that is mapped from the cache are mapped from there, too."""
    if not isinstance(array.base, mmap.mmap) or len(rows) * array[:1].nbytes < LARGE:
        return array[rows]

    def fill(made: np.ndarray) -> None:
        for part in chunks(made):
            made[part] = array[rows[part]]

    key = Path(array.filename).name, hashlib.sha256(rows.tobytes()).hexdigest()
    return kept(key, (len(rows), *array.shape[1:]), fill)


def chunks(images: np.ndarray) -> Iterator[slice]:
    """Slices of so many rows that work on one stays small beside a whole data set: 4 MB, at least one image."""
    rows = max(1, CHUNK // max(1, images[0].nbytes))
    yield from (slice(start, start + rows) for start in range(0, len(images), rows))


def resized(samples: Samples, size: Size | None) -> Samples:
    """Samples at another size: scaled with antialiasing to cover it, the middle cut out."""
    if size is None or samples.images.shape[1:3] == size:
        return samples
    if samples.images.ndim != 4:
        raise WrongUseError(f"{samples.name} holds points, which have no size: leave size out")
    channels = samples.shape[2]
    shape = (len(samples), *size, channels)
    images = np.empty(shape, np.uint8)
    for i, image in enumerate(samples.images):
        small = covering(pillow(image), size)
        images[i] = np.asarray(small).reshape(shape[1:])
    sides = "{1}x{2} to {0[0]}x{0[1]}".format(size, *samples.shape)
    caveat = f"{samples.name} was scaled from {sides}"
    return replace(samples, images=images, caveats=(*samples.caveats, caveat))


def covering(image: Image.Image, size: Size) -> Image.Image:
    """Scale (Lanczos, antialiased) so that the image just covers (height, width), and cut the middle."""
    return ImageOps.fit(image, (size[1], size[0]), Image.Resampling.LANCZOS)


def to_mode(image: Image.Image, channels: int) -> np.ndarray:
    """Any Pillow image as uint8 (H, W, channels); transparency is laid over white unless channels is 4."""
    if image.mode.startswith("I"):  # 16 bits, full range
        image = Image.fromarray(np.rint(np.asarray(image).astype(np.float64) / 257).astype(np.uint8))
    if channels == 4:
        return np.asarray(image.convert("RGBA"))
    if has_alpha(image):
        over = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    array = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    return array[..., None] if channels == 1 else array


@dataclass(frozen=True)
class Seen:
    """What one file's header says, or what is wrong with it."""

    name: str
    size: Size = (0, 0)
    channels: int = 0
    problem: str | None = None


def look(shelf: Shelf) -> list[Seen]:
    """Open every file of the shelf, decode it whole, and say what it is: unreadable ones carry their problem."""
    with ThreadPoolExecutor(cores()) as threads:
        return list(threads.map(lambda name: _seen(shelf, name), shelf.names))


@functools.cache
def endings() -> set[str]:
    """What names of image files that are read end in."""
    return {ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS}


def open_picture(content: bytes) -> Image.Image:
    """Decode a picture fully, upright; raises OSError or ValueError with the reason."""
    if not content:
        raise OSError("empty file")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        image.load()
    except Image.UnidentifiedImageError:
        raise OSError("not an image") from None
    except (Image.DecompressionBombError, SyntaxError) as error:
        raise OSError(str(error)) from error
    if image.mode == "F":
        raise OSError("floating-point pixels have no fixed range: save as 8 or 16 bit")
    if image.mode == "I" and image.format == "TIFF":  # other formats in this mode are of 16 bits
        raise OSError("32-bit pixels have no fixed range: save as 8 or 16 bit")
    return ImageOps.exif_transpose(image)


def _seen(shelf: Shelf, name: str) -> Seen:
    try:
        image = shelf.picture(name)
    except Exception as error:  # whatever a broken file or archive makes the decoders raise
        return Seen(name, problem=str(error) or type(error).__name__)
    grey = image.mode in ("1", "L", "LA") or image.mode.startswith("I")
    channels = 4 if has_alpha(image) else 1 if grey else 3
    return Seen(name, (image.height, image.width), channels)


def has_alpha(image: Image.Image) -> bool:
    """Has the picture transparency?"""
    return "A" in image.getbands() or "transparency" in image.info


def _decoded(shelf: Shelf, size: Size | None) -> Samples:
    key = hashlib.sha256(repr((shelf.stamp, shelf.names, size, 3)).encode()).hexdigest()[:24]
    saved, about = _cache_file(key), _cache_file(key).with_suffix(".json")
    if not (saved.exists() and about.exists()):
        _decode(shelf, size, saved, about)
    facts = json.loads(about.read_text())
    labels = np.array(facts["labels"], np.int64) if facts["labels"] else None
    names = np.array(facts["names"])
    images = np.load(saved, mmap_mode="r")
    classes, notes, caveats = (tuple(facts[key]) for key in ("classes", "notes", "caveats"))
    return Samples(str(shelf.path), images, labels, classes, names, notes, caveats)


def _decode(shelf: Shelf, size: Size | None, saved: Path, about: Path) -> None:
    """Decode the readable files of a shelf into an .npy file, and write what they are beside it."""
    seen = look(shelf)
    good, bad = [s for s in seen if not s.problem], [s for s in seen if s.problem]
    if not good:
        raise WrongUseError(f"no readable image in {shelf.path}: {some([f'{s.name} ({s.problem})' for s in bad])}")
    sizes = Counter(s.size for s in good)
    (usual, _), *others = sizes.most_common()
    if size is None and others:
        odd = [f"{s.name} ({s.size[0]}x{s.size[1]})" for s in good if s.size != usual]
        raise WrongUseError(
            f"{shelf.path} has images of {len(sizes)} sizes: {sizes[usual]} of {len(good)} are {usual[0]}x{usual[1]} "
            f"(height x width), but not {some(odd)}. Set a size to bring them to one: size=64 where a recipe is "
            "trained, --size 64 elsewhere"
        )
    channels = _channels(good)
    target = size or usual

    def fill(array: np.ndarray, i: int) -> None:
        picture = shelf.picture(good[i].name)
        upright = pillow(to_mode(picture, channels))
        array[i] = np.asarray(covering(upright, target)).reshape(*target, channels)

    labels = {name: _text(label) for name, label in shelf.labels().items()}
    classes = sorted({labels[s.name] for s in good}, key=_natural) if labels else []
    unread = f"skipped {len(bad)} of {len(seen)} files: {some([f'{s.name} ({s.problem})' for s in bad])}"
    facts = {
        "names": [_text(s.name) for s in good],
        "classes": classes,
        "labels": [classes.index(labels[s.name]) for s in good] if labels else [],
        "notes": [unread] if bad else [],
        "caveats": _caveats(shelf, good, target),
    }
    with _new_array(saved, (len(good), *target, channels)) as array, ThreadPoolExecutor(cores()) as threads:
        list(threads.map(lambda i: fill(array, i), range(len(good))))
    with whole(about) as part:
        part.write_text(json.dumps(facts))


def _caveats(shelf: Shelf, good: list[Seen], target: Size) -> list[str]:
    """What moves a score without being a matter of the pictures' content."""
    lossy = sum(Path(s.name).suffix.lower() in _LOSSY for s in good)
    scaled = sum(s.size != target for s in good)
    found = []
    if lossy:
        found.append(f"{lossy} of {len(good)} files in {shelf.path} are JPEG or WebP: lossy compression moves scores")
    if scaled:
        found.append(f"{scaled} of {len(good)} images in {shelf.path} were scaled to {target[0]}x{target[1]}")
    return found


def _channels(seen: list[Seen]) -> int:
    """4 only if every image has transparency, 1 only if every image is grey."""
    kinds = {s.channels for s in seen}
    return kinds.pop() if len(kinds) == 1 else 3


def _arrays(path: Path) -> dict[str, Any]:
    try:
        content = np.load(path, allow_pickle=False)
        return {"images": content} if isinstance(content, np.ndarray) else dict(content)
    except Exception as error:  # whatever a broken file makes the decoders raise
        raise WrongUseError(f"cannot read {path}: {error}") from error


def _from_numpy_file(path: Path) -> Samples:
    stored = _arrays(path)
    key = next((k for k in ("images", "points", "x_train", "arr_0") if k in stored), None)
    if key is None:
        raise WrongUseError(f"{path} holds {', '.join(stored) or 'nothing'}: name the array of images 'images'")
    return from_array(stored[key], str(path), stored.get("labels", stored.get("y_train")))


def _checked(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind not in "uif":
        raise WrongUseError(f"{name} holds {array.dtype} values, not numbers")
    if array.ndim and not len(array):
        raise WrongUseError(f"{name} holds no images")
    if array.ndim == 2 and array.shape[1] == 2 and array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise WrongUseError(f"{name} has points that are not numbers")
        return array.astype(np.float32)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[3] not in (1, 3, 4):
        raise WrongUseError(
            f"{name} has the shape {array.shape}: images are (N, height, width) or (N, height, width, channels) with "
            "1, 3 or 4 channels, points float (N, 2)"
        )
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return np.rint(array / 257).astype(np.uint8)
    if array.dtype.kind == "f" and np.isfinite(array).all() and array.min() >= -1 and array.max() <= 1:
        low = -1.0 if array.min() < -0.1 else 0.0  # resampled [0, 1] images leave a trace below 0
        array = np.maximum(array, low)
        return np.rint((array - low) * (255 / (1 - low))).astype(np.uint8)
    raise WrongUseError(
        f"{name} has {array.dtype} values from {array.min()} to {array.max()}: use uint8, uint16, or floats in [0, 1] "
        "or [-1, 1]"
    )


def _cache_file(key: str) -> Path:
    folder = cache() / "decoded"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{key}.npy"


@contextmanager
def _new_array(saved: Path, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """A uint8 array to fill, in a file that appears under its name once it is full; several may fill it at a time."""
    with whole(saved) as part:
        array = _mapped(part, shape)
        yield array
        array.flush()
        array._mmap.close()  # type: ignore[attr-defined]  # Windows renames no file that is mapped


def _mapped(file: Path, shape: tuple[int, ...]) -> np.memmap:
    """A new array in a file that takes all its room on the disk at once: a page without any would end the process."""
    try:
        array = np.lib.format.open_memmap(file, "w+", np.uint8, shape)
        _allocate(file)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise RunFailedError(
            f"{cache()} has no room for {math.prod(shape) / 1e6:,.0f} MB of decoded images ({error.strerror}): "
            "make room, or set GANVAS_CACHE to a folder that has it"
        ) from error
    return array


def _allocate(file: Path) -> None:
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        with open(file, "r+b") as opened:
            os.posix_fallocate(opened.fileno(), 0, file.stat().st_size)
    except OSError as error:  # other reasons are of file systems that promise nothing
        if error.errno in FULL:
            raise


def _files_under(folder: Path) -> Iterator[Path]:
    """All files in a folder and those in it, linked ones too, each folder once."""
    gone_through = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in gone_through:
            folders.clear()
            continue
        gone_through.add(real)
        yield from (file for name in names if (file := Path(place, name)).is_file())


def _natural(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key under which image2 comes before image10; no two names have the same."""
    return [(1, int(p), "") if p.isdecimal() else (0, 0, p.lower()) for p in re.split(r"(\d+)", text)], text


def _text(name: str) -> str:
    """A file's name as text that can be written anywhere: bytes that are none stand as \\udcNN."""
    return name.encode("utf-8", "backslashreplace").decode()


def some(items: list[str], shown: int = 3) -> str:
    """A list in words, cut after a few."""
    more = f" and {len(items) - shown} more" if len(items) > shown else ""
    return ", ".join(items[:shown]) + more
