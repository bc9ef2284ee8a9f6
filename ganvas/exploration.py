"""`ganvas.explore`: what a data set shows before anything is trained, and where generated samples lie among real ones.

Features come from `extractor`, clusters and maps from `unsupervised`; this puts them together and writes plain files.
"""

import csv
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ganvas import data, features, figures, progress, scores, unsupervised
from ganvas.data import Samples
from ganvas.data.fetch import cache
from ganvas.errors import WrongUseError
from ganvas.features import Extracted, Extractor
from ganvas.images import coloured, enlarge, grid, save_png, shrink
from ganvas.names import choices, unknown
from ganvas.run import Run
from ganvas.scores import run_of
from ganvas.unsupervised import Choice, Clustering
from ganvas.whole import PART

COUNT = 10  # clusters
LEAST = 10  # different samples that there is anything to see in
MAPPED = 3000  # samples on a map
GENERATED = 5000  # samples whose shares of the clusters are compared with the real ones'
NEAREST = 10  # samples shown of a cluster
ODD = 40
RESTORED = 10  # samples shown beside what an autoencoder makes of them
ACROSS = 20  # places to a side of a code of two numbers that are drawn
SHOWN = 50  # clusters drawn at most
SIDE = 64  # pixels at most of an image in a picture of many
MOST_BYTES = 1_000_000_000  # features are kept in memory
AUTOENCODER = "autoencoder"  # features trained on the data themselves; or any run of that recipe
WITHOUT_TENSORFLOW = ("pixels", "pca")


@dataclass(frozen=True)
class Agreement:
    """How clusters agree with labels that they were not told: three figures, and how many of each cluster have each."""

    purity: float
    mutual_information: float
    rand_index: float
    table: np.ndarray


@dataclass(frozen=True)
class Map:
    """Some of the samples, their `rows` (M,), in the plane: by each way of placing them, float (M, 2)."""

    rows: np.ndarray
    layouts: dict[str, np.ndarray]


@dataclass(frozen=True)
class Restored:
    """Samples on their way through an autoencoder: the `errors` (N,) they come back with, a mean square, and pictures.

    `images` is what the samples `rows` come back as, the first half of them drawn at random, the second those with the
    largest errors. `plane` holds what a code of two numbers stands for, place by place: uint8 (ACROSS^2, H, W, C), from
    the upper left of the map; None for longer codes.
    """

    errors: np.ndarray
    rows: np.ndarray
    images: np.ndarray
    plane: np.ndarray | None


@dataclass(frozen=True)
class Generated:
    """Generated samples among real ones: each side's shares of the clusters (K,), and one map of both.

    The map's places (R + G, 2) are those of the real samples `rows` (R,), then those of the generated `samples` (G,).
    """

    name: str
    count: int
    shares: np.ndarray
    real_shares: np.ndarray
    rows: np.ndarray
    samples: np.ndarray
    clusters: np.ndarray
    places: np.ndarray

    @property
    def is_generated(self) -> np.ndarray:
        """Which of the places are of generated samples, bool (R + G,)."""
        return np.arange(len(self.places)) >= len(self.rows)


