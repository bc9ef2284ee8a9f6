"""Recipe: every choice of a training run, as plain values."""

import dataclasses
import json
import math
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

import numpy as np

from ganvas.data import Samples, held_out, load, parse_size
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.names import unknown

# choices that wait for the data
PER_CLUSTER, MOST_CLUSTERS = 30, 512  # images a cluster, clusters at most: docs/log.md has what others come to
FEW_IMAGES, AUGMENTED = 20_000, ("colour", "translate", "cutout")
PRECISIONS = ("auto", "float32", "bfloat16")
WORDS = {"true": True, "yes": True, "false": False, "no": False}
LABELS = r"none|class|kmeans|(kmeans|codes):([2-9]|[1-9]\d{1,3})"


@dataclass(frozen=True)
class Recipe:
    """Every choice of a run. Steps are the clock: one step updates every player (the discriminator: its turns).

    A network is a file of `networks/`, the path of a saved `.keras` model, or `package.module:function`.
    """

    name: str = "own"
    # the data: a set's name, a folder, a .zip, .npz or .npy; size as "64" or "48x64" (height x width)
    data: str = "fashion_mnist"
    size: str | None = None
    # what samples are made from: "" noise; a degradation of them (edges, grayscale, shrink:4, mask, noise:0.2, blur:2);
    # other data, matched to them by name or not; left or right, of images side by side; stored, with an .npz's targets
    inputs: str = ""
    matched: bool = True
    label: str = "none"  # what networks are told: the "class", a "kmeans" or "kmeans:K" cluster, random "codes:K"
    # the game and its networks
    game: str = "synthesis"
    generator: str = "plain"
    generator_options: Mapping[str, Any] = field(default_factory=dict)
    discriminator: str = "plain"
    discriminator_options: Mapping[str, Any] = field(default_factory=dict)
    latent: int = 100  # the length of a latent vector
    dropout: float | None = None  # in the discriminator; None leaves the network's own
    # the objective
    loss: str = "nonsaturating"
    weights: Mapping[str, float] = field(default_factory=dict)  # of a game's other costs, such as l1 or cycle
    smoothing: tuple[float, ...] = ()  # 0.1: real samples count as real by 0.9; 0.1,0.1: fake ones as fake, too
    label_noise: float = 0.0  # share of samples whose label is swapped for the discriminator
    mismatch: float = 0.0  # share of a batch's real samples that are also shown beside a wrong label, as fake ones
    matching: float = 0.0  # share of the generator's cost that is the distance of the discriminator's mean features
    unrolled: int = 0  # the generator's cost looks so many discriminator updates ahead
    history: float = 0.0  # weight of the players' distance from their own weights' mean so far
    instance_noise: float = 0.0  # deviation of the noise on all that the discriminator sees, falling to none at the end
    spectral: bool = False  # the discriminator's kernels divided by their spectral norms
    clip: float = 0.0  # the discriminator's weights are kept within so much of 0
    penalties: Mapping[str, float] = field(default_factory=dict)  # name: weight
    penalty_every: int = 1  # on every k-th step only, k times as strong
    augment: tuple[str, ...] = ()  # "auto" alone: colour,translate,cutout for fewer than 20,000 images, else none
    adapt: float = 0.0  # augment as many images as keep the discriminator's mean sign on real ones here, such as 0.6
    # the optimisation: Adam
    steps: int = 10_000
    batch: int = 64
    generator_rate: float = 2e-4
    discriminator_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    decay_from: float = 1.0  # rates are constant for this share of the steps, ...
    decay_to: float = 0.0  # ... then follow half a cosine down to this share of themselves
    together: bool = False  # both players learn from one pass of the generator, at the same moment
    discriminator_turns: int = 1
    ema: float = 0.0  # the averaged generator's memory, such as 0.999; 0 delivers the weights as they are
    seed: int = 0
    precision: str = "auto"
    # how often, in steps, and at the end; 0: at the end only (evaluate: never)
    save: int = 1000
    preview: int = 500
    evaluate: int = 1000
    features: str = "auto"  # what scores are made with; auto: efficientnet for images, pixels for points

    def check(self) -> None:
        """Raise WrongUseError, in one sentence, for a value that cannot be."""
        for name in ("steps", "batch", "latent", "discriminator_turns", "penalty_every"):
            self._need(name, getattr(self, name) >= 1, "at least 1")
        for name in ("save", "preview", "evaluate", "seed", "unrolled", "history", "instance_noise", "clip"):
            self._need(name, 0 <= getattr(self, name) < math.inf, "0 or more")
        self._need("seed", self.seed < 2**31, "below 2^31")
        for name in ("generator_rate", "discriminator_rate"):
            self._need(name, 0 < getattr(self, name) <= 1, "above 0, at most 1")
        for name in ("decay_from", "decay_to"):
            self._need(name, 0 <= getattr(self, name) <= 1, "from 0 to 1")
        for name in ("ema", "adapt"):
            self._need(name, 0 <= getattr(self, name) < 1, "from 0 to below 1")
        self._need("label_noise", 0 <= self.label_noise <= 0.5, "from 0 to 0.5")
        self._need("mismatch", 0 <= self.mismatch <= 1, "from 0 to 1")
        self._need("matching", 0 <= self.matching <= 1, "from 0 to 1")
        fine = len(self.smoothing) <= 2 and all(0 <= share < 0.5 for share in self.smoothing)
        self._need("smoothing", fine, "one or two numbers from 0 to below 0.5")
        self._need("dropout", self.dropout is None or 0 <= self.dropout < 1, "none, or from 0 to below 1")
        self._need("betas", len(self.betas) == 2 and all(0 <= b < 1 for b in self.betas), "two numbers from 0 to 1")
        for kind in ("penalties", "weights"):
            for name, weight in getattr(self, kind).items():
                self._need(f"{kind}.{name}", isinstance(weight, int | float) and 0 <= weight < math.inf, "0 or more")
        self._need("precision", self.precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}")
        self._need(
            "label",
            re.fullmatch(LABELS, self.label),
            "none, class, kmeans, kmeans:K or codes:K (2 to 9999)",
        )
        if self.together and self.discriminator_turns > 1:
            raise WrongUseError("together=true leaves no room for discriminator_turns above 1: set together=false")
        parse_size(self.size)

    def samples(self, array: np.ndarray | None = None) -> Samples:
        """The data that is trained on; of an array that is not kept as a file yet, that."""
        return load(self.data if array is None else array, self.size, self.inputs, self.matched)

    def unseen(self) -> Samples | None:
        """The part of the data that is not trained on; None where there is none, or it cannot be had."""
        other = held_out(self.data)
        try:
            return load(other, self.size, self.inputs, self.matched) if other else None
        except (WrongUseError, RunFailedError):  # a set whose test part is not on this machine
            return None

    def fitted(self, count: int, images: bool = True) -> "Recipe":
        """With every choice made that waits for the number of samples, and for what they are: images, or points."""
        changes: dict[str, Any] = {}
        if self.label == "kmeans":
            changes["label"] = f"kmeans:{min(MOST_CLUSTERS, max(2, count // PER_CLUSTER))}"
        if self.augment == ("auto",):
            # what images are made from is changed with them, as data: colours and holes would be learnt
            fitting = ("flip",) if self.inputs else AUGMENTED
            changes["augment"] = fitting if images and count < FEW_IMAGES else ()
        if not changes.get("augment", self.augment):
            changes["adapt"] = 0.0  # there is nothing to adapt
        if self.label == "none":
            changes["mismatch"] = 0.0  # nor to be wrong about
        return dataclasses.replace(self, **changes)

    def _need(self, name: str, holds: Any, allowed: str) -> None:
        if not holds:
            field_name, _, key = name.partition(".")
            value = getattr(self, field_name)[key] if key else getattr(self, field_name)
            raise WrongUseError(f"{name} must be {allowed}, not {value!r}")

    def but(self, **changes: Any) -> "Recipe":
        """A copy with other values, each brought to its field's type. `penalties.r1` style names reach inside."""
        plain = {name: _coerced(name, value, self) for name, value in changes.items() if "." not in name}
        changed = dataclasses.replace(self, **plain)
        for name, value in changes.items():
            if "." in name:
                changed = changed._inside(name, value)
        return changed

    def located(self, folder: Path) -> "Recipe":
        """The recipe with the full paths of what it names in this folder: arrays and models users gave."""
        found = {side: folder / getattr(self, side) for side in ("data", "generator", "discriminator")}
        return self.but(**{side: str(file.absolute()) for side, file in found.items() if file.is_file()})

    def _inside(self, dotted: str, value: Any) -> "Recipe":
        name, _, key = dotted.partition(".")
        held = getattr(self, _known(name))
        if not isinstance(held, Mapping):
            raise WrongUseError(f"{name} holds a single value: write {name}=..., not {dotted}=...")
        inner: dict[str, Any] = {name: {**held, key: _literal(value) if isinstance(value, str) else _bare(value)}}
        return dataclasses.replace(self, **inner)

    def to_json(self) -> str:
        """The recipe as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, source: str) -> "Recipe":
        """A recipe from JSON text; `source` names it in errors."""
        try:
            values = json.loads(text)
            if not isinstance(values, dict):
                raise ValueError("not an object of fields")
        except ValueError as error:
            raise WrongUseError(f"{source} is not a recipe: {error}") from error
        try:
            return cls().but(**values)
        except WrongUseError as error:
            raise WrongUseError(f"{source}: {error}") from error


def parse_overrides(words: list[str]) -> dict[str, str]:
    """`["steps=2000", "penalties.r1=0.1"]` as a dict; values stay text until their field is known."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise WrongUseError(f"{word!r} is not a setting: write field=value, such as steps=2000")
        if name.strip() == "minutes":
            raise WrongUseError(f"minutes are a budget, not a setting: write --minutes {value.strip()}")
        found[name.strip()] = value.strip()
    return found


