"""Evaluations: what is compared with what, what stands beside each number, and what is refused."""

import json
import math

import numpy as np
import pytest
from small import shrunk

import ganvas
from ganvas import data, scores, trainer
from ganvas.errors import WrongUseError
from ganvas.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A tiny run of digits, told their classes."""
    folder = tmp_path_factory.mktemp("scored") / "run"
    return ganvas.train(shrunk("plain", label="class"), run=folder, progress=False)


def test_real_images_score_about_the_floor():
    names = [*scores.DISTANCES, *scores.NEIGHBOURS, *scores.OF_IMAGES]
    found = ganvas.evaluate("fashion_mnist", "fashion_mnist:test", features="pixels", n=2000, metrics=names, show=False)
    assert list(found) == names
    for name, score in found.items():
        low, high = score["interval"]
        assert low <= score["value"] <= high, name
        assert score["n"] == 2000
        assert score["better"] == scores.BETTER[name]
        assert score["features"] == "pixels"
    for name in ("frechet", "precision", "recall", "coverage", "similarity", "sliced_wasserstein"):
        assert found[name]["value"] == pytest.approx(found[name]["floor"], rel=0.25), name
    assert found["frechet"]["infinite"] < found["frechet"]["value"]


def test_the_floor_of_other_data_is_of_other_data(run):
    """Not a distance between those data and what the run was trained on."""
    dark = data.load("digits").images[:60] // 2
    asked = {"features": "pixels", "metrics": ["frechet"], "n": 60, "show": False}
    found, alone = (ganvas.evaluate(one, dark, **asked)["frechet"]["floor"] for one in (run, run.sample(60)))
    assert found == alone


def test_floors_are_of_no_more_samples_than_are_scored():
    names = ["sliced_wasserstein", "class_balance"]
    found = ganvas.evaluate(data.load("digits:test").images, "digits:train", metrics=names, show=False)
    assert found["sliced_wasserstein"]["n"] == len(data.load("digits:test"))
    for name in names:
        assert found[name]["value"] == pytest.approx(found[name]["floor"], rel=0.35), name


def test_the_floor_of_one_half_is_the_other_half(tmp_path, monkeypatch):
    monkeypatch.setattr(scores, "SLICED", 100)
    digits = data.load("digits").images[:400]
    np.savez(tmp_path / "a.npz", images=digits)
    found = ganvas.evaluate(tmp_path / "a.npz", tmp_path / "a.npz", metrics=["sliced_wasserstein"], n=400, show=False)
    assert found["sliced_wasserstein"]["value"] == 0.0
    assert found["sliced_wasserstein"]["floor"] > 0.001


def test_classes_are_counted_by_a_classifier_of_the_data():
    notes, names = [], ["modes", "class_balance"]
    found = ganvas.evaluate("digits:test", "digits", metrics=names, show=False, notes=notes)
    assert (found["modes"]["value"], found["modes"]["of"]) == (10, 10)
    assert found["class_balance"]["value"] > 0.85
    assert found["class_balance"]["shares"].keys() == set("0123456789")
    assert any("right on 9" in note for note in notes)


def test_agreement_is_with_the_class_that_was_asked_for(tmp_path):
    digits = data.load("digits:test")
    wrong = digits.labels.copy()
    wrong[: len(wrong) // 2] = (wrong[: len(wrong) // 2] + 1) % 10
    for name, labels in (("right", digits.labels), ("half", wrong)):
        np.savez(tmp_path / f"{name}.npz", images=digits.images, labels=labels)
    found = {
        name: ganvas.evaluate(tmp_path / f"{name}.npz", "digits", metrics=["label_agreement"], show=False)
        for name in ("right", "half")
    }
    values = {name: scored["label_agreement"]["value"] for name, scored in found.items()}
    assert values["right"] > 0.9
    assert values["half"] == pytest.approx(values["right"] / 2, abs=0.05)
    assert found["half"]["label_agreement"]["floor"] > 0.9
    with pytest.raises(WrongUseError, match="label_agreement needs generated samples labelled with the same classes"):
        ganvas.evaluate(digits.images, "digits", metrics=["label_agreement"], show=False)


def test_the_floor_is_of_samples_that_differ():
    found = ganvas.evaluate("digits:test", "digits", features="pixels", n=100, metrics=["frechet"], show=False)
    assert found["frechet"]["floor"] > 0.01
    assert found["frechet"]["n"] == 100


def test_data_sorted_by_class_are_mixed_first(tmp_path):
    """Scoring during training takes some of the real images: not the first classes'."""
    digits = data.load("digits")
    order = np.argsort(digits.labels, kind="stable")
    examiner = scores.Examiner("pixels", digits.take(order), None)
    assert examiner.examine(data.load("digits:test"), {})["coverage"]["value"] > 0.7
    assert len(set(examiner.seen.labels[:100])) == 10