@dataclass(frozen=True)
class Exploration:
    """What was found. `samples` are those looked at, `index` their places (N,) in the whole data set of `total`."""

    samples: Samples
    index: np.ndarray
    total: int
    features: str
    width: int
    clusters: Clustering
    choice: Choice | None
    agreement: Agreement | None
    map: Map
    restored: Restored | None
    generated: Generated | None
    notes: tuple[str, ...]
    seconds: dict[str, float]

    @property
    def points(self) -> bool:
        """Are these points in the plane, not images?"""
        return self.samples.images.ndim == 2

    @property
    def colourings(self) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
        """The mapped samples' kinds, int (M,), and the kinds' names: by cluster, and by label where there are any."""
        rows, labels = self.map.rows, self.samples.labels
        names = tuple(str(cluster) for cluster in range(len(self.clusters.centres)))
        found = {"cluster": (self.clusters.labels[rows], names)}
        return found if labels is None else found | {"label": (labels[rows], self.samples.classes)}

    @cached_property
    def centres(self) -> np.ndarray:
        """Each cluster's centre as a sample: the mean of its images uint8 (K, H, W, C), or a point (K, 2)."""
        if self.points:
            return self.clusters.centres
        return unsupervised.mean_images(self.samples.images, self.clusters.labels, len(self.clusters.centres))

    @cached_property
    def nearest(self) -> list[np.ndarray]:
        """For every cluster the samples nearest to its centre, at most ten of them."""
        return [self.thumbnails(rows) for rows in self.clusters.nearest(NEAREST)]

    def thumbnails(self, rows: np.ndarray) -> np.ndarray:
        """Samples for a picture of many: none of their sides above 64 pixels."""
        found = np.asarray(self.samples.images[rows])
        return found if self.points else shrink(found, SIDE)

    def facts(self) -> dict[str, Any]:
        """The figures, as plain values."""
        found: dict[str, Any] = {
            "data": self.samples.name,
            "n": len(self.samples),
            "features": self.features,
            "width": self.width,
            "k": len(self.clusters.centres),
            "sizes": self.clusters.sizes.tolist(),
        }
        if self.choice:
            found["choice"] = {
                "k": list(self.choice.counts),
                "silhouette": list(self.choice.silhouettes),
                "inertia": list(self.choice.inertias),
                "by_silhouette": self.choice.by_silhouette,
                "by_elbow": self.choice.by_elbow,
            }
        if self.agreement:
            found |= {"purity": self.agreement.purity, "nmi": self.agreement.mutual_information}
            found |= {"ari": self.agreement.rand_index, "confusion": self.agreement.table.tolist()}
        if self.restored:
            found["error"] = float(self.restored.errors.mean())
        if self.generated:
            found["generated"] = {
                "name": self.generated.name,
                "n": self.generated.count,
                "shares": self.generated.shares.tolist(),
                "real_shares": self.generated.real_shares.tolist(),
            }
        return found | {"seconds": {stage: round(spent, 2) for stage, spent in self.seconds.items()}}

    def save(self, folder: str | Path) -> None:
        """Write `clusters.csv`, `embeddings.npz` and the pictures into a folder, in the place of an earlier look's."""
        folder = Path(folder)
        check_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=PART) as part:
            self._save_files(Path(part))
            for name in FILES:
                (folder / name).unlink(missing_ok=True)
            for file in Path(part).iterdir():
                file.replace(folder / file.name)

    def _save_files(self, folder: Path) -> None:
        self._save_clusters(folder / "clusters.csv")
        self._save_embeddings(folder / "embeddings.npz")
        figures.save_map(folder / "map.png", self.map.layouts, self.colourings)
        made = self.generated
        if made:
            shares = made.real_shares, made.shares
            figures.save_real_and_generated(folder / "real_and_generated.png", made.places, made.is_generated, *shares)
        if not self.points:
            save_png(folder / "centres.png", enlarge(grid(shrink(self.centres[:SHOWN], SIDE), NEAREST), 640))
            save_png(folder / "nearest.png", enlarge(self._rows_of_nearest(), 640))
            save_png(folder / "map_thumbnails.png", coloured(self.mosaic()[None])[0])
        if self.restored:
            save_png(folder / "restored.png", enlarge(self.pairs(), 640))
        if self.restored and self.restored.plane is not None:
            save_png(folder / "code.png", enlarge(grid(self.restored.plane, ACROSS, gap=0), 640))

    def pairs(self) -> np.ndarray:
        """Samples above what an autoencoder makes of them, some at random and the worst: one uint8 picture."""
        assert self.restored is not None
        before, after = self.thumbnails(self.restored.rows), shrink(self.restored.images, SIDE)
        halves = np.array_split(np.arange(len(before)), 2)
        return grid(np.concatenate([side[half] for half in halves for side in (before, after)]), len(halves[0]))

    def mosaic(self) -> np.ndarray:
        """The first layout with the images themselves, framed in their clusters' colours, uint8 (height, width, 4)."""
        rows, (places, *_) = self.map.rows, self.map.layouts.values()
        return figures.mosaic(places, np.asarray(self.samples.images[rows]), self.clusters.labels[rows])

    def _rows_of_nearest(self) -> np.ndarray:
        """A row to a cluster: the images nearest to its centre, white where it has fewer."""
        shape = self.nearest[0].shape[1:]
        rows = np.full((min(SHOWN, len(self.nearest)), NEAREST, *shape), 255, np.uint8)
        for row, images in zip(rows, self.nearest, strict=False):
            row[: len(images)] = images
        return grid(rows.reshape(-1, *shape), NEAREST)

    def _save_clusters(self, file: Path) -> None:
        columns: dict[str, Any] = {"index": self.index, "cluster": self.clusters.labels}
        columns["distance"] = [f"{distance:.6g}" for distance in self.clusters.distances]
        if self.restored:
            columns["error"] = [f"{error:.6g}" for error in self.restored.errors]
        if self.samples.labels is not None:
            columns["label"] = np.array(self.samples.classes)[self.samples.labels]
        if self.samples.names is not None:
            columns["name"] = self.samples.names
        with open(file, "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))

    def _save_embeddings(self, file: Path) -> None:
        rows, made = self.map.rows, self.generated
        arrays = {"index": self.index[rows], "cluster": self.clusters.labels[rows], "centres": self.clusters.centres}
        arrays |= {layout.lower().replace("-", ""): places for layout, places in self.map.layouts.items()}
        if self.samples.labels is not None:
            arrays["label"] = self.samples.labels[rows]
        if made:
            arrays |= {"real_and_generated": made.places, "is_generated": made.is_generated}
            arrays |= {"real_shares": made.real_shares, "shares": made.shares}
        np.savez_compressed(file, **arrays)


FILES = (
    "clusters.csv", "embeddings.npz", "centres.png", "nearest.png", "map.png", "map_thumbnails.png",
    "real_and_generated.png", "restored.png", "code.png", "report.html",
)  # fmt: skip


def folder_of(spec: str) -> Path:
    """Where what is found in a data set goes, unless somewhere else is named: explore-mnist."""
    name = Path(spec).stem if "/" in spec else spec
    return Path(f"explore-{re.sub(r'[^A-Za-z0-9_]+', '_', name).strip('_') or 'data'}")


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything but an earlier exploration."""
    if folder.is_dir():
        others = sorted(
            name for path in folder.iterdir() if not (name := path.name).startswith(PART) and name not in FILES
        )
        if others:
            raise WrongUseError(f"{folder} holds {others[0]}, which is no exploration's: name a new folder")
    elif folder.exists():
        raise WrongUseError(f"{folder} is a file: name a folder")


def explore(
    spec: str | np.ndarray,
    size: str | int | None = None,
    *,
    k: int | str = COUNT,
    features: str | Run | None = None,
    n: int | None = None,
    against: Any = None,
    show: bool = True,
) -> Exploration:
    """Look at a data set: K-means clusters of its features, how they agree with its labels, and maps.

    `spec` and `size` are as `ganvas.load` takes them. `k` is a number of clusters, or "auto" to have it chosen.
    `features` are "pixels" (all of them), "pca", "autoencoder" (one is trained, once), a run of that recipe, or an
    extractor's name; at most `n` samples, drawn at random, are looked at. `against` is a run, or a file or folder of
    generated samples, to be shown among these real ones. The same arguments give the same answer. Raises WrongUseError
    for what cannot be done.
    """
    check_request(k, n)
    with progress.choose(show) as shown:
        stages = _Stages(shown)
        whole = data.load(spec, size)
        index = _chosen(whole, n)
        samples = whole if len(index) == len(whole) else whole.take(index)
        check(samples, k)
        made = _generated(against, samples, stages) if against is not None else None
        name = str(features.path if isinstance(features, Run) else features or default_features(samples))
        check_features(name, samples)
        with stages.named("features", f"features: {name} of {len(samples):,} samples"):
            coder = autoencoder(name, samples)
            extract = extractor(name, samples, coder)
            found = extract.of(samples, shown.portions(f"{name} of {samples.name}")).features
        if (found == found[0]).all():
            raise WrongUseError(f"the features {name} of {samples.name} are the same for all samples: choose others")
        choice = None
        if k == "auto":
            with stages.named("choosing k", f"how many clusters: {_tried(samples)}"):
                watch = shown.portions("numbers of clusters")
                choice = unsupervised.choose_count(found, unsupervised.COUNTS, watch=watch)
        count = choice.count if choice else int(k)
        with stages.named("k-means", f"K-means: {count} clusters of {len(found):,} samples by {found.shape[1]} values"):
            clusters = unsupervised.kmeans(found, count).by_size()
        agreement = _agreement(clusters.labels, count, samples)
        mapped = _map(samples, found, stages)
        restored = None if coder is None else _restored(coder, samples, found, stages)
        generated = None if made is None else _among(made, extract, samples, found, clusters, stages)
        return Exploration(
            samples, index, len(whole), name, found.shape[1], clusters, choice, agreement, mapped, restored,
            generated, (*samples.notes, *extract.notes), stages.seconds,
        )  # fmt: skip


def extractor(name: str, samples: Samples, coder: Run | None) -> Extractor:
    """Where features of samples like these come from: the one place that knows.

    `pixels` are all of them here, as K-means has it in every textbook; scores take block means under that name.
    """
    if name == "pixels":
        return Extractor("pixels", "", lambda images: Extracted(unsupervised.flat(images)))
    if coder:
        return Extractor(AUTOENCODER, "", lambda images: Extracted(coder.codes(images)))
    return features.find(name, samples)


def autoencoder(name: str, samples: Samples) -> Run | None:
    """The autoencoder that these features are the code of: a run, or one trained on these samples, once."""
    if name != AUTOENCODER:
        return run_of(name)
    from ganvas.trainer import resume, train

    run = Run(cache() / "autoencoders" / samples.sha256[:24])
    if not (run.path / "recipe.json").exists():
        if not run.locked:
            shutil.rmtree(run.path, ignore_errors=True)  # one that ended before it had begun
        return train(AUTOENCODER, data=samples.images, run=run.path, evaluate=0, progress=False)
    return run if run.status == "done" else resume(run, progress=False)


def default_features(samples: Samples) -> str:
    """Pixels where all of them fit into memory, else their principal components."""
    return "pixels" if _bytes_of_pixels(samples) <= MOST_BYTES else "pca"


def check_features(name: str, samples: Samples) -> None:
    """Refuse features that cannot be had of these samples, before any work is done."""
    if name == AUTOENCODER and samples.images.ndim != 4:
        raise WrongUseError(f"{samples.name} holds points, which need no autoencoder: leave features out")
    if name == AUTOENCODER or run_of(name):
        return
    known = [*choices(features), AUTOENCODER]
    if name not in known and name.isidentifier():  # not a file, and not package.module:name
        raise unknown("features", name, sorted(known))
    features.check(name, samples)
    if name == "pixels" and _bytes_of_pixels(samples) > MOST_BYTES:
        raise WrongUseError(
            f"all pixels of {samples.name} take {_bytes_of_pixels(samples) / 1e9:.1f} GB of memory: take features pca, "
            "a smaller size, or fewer samples with n"
        )


def check_request(k: int | str, n: int | None) -> None:
    """Refuse numbers that cannot be meant."""
    if k != "auto" and not (str(k).isdigit() and int(k) >= 2):
        raise WrongUseError(f"k is a number of clusters, 2 or more, or auto, not {k!r}")
    if n is not None and n < LEAST:
        raise WrongUseError(f"n must be at least {LEAST} to see anything, not {n}")


def check(samples: Samples, k: int | str) -> None:
    """Refuse fewer different samples than there are clusters to be, or than there is anything to see in."""
    different = len(samples) - samples.duplicates
    if different < LEAST:
        raise WrongUseError(f"{samples.name} has {different} different samples: exploring takes {LEAST} or more")
    if k != "auto" and int(k) > different:
        raise WrongUseError(f"k={k} asks for more clusters than {samples.name} has different samples, {different}")


def _tried(samples: Samples) -> str:
    counts, few = unsupervised.COUNTS, min(len(samples), unsupervised.CHOSEN_ON)
    return f"{counts[0]} to {counts[-1]} tried on {few:,} samples"


def _bytes_of_pixels(samples: Samples) -> int:
    return 4 * len(samples) * int(np.prod(samples.shape))


def _chosen(samples: Samples, n: int | None) -> np.ndarray:
    """The rows to look at, in order."""
    if n is None or n >= len(samples):
        return np.arange(len(samples))
    return _some(len(samples), n)


def _some(count: int, most: int) -> np.ndarray:
    """At most so many of the rows, drawn at random, always the same, in order."""
    return np.sort(np.random.RandomState(unsupervised.SEED).permutation(count)[:most])


def _agreement(clusters: np.ndarray, count: int, samples: Samples) -> Agreement | None:
    labels = samples.labels
    if labels is None:
        return None
    table = unsupervised.confusion(clusters, labels)
    table = np.pad(table, ((0, count - table.shape[0]), (0, len(samples.classes) - table.shape[1])))
    return Agreement(
        unsupervised.purity(clusters, labels),
        unsupervised.mutual_information(clusters, labels),
        unsupervised.rand_index(clusters, labels),
        table,
    )


def _map(samples: Samples, found: np.ndarray, stages: "_Stages") -> Map:
    rows = _some(len(samples), MAPPED)
    if samples.images.ndim == 2:
        return Map(rows, {"points": samples.images[rows]})
    if found.shape[1] == 2:  # which are a map already
        return Map(rows, {"features": found[rows]})
    with stages.named("map", f"t-SNE of {len(rows):,} samples"):
        return Map(rows, {"t-SNE": unsupervised.tsne(found[rows]), "PCA": unsupervised.pca(found[rows])})


def _restored(coder: Run, samples: Samples, codes: np.ndarray, stages: "_Stages") -> Restored:
    with stages.named("reconstructions", f"what {len(samples):,} samples come back as"):
        errors = coder.errors(samples.images)
    worst = np.argsort(-errors, kind="stable")
    rows = np.concatenate([_some(len(samples), RESTORED), worst[:RESTORED]])
    plane = None
    if codes.shape[1] == 2:
        shares = np.linspace(0.01, 0.99, ACROSS)  # places where codes are dense lie densely
        across, up = np.quantile(codes[:, 0], shares), np.quantile(codes[:, 1], shares[::-1])
        places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(np.float32)
        plane = shrink(coder.decoded(places), figures.THUMBNAIL)
    return Restored(errors, rows, coder.decoded(codes[rows]), plane)


def _generated(against: Any, samples: Samples, stages: "_Stages") -> Samples:
    """Generated samples, in random order, of the same shape as the real ones."""
    with stages.named("generated samples", f"generated samples: {against if isinstance(against, str) else 'array'}"):
        made = scores.shuffled(scores.loaded(against, GENERATED, samples.shape), GENERATED)
    if made.shape != samples.shape:
        what = "the size of the generated ones" if made.shape[2:] == samples.shape[2:] else "images of as many channels"
        raise WrongUseError(f"{made.name} has samples of {made.shape}, {samples.name} of {samples.shape}: give {what}")
    return made


def _among(
    made: Samples, extract: Extractor, samples: Samples, found: np.ndarray, clusters: Clustering, stages: "_Stages"
) -> Generated:
    extracted = extract(made.images, stages.shown.portions(f"{extract.name} of {made.name}")).features
    count = len(clusters.centres)
    theirs = unsupervised.assign(extracted, clusters.centres)[0]
    shares = np.bincount(theirs, minlength=count) / len(theirs)
    each = min(MAPPED // 2, len(samples), len(made))
    rows = _some(len(samples), each)
    if made.images.ndim == 2:
        places = np.concatenate([samples.images[rows], made.images[:each]])
    elif found.shape[1] == 2:
        places = np.concatenate([found[rows], extracted[:each]])
    else:
        with stages.named("map of both", f"t-SNE of {len(rows):,} real and {each:,} generated samples"):
            places = unsupervised.tsne(np.concatenate([found[rows], extracted[:each]]))
    real_shares = clusters.sizes / len(samples)
    return Generated(
        made.name, len(made), shares, real_shares, rows, made.images[:each], theirs[:each], places
    )  # fmt: skip


class _Stages:
    """Says what is being done, and keeps how long it took."""

    def __init__(self, shown: progress.Progress) -> None:
        self.shown = shown
        self.seconds: dict[str, float] = {}

    @contextmanager
    def named(self, name: str, sentence: str) -> Iterator[None]:
        self.shown.say(sentence)
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began
