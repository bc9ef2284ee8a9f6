"""Data: `load(spec, size)` turns a set's name, a path or an array into `Samples`."""

import hashlib
import os
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.errors import WrongUseError
from ganvas.names import choices, unknown

SPLITS = ("train", "test")
TEST_SHARE = 0.1
FEWEST_INPUTS = 20  # unseen ones that are enough to show, and to score by


@dataclass(frozen=True)
class Samples:
    """A data set in memory or memory-mapped.

    `images` are uint8 (N, height, width, channels), or float32 (N, 2) for points in the plane; `labels` int64 (N,)
    index `classes`; `names` say where each sample came from; `notes` are sentences the user should read,
    `caveats` those that belong beside any score (lossy or scaled files). Where every channel is an image of another
    set, `channels_of` names that set, and a label is the channels' own in a row. `inputs`, uint8 (M, h, w, c), are what
    a network is given to make images from; where they are `aligned`, inputs[i] belongs to images[i]. `targets` of
    generated images are those that were meant.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    names: np.ndarray | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)
    caveats: tuple[str, ...] = field(default=(), compare=False)
    channels_of: str = ""
    inputs: np.ndarray | None = None
    aligned: bool = True
    targets: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.images.shape[1:])

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The shape of one input; None where there are none."""
        return None if self.inputs is None else tuple(self.inputs.shape[1:])

    @cached_property
    def sha256(self) -> str:
        """A hash of the samples, their labels and their inputs."""
        digest = hashlib.sha256(repr((self.images.shape, str(self.images.dtype))).encode())
        _add_rows(digest, self.images)
        if self.labels is not None:
            digest.update(self.labels.tobytes())
        if self.inputs is not None:
            digest.update(repr(("inputs", self.inputs.shape, self.aligned)).encode())
            _add_rows(digest, self.inputs)
        return digest.hexdigest()

    @cached_property
    def duplicates(self) -> int:
        """How many samples are an exact copy of an earlier one."""
        return len(self) - len({hashlib.blake2b(sample.tobytes(), digest_size=16).digest() for sample in self.images})

    def take(self, rows: np.ndarray) -> "Samples":
        """Only these rows, with the inputs that belong to them; inputs that belong to none are left whole."""
        from ganvas.data.files import rows_of

        return replace(
            self,
            images=rows_of(self.images, rows),
            labels=None if self.labels is None else self.labels[rows],
            names=None if self.names is None else self.names[rows],
            inputs=rows_of(self.inputs, rows) if self.inputs is not None and self.aligned else self.inputs,
            targets=None if self.targets is None else self.targets[rows],
        )


def load(
    spec: str | os.PathLike[str] | np.ndarray, size: str | int | None = None, inputs: str = "", matched: bool = True
) -> Samples:
    """The data that `spec` stands for.

    `spec` is a set's name (`fashion_mnist`, `emoji:twitter`, `mnist:test`), a folder, a .zip, an .npz or .npy file,
    or an array. `:train` and `:test` choose a fixed split; a named set alone means its training part, a path alone
    all of it. `size` ("64" or "48x64", height first) scales with antialiasing to cover the size, then cuts the middle.
    A folder that bears a set's name is reached as `./NAME`.

    `inputs` says what a network is given to make these images from:

    * what a function of ganvas.data.degrade makes of them: `edges`, `grayscale`, `shrink:4`, `mask`, `noise:0.2`,
      `blur:2`; or any other function of uint8 images as `package.module:function`;
    * `left` or `right`, where two pictures lie side by side in every image of `spec`: that half is the input, the
      other the image, and `size` is one half's;
    * `stored`, where `spec` is an .npz with the arrays `inputs` and `targets`; `size` is the targets', and inputs keep
      their ratio to it;
    * other data, at the same size, in the split that `spec` names. Where `matched`, each image has the input of its
      name (folders: the path without its ending), or, without names, of its row. Else inputs and images need not
      belong to one another, and do only where their names are the same.
    """
    if not isinstance(spec, np.ndarray):
        spec = os.fspath(spec)
    if inputs:
        from ganvas.data import pairs

        return pairs.load(spec, parse_size(size), inputs, matched)
    samples, part = opened(spec, parse_size(size))
    return fixed_split(samples, part) if part else samples


