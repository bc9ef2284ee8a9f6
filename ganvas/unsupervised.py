"""What data show by themselves, as functions of arrays: K-means, how many clusters, how they agree with labels, maps.

scikit-learn computes. Features are float (N, D). The same arrays and seed give the same answer, on one machine to the
bit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganvas.errors import WrongUseError

SEED = 2020
# samples times values times clusters that are gone through all at once, which ends with clusters 1 to 3% tighter than
# mini-batches do: 60,000 MNIST images in ten clusters take 7 seconds of processor time a try
WHOLE = 600_000_000
BATCH = 4096
TRIES = 3  # starts of K-means, of which the best counts
PART, PART_BYTES = 1024, 64_000_000  # samples taken at a time
FITTED, FITTED_BYTES = 20_000, 500_000_000  # samples that components are fitted to, at most
COUNTS = range(2, 21)  # numbers of clusters to choose from
CHOSEN_ON, JUDGED_ON = 5000, 2500  # samples that these are clustered on, and their silhouettes measured on
SUBSTANTIAL = 0.25  # up to this silhouettes show no structure to speak of
BEFORE_TSNE = 50  # components that t-SNE is given


@dataclass(frozen=True)
class Clustering:
    """K clusters of N samples: centres float (K, D), each sample's cluster int64 (N,) and distance from its centre."""

    centres: np.ndarray
    labels: np.ndarray
    distances: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """How many samples each cluster has, int64 (K,)."""
        return np.bincount(self.labels, minlength=len(self.centres))

    def nearest(self, count: int) -> list[np.ndarray]:
        """For every cluster the rows of at most `count` of its samples, the nearest to the centre first."""
        order = np.argsort(self.distances, kind="stable")
        return [order[self.labels[order] == cluster][:count] for cluster in range(len(self.centres))]

    def furthest(self, count: int) -> np.ndarray:
        """The rows of the samples that lie furthest from every centre, the furthest first: the odd ones."""
        return np.argsort(-self.distances, kind="stable")[:count]

    def by_size(self) -> "Clustering":
        """The same clusters, the largest first."""
        order = np.argsort(-self.sizes, kind="stable")
        return Clustering(self.centres[order], np.argsort(order)[self.labels], self.distances)


@dataclass(frozen=True)
class Choice:
    """For every number of clusters tried, the sum of squared distances within them and the mean silhouette.

    `count` is the number to take: the one with the best silhouette where that shows structure, else the elbow.
    """

    counts: tuple[int, ...]
    inertias: tuple[float, ...]
    silhouettes: tuple[float, ...]
    count: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", self.by_silhouette if self.substantial else self.by_elbow)

    @property
    def by_silhouette(self) -> int:
        """The number with the highest silhouette (Rousseeuw 1987)."""
        return self.counts[int(np.argmax(self.silhouettes))]

    @property
    def substantial(self) -> bool:
        """Is that silhouette above 0.25, below which there is no structure to speak of (Kaufman & Rousseeuw 1990)?"""
        return max(self.silhouettes) > SUBSTANTIAL

    @property
    def by_elbow(self) -> int:
        """Where the curve of inertias bends most: furthest below the line between its ends (Satopää et al. 2011)."""
        counts, inertias = (np.asarray(values, float) for values in (self.counts, self.inertias))
        across = (counts - counts[0]) / max(counts[-1] - counts[0], 1)
        down = (inertias[0] - inertias) / max(inertias[0] - inertias[-1], 1e-12)
        return self.counts[int(np.argmax(down - across))]


def flat(samples: np.ndarray) -> np.ndarray:
    """Every pixel of uint8 images (N, ...) as float32 (N, D) in [0, 1]; points in the plane as they are."""
    rows = samples.reshape(len(samples), -1).astype(np.float32)
    if samples.dtype == np.uint8:
        rows /= 255
    return rows


