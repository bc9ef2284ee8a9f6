"""`ganvas data check`: what is wrong with a folder or zip of images, by name."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ganvas.data import files, opened, pairs
from ganvas.errors import WrongUseError


@dataclass(frozen=True)
class Pairs:
    """How many images have an input, what has none or is none's, and `HxW from HxW` counted: image from input."""

    count: int
    only_images: list[str]
    only_inputs: list[str]
    sizes: dict[str, int]


@dataclass(frozen=True)
class Check:
    """Findings about image files.

    `unreadable` maps a file to its problem; `duplicates` groups equal pictures; `others` counts the files that are not
    read as images by what their names end in.

    Where inputs for them were named, `pairs` says how both go together.
    """

    count: int
    unreadable: dict[str, str]
    sizes: dict[str, int]
    odd: dict[str, str]
    duplicates: list[list[str]]
    channels: dict[int, int]
    classes: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    pairs: Pairs | None = None

    @property
    def sound(self) -> bool:
        """Nothing that training would trip over or silently skip."""
        return not self.remedies

    @property
    def fitting(self) -> str | None:
        """The nearest size whose sides 4 divides, as networks need it; none where images have it, or several sizes."""
        if len(self.sizes) != 1:
            return None
        (size,) = self.sizes
        nearest = "x".join(str(max(4, 4 * round(int(side) / 4))) for side in size.split("x"))
        return nearest if nearest != size else None

    @property
    def remedies(self) -> list[str]:
        """A sentence for each thing that keeps training from using all of it as it is, and what to do."""
        found = []
        if len(self.unreadable) == self.count:
            found.append("training needs images, and none of these files can be read")
        elif self.unreadable:
            found.append(f"training skips unreadable files, {len(self.unreadable)} of them: repair or remove them")
        sizes = max(len(self.sizes), len(self.pairs.sizes) if self.pairs else 0)
        if sizes > 1:
            found.append(f"training takes one size, and these are of {sizes}: set size, such as size=64")
        if self.count - len(self.unreadable) == 1:
            found.append("training needs more than one image")
        if self.pairs and (self.pairs.only_images or self.pairs.only_inputs):
            found.append("training refuses folders that do not match, unless none belongs to another: matched=false")
        return found


def check(path: Path, inputs: str = "") -> Check:
    """Decode every image under a folder or in a zip, and name the unreadable, truncated, empty, duplicate and odd.

    With `inputs`, as `data.load` takes them, also what has no partner.
    """
    if not (path.is_dir() or path.suffix == ".zip"):
        raise WrongUseError(f"{path} is not a folder or a .zip of images")
    shelf = files.Shelf.open(path)
    seen = files.look(shelf)
    good = [s for s in seen if not s.problem]
    if not shelf.names:
        raise WrongUseError(f"no images in {path}: looked for files such as .png and .jpg, sub-folders included")
    sizes = Counter(s.size for s in good)
    most = sizes.most_common(1)[0] if sizes else ((0, 0), 0)
    known = set(shelf.names)
    usual = most[0] if 2 * most[1] > len(good) else None  # photographs of every size: none of them is the odd one
    pictures = defaultdict(list)
    for s in good:
        pixels = files.to_mode(shelf.picture(s.name), 4)  # palettes may differ in pictures that look the same
        pictures[hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()].append(s.name)
    return Check(
        count=len(seen),
        unreadable={s.name: s.problem for s in seen if s.problem},
        sizes={f"{h}x{w}": n for (h, w), n in sizes.most_common()},
        odd={s.name: f"{s.size[0]}x{s.size[1]}" for s in good if usual and s.size != usual},
        duplicates=[group for group in pictures.values() if len(group) > 1],
        channels=dict(Counter(s.channels for s in good)),
        classes=dict(Counter(label for name, label in shelf.labels().items() if name in known).most_common()),
        others=dict(Counter(Path(name).suffix.lower() or "none" for name in shelf.others).most_common()),
        pairs=_pairs(shelf, good, inputs) if inputs else None,
    )


def _pairs(shelf: files.Shelf, good: list[files.Seen], inputs: str) -> Pairs:
    own = {s.name: s.size for s in good}
    given = _given(shelf, own, inputs)
    found = pairs.Matched.by_name(list(own), list(given))
    images, partners = (np.array(list(sizes.values())).reshape(-1, 2) for sizes in (own, given))
    partners = partners[found.input_rows]
    images = partners if inputs in files.HALVES else images[found.rows]
    sizes = Counter(
        "{}x{} from {}x{}".format(*image, *partner) for image, partner in zip(images, partners, strict=True)
    )
    return Pairs(len(partners), found.only_images, found.only_inputs, dict(sizes.most_common()))


def _given(shelf: files.Shelf, own: dict[str, files.Size], inputs: str) -> dict[str, files.Size]:
    """The names and sizes of the inputs of images with these names and sizes."""
    if inputs == pairs.STORED:
        raise WrongUseError(f"inputs=stored needs an .npz with the arrays 'inputs' and 'targets', not {shelf.path}")
    if inputs in files.HALVES:
        return _sizes(shelf.cut(inputs))
    function = pairs.degradation(inputs)
    if function:
        made = {size: _made(function, size) for size in set(own.values())}
        return {name: size for name, before in own.items() if (size := made[before])}
    place, _ = pairs.place(inputs)
    if place and (place.is_dir() or place.suffix == ".zip"):
        return _sizes(files.Shelf.open(place))
    samples, _ = opened(inputs, None)
    unnamed = [*own, *(f"row {row}" for row in range(len(own), len(samples)))]  # then in order
    names = unnamed[: len(samples)] if samples.names is None else samples.names
    return {str(name): (samples.shape[0], samples.shape[1]) for name in names}


def _sizes(shelf: files.Shelf) -> dict[str, files.Size]:
    return {s.name: s.size for s in files.look(shelf) if not s.problem}


def _made(function: pairs.Degradation, size: files.Size) -> files.Size | None:
    """The size of the input that an image of this one has; None where the degradation refuses it."""
    try:
        _, height, width, _ = function(np.zeros((1, *size, 3), np.uint8)).shape
    except WrongUseError:
        return None
    return height, width