def opened(spec: str | np.ndarray, size: tuple[int, int] | None) -> tuple[Samples, str | None]:
    """What `spec` stands for, and the part that is still to be taken of it: a path is opened whole."""
    from ganvas.data import files, sets

    if isinstance(spec, np.ndarray):
        return files.resized(files.from_array(spec, "array"), size), None
    place, part = split_spec(spec)
    if place is not None:
        return files.load(place, size), part
    if not spec:
        raise WrongUseError("data is empty: name a set, a folder, or a .zip, .npz or .npy file")
    name, *rest = spec.split(":")
    if name not in choices(sets):
        raise not_found("data set", spec, choices(sets))
    part = next((word for word in rest if word in SPLITS), "train")
    variants = [word for word in rest if word not in SPLITS]
    return files.resized(_named(name, part, variants, size), size), None


def held_out(spec: str) -> str | None:
    """The spec of the part that `spec` leaves out for testing; None where everything is trained on."""
    from ganvas.data import sets

    place, part = split_spec(spec)
    if place is not None:
        return f"{place}:test" if part == "train" else None
    name, *rest = spec.split(":")
    if name not in choices(sets) or "test" in rest:
        return None
    return ":".join([name, *(word for word in rest if word not in SPLITS), "test"])


def split_spec(spec: str) -> tuple[Path | None, str | None]:
    """A spec that is a path as (path, split); (None, None) for a set's name, which a folder here does not hide."""
    from ganvas.data import sets

    if spec.split(":")[0] in choices(sets):
        return None, None
    whole = Path(spec).expanduser()
    if spec and whole.exists():
        return whole, None
    head, _, last = spec.rpartition(":")
    if last in SPLITS and head and Path(head).expanduser().exists():
        return Path(head).expanduser(), last
    return None, None


def parse_size(size: str | int | None) -> tuple[int, int] | None:
    """`64` or `"48x64"` as (height, width)."""
    if size is None:
        return None
    found = re.fullmatch(r"(\d+)(?:x(\d+))?", str(size))
    sides = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not all(4 <= side <= 2048 for side in sides):
        raise WrongUseError(f"size is a side such as 64 or height x width such as 48x64, 4 to 2048, not {size!r}")
    return sides


def fixed_split(samples: Samples, part: str) -> Samples:
    """The `train` or `test` part of samples that came as one: the same tenth every time, of unaligned inputs too."""
    found = replace(samples.take(_rows(samples, len(samples), part)), name=f"{samples.name}:{part}")
    if samples.inputs is None or samples.aligned:
        return found
    return replace(found, inputs=samples.inputs[_rows(samples, len(samples.inputs), part)])


def _rows(samples: Samples, count: int, part: str) -> np.ndarray:
    if count < 2:
        raise WrongUseError(f"{samples.name}:{part}: one image cannot be split into train and test")
    order = np.random.RandomState(2020).permutation(count)
    tests = max(1, round(TEST_SHARE * count))
    return np.sort(order[:tests] if part == "test" else order[tests:])


def _add_rows(digest: Any, array: np.ndarray) -> None:
    for start in range(0, len(array), 4096):
        digest.update(array[start : start + 4096].tobytes())


def _named(name: str, part: str, variants: list[str], size: tuple[int, int] | None) -> Samples:
    from ganvas.data import sets

    source: Any = getattr(sets, name)
    known = getattr(source, "variants", ())
    for variant in variants:
        if variant not in known:
            raise unknown(f"part of {name}", variant, (*SPLITS, *known))
    if len(variants) > 1:
        raise WrongUseError(f"{name} is one of {', '.join(known)} at a time, not {' and '.join(variants)}")
    options: dict[str, Any] = {"size": size} if name == "celeba" else {}
    return source(part, *variants[:1], **options)


def not_found(kind: str, spec: str, known: list[str]) -> WrongUseError:
    """The error for a spec that is no path, and no name among those known."""
    head, _, part = spec.rpartition(":")
    if head and Path(head).expanduser().exists():
        return WrongUseError(f"{head} has the parts train and test, not {part!r}")
    if os.sep in spec or "/" in spec or re.search(r"\.(zip|npz|npy)$", spec):
        return WrongUseError(f"no file or folder {spec!r}")
    error = unknown(kind, spec.split(":")[0], known)
    return error if "did you mean" in str(error) else WrongUseError(f"{error}, or name a folder or file that is there")
