"""Short real trainings on real data: the networks learn what they are for."""

import numpy as np
import pytest

import ganvas
from ganvas import data, recipes
from ganvas.features.pixels import means as pixels
from ganvas.metrics import frechet


def test_toy_finds_all_eight_places_on_the_ring():
    run = ganvas.train("toy", steps=2500, preview=0, evaluate=0, run="ring", progress=False)
    points, real = run.sample(4000), data.load("rings:test")
    centres = np.stack([real.images[real.labels == i].mean(axis=0) for i in range(8)])
    distances = np.linalg.norm(points[:, None] - centres, axis=2)
    near = distances.min(axis=1) < 0.1  # five times the data's own spread
    shares = np.bincount(distances.argmin(axis=1)[near], minlength=8) / len(points)
    assert near.mean() > 0.7
    assert shares.min() > 0.02, shares
    assert shares.max() < 0.4, shares


# as a budget of a minute plans it, and as longer ones do: a discriminator that is shown waves is slower at first
@pytest.mark.parametrize(
    ("recipe", "steps", "times"),
    [(recipes.suited(recipes.find("quick"), 0), 1200, 20), (recipes.find("quick"), 900, 8)],
    ids=["short", "long"],
)
def test_quick_learns_garments_in_a_minute(recipe, steps, times):
    run = ganvas.train(recipe, steps=steps, preview=0, evaluate=0, run="garments", progress=False)
    test = data.load("fashion_mnist:test").images
    floor = frechet(pixels(test[:2000]), pixels(test[2000:4000]))
    learnt = frechet(pixels(test), pixels(run.sample(2000)))
    started = frechet(pixels(test), pixels(np.random.RandomState(0).randint(0, 255, (2000, 28, 28, 1), np.uint8)))
    assert floor < learnt < started / times, (floor, learnt, started)
    # varied: samples differ from each other about as much as garments do
    spread = run.sample(500).std(axis=0).mean() / test.std(axis=0).mean()
    assert 0.7 < spread < 1.2, spread


@pytest.mark.long
@pytest.mark.parametrize(("name", "steps", "limit"), [("dense", 4000, 1.0), ("dense_small", 4000, 3.0)])
def test_the_notes_dense_networks_learn_digits(name, steps, limit):
    run = ganvas.train(name, steps=steps, evaluate=0, run=name, progress=False)
    test = data.load("mnist:test").images
    assert frechet(pixels(test), pixels(run.sample(2000))) < limit


@pytest.mark.long
def test_labels_name_what_is_made():
    """A nearest-mean classifier of real garments agrees with the labels asked for far more often than chance."""
    run = ganvas.train("plain", label="class", steps=1200, preview=0, evaluate=0, run="labels", progress=False)
    real = data.load("fashion_mnist")
    centres = np.stack([pixels(real.images[real.labels == i]).mean(axis=0) for i in range(10)])
    right = []
    for label in range(10):
        features = pixels(run.sample(100, label=label))
        right.append((np.linalg.norm(features[:, None] - centres, axis=2).argmin(axis=1) == label).mean())
    assert np.mean(right) > 0.5, right
