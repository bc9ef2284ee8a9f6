"""Feature extractors, one file each: `build(samples) -> Extractor`, where the samples are the real data.

`find(name, samples)` takes a file's name, a saved `.keras` model, Inception weights (`.pth`), or
`package.module:function`, a function from uint8 images (N, H, W, C) to features (N, width); in Python also a
`keras.Model` (from images in [-1, 1]) or a function itself.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganvas.data import Samples
from ganvas.data.fetch import cache, sha256
from ganvas.errors import WrongUseError, first_line
from ganvas.names import choices, resolve
from ganvas.whole import whole

BATCH = 256

# is given the portions of a piece of work and passes them on, to show how far it is
Watch = Callable[[Sequence[int]], Iterable[int]]


class Extracted(NamedTuple):
    """Features float32 (N, width), and class probabilities float32 (N, classes) where the network gives them."""

    features: np.ndarray
    probabilities: np.ndarray | None = None


@dataclass(frozen=True)
class Extractor:
    """A function from samples, uint8 images (N, H, W, C) or points float32 (N, 2), to features.

    `identity` changes whenever the features of the same images would: what is kept on disk goes by it. Where it is
    empty (functions of one's own) nothing is kept. `notes` are sentences that belong beside any score made with these
    features.
    """

    name: str
    identity: str
    function: Callable[[np.ndarray], Extracted]
    notes: tuple[str, ...] = ()

    def __call__(self, samples: np.ndarray, watch: Watch = iter) -> Extracted:
        """Extract in batches; `watch` sees their starts."""
        starts = range(0, len(samples), BATCH)
        parts = [self.function(np.asarray(samples[start : start + BATCH])) for start in watch(starts)]
        features = np.concatenate([part.features for part in parts]).astype(np.float32, copy=False)
        if parts[0].probabilities is None:
            return Extracted(features)
        return Extracted(features, np.concatenate([part.probabilities for part in parts]))

    def of(self, samples: Samples, watch: Watch = iter) -> Extracted:
        """What is extracted from a data set, kept in the cache by the data's hash and the extractor's identity."""
        if not self.identity:
            return self(samples.images, watch)
        mark = hashlib.sha256(f"{self.identity}/{samples.sha256}".encode()).hexdigest()[:24]
        file = cache() / "features" / f"{self.name}-{mark}.npz"
        try:
            with np.load(file) as stored:
                return Extracted(stored["features"], stored.get("probabilities"))
        except Exception:  # not there yet, or damaged: make it
            found = self(samples.images, watch)
        with suppress(OSError):  # without room for it, it is made again next time
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole(file) as part:
                np.savez(part, **{k: v for k, v in found._asdict().items() if v is not None})
        return found


def find(name: Any, samples: Samples) -> Extractor:
    """The extractor of a name, ready for data like `samples`; or of a keras.Model or function itself."""
    if callable(name):
        return _own(name, called(name))
    if name.endswith(".keras"):
        return _own_model(Path(name))
    if name.endswith(".pth"):
        from ganvas.features import inception

        return inception.from_weights(Path(name))
    found = resolve(name, sys.modules[__name__], "features")
    if ":" in name:
        return _own(found, name)
    return found.build(samples)


def called(name: Any) -> str:
    """What features go by: their name, or that of a model or function itself."""
    if isinstance(name, str):
        return name
    own = str(getattr(name, "name", getattr(name, "__name__", "own")))
    # scores by one of ours have names of their own, FID among them
    return f"own {own}" if own in choices(sys.modules[__name__]) else own


def check(name: str, samples: Samples) -> None:
    """Raise WrongUseError for a name that no extractor can be made of, without making one."""
    if name.endswith((".keras", ".pth")):
        if not Path(name).is_file():
            raise WrongUseError(f"no features model at {name}")
        return
    resolve(name, sys.modules[__name__], "features")
    if name == "classifier" and (samples.labels is None or len(samples.classes) < 2):
        raise WrongUseError(f"{samples.name} has no classes: features=classifier needs a labelled set")


def _own_model(path: Path) -> Extractor:
    if not path.is_file():
        raise WrongUseError(f"no features model at {path}")
    import keras

    try:
        model = keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, OSError) as error:
        raise WrongUseError(f"cannot load the features model {path}: {first_line(error)}") from error
    return _own(model, path.name, sha256(path))


def _own(function: Callable[..., Any], name: str, identity: str = "") -> Extractor:
    """A function takes uint8 images as they are; a keras.Model takes them in [-1, 1]."""
    shape = getattr(function, "input_shape", None)  # a model's

    def extract(images: np.ndarray) -> Extracted:
        if shape is None:
            return Extracted(_vectors(function(images), name))
        from ganvas.images import to_float

        inputs = to_float(images) if images.ndim == 4 else images
        try:
            return Extracted(_vectors(function(inputs, training=False), name))
        except ValueError as error:
            raise WrongUseError(
                f"the features model {name} takes {shape[1:]}, and the samples are {images.shape[1:]}"
            ) from error

    return Extractor(name, identity, extract)


def _vectors(features: Any, name: str) -> np.ndarray:
    features = np.asarray(features)
    if not np.isfinite(features).all():
        raise WrongUseError(f"the features {name!r} gave values that are not numbers")
    if features.ndim < 2:
        raise WrongUseError(f"the features {name!r} must be (N, width), not {features.shape}")
    return features.reshape(len(features), -1)
