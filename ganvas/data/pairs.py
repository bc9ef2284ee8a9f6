"""Samples with inputs, what `data.load(spec, inputs=...)` does: degraded, halved, stored, or other data matched."""

import hashlib
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ganvas.data import SPLITS, Samples, degrade, files, fixed_split, not_found, opened, sets, split_spec
from ganvas.errors import WrongUseError
from ganvas.names import choices, resolve

Degradation = Callable[[np.ndarray], np.ndarray]
Names = Sequence[str] | np.ndarray
STORED = "stored"


def load(spec: str | np.ndarray, size: files.Size | None, inputs: str, matched: bool) -> Samples:
    """What `data.load` gives where there are `inputs`."""
    if inputs in (*files.HALVES, STORED):
        samples, part = (_stored if inputs == STORED else _side_by_side)(spec, size, inputs)
        return fixed_split(samples, part) if part else samples
    degraded_by = degradation(inputs)
    images, part = opened(spec, size)
    _need_images(images)
    if degraded_by is None:
        return _with_others(
            images, part, *_others(spec, size, inputs), matched=matched, strict=_are_paths(spec, inputs)
        )
    samples = replace(images, inputs=_degraded(images.images, degraded_by, inputs))
    return fixed_split(samples, part) if part else samples


def place(inputs: str) -> tuple[Path | None, str | None]:
    """Inputs that are a path as (path, split); (None, None) for what has a meaning of its own, whatever lies here."""
    if inputs.split(":")[0] in (*files.HALVES, STORED, *choices(degrade)):
        return None, None
    return split_spec(inputs)


def degradation(inputs: str) -> Degradation | None:
    """The function that makes inputs from images, its number filled in; None where `inputs` are other data."""
    name, _, number = inputs.partition(":")
    if name in choices(degrade):
        function = getattr(degrade, name)
        return _with_number(function, inputs, number) if number else function
    if name in choices(sets) or place(inputs)[0]:
        return None
    package = name.partition(".")[0]
    if number.isidentifier() and number not in SPLITS and package.isidentifier() and find_spec(package):
        return resolve(inputs, degrade, "degradation")
    error = not_found("inputs", inputs, [*choices(degrade), *files.HALVES, STORED, *choices(sets)])
    raise WrongUseError(f"{error} (degradations: {', '.join(choices(degrade))})")


@dataclass(frozen=True)
class Matched:
    """Which rows of images and of inputs have the same name, and the names that are on one side only."""

    rows: np.ndarray
    input_rows: np.ndarray
    only_images: list[str]
    only_inputs: list[str]

    @classmethod
    def by_name(cls, names: Names, input_names: Names) -> "Matched":
        """Matched by name, endings of image files left out; WrongUseError where one side has a name twice."""
        own, given = _by_stem(names), _by_stem(input_names)
        both = [stem for stem in own if stem in given]
        return cls(
            np.array([own[stem] for stem in both], np.int64),
            np.array([given[stem] for stem in both], np.int64),
            [str(names[row]) for stem, row in own.items() if stem not in given],
            [str(input_names[row]) for stem, row in given.items() if stem not in own],
        )

    @property
    def one_sided(self) -> str:
        """The names on one side only, in words."""
        sides = {"images without inputs": self.only_images, "inputs without images": self.only_inputs}
        return " and ".join(f"{len(names)} {what} ({files.some(names)})" for what, names in sides.items() if names)


def _with_number(function: Callable[..., np.ndarray], inputs: str, number: str) -> Degradation:
    try:
        value = int(number) if number.isdigit() else float(number)
    except ValueError as error:
        raise WrongUseError(
            f"inputs={inputs}: a degradation takes a number, such as shrink:4, not {number!r}"
        ) from error
    parameters = list(inspect.signature(function).parameters)
    if len(parameters) < 2:
        raise WrongUseError(f"inputs={inputs}: {function.__name__} takes no number")
    return partial(function, **{parameters[1]: value})


def _degraded(images: np.ndarray, function: Degradation, inputs: str) -> np.ndarray:
    """The inputs; where images are memory-mapped, so are they, and kept as long as neither images nor code change."""
    shape = (len(images), *_checked(function(images[:1]), 1, inputs).shape[1:])

    def fill(array: np.ndarray) -> None:
        for rows in files.chunks(images):
            array[rows] = _checked(function(images[rows]), len(images[rows]), inputs)

    if isinstance(images, np.memmap):
        return files.kept((Path(str(images.filename)).name, inputs, _code(inputs)), shape, fill)
    array = np.empty(shape, np.uint8)
    fill(array)
    return array


def _checked(made: np.ndarray, count: int, inputs: str) -> np.ndarray:
    if made.dtype != np.uint8 or made.ndim != 4 or len(made) != count:
        raise WrongUseError(
            f"inputs={inputs} made {made.dtype} {made.shape} of {count} images: it must return uint8 (N, h, w, c)"
        )
    return made


def _code(inputs: str) -> str:
    """A hash of the file that the degradation stands in."""
    name = inputs.partition(":")[0]
    module = degrade if name in choices(degrade) else sys.modules[name]
    return hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()


