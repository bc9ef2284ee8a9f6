"""What networks are told of each sample, after a recipe's `label`: nothing, its class, a cluster, or a random code.

Clusters, found without labels, stand in for classes (Liu et al. 2020, "Self-Conditioned GANs"): a generator that is
told which kind to make learns faster and leaves fewer kinds out. Images are clustered by outlines and patterns, not by
pixels: two checked shirts have few of those in common. How light a part of an image is does not count; colours do
where they meet others.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from ganvas.data import Samples
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.unsupervised import SEED, Components, assign, flat, kmeans
from ganvas.waves import SMALLEST, halvings, waves, windows

COMPONENTS = 64  # principal components that clusters are found in


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
    """K-means centres (K, P) in the space of P principal components (P, D) of spectra, around a mean (D,); float32."""

    mean: np.ndarray
    components: np.ndarray
    centres: np.ndarray

    @classmethod
    def fit(cls, images: np.ndarray, count: int) -> "Clusters":
        """K-means in the first components of spectra; the same images give the same centres."""
        spread = Components.fit(images, COMPONENTS, of=spectra)
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
    """How strong each wave is in nine windows (`ganvas.waves`) of uint8 images (N, H, W, C), float32 (N, D).

    Roots of amplitudes, so that faint ones count, too. Of images too small for it, and of points, the values.
    """
    if samples.ndim == 2 or min(samples.shape[1:3]) < SMALLEST:
        return flat(samples)
    for _ in range(halvings(samples.shape[1:3])):
        samples = _halved(samples)
    found = []
    for rows, columns in product(*map(windows, samples.shape[1:3])):
        window = np.moveaxis(samples[:, rows, columns].astype(np.float32) / 255, 3, 1)
        cosines, sines = (window.reshape(*window.shape[:2], -1) @ each for each in waves(*window.shape[2:]))
        found.append(np.sqrt(np.hypot(cosines, sines)).reshape(len(samples), -1))
    return np.concatenate(found, axis=1)


def _halved(images: np.ndarray) -> np.ndarray:
    """Means of 2x2 pixels, float32; of an odd side the last ones are left out."""
    even = images[:, : images.shape[1] // 2 * 2, : images.shape[2] // 2 * 2]
    return np.stack([even[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]).mean(axis=0, dtype=np.float32)


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
        raise RunFailedError("the run's clusters were found otherwise, by another version of ganvas: train it anew")
    clusters = clusters or Clusters.fit(samples.images, count)
    return Told(tuple(f"cluster {i}" for i in range(count)), clusters.nearest(samples.images), clusters)


def _codes(kinds: int, count: int) -> np.ndarray:
    return np.random.RandomState(SEED).randint(kinds, size=count)