_TYPES = typing.get_type_hints(Recipe)


def _known(name: str) -> str:
    if name not in _TYPES:
        raise unknown("setting", name, _TYPES)
    return name


def _coerced(name: str, value: Any, recipe: Recipe) -> Any:
    """`value`, perhaps text from a command line, as the type of the field `name`."""
    kind = _TYPES[_known(name)]
    optional = typing.get_origin(kind) in (Union, types.UnionType)
    if optional:
        if value is None or value == "none":
            return None
        kind = next(k for k in typing.get_args(kind) if k is not type(None))
    try:
        return _as(kind, value)
    except (TypeError, ValueError, OverflowError):
        raise WrongUseError(f"{name} takes {_described(kind)}, not {value!r}") from None


def _as(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if kind is bool:
        words = {**WORDS, "1": True, "0": False}
        if str(value).lower() not in words:
            raise ValueError
        return words[str(value).lower()]
    if kind is int:
        number = float(str(value).replace("_", ""))
        if number != int(number):
            raise ValueError
        return int(number)
    if kind is float:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    if origin is tuple:
        items = _items(value) if isinstance(value, str) else [value] if isinstance(value, int | float) else list(value)
        return tuple(_as(typing.get_args(kind)[0], item) for item in items)
    if isinstance(value, str) and kind is not str:
        pairs = (re.split(r"[:=]", item, maxsplit=1) for item in _items(value))
        return {key.strip(): _literal(text.strip()) for key, text in pairs}
    if kind is str:
        return str(value)
    return {key: _bare(own) for key, own in dict(value).items()}


def _bare(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's, which JSON knows."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def _items(text: str) -> list[str]:
    """A comma-separated list; `none` and nothing are the empty one."""
    text = text.strip("()[] ")
    return [] if text in ("", "none") else [item.strip() for item in text.split(",") if item.strip()]


def _literal(text: str) -> Any:
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _described(kind: Any) -> str:
    if typing.get_origin(kind) is tuple:
        return f"a list of {_described(typing.get_args(kind)[0])} separated by commas"
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    return names.get(kind, "name:value pairs separated by commas")