def test_noise_scores_far_from_the_floor():
    noise = np.random.RandomState(0).randint(0, 255, (500, 28, 28, 1), np.uint8)
    found = ganvas.evaluate(noise, "fashion_mnist:test", features="pixels", n=500, metrics=["frechet"], show=False)
    assert found["frechet"]["value"] > 20 * found["frechet"]["floor"]


def test_a_run_is_scored_and_its_scores_are_kept(run):
    notes = []
    found = ganvas.evaluate(run, features="pixels", n=200, show=False, notes=notes)
    kept = json.loads((run.path / "scores.json").read_text())
    assert kept["scores"] == json.loads(json.dumps(found))
    assert kept["against"].startswith("digits")
    assert kept["step"] == 4
    assert any("only 200 generated" in note for note in notes)
    assert any("scaled from 8x8 to 28x28" in note for note in notes)
    assert {"accuracy_train", "accuracy_held_out", "accuracy_fake"} <= set(found)


def test_scores_by_features_that_a_run_learnt_from_say_so(run):
    other = ganvas.Run(run.path)
    projected = run.recipe.but(discriminator="projected")
    alone = projected.but(**{"weights.adversary": 0})
    for recipe, learnt in ((projected, True), (alone, False), (alone.but(**{"weights.perceptual": 1}), True)):
        other.recipe = recipe
        notes = []
        ganvas.evaluate(other, features="efficientnet", metrics=["kernel"], n=64, show=False, notes=notes)
        assert any("learnt from efficientnet" in note for note in notes) == learnt


def test_training_scores_carry_what_belongs_to_them(run):
    lines = run.scores()
    assert [line["step"] for line in lines] == [0, 4]
    for name in ("frechet", "kernel", "precision", "recall", "coverage", "memorisation", "accuracy_fake"):
        assert set(lines[-1][name]) == {"value", "interval", "n", "features", "better"}
    vitals = lines[-1]["vitals"]
    assert len(vitals["shares"]) == len(vitals["class_spreads"]) == 10
    assert all(math.isfinite(vitals[f"logit_{side}"]) for side in ("train", "held_out", "fake"))


def test_copies_of_training_images_are_called_memorised():
    train = data.load("fashion_mnist").images
    found = ganvas.evaluate(train[:300], "fashion_mnist", metrics=["memorisation"], n=300, show=False)
    assert found["memorisation"]["value"] > 0.99
    fresh = ganvas.evaluate("fashion_mnist:test", "fashion_mnist", metrics=["memorisation"], n=1000, show=False)
    assert fresh["memorisation"]["value"] < 0.03


def test_files_of_every_size_are_scored_at_one(photos):
    made, real = photos("made", [(16, 16), (20, 24)] * 20), photos("real", [(30, 30)] * 40)
    asked = {"features": "pixels", "metrics": "frechet, precision", "show": False}
    with pytest.raises(WrongUseError, match="--size 64 elsewhere"):
        ganvas.evaluate(str(made), str(real), **asked)
    assert list(ganvas.evaluate(str(made), str(real), size=16, **asked)) == ["frechet", "precision"]


def test_lossy_and_scaled_files_are_warned_of(photos):
    root = photos("p", [(16, 16)] * 40)
    (root / "0.png").rename(root / "0.jpg")
    assert "1 of 40 files" in data.load(str(root)).caveats[0]
    notes = []
    ganvas.evaluate(
        str(root), str(photos("q", [(20, 20)] * 40)), features="pixels", metrics=["frechet"], show=False, notes=notes
    )
    assert any("JPEG" in note for note in notes)
    assert any("scaled to 16x16" in note for note in notes)