@dataclass(frozen=True)
class Components:
    """Principal components (P, D) around a mean (D,), a function from uint8 images or points to float32 (N, P).

    They are those of the numbers (N, D) that `of` makes of the samples: every pixel's, or others.
    """

    mean: np.ndarray
    components: np.ndarray
    of: Callable[[np.ndarray], np.ndarray] = flat

    @classmethod
    def fit(
        cls, samples: np.ndarray, count: int, seed: int = SEED, of: Callable[[np.ndarray], np.ndarray] = flat
    ) -> "Components":
        """At most `count` components of samples, of which a part is enough where they are many."""
        from sklearn.decomposition import PCA

        most = min(FITTED, max(2 * count, FITTED_BYTES // max(4 * samples[0].size, of(samples[:1]).nbytes)))
        rows = np.sort(np.random.RandomState(seed).permutation(len(samples))[:most])
        with _one_thread():
            values = np.concatenate([of(samples[part]) for part in _parts(rows, samples[0].nbytes)])
            found = PCA(min(count, *values.shape), random_state=seed).fit(values)
        return cls(found.mean_, found.components_, of)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Where samples lie among the components."""
        with _one_thread():
            parts = _parts(samples, samples[0].nbytes)
            return np.concatenate([(self.of(part) - self.mean) @ self.components.T for part in parts])


def _parts(rows: np.ndarray, each: int = 0) -> Iterable[np.ndarray]:
    """Some rows at a time, fewer where `each` of them stands for many bytes."""
    some = min(PART, max(1, PART_BYTES // max(1, each)))
    return (rows[start : start + some] for start in range(0, len(rows), some))


# --- clusters


def kmeans(features: np.ndarray, count: int, seed: int = SEED, tries: int = TRIES) -> Clustering:
    """K-means (Lloyd 1982), by mini-batches (Sculley 2010) where samples are many; the best of some `tries`.

    Raises WrongUseError where there are fewer samples than clusters.
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans

    if not 1 <= count <= len(features):
        raise WrongUseError(f"k must be from 1 to the number of samples, {len(features)}, not {count}")
    options: dict[str, Any] = {"random_state": seed, "n_init": tries}
    whole = features.size * count <= WHOLE
    model = KMeans(count, **options) if whole else MiniBatchKMeans(count, batch_size=BATCH, **options)
    with _one_thread():
        centres = model.fit(features).cluster_centers_
    return Clustering(centres, *assign(features, centres))


def assign(features: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each sample's nearest centre, int64 (N,), and its Euclidean distance from that."""
    lengths = (centres**2).sum(axis=1)
    parts = [*_parts(features)]
    with _one_thread():
        labels = [(lengths - 2 * part @ centres.T).argmin(axis=1) for part in parts]
    away = [np.linalg.norm(part - centres[found], axis=1) for part, found in zip(parts, labels, strict=True)]
    return np.concatenate(labels), np.concatenate(away)


def choose_count(
    features: np.ndarray,
    counts: Sequence[int] = COUNTS,
    seed: int = SEED,
    watch: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> Choice:
    """How many clusters there are, as the silhouette and the elbow have it, on a random part of many samples.

    `watch` is given the numbers to try and passes them on, to show how far it is.
    """
    from sklearn.metrics import pairwise_distances, silhouette_score

    some = features[np.random.RandomState(seed).permutation(len(features))[:CHOSEN_ON]]
    counts = [count for count in counts if 2 <= count < min(len(some), JUDGED_ON)]
    if not counts:
        raise WrongUseError(f"to choose a number of clusters takes 3 samples or more, not {len(some)}")
    inertias, silhouettes = [], []
    with _one_thread():
        apart = pairwise_distances(some[:JUDGED_ON])
    np.fill_diagonal(apart, 0)  # rounding leaves a trace
    for count in watch(counts):
        found = kmeans(some, count, seed)
        inertias.append(float((found.distances.astype(np.float64) ** 2).sum()))
        judged = found.labels[:JUDGED_ON]
        several = len(np.unique(judged)) > 1
        silhouettes.append(float(silhouette_score(apart, judged, metric="precomputed")) if several else 0.0)
    return Choice(tuple(counts), tuple(inertias), tuple(silhouettes))


def mean_images(images: np.ndarray, clusters: np.ndarray, count: int) -> np.ndarray:
    """The mean of each cluster's images, uint8 (count, H, W, C); black for a cluster without any."""
    sums = np.zeros((count, images[0].size))
    for start in range(0, len(images), PART):
        part = clusters[start : start + PART]
        sums += np.eye(count, dtype=np.float32)[part].T @ flat(images[start : start + PART])
    sizes = np.maximum(np.bincount(clusters, minlength=count), 1)
    return np.rint(255 * sums / sizes[:, None]).astype(np.uint8).reshape(count, *images.shape[1:])


# --- against labels


def confusion(clusters: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How many samples of each cluster have each label, int64 (clusters, labels), both counted from 0."""
    columns = labels.max() + 1
    return np.bincount(clusters * columns + labels, minlength=(clusters.max() + 1) * columns).reshape(-1, columns)


def purity(clusters: np.ndarray, labels: np.ndarray) -> float:
    """The share of samples whose label is the most common one of their cluster; more clusters make it higher."""
    return float(confusion(clusters, labels).max(axis=1).sum() / len(labels))


def mutual_information(clusters: np.ndarray, labels: np.ndarray) -> float:
    """What cluster and label tell of each other, from 0 to 1, over the mean of their entropies (NMI)."""
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(labels, clusters))


def rand_index(clusters: np.ndarray, labels: np.ndarray) -> float:
    """How often pairs are together in both or in neither: 1 if always, 0 by chance (ARI; Hubert & Arabie 1985)."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, clusters))


# --- maps


def pca(features: np.ndarray, count: int = 2, seed: int = SEED) -> np.ndarray:
    """The first principal components of features, float32 (N, count); where there are fewer, zeros."""
    from sklearn.decomposition import PCA

    width = min(count, *features.shape)
    with _one_thread():
        found = PCA(width, random_state=seed).fit_transform(features).astype(np.float32)
    return np.pad(found, ((0, 0), (0, count - width)))


def tsne(features: np.ndarray, seed: int = SEED) -> np.ndarray:
    """A map float32 (N, 2) that keeps near neighbours near (van der Maaten & Hinton 2008), for a few thousand samples.

    From 50 principal components on, and begun with two of them. Needs 3 samples that differ.
    """
    from sklearn.manifold import TSNE

    if len(features) < 3 or (features == features[0]).all():
        raise WrongUseError("t-SNE takes 3 samples or more, of which some differ")
    reduced = pca(features, min(BEFORE_TSNE, features.shape[1]), seed)
    with _one_thread():
        return TSNE(perplexity=min(30.0, (len(reduced) - 1) / 3), random_state=seed).fit_transform(reduced)


def _one_thread() -> Any:
    """Several threads add up in an order of their own: what is equal to the bit takes one."""
    import threadpoolctl

    return threadpoolctl.threadpool_limits(1)
