"""Laws of the autoencoder: a game of one player, its code, and what is done with it."""

import csv

import numpy as np
import pytest
import small

import ganvas
from ganvas import exploration
from ganvas.errors import WrongUseError
from ganvas.images import load_png, to_float, to_uint8
from ganvas.networks import autoencoder
from ganvas.recipes import find
from ganvas.report import exploration as report


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A real run: digits at their own size through 16 numbers, some seconds."""
    options = {"generator_options.code": 16, "generator_options.widths": [64]}
    recipe = find("autoencoder").but(data="digits:train", steps=1500, evaluate=1500, features="pixels", **options)
    return ganvas.train(recipe, run=tmp_path_factory.mktemp("codes") / "run", progress=False)


def test_the_notes_network_has_the_notes_numbers_of_parameters():
    """784 to 32 to 784 with 128 units on either side, counted by hand."""
    found = autoencoder.generator((28, 28, 1), (28, 28, 1))
    assert found.count_params() == 2 * 784 * 128 + 128 + 784 + 2 * 128 * 32 + 32 + 128


@pytest.mark.parametrize("options", [{"code": 3}, {"code": 3, "width": 4}])
def test_images_go_through_the_code(options):
    found = autoencoder.generator((12, 20, 3), (12, 20, 3), widths=(8,), **options)
    assert found.get_layer("code").output.shape == (None, 3)
    assert found(np.zeros((2, 12, 20, 3), np.float32)).shape == (2, 12, 20, 3)
    with pytest.raises(WrongUseError, match="divisible by 4"):
        autoencoder.generator((10, 20, 3), (10, 20, 3), width=4)


def test_it_learns_to_bring_unseen_images_back(trained):
    held_out = ganvas.load("digits:test").images
    error = trained.errors(held_out)
    mean = ganvas.load("digits:train").images.mean(axis=0)
    of_the_mean = (((held_out - mean) / 255) ** 2).mean()
    assert error.shape == (len(held_out),)
    assert error.mean() < 0.25 * of_the_mean
    assert trained.scores()[-1]["psnr"]["value"] > trained.scores()[0]["psnr"]["value"] + 5
    assert "discriminator_cost" not in trained.log()[-1]
    assert ganvas.doctor.diagnose(ganvas.doctor.Evidence.of(trained)) is not None


def test_both_halves_make_the_whole(trained):
    images = ganvas.load("digits:test").images[:20]
    codes = trained.codes(images)
    assert codes.shape == (20, 16)
    whole = to_uint8(np.asarray(trained.generator()(to_float(images), training=False)))
    assert np.array_equal(trained.decoded(codes), whole)


def test_it_takes_pictures_of_its_own_size_alone(trained):
    images = ganvas.load("digits:test").images[:3]
    assert np.array_equal(ganvas.apply(trained, images), trained.decoded(trained.codes(images)))
    with pytest.raises(WrongUseError, match="takes pictures of 8x8 alone, not 9x8"):
        ganvas.apply(trained, np.zeros((1, 9, 8, 1), np.uint8))


def test_what_it_has_not_learnt_comes_back_badly(trained):
    images = ganvas.load("digits:test").images
    usual, strange = trained.errors(images), trained.errors(255 - images)
    assert np.quantile(usual, 0.95) < np.quantile(strange, 0.05)


def test_codes_are_features_to_explore(trained, monkeypatch):
    found = ganvas.explore("digits", features=str(trained.path), n=300, show=False)
    assert found.width == 16
    assert found.agreement.purity > 0.5
    with pytest.raises(WrongUseError, match="is no autoencoder: train one"):
        ganvas.train(small.shrunk("dense", evaluate=0), run="dense", progress=False).codes(
            np.zeros((1, 28, 28, 1), np.uint8)
        )
    monkeypatch.setenv("GANVAS_CACHE", "cache")
    few = find("autoencoder").but(steps=3, save=3, preview=3)
    monkeypatch.setattr("ganvas.trainer.find", lambda recipe: few)
    digits = ganvas.load("digits")
    one, again = (exploration.autoencoder("autoencoder", digits).codes(digits.images[:50]) for _ in range(2))
    assert np.array_equal(one, again)  # trained once
    assert one.shape == (50, 32)


def test_what_comes_back_is_shown_with_its_errors(trained, tmp_path):
    found = ganvas.explore("digits:test", features=str(trained.path), show=False)
    assert np.array_equal(found.restored.errors, trained.errors(found.samples.images))
    ten, worst = np.split(found.restored.rows, 2)
    assert found.restored.errors[worst].min() >= np.delete(found.restored.errors, worst).max()
    assert np.array_equal(found.restored.images[:10], trained.decoded(trained.codes(found.samples.images[ten])))
    assert found.restored.plane is None
    found.save(tmp_path / "seen")
    with open(tmp_path / "seen" / "clusters.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    np.testing.assert_allclose([float(row["error"]) for row in rows], found.restored.errors, rtol=1e-4)
    assert {"restored.png"} == {path.name for path in (tmp_path / "seen").iterdir()} & {"restored.png", "code.png"}
    assert "come back worst" in report.write(found, tmp_path / "seen").read_text()


def test_a_code_of_two_numbers_is_a_map(tmp_path):
    options = {"generator_options.code": 2, "generator_options.widths": [64]}
    recipe = find("autoencoder").but(data="digits:train", steps=300, evaluate=150, features="pixels", **options)
    run = ganvas.train(recipe, run=tmp_path / "run", progress=False)
    found = ganvas.explore("digits:test", features=run, against="digits:train", show=False)
    codes = run.codes(found.samples.images)
    ill = [finding.name for finding in ganvas.doctor.diagnose(ganvas.doctor.Evidence.of(run))]
    assert "mode_collapse" not in ill  # blurred, and alike for that reason
    assert np.array_equal(found.map.layouts["features"], codes[found.map.rows])
    assert np.array_equal(found.generated.places[: len(found.generated.rows)], codes[found.generated.rows])
    # the upper left of the picture is the place with the least first and the greatest second number
    corner = np.array([[np.quantile(codes[:, 0], 0.01), np.quantile(codes[:, 1], 0.99)]], np.float32)
    assert np.abs(found.restored.plane[0].astype(int) - run.decoded(corner)[0]).max() <= 1
    found.save(tmp_path / "seen")
    assert load_png(tmp_path / "seen" / "code.png").std() > 1
    assert "What the places of the map stand for" in report.write(found, tmp_path / "seen").read_text()