@pytest.mark.parametrize(
    ("subject", "options", "message"),
    [
        ("digits", {}, "against what"),
        ("digits", {"against": "digits", "n": 5}, "at least 20"),
        ("digits", {"against": "rings"}, "points, which have no size"),
        ("digits", {"against": "digits", "metrics": ["frechett"]}, "did you mean 'frechet'"),
        ("digits", {"against": "digits", "features": "inceptoin"}, "did you mean 'inception'"),
        ("rings", {"against": "rings", "metrics": ["similarity"]}, "needs images"),
        ("digits", {"against": "digits", "metrics": ["inception_score"], "features": "pixels"}, "gives none"),
        ("digits", {"against": "digits", "features": "nowhere.keras"}, "no features model"),
        ("digits", {"against": "digits", "best": True}, "best are weights of a run"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(subject, options, message):
    with pytest.raises(WrongUseError, match=message):
        ganvas.evaluate(subject, show=False, **options)


def test_only_inception_features_make_a_fid():
    assert scores.name_of("frechet", "inception") == "FID"
    assert scores.name_of("frechet", "efficientnet") == "Fréchet distance"
    assert scores.name_of("inception_score", "classifier") == "class score"

    def inception(images):
        return images.reshape(len(images), -1)[:, :4] / 255.0

    found = ganvas.evaluate("digits:test", "digits", metrics=["frechet"], features=inception, show=False)
    assert scores.name_of("frechet", found["frechet"]["features"]) == "Fréchet distance"


def test_points_are_scored(tmp_path):
    run = ganvas.train(shrunk("toy"), run=tmp_path / "toy", progress=False)
    found = ganvas.evaluate(run, n=500, show=False)
    assert found["frechet"]["features"] == "pixels"
    assert found["modes"]["of"] == 8


def test_a_cure_goes_on_with_the_remedy_and_writes_it_down(tmp_path, monkeypatch):
    ill = shrunk("toy", steps=40, evaluate=0, save=20, generator_rate=0.2, discriminator_rate=0.2)
    run = ganvas.train(ill, run=tmp_path / "at once", progress=False, cure=True)
    first = run.cures()[0]
    assert (first["finding"], first["step"], first["back_to"]) == ("rates_too_high", 0, 0)
    assert run.recipe.evaluate == 8  # the doctor sees what is scored
    curable = trainer._curable
    monkeypatch.setattr(trainer, "_curable", lambda run, found, step: curable(run, found, step) if step else None)
    run = ganvas.train(ill, run=tmp_path / "run", progress=False, cure=True)
    first = run.cures()[0]
    assert (first["finding"], first["step"], first["back_to"]) == ("rates_too_high", 8, 0)
    assert Run(run.path).recipe.generator_rate == 1e-3
    assert run.log()[0]["seconds"] > first["seconds"] > 0  # what went before took its time, too
    assert run.status == "done"
    assert run.scores()[0]["step"] == 0
    assert "cured" in [finding["name"] for finding in run.findings()]
    # larger batches leave as many images, about
    stray = tmp_path / "small" / "samples" / "grid.png"  # a picture of the user's, beside the run's own
    written = trainer._preview

    def with_stray(*arguments):
        written(*arguments)
        stray.write_bytes(b"mine")

    monkeypatch.setattr(trainer, "_preview", with_stray)
    small = ganvas.train(
        "dense_small",
        run=tmp_path / "small",
        data="digits",
        batch=4,
        steps=160,
        features="pixels",
        progress=False,
        cure=True,
    )
    assert small.cures()[0]["finding"] == "small_batch"
    assert (small.recipe.batch, small.recipe.steps, small.recipe.evaluate) == (64, 10, 2)
    assert small.log()[-1]["images"] == 640
    assert stray.exists()
    with pytest.raises(WrongUseError, match="the doctor sees a run when it is scored, and this one has evaluate=0"):
        ganvas.resume(ganvas.train(shrunk("toy", evaluate=0), run=tmp_path / "b", progress=False), cure=True)
    # resumed, a cured run goes on with its new settings
    assert ganvas.resume(run.path, progress=False).recipe.generator_rate == 1e-3
