"""Clusters, figures and maps: what is known is found, figures equal their closed forms, seeds decide everything."""

import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, make_blobs
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_score

from ganvas import unsupervised
from ganvas.errors import WrongUseError
from ganvas.unsupervised import Choice, Components


def _blobs(count=600, kinds=5, width=6, seed=0):
    features, labels = make_blobs(count, width, centers=20 * np.eye(kinds, width), cluster_std=1.0, random_state=seed)
    return features.astype(np.float32), labels


def _digits(count=300):
    images, labels = load_digits(return_X_y=True)
    return (images[:count] / 16).astype(np.float32), labels[:count]


def _two_labellings(count=80):
    random = np.random.RandomState(0)
    one = random.randint(4, size=count)
    return one, np.where(random.rand(count) < 0.6, one, random.randint(5, size=count))


# --- clusters


@pytest.mark.parametrize("whole", [unsupervised.WHOLE, 0])  # all at once, and by mini-batches
def test_known_clusters_are_recovered(whole, monkeypatch):
    monkeypatch.setattr(unsupervised, "WHOLE", whole)
    features, labels = _blobs()
    found = unsupervised.kmeans(features, 5)
    assert unsupervised.rand_index(found.labels, labels) == 1
    assert unsupervised.purity(found.labels, labels) == 1
    assert unsupervised.mutual_information(found.labels, labels) == pytest.approx(1)
    assert found.sizes.tolist() == np.bincount(found.labels).tolist()
    assert found.centres.shape == (5, 6)


def test_every_sample_belongs_to_the_nearest_centre():
    features, _ = _digits()
    found = unsupervised.kmeans(features, 7)
    apart = np.linalg.norm(features[:, None] - found.centres, axis=2)
    assert np.array_equal(found.labels, apart.argmin(axis=1))
    np.testing.assert_allclose(found.distances, apart.min(axis=1), rtol=1e-5)
    reference = KMeans(7, random_state=unsupervised.SEED, n_init=unsupervised.TRIES).fit(features).inertia_
    assert (found.distances.astype(float) ** 2).sum() == pytest.approx(reference, rel=1e-4)


def test_the_nearest_and_the_furthest_samples():
    features, _ = _digits()
    found = unsupervised.kmeans(features, 7)
    near = found.nearest(5)
    for cluster, rows in enumerate(near):
        own = np.flatnonzero(found.labels == cluster)
        assert {*rows} <= {*own}
        assert found.distances[rows].tolist() == sorted(found.distances[own])[:5]
    assert found.distances[found.furthest(3)].tolist() == sorted(found.distances)[:-4:-1]


def test_by_size_only_renumbers():
    features, _ = _digits()
    found = unsupervised.kmeans(features, 7)
    ordered = found.by_size()
    assert ordered.sizes.tolist() == sorted(found.sizes, reverse=True)
    assert unsupervised.rand_index(ordered.labels, found.labels) == 1
    np.testing.assert_array_equal(ordered.centres[ordered.labels], found.centres[found.labels])


@pytest.mark.parametrize("kinds", [3, 5, 8])
def test_the_number_of_separate_clusters_is_chosen(kinds):
    features, _ = _blobs(kinds=kinds, width=10)
    seen = []
    found = unsupervised.choose_count(
        features, range(2, 13), watch=lambda counts: (seen.append(c) or c for c in counts)
    )
    assert (found.by_silhouette, found.by_elbow, found.count) == (kinds, kinds, kinds)
    assert found.substantial
    assert seen == list(range(2, 13))
    assert list(found.inertias) == sorted(found.inertias, reverse=True)
    at = found.counts.index(kinds)
    labels = unsupervised.kmeans(features, kinds).labels
    assert found.silhouettes[at] == pytest.approx(silhouette_score(features, labels), rel=0.02)


def test_a_cloud_without_clusters_has_no_structure_and_an_elbow():
    cloud = np.random.RandomState(0).normal(size=(300, 20)).astype(np.float32)
    found = unsupervised.choose_count(cloud, range(2, 9))
    assert not found.substantial
    assert found.count == found.by_elbow


def test_the_elbow_is_where_the_curve_bends_most():
    assert Choice((2, 3, 4, 5, 6, 7), (100, 60, 20, 18, 16, 14), (0,) * 6).by_elbow == 4
    assert Choice((2, 10, 50), (9.0, 3.0, 1.0), (0.3, 0.9, 0.2)).count == 10


def test_centres_as_pictures_are_means():
    images = np.random.RandomState(0).randint(0, 256, (50, 4, 5, 3), np.uint8)
    labels = np.arange(50) % 3
    found = unsupervised.mean_images(images, labels, 4)
    for cluster in range(3):
        np.testing.assert_allclose(found[cluster], images[labels == cluster].mean(axis=0), atol=0.51)
    assert not found[3].any()


