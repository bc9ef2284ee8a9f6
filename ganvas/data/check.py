"""`ganvas data check`: what is wrong with a folder or zip of images, by name."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from ganvas.data import files
from ganvas.errors import WrongUseError


@dataclass(frozen=True)
class Check:
    """Findings about image files. `unreadable` maps a file to its problem; `duplicates` groups equal pictures."""

    count: int
    unreadable: dict[str, str]
    sizes: dict[str, int]
    odd: dict[str, str]
    duplicates: list[list[str]]
    channels: dict[int, int]
    classes: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Nothing that training would trip over or silently skip."""
        return not (self.unreadable or self.odd or self.duplicates)


def check(path: Path) -> Check:
    """Decode every image under a folder or in a zip, and name the unreadable, truncated, empty, duplicate and odd."""
    if not (path.is_dir() or path.suffix == ".zip"):
        raise WrongUseError(f"{path} is not a folder or a .zip of images")
    shelf = files.Shelf.open(path)
    seen = files.look(shelf)
    good = [s for s in seen if not s.problem]
    if not shelf.names:
        raise WrongUseError(f"no images in {path}: looked for files such as .png and .jpg, sub-folders included")
    sizes = Counter(s.size for s in good)
    most = sizes.most_common(1)[0] if sizes else ((0, 0), 0)
    usual = most[0] if 2 * most[1] > len(good) else None  # photographs of every size: none of them is the odd one
    pictures = defaultdict(list)
    for s in good:
        pixels = files.open_picture(shelf.read(s.name))
        pictures[hashlib.sha256(repr(pixels.size).encode() + pixels.tobytes()).digest()].append(s.name)
    return Check(
        count=len(seen),
        unreadable={s.name: s.problem for s in seen if s.problem},
        sizes={f"{h}x{w}": n for (h, w), n in sizes.most_common()},
        odd={s.name: f"{s.size[0]}x{s.size[1]}" for s in good if usual and s.size != usual},
        duplicates=[group for group in pictures.values() if len(group) > 1],
        channels=dict(Counter(s.channels for s in good)),
        classes=dict(Counter(label for name, label in shelf.labels().items() if name in shelf.names).most_common()),
    )
