"""What networks are told of each sample, after a recipe's `label`: nothing, its class, a cluster, or a random code.

Clusters, found without labels, stand in for classes (Liu et al. 2020, "Self-Conditioned GANs"): a generator that is
told which kind to make learns faster and leaves fewer kinds out. Images are clustered by the waves they are made of,
not by their pixels: two checked shirts have few pixels in common, and what is rare is what most needs telling.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from scipy import fft  # type: ignore[import-untyped]

from ganvas.data import Samples
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.unsupervised import SEED, Components, assign, flat, kmeans

COMPONENTS = 64  # principal components that clusters are found in
SMALLEST = 8  # smaller images are clustered by their pixels
SHRUNK = 32  # above so many pixels a side images are halved before their spectra are taken
COARSE = 2  # waves of a window with fewer periods are not told: they are its brightness and its shadows


@dataclass(frozen=True)
class Told:
    """The names of the kinds that networks are told apart, and each training sample's kind, int64 (N,).

    Where the kinds are clusters, the centres that define them; `drawn` ones were drawn at random.
    """

    classes: tuple[str, ...] = ()
    labels: np.ndarray | None = None
    clusters: "Clusters | None" = None
    drawn: bool = False

    def of(self, samples: Samples) -> np.ndarray | None:
        """The kind of every one of other samples; None where nothing is told, or where they come without labels."""
        if self.clusters is not None:
            return self.clusters.nearest(samples.images)
        if self.drawn:
            return _codes(len(self.classes), len(samples))
        return samples.labels if self.classes else None


@dataclass(frozen=True)
class Clusters:
    """K-means centres (K, P) in the space of P principal components (P, D) around a mean (D,) of spectra; float32."""

    mean: np.ndarray
    components: np.ndarray
    centres: np.ndarray

    @classmethod
    def fit(cls, images: np.ndarray, count: int) -> "Clusters":
        """K-means in the first principal components; the same images give the same centres."""
        spread = Components.fit(images, COMPONENTS, spectra)
        return cls(spread.mean, spread.components, kmeans(spread(images), count, tries=1).centres)

    def nearest(self, images: np.ndarray) -> np.ndarray:
        """The nearest centre of every image, int64 (N,)."""
        return assign(Components(self.mean, self.components, spectra)(images), self.centres)[0]

    def save(self, file: Path) -> None:
        """Write an .npz."""
        np.savez(file, mean=self.mean, components=self.components, centres=self.centres)

    @classmethod
    def load(cls, file: Path) -> "Clusters":
        """Read an .npz."""
        with np.load(file, allow_pickle=False) as stored:
            return cls(**{name: stored[name] for name in stored.files})


def spectra(samples: np.ndarray) -> np.ndarray:
    """How strong each wave is in nine windows of uint8 images (N, H, W, C), float32 (N, D); points as they are.

    The windows are half as high and wide as the image, smooth at their edges, and overlap by half: where in a window
    a pattern lies makes no difference, what pattern it is does. Roots of amplitudes: faint ones count, too.
    """
    if samples.ndim == 2 or min(samples.shape[1:3]) < SMALLEST:
        return flat(samples)
    while max(samples.shape[1:3]) > SHRUNK and min(samples.shape[1:3]) >= 2 * SMALLEST:
        samples = _halved(samples)
    sides = samples.shape[1:3]
    high, wide = (side // 2 for side in sides)
    places = product(*((0, (side - side // 2) // 2, side - side // 2) for side in sides))
    smooth = np.outer(np.hanning(high + 2)[1:-1], np.hanning(wide + 2)[1:-1]).astype(np.float32)[..., None]
    periods = np.hypot(high * fft.fftfreq(high)[:, None], wide * fft.rfftfreq(wide))
    found = []
    for top, left in places:
        window = samples[:, top : top + high, left : left + wide].astype(np.float32) / 255
        window -= window.mean(axis=(1, 2), keepdims=True)
        waves = np.abs(fft.rfft2(window * smooth, axes=(1, 2)))[:, periods >= COARSE]
        found.append(np.sqrt(waves).reshape(len(samples), -1))
    return np.concatenate(found, axis=1)


def _halved(images: np.ndarray) -> np.ndarray:
    """Means of 2x2 pixels; of an odd side the last ones are left out."""
    high, wide = (side // 2 for side in images.shape[1:3])
    blocks = images[:, : 2 * high, : 2 * wide].reshape(len(images), high, 2, wide, 2, -1)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def check(label: str, samples: Samples) -> int:
    """How many kinds a recipe's `label` tells apart in these samples; WrongUseError where it cannot."""
    if label == "class" and samples.labels is None:
        raise WrongUseError(f"{samples.name} has no labels: set label=none, or label=kmeans:10, or give it classes")
    count = int(label.partition(":")[2] or 0)
    if label.startswith("kmeans") and count > len(samples):
        raise WrongUseError(f"label={label} asks for more clusters than {samples.name} has samples, {len(samples)}")
    return len(samples.classes) if label == "class" else count


def tell(label: str, samples: Samples, clusters: Clusters | None = None) -> Told:
    """What a recipe's `label` means for these samples; `clusters` found before are taken as they are."""
    count = check(label, samples)
    if not count:
        return Told()
    if label == "class":
        return Told(samples.classes, samples.labels)
    if label.startswith("codes"):
        return Told(tuple(f"code {i}" for i in range(count)), _codes(count, len(samples)), drawn=True)
    if clusters and clusters.mean.size != spectra(samples.images[:1]).size:
        raise RunFailedError("the run's clusters were found by another version of ganvas, otherwise: train it anew")
    clusters = clusters or Clusters.fit(samples.images, count)
    return Told(tuple(f"cluster {i}" for i in range(count)), clusters.nearest(samples.images), clusters)


def _codes(kinds: int, count: int) -> np.ndarray:
    return np.random.RandomState(SEED).randint(kinds, size=count)