# --- figures


def test_confusion_and_purity_count():
    clusters, labels = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 1, 0, 0, 0, 2])
    assert unsupervised.confusion(clusters, labels).tolist() == [[1, 2, 0], [2, 0, 0], [0, 0, 1]]
    assert unsupervised.purity(clusters, labels) == pytest.approx(5 / 6)


def test_mutual_information_equals_its_closed_form():
    clusters, labels = _two_labellings()
    table = unsupervised.confusion(clusters, labels) / len(labels)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    shared = sum(p * np.log(p / (rows[i] * columns[j])) for (i, j), p in np.ndenumerate(table) if p)
    entropies = [-(p[p > 0] * np.log(p[p > 0])).sum() for p in (rows, columns)]
    assert unsupervised.mutual_information(clusters, labels) == pytest.approx(shared / np.mean(entropies))


def test_the_rand_index_equals_the_count_of_pairs():
    clusters, labels = _two_labellings()
    pairs = [(clusters[i] == clusters[j], labels[i] == labels[j]) for i, j in combinations(range(len(labels)), 2)]
    both, one, other = (
        np.sum([f(*pair) for pair in pairs]) for f in (lambda a, b: a & b, lambda a, b: a, lambda a, b: b)
    )
    chance = one * other / len(pairs)
    assert unsupervised.rand_index(clusters, labels) == pytest.approx((both - chance) / ((one + other) / 2 - chance))


def test_chance_is_no_agreement():
    random = np.random.RandomState(0)
    clusters, labels = random.randint(10, size=(2, 5000))
    assert abs(unsupervised.rand_index(clusters, labels)) < 0.01
    assert unsupervised.mutual_information(clusters, labels) < 0.02


# --- maps


def test_components_are_those_of_the_covariance():
    images = (16 * load_digits().images).clip(0, 255).astype(np.uint8)[..., None]
    flat = unsupervised.flat(images)
    assert (flat.min(), flat.max()) == (0, 1)
    components = Components.fit(images, 5)
    values = np.sort(np.linalg.eigvalsh(np.cov(flat, rowvar=False)))[::-1]
    np.testing.assert_allclose(components(images).var(axis=0, ddof=1), values[:5], rtol=1e-3)
    np.testing.assert_allclose(unsupervised.pca(flat).var(axis=0, ddof=1), values[:2], rtol=1e-3)
    assert not unsupervised.pca(flat[:, 10:11], 2)[:, 1].any()


def test_a_map_keeps_neighbours_together():
    features, labels = _digits()
    places = unsupervised.tsne(features)
    assert places.shape == (300, 2)
    assert trustworthiness(features, places) > 0.95
    nearest = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(300)
    assert (labels[nearest.argmin(axis=1)] == labels).mean() > 0.9


def test_a_seed_decides_everything_whatever_the_threads():
    code = (
        "from ganvas import unsupervised as u; from sklearn.datasets import load_digits; import numpy as np\n"
        "f = (load_digits().data[:200] / 16).astype(np.float32)\n"
        "print([part.tobytes().hex() for part in (u.kmeans(f, 5).centres, u.tsne(f[:60]))])\n"
        "u.WHOLE = 0; print(u.kmeans(f, 5).centres.tobytes().hex())\n"
        "print(u.choose_count(f, range(2, 5)), 'tensorflow' in __import__('sys').modules)"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True, text=True, check=True,
        ).stdout
        for threads in ("1", "2")
    ]  # fmt: skip
    assert told[0] == told[1]
    assert told[0].endswith("False\n")
    features = _digits()[0]
    other = unsupervised.tsne(features, seed=1)
    assert not np.array_equal(
        unsupervised.kmeans(features, 5, seed=1, tries=1).centres, unsupervised.kmeans(features, 5, tries=1).centres
    )
    assert np.isfinite(other).all()


def test_wrong_use_is_one_sentence():
    features = _digits(20)[0]
    with pytest.raises(WrongUseError, match="k must be from 1 to the number of samples, 20, not 21"):
        unsupervised.kmeans(features, 21)
    with pytest.raises(WrongUseError, match="3 samples or more, not 2"):
        unsupervised.choose_count(features[:2])
    with pytest.raises(WrongUseError, match="of which some differ"):
        unsupervised.tsne(np.ones((9, 4), np.float32))


def test_importing_it_is_cheap():
    code = "import sys, ganvas.unsupervised, ganvas.exploration, ganvas.report.exploration\n"
    code += "print([m for m in ('sklearn', 'tensorflow', 'keras', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