def _side_by_side(spec: str | np.ndarray, size: files.Size | None, half: str) -> tuple[Samples, str | None]:
    path, part = (None, None) if isinstance(spec, np.ndarray) else split_spec(spec)
    if path:
        sides = {half: files.load(path, size, half=half) for half in files.HALVES}
    else:
        whole, _ = opened(spec, None)
        sides = {half: files.resized(files.halved(whole, half), size) for half in files.HALVES}
    (other,) = set(files.HALVES) - {half}
    return replace(sides[other], inputs=sides[half].images), part


def _stored(spec: str | np.ndarray, size: files.Size | None, inputs: str) -> tuple[Samples, str | None]:
    path, part = (None, None) if isinstance(spec, np.ndarray) else split_spec(spec)
    if path is None or path.suffix != ".npz":
        named = "an array" if isinstance(spec, np.ndarray) else spec
        raise WrongUseError(f"inputs={inputs} needs an .npz with the arrays 'inputs' and 'targets', not {named}")
    samples = files.stored_pairs(path, size)
    _need_images(samples)
    return samples, part


def _others(spec: str | np.ndarray, size: files.Size | None, inputs: str) -> tuple[Samples, str | None]:
    """The data that inputs are, in the split of `spec`, and the part that is still to be taken of them."""
    part = _part_of(spec)
    if part is None:
        others, own = opened(inputs, size)
        return fixed_split(others, own) if own else others, None
    path, _ = split_spec(inputs)
    if path:
        return files.load(path, size), part
    words = [word for word in inputs.split(":") if word not in SPLITS]
    return opened(":".join([*words, part]), size)


def _with_others(
    images: Samples, part: str | None, others: Samples, others_part: str | None, matched: bool, strict: bool
) -> Samples:
    """Images with the inputs of their names.

    A part that is still to be taken of both sides is taken of the pairs. What is not matched is aligned only where
    both sides split alike, or an image of the training part could be given what another part holds out.
    """
    _need_images(others)
    notes = (*images.notes, *(note for note in others.notes if note not in images.notes))
    images = replace(images, notes=notes)
    if matched or (part == others_part and _same_names(images, others)):
        samples = _matched(images, others, strict)
        return fixed_split(samples, part) if part and others_part else samples
    images = fixed_split(images, part) if part else images
    others = fixed_split(others, others_part) if others_part else others
    return replace(images, inputs=others.images, aligned=False)


def _matched(images: Samples, others: Samples, strict: bool) -> Samples:
    if images.names is None or others.names is None:
        if len(images) != len(others):
            raise WrongUseError(
                f"{images.name} has {len(images)} images, and {others.name} {len(others)} inputs for them: without "
                "names on both sides they are matched in order, and must be as many"
            )
        return replace(images, inputs=others.images)
    found = Matched.by_name(images.names, others.names)
    if found.one_sided and (strict or not len(found.rows)):
        skipped = "".join(f"; {note}" for note in images.notes)
        raise WrongUseError(
            f"{images.name} and its inputs {others.name} do not match: {found.one_sided}{skipped}. Give every image an "
            "input of its name, or set matched=false if none belongs to another"
        )
    if found.one_sided:
        dropped = f"{images.name} and its inputs {others.name}: left out {found.one_sided}"
        images = replace(images, notes=(*images.notes, dropped))
    return replace(_taken(images, found.rows), inputs=_taken(others, found.input_rows).images)


def _taken(samples: Samples, rows: np.ndarray) -> Samples:
    """The rows, without a copy where these are all in their order: they may be memory-mapped."""
    return samples if np.array_equal(rows, np.arange(len(samples))) else samples.take(rows)


def _same_names(images: Samples, others: Samples) -> bool:
    if images.names is None or others.names is None:
        return False
    stems = [sorted(map(_stem, samples.names)) for samples in (images, others) if samples.names is not None]
    return stems[0] == stems[1] and len(set(stems[0])) == len(stems[0])


def _by_stem(names: Names) -> dict[str, int]:
    """The row of every name, its ending left out."""
    stems = [_stem(name) for name in names]
    twice = {stem for stem, count in Counter(stems).items() if count > 1}
    if twice:
        alike = [str(name) for name, stem in zip(names, stems, strict=True) if stem in twice]
        raise WrongUseError(f"images are matched by name, and these differ in nothing else: {files.some(alike)}")
    return {stem: row for row, stem in enumerate(stems)}


def _stem(name: str) -> str:
    """The name without the ending of an image file; a name that is no file's stays as it is."""
    ending = Path(name).suffix
    return name.removesuffix(ending) if ending.lower() in files.endings() else str(name)


def _part_of(spec: str | np.ndarray) -> str | None:
    """The split that `spec` names; the training part where a set is named alone."""
    if isinstance(spec, np.ndarray):
        return None
    path, part = split_spec(spec)
    return part if path else next((word for word in spec.split(":")[1:] if word in SPLITS), "train")


def _are_paths(spec: str | np.ndarray, inputs: str) -> bool:
    return isinstance(spec, str) and bool(split_spec(spec)[0]) and bool(split_spec(inputs)[0])


def _need_images(samples: Samples) -> None:
    if samples.images.ndim != 4:
        raise WrongUseError(f"{samples.name} holds points, and inputs are for images: leave inputs out")
