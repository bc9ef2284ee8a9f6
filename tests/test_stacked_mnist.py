"""Stacked digits: how they are put together, and how their thousand kinds are told apart and counted."""

import math

import numpy as np
import pytest

import ganvas
from ganvas import data, features, metrics
from ganvas.data import sets
from ganvas.errors import WrongUseError

METRICS = ["modes", "class_balance", "class_divergence"]


@pytest.fixture(scope="module")
def stacked():
    """Two thousand triples of scikit-learn's digits, which are always there and quick to learn."""
    return sets._stacked(data.load("digits"), 2_000)


def test_the_set_is_three_digits_a_picture_always_the_same_ones():
    train, test = data.load("stacked_mnist"), data.load("stacked_mnist:test")
    assert (train.images.shape, test.images.shape) == ((60_000, 28, 28, 3), (26_000, 28, 28, 3))
    assert (train.images.dtype, train.labels.dtype) == (np.uint8, np.int64)
    assert (train.classes[0], train.classes[407], train.classes[-1], len(train.classes)) == ("000", "407", "999", 1000)
    for samples in (train, test):
        assert set(samples.labels) == set(range(1000))  # every kind there is
        assert samples.duplicates == 0
    assert train.sha256 == data.load("stacked_mnist:train").sha256
    assert data.held_out("stacked_mnist") == "stacked_mnist:test"
    single = data.load("mnist:test")
    known = {image.tobytes(): kind for image, kind in zip(single.images[..., 0], single.labels, strict=True)}
    for image, label in zip(test.images[:50], test.labels[:50], strict=True):
        assert test.classes[label] == "".join(str(known[image[..., i].tobytes()]) for i in range(3))


def test_a_class_is_its_channels_classes_in_a_row(stacked):
    assert stacked.name == "stacked_digits:train"
    assert stacked.channels_of == "digits"
    single = data.load("digits")
    rows = np.random.RandomState(2020).randint(len(single), size=(3, 2_000))
    assert np.array_equal(stacked.images[5, ..., 2], single.images[rows[2, 5], ..., 0])
    assert stacked.classes[stacked.labels[5]] == "".join(str(single.labels[row[5]]) for row in rows)
    assert stacked.take(np.arange(3)).channels_of == "digits"


def test_the_classifier_reads_one_channel_at_a_time(stacked):
    extract, single = features.find("classifier", stacked), features.find("classifier", data.load("digits"))
    found = extract(stacked.images[:300])
    parts = [single(stacked.images[:300, ..., i : i + 1]) for i in range(3)]
    assert found.features.shape == (300, 192)
    np.testing.assert_allclose(found.features[:, 64:128], parts[1].features, atol=1e-4)
    one, two, three = (part.probabilities[7] for part in parts)
    np.testing.assert_allclose(found.probabilities[7, 407], one[4] * two[0] * three[7], rtol=1e-5)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert (found.probabilities.argmax(axis=1) == stacked.labels[:300]).mean() > 0.95
    assert "trained on digits:train, right on 9" in extract.notes[0]
    assert extract.notes[0].endswith("asked of each channel")
    with pytest.raises(WrongUseError, match=r"the classifier of stacked_digits:train takes \(8, 8, 3\)"):
        extract(stacked.images[:2, ..., :1])


def test_kinds_left_out_are_missed(monkeypatch):
    monkeypatch.setattr(sets, "mnist", sets.digits)
    made, notes = data.load("stacked_mnist"), []
    whole, without_threes = (
        ganvas.evaluate(images, "stacked_mnist:test", metrics=METRICS, n=10_000, show=False, notes=notes)
        for images in (made.images, made.images[made.labels // 100 != 3])
    )
    assert whole["modes"]["of"] == 1000
    assert whole["modes"]["value"] > 980
    assert whole["modes"]["floor"] > 980
    assert 880 < without_threes["modes"]["value"] < 910
    apart = without_threes["class_divergence"]["value"] - whole["class_divergence"]["value"]
    assert apart == pytest.approx(math.log(10 / 9), abs=0.02)
    assert any("asked of each channel" in note for note in notes)


def test_divergence_is_among_the_usual_scores_of_stacked_digits_and_can_be_asked_of_others(monkeypatch):
    monkeypatch.setattr(sets, "mnist", sets.digits)
    images = data.load("stacked_mnist").images[:1000]
    found = ganvas.evaluate(images, "stacked_mnist:test", features="pixels", n=1000, show=False)
    assert set(METRICS) <= set(found)
    assert "class_divergence" not in ganvas.evaluate("digits:test", "digits", features="pixels", n=100, show=False)
    asked = {"metrics": ["class_divergence"], "show": False}
    assert ganvas.evaluate("digits:test", "digits", **asked)["class_divergence"]["value"] < 0.1
    with pytest.raises(WrongUseError, match="class_divergence cannot be had of array: it needs labelled"):
        ganvas.evaluate(images, images, **asked)


def test_divergence_from_equal_shares_is_its_formula():
    equal = np.arange(1000).repeat(3)
    assert metrics.class_divergence(equal, 1000) == pytest.approx(0)
    half = equal[equal < 500]
    assert metrics.class_divergence(half, 1000) == pytest.approx(math.log(2))
    assert metrics.class_divergence(np.zeros(50, int), 1000) == pytest.approx(math.log(1000))
    drawn = np.random.RandomState(0).randint(1000, size=26_000)
    found = metrics.class_divergence(drawn, 1000)
    assert found == pytest.approx(999 / 52_000, rel=0.1)  # the bias that its docstring tells
    low, high = found.interval
    assert low < found < high
