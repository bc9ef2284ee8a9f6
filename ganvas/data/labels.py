"""What networks are told of each sample, after a recipe's `label`: nothing, its class, or a cluster.

Clusters, found without labels, stand in for classes (Liu et al. 2020, "Self-Conditioned GANs"): a generator that is
told which kind to make learns faster and leaves fewer kinds out.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ganvas.data import Samples
from ganvas.errors import WrongUseError

COMPONENTS = 32  # principal components that clusters are found in
SEED = 2020
FITTED = 20_000  # samples that the components are fitted to


@dataclass(frozen=True)
class Told:
    """The names of the kinds that networks are told apart; where they are clusters, the centres that define them."""

    classes: tuple[str, ...] = ()
    clusters: "Clusters | None" = None

    def of(self, samples: Samples) -> np.ndarray | None:
        """The kind of every sample, int64 (N,); None where nothing is told, or where samples come without labels."""
        if self.clusters is not None:
            return self.clusters.nearest(samples.images)
        return samples.labels if self.classes else None


@dataclass(frozen=True)
class Clusters:
    """K-means centres (K, P) in the space of P principal components (P, D) around a mean (D,); all float32."""

    mean: np.ndarray
    components: np.ndarray
    centres: np.ndarray

    @classmethod
    def fit(cls, images: np.ndarray, count: int) -> "Clusters":
        """K-means in the first principal components; the same images give the same centres."""
        import threadpoolctl
        from sklearn.cluster import MiniBatchKMeans
        from sklearn.decomposition import PCA

        random = np.random.RandomState(SEED)
        rows = random.permutation(len(images))[:FITTED]
        flat = _flat(images[np.sort(rows)])
        width = min(COMPONENTS, *flat.shape)
        with threadpoolctl.threadpool_limits(1):  # several threads add up in an order of their own
            spread = PCA(width, random_state=SEED).fit(flat)
            found = cls(spread.mean_, spread.components_, np.empty((0, width), np.float32))
            batches = MiniBatchKMeans(count, random_state=SEED, n_init=1, batch_size=4096)
            return replace(found, centres=batches.fit(found._places(images)).cluster_centers_)

    def nearest(self, images: np.ndarray) -> np.ndarray:
        """The nearest centre of every image, int64 (N,)."""
        return ((self.centres**2).sum(axis=1) - 2 * self._places(images) @ self.centres.T).argmin(axis=1)

    def _places(self, images: np.ndarray) -> np.ndarray:
        """Where images lie among the components, float32 (N, P)."""
        parts = (images[start : start + 4096] for start in range(0, len(images), 4096))
        return np.concatenate([(_flat(part) - self.mean) @ self.components.T for part in parts])

    def save(self, file: Path) -> None:
        """Write an .npz."""
        np.savez(file, mean=self.mean, components=self.components, centres=self.centres)

    @classmethod
    def load(cls, file: Path) -> "Clusters":
        """Read an .npz."""
        with np.load(file, allow_pickle=False) as stored:
            return cls(**{name: stored[name] for name in stored.files})


def check(label: str, samples: Samples) -> int:
    """How many kinds a recipe's `label` tells apart in these samples; WrongUseError where it cannot."""
    if label == "class" and samples.labels is None:
        raise WrongUseError(f"{samples.name} has no labels: set label=none, or label=kmeans:10, or give it classes")
    count = int(label.partition(":")[2] or 0)
    if count > len(samples):
        raise WrongUseError(f"label={label} asks for more clusters than {samples.name} has samples, {len(samples)}")
    return len(samples.classes) if label == "class" else count


def tell(label: str, samples: Samples, clusters: Clusters | None = None) -> Told:
    """What a recipe's `label` means for these samples; `clusters` found before are taken as they are."""
    count = check(label, samples)
    if label in ("none", "class"):
        return Told(samples.classes if count else ())
    clusters = clusters or Clusters.fit(samples.images, count)
    return Told(tuple(f"cluster {i}" for i in range(count)), clusters)


def _flat(images: np.ndarray) -> np.ndarray:
    rows = images.reshape(len(images), -1).astype(np.float32)
    return rows / 255 if images.ndim == 4 else rows
