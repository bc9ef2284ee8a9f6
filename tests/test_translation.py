"""Laws of images made from images: networks, games, a run from training to use, files in and out."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
import small
import tensorflow as tf
from PIL import Image, ImageCms

import ganvas
from ganvas import fidelity, metrics, penalties
from ganvas.data import Samples
from ganvas.engine import Engine
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.features import efficientnet
from ganvas.games import Batch, Turn, unpaired
from ganvas.given import some_inputs, translated
from ganvas.images import to_float
from ganvas.layers import normalised
from ganvas.names import choices
from ganvas.networks import patch, projected, translator, unet, upscaler
from ganvas.run import Run
from ganvas.trainer import prepare
from ganvas.translation import Translator, _ramp, _starts, apply

GENERATORS = [
    (unet, (32, 48, 3), (32, 48, 1)),
    (translator, (32, 48, 3), (32, 48, 3)),
    (upscaler, (32, 48, 3), (8, 12, 3)),
    (upscaler, (32, 48, 3), (16, 24, 1)),
    (upscaler, (32, 48, 1), (32, 48, 3)),
]


# --- networks


@pytest.mark.parametrize(("network", "shape", "given"), GENERATORS)
def test_generators_make_images_of_any_size_from_inputs(network, shape, given):
    generator = network.generator(shape, given, width=4)
    for more in (1, 2):
        inputs = tf.random.stateless_uniform((2, given[0] * more, given[1] * more, given[2]), [0, 1], -1.0, 1.0)
        made = generator(inputs, training=False)
        assert made.shape == (2, shape[0] * more, shape[1] * more, shape[2])
        assert made.dtype == tf.float32
        assert np.ptp(np.asarray(made), axis=0).max() > 0
    assert all(v.dtype == "float32" for v in generator.weights)


@pytest.mark.parametrize("network", [unet, translator])
def test_what_learns_a_difference_begins_with_the_input(network):
    generator = network.generator((16, 16, 3), (16, 16, 3), width=4, residual=True)
    inputs = tf.random.stateless_uniform((2, 16, 16, 3), [0, 1], -1.0, 1.0)
    assert np.array_equal(generator(inputs), inputs)
    other = network.generator((16, 16, 3), (16, 16, 1), width=4, residual=True)  # which has nothing to add to
    assert other(inputs[..., :1]).shape == (2, 16, 16, 3)


def test_an_untrained_upscaler_enlarges():
    generator = upscaler.generator((32, 32, 3), (8, 8, 3), width=4)
    inputs = tf.random.stateless_uniform((2, 8, 8, 3), [0, 1])
    assert np.allclose(generator(inputs), tf.image.resize(inputs, (32, 32)), atol=1e-5)


def test_a_unet_sees_what_lies_beside():
    """Through the skips one input pixel reaches the output at its own place."""
    generator = unet.generator((16, 16, 1), (16, 16, 1), width=4)
    dark, light = np.zeros((1, 16, 16, 1), np.float32), np.zeros((1, 16, 16, 1), np.float32)
    light[0, 5, 5] = 1.0
    changed = np.abs(np.asarray(generator(light)) - np.asarray(generator(dark)))[0, ..., 0]
    assert changed[4:7, 4:7].max() > 0


@pytest.mark.parametrize("given", [None, (32, 48, 1), (8, 12, 3)])
def test_a_patch_discriminator_judges_places(given):
    judge = patch.discriminator((32, 48, 3), given, width=4, halvings=2)
    images = tf.random.stateless_uniform((2, 32, 48, 3), [0, 1])
    told = tf.random.stateless_uniform((2, *given), [0, 2]) if given else None
    logits = judge([images, told] if given else images)
    assert logits.shape == (2, 8, 12, 1)
    if given:
        assert not np.allclose(logits, judge([images, -told]))
    # a logit sees 34 pixels at most: one change at a corner leaves the opposite corner's logit alone
    other = tf.tensor_scatter_nd_add(images, [[0, 0, 0, 0]], [1.0])
    apart = np.abs(np.asarray(judge([other, told] if given else other) - logits))[0, ..., 0]
    assert apart[0, 0] > 0 == apart[-1, -1]


@pytest.mark.parametrize(("given", "enlarge"), [(None, 2), ((32, 48, 1), 1), ((8, 12, 3), 2), ((32, 48, 3), 3)])
def test_a_projected_discriminator_judges_by_features_and_learns_only_to_read_them(given, enlarge):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        judge = normalised(projected.discriminator((32, 48, 3), given, width=4, enlarge=enlarge))
    finally:
        keras.config.set_dtype_policy("float32")
    images = tf.random.stateless_uniform((2, 32, 48, 3), [0, 1], -1.0, 1.0)
    told = tf.random.stateless_uniform((2, *given), [0, 2]) if given else None

    def judged(images, told=told):
        return judge([images, told] if given else images)

    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = judged(images)[:, 8:]  # those of pixels stand first
    assert logits.shape == (2, 4 * 8, 12, 1)
    assert logits.dtype == tf.float32
    gradient = np.abs(np.asarray(tape.gradient(logits, images)))
    assert np.isfinite(gradient).all()
    assert gradient.max() > 0
    if given:
        assert not np.allclose(logits, judged(images, -told)[:, 8:])
    with tf.GradientTape() as tape:
        penalty = penalties.r1(lambda x: tf.reshape(judged(x), (2, -1)), images, images)
    kernels = [v.value for v in judge.trainable_variables if len(v.shape) == 4]
    slopes = tape.gradient(penalty, kernels, unconnected_gradients="zero")
    assert all(np.any(slope) for slope in slopes)  # those over feature maps, too
    twice, own = (2, given[-1]) if given else (1, 0)
    pixels = 16 * (3 + own) * 2 + 2 + 16 * 2 * 4 + 4
    heads = [9 * channels * 4 + 4 + 9 * 4 + 1 for channels in (4, *(twice * n for n in (24, 40, 112, 320)))]
    assert sum(v.shape.num_elements() for v in judge.trainable_variables) == pixels + sum(heads)


def test_a_projected_discriminator_sees_more_than_bfloat16_holds_and_can_be_kept(tmp_path):
    image = keras.Input((32, 32, 1))
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        judge = keras.Model(image, projected.Pyramid(2)(image))
    finally:
        keras.config.set_dtype_policy("float32")
    images = tf.random.stateless_uniform((2, 32, 32, 1), [0, 1], -1.0, 1.0)
    expected = [projected.SCALE * each for each in efficientnet.pyramid(tf.image.resize(images, [64, 64]))]
    for own, other in zip(judge(images), expected, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-4)
    judge.save(tmp_path / "kept.keras")
    again = keras.saving.load_model(tmp_path / "kept.keras")
    assert np.array_equal(again(images)[0], judge(images)[0])


def test_features_cannot_be_matched_with_those_of_several_maps():
    with pytest.raises(WrongUseError, match="need a discriminator that ends in a layer with one output"):
        _engine("style", matching=0.1)


def test_networks_refuse_what_they_cannot_join():
    with pytest.raises(WrongUseError, match="enlarge is 1, for images as they are, or more, not 0"):
        projected.discriminator((32, 32, 3), enlarge=0)
    with pytest.raises(WrongUseError, match=r"'unet' makes images as large as its inputs.*use generator=upscaler"):
        unet.generator((32, 32, 3), (8, 8, 3))
    with pytest.raises(WrongUseError, match=r"needs images 1, 2, 4, 8 \.\.\. times as large as their inputs"):
        upscaler.generator((32, 32, 3), (12, 12, 3))
    with pytest.raises(WrongUseError, match="needs image sides divisible by 4, got 30x30: try size=32x32"):
        translator.generator((30, 30, 3), (30, 30, 3))


# --- costs and scores


@pytest.mark.parametrize("name", choices(fidelity))
def test_fidelity_is_nothing_for_equals_grows_with_noise_and_has_gradients(name):
    cost = getattr(fidelity, name)
    images = tf.random.stateless_uniform((3, 32, 32, 3), [0, 1], -1.0, 1.0)
    noise = tf.random.stateless_normal(images.shape, [0, 2])
    costs = [float(cost(images, images + level * noise)) for level in (0.0, 0.05, 0.2)]
    assert costs[0] == pytest.approx(0.0, abs=1e-6)
    assert 0 < costs[1] < costs[2]
    with tf.GradientTape() as tape:
        made = images + 0.1 * noise
        tape.watch(made)
        paid = cost(images, made)
    gradient = tape.gradient(paid, made)
    assert np.isfinite(gradient).all()
    assert float(tf.norm(gradient)) > 0
    assert float(cost(images[..., :1], images[..., :1] + 0.1)) > 0  # grey as well


def test_scores_of_pairs_equal_their_formulas():
    random = np.random.RandomState(0)
    targets = random.randint(0, 256, (6, 16, 16, 3), np.uint8)
    made = np.clip(targets.astype(int) + random.randint(-20, 21, targets.shape), 0, 255).astype(np.uint8)
    difference = (targets.astype(float) - made) / 255
    assert float(metrics.l1(targets, made)) == pytest.approx(np.abs(difference).mean(), rel=1e-5)
    each = [-10 * np.log10((one**2).mean()) for one in difference]
    assert float(metrics.psnr(targets, made)) == pytest.approx(np.mean(each), rel=1e-5)
    assert float(metrics.psnr(targets, targets)) == pytest.approx(60)
    assert float(metrics.ssim(targets, targets)) == pytest.approx(1.0)
    assert 0 < float(metrics.ssim(targets, made)) < 1
    assert float(metrics.perceptual(targets, targets)) == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(ValueError, match="of one shape"):
        metrics.l1(targets, made[:3])


# --- games


def _engine(name, **changes):
    recipe, samples = prepare(small.shrunk(name, **changes), {})
    return Engine(recipe, samples, tf.distribute.get_strategy())


def _batch(engine):
    real, label, given = (tf.constant(part[0]) for part in engine.feed.read(0, 1))
    return Batch(tf.cast(real, tf.float32) / 127.5 - 1, label, tf.cast(given, tf.float32) / 127.5 - 1)


def _costs(engine, batch, step=0):
    turn = Turn(0, tf.constant(step), 0, engine.game.players)
    return (*engine.game.costs(batch, turn), turn)


def test_matched_inputs_come_with_their_images_and_others_by_themselves():
    pairs = _engine("pix2pix", augment="none")
    real, _, given = pairs.feed.read(0, 3)
    images, inputs = pairs.samples.images, pairs.samples.inputs
    rows = [np.flatnonzero((images == image).all(axis=(1, 2, 3)))[0] for image in real[0]]
    assert np.array_equal(given[0], inputs[rows])
    free = _engine("cyclegan", augment="none")
    real, _, given = free.feed.read(0, 3)
    rows = [np.flatnonzero((images == image).all(axis=(1, 2, 3)))[0] for image in real[0]]
    assert not np.array_equal(given[0], inputs[rows])
    assert np.array_equal(given, free.feed.read(0, 3)[2])


def test_data_in_memory_have_inputs_too():
    images = np.random.RandomState(0).randint(0, 256, (5, 16, 16, 3), np.uint8)
    recipe, samples = prepare("pix2pix", {"data": images, "inputs": "edges", "size": None, "batch": 8})
    assert samples.input_shape == (16, 16, 1)
    # fewer images than a batch are scored as well
    slim = recipe.but(**{"generator_options.width": 4, "discriminator_options.width": 4}, features="pixels")
    engine = Engine(slim, samples, tf.distribute.get_strategy())
    assert 0 <= engine.score()["accuracy_train"]["value"] <= 1


def test_names_of_images_do_not_stick_to_inputs_of_others(photos):
    photos("few", [(16, 16)] * 22)
    photos("many", [(16, 16)] * 40, start=100)
    chosen = some_inputs(ganvas.load("few", None, "many", matched=False), None, 0, 30)
    made = translated(lambda given, training: given, chosen)
    assert made.names is made.targets is None
    assert np.array_equal(made.take(np.arange(25)).images, chosen.inputs[:25])


def test_weights_add_up_and_without_an_adversary_there_is_one_player():
    def paid(**weights):
        settings = {f"weights.{name}": weight for name, weight in weights.items()}
        engine = _engine("pix2pix", augment="none", penalties={}, precision="float32", **settings)
        costs, facts, _ = _costs(engine, _batch(engine))
        return engine, float(costs["generator"]), facts

    engine, both, facts = paid(l1=3.0, adversary=1.0)
    _, adversary, _ = paid(l1=0.0, adversary=1.0)
    assert both == pytest.approx(adversary + 3 * float(facts["l1"]), rel=1e-5)
    alone, cost, facts = paid(l1=3.0, adversary=0.0)
    assert cost == pytest.approx(3 * float(facts["l1"]), rel=1e-5)
    assert set(alone.game.players) == {"generator"}
    assert not alone.game.judges
    assert engine.game.judges
    assert alone.score()["psnr"]["value"] > 0
    assert "accuracy_fake" not in alone.score()
    with pytest.raises(WrongUseError, match="nothing is paid for"):
        paid(l1=0.0, adversary=0.0)


def test_an_image_and_its_input_are_changed_alike():
    engine = _engine("pix2pix", augment="flip,translate", weights={"l1": 1.0, "adversary": 0.0})
    batch = _batch(engine)
    seen = []
    engine.game.fidelity = {"l1": (lambda real, fake: seen.append(real) or tf.reduce_mean(real), 1.0)}
    turn = Turn(0, tf.constant(0), 0, engine.game.players)
    turn.run = lambda network, given: seen.append(given) or given
    same = Batch(batch.real, batch.label, batch.real)
    engine.game.costs(same, turn)
    given, real = seen
    assert np.array_equal(given, real)
    assert not np.array_equal(real, batch.real)


def test_the_pool_fills_and_then_gives_back_earlier_images():
    engine = _engine("cyclegan")
    game, size = engine.game, engine.recipe.batch
    pool = game.pools[0]
    shape = (size, *pool.shape[1:])
    given_back = 0
    for step in range(30):
        fake = tf.fill(shape, float(step + 1))
        turn = Turn(0, tf.constant(step), 0, {})
        shown = np.asarray(game._from_pool(0, fake, turn))[:, 0, 0, 0]
        turn.settle()
        if step * size < unpaired.POOL:
            assert (shown == step + 1).all()  # it only fills
        assert set(shown) <= set(range(1, step + 2))
        given_back += (shown != step + 1).sum()
    held = np.asarray(pool)[:, 0, 0, 0]
    assert held.min() > 0
    assert 0.3 < given_back / (size * (30 - unpaired.POOL // size)) < 0.7
    assert {key for key in engine.state(0) if key.endswith("pool")}  # resumed with the rest


def test_the_round_trip_is_paid_for():
    # a translator that begins with its input pays nothing yet
    changes = {"weights.identity": 1.0, "generator_options.residual": False}
    engine = _engine("cyclegan", augment="none", precision="float32", **changes)
    batch = _batch(engine)
    _, facts, _ = _costs(engine, batch)
    there, back = engine.game.generators["generator"], engine.game.generators["back"]
    ways = [(there, back, batch.given), (back, there, batch.real)]
    trip = sum(float(fidelity.l1(x, two(one(x, training=True), training=True))) for one, two, x in ways)
    assert 0 < float(facts["cycle"]) == pytest.approx(trip, rel=1e-4)
    assert float(facts["identity"]) == pytest.approx(
        float(fidelity.l1(batch.real, there(batch.real))) + float(fidelity.l1(batch.given, back(batch.given))), rel=1e-4
    )


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("pix2pix", {"label": "class"}, "the game paired is not told kinds: set label=none"),
        ("pix2pix", {"matched": False}, "the game paired needs each image's own input"),
        ("pix2pix", {"inputs": ""}, "the game paired makes images from images: say which with inputs"),
        ("pix2pix", {"generator": "plain", "generator_options": {}}, "the generator 'plain' knows nothing of input"),
        ("plain", {"inputs": "edges"}, "this game makes samples from noise: leave inputs out, or set game=paired"),
        ("plain", {"generator": "unet"}, "the generator 'unet' makes images from images"),
        ("srgan", {"augment": "translate"}, "augment takes flip, not translate"),
        ("pix2pix", {"augment": "colour"}, "augment takes flip and translate, not colour"),
        ("pix2pix", {"penalties": {"path_length": 2.0}}, "no penalties on the generator"),
        ("cyclegan", {"unrolled": 1}, "two discriminators to look ahead by: set unrolled=0"),
        ("cyclegan", {"weights": {"l1": 1.0}}, "the game unpaired has the weights cycle and identity, not l1"),
        ("cyclegan", {"inputs": "shrink:2"}, "the game unpaired needs one size"),
        ("pix2pix", {"weights": {"l3": 1.0}}, "unknown weight 'l3'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(name, changes, told):
    with pytest.raises(WrongUseError, match=told):
        _engine(name, **changes)


# --- a run, from training to use


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three short runs: of pairs, without pairs, and one that enlarges; read only."""
    place = tmp_path_factory.mktemp("translations")
    random = np.random.RandomState(0)
    for folder in ("drawn", "photos"):
        (place / folder).mkdir()
    for i in range(40):
        pixels = random.randint(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(place / "photos" / f"{i}.png")
        Image.fromarray(255 - pixels).save(place / "drawn" / f"{i}.png")
    folders = {"data": f"{place / 'photos'}:train", "inputs": str(place / "drawn"), "size": "32"}
    return {
        name: ganvas.train(small.shrunk(name, evaluate=2, **folders, **more), run=place / name, progress=False)
        for name, folders, more in (
            ("pix2pix", folders, {}),
            ("cyclegan", folders, {}),
            ("srgan", {**folders, "inputs": "shrink:4"}, {}),
        )
    }


def test_a_run_of_pairs_leaves_and_gives_what_any_run_does(runs):
    run = runs["pix2pix"]
    kept = {path.name for path in run.path.iterdir()}
    assert {"recipe.json", "generator.keras", "real_above_generated.png", "curves.png", "training.gif"} <= kept
    assert "interpolation.png" not in kept
    scores = run.scores()[-1]
    assert {"frechet", "l1", "psnr", "accuracy_train", "accuracy_fake"} <= set(scores)
    made = run.translations(4, seed=1)
    assert np.array_equal(made.images, run.sample(4, seed=1))
    assert np.array_equal(made.images[:2], run.sample(2, seed=1))
    assert np.array_equal(made.inputs, 255 - made.targets)
    # drawn from what was not trained on; here there are too few of those, so from what was
    assert len(run.translations(100)) == 36
    with pytest.raises(WrongUseError, match="there are no latents between which to walk"):
        run.walk([0, 1], 4)
    with pytest.raises(WrongUseError, match="leave label and truncation out"):
        run.sample(2, truncation=0.5)


def test_unseen_inputs_are_preferred():
    samples = Samples("some", np.arange(50, dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(8, 1).repeat(8, 2))
    seen = Samples("seen", samples.images, inputs=samples.images)
    unseen = Samples("unseen", samples.images[:25] + 100, inputs=samples.images[:25] + 100)
    assert some_inputs(seen, unseen, 0, 5).inputs.min() >= 100
    assert some_inputs(seen, unseen.take(np.arange(5)), 0, 5).inputs.max() < 100
    assert np.array_equal(some_inputs(seen, unseen, 3, 9).inputs[:4], some_inputs(seen, unseen, 3, 4).inputs)


def test_evaluation_stands_beside_doing_nothing(runs, monkeypatch):
    monkeypatch.setattr("ganvas.scores.LEAST", 4)
    found = ganvas.evaluate(runs["pix2pix"], features="pixels", n=40, show=False)
    assert {"l1", "psnr", "ssim", "perceptual", "frechet"} <= set(found)
    assert "memorisation" not in found
    # as a set they score what any images would
    made, data = runs["pix2pix"].translations(40, 2020), runs["pix2pix"].recipe.data
    alike = ganvas.evaluate(made.images, data, features="pixels", metrics=["precision", "coverage"], n=40, show=False)
    assert found["precision"]["value"] == alike["precision"]["value"]
    assert found["coverage"]["value"] == alike["coverage"]["value"]
    assert "cycle" not in found
    # the inputs are the negatives of the targets, on which every score agrees
    made = runs["pix2pix"].translations(40, 2020)
    assert found["l1"]["untouched"] == pytest.approx(float(metrics.l1(made.targets, made.inputs)))
    assert found["frechet"]["untouched"] > 0
    assert found["frechet"]["floor"] == pytest.approx(0, abs=1e-6)  # the targets themselves
    enlarged = ganvas.evaluate(runs["srgan"], features="pixels", n=40, show=False, metrics=["psnr"])
    assert enlarged["psnr"]["untouched"] > 5
    both = ganvas.evaluate(runs["cyclegan"], features="pixels", n=40, show=False)
    assert 0 < both["cycle"]["value"] < 1
    with pytest.raises(WrongUseError, match=r"cycle cannot be had of .* a run of the game unpaired"):
        ganvas.evaluate(runs["pix2pix"], metrics=["cycle"], features="pixels", n=40, show=False)


def test_doctor_report_and_commands_take_such_runs(runs, command):
    for name, run in runs.items():
        status, out, err = command("doctor", str(run.path), "--json")
        assert status == 0, err
        assert isinstance(json.loads(out), list)
        status, out, err = command("report", str(run.path), "--out", f"{name}.html")
        assert status == 0, err
        page = Path(f"{name}.html").read_text()
        assert "What it makes of images" in page
        assert "Input, output, target" in page
        assert "latents" not in page
        status, out, err = command("sample", str(run.path), "--n", "6", "--out", f"{name}.png")
        assert (status, Image.open(f"{name}.png").size[0] > 100) == (0, True), err
    status, _, err = command("sample", str(runs["srgan"].path), "--n", "6", "--out", "made.npz")
    assert status == 0, err
    with np.load("made.npz") as made:
        assert made["images"].shape == made["targets"].shape == (6, 32, 32, 3)
        assert made["inputs"].shape == (6, 8, 8, 3)


@pytest.mark.parametrize("name", ["pix2pix", "cyclegan"])
def test_four_steps_equal_two_and_resume_and_two(runs, name, tmp_path):
    shutil.copytree(runs[name].path, tmp_path / "again")
    again = Run(tmp_path / "again")
    again.checkpoints()[-1].unlink()
    assert len(again.checkpoints()) == 1
    resumed = ganvas.resume(again, progress=False)
    states = [run.load_state()[0] for run in (runs[name], resumed)]
    assert small.states_differ(*states) == []


def test_the_way_back_is_another_network(runs):
    pictures = runs["cyclegan"].translations(3).inputs
    there, back = (runs["cyclegan"].generator(back=back) for back in (False, True))
    assert not np.array_equal(there(to_float(pictures)), back(to_float(pictures)))
    assert apply(runs["cyclegan"], pictures, back=True).shape == pictures.shape
    with pytest.raises(WrongUseError, match="learnt one way only"):
        apply(runs["pix2pix"], pictures, back=True)


# --- files in and out


def _picture(path, height, width, mode="RGB"):
    pixels = np.random.RandomState(1).randint(0, 256, (height, width, 4), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels if mode == "RGBA" else pixels[..., :3]).convert(mode).save(path)
    return pixels


def test_apply_keeps_names_sizes_and_transparency_and_names_what_it_cannot_read(runs, tmp_path, command):
    pixels = _picture(tmp_path / "in" / "a.png", 30, 45, "RGBA")
    _picture(tmp_path / "in" / "deep" / "b.jpg", 32, 32)
    _picture(tmp_path / "in" / "c.png", 50, 20, "L")
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "in" / "notes.txt").write_text("no picture either")
    status, out, err = command("apply", str(runs["pix2pix"].path), "in", "--out", "out")
    assert status == 0, err
    assert "3 pictures: out" in out
    assert "skipped in/broken.png" in err
    made = {path.relative_to(tmp_path / "out").as_posix(): Image.open(path) for path in (tmp_path / "out").rglob("*.*")}
    assert {name: image.size for name, image in made.items()} == {
        "a.png": (45, 30), "deep/b.jpg": (32, 32), "c.png": (20, 50),
    }  # fmt: skip
    assert made["a.png"].mode == "RGBA"
    assert np.array_equal(np.asarray(made["a.png"])[..., 3], pixels[..., 3])
    status, _, err = command("apply", str(runs["srgan"].path), "in/a.png", "--out", "large.png")
    assert (status, Image.open("large.png").size) == (0, (180, 120)), err
    status, _, err = command("apply", str(runs["srgan"].path), "in/*.png", "--out", "again", "--degrade")
    assert (status, Image.open("again/a.png").size) == (0, (44, 28)), err  # what four divides


def test_apply_keeps_profiles_and_the_folders_of_a_pattern(runs, tmp_path):
    run = runs["pix2pix"]
    for name in ("in/one/a.png", "in/two/a.png", "in/three/a.jpg", "in/four/a.jpg"):
        _picture(tmp_path / name, 32, 32)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name in ("in/one/a.png", "in/three/a.jpg"):
        Image.open(name).save(name, icc_profile=profile)
    Image.open("in/four/a.jpg").convert("CMYK").save("in/four/a.jpg", icc_profile=profile)  # not the result's colours
    names = ("four/a.jpg", "one/a.png", "three/a.jpg", "two/a.png")
    for _ in range(2):  # what was made is not made of again
        made = apply(run, "in/**/a.*", "in/made", show=False)
        assert made.written == [Path("in/made") / name for name in names]
    profiles = [Image.open(file).info.get("icc_profile") for file in made.written]
    assert profiles == [None, profile, profile, None]
    _picture(tmp_path / "clear.png", 32, 32, "RGBA")
    assert apply(run, "clear.png", "clear.jfif", show=False).written == [Path("clear.jfif")]


def test_apply_goes_on_after_a_picture_that_its_format_cannot_hold(runs, tmp_path, monkeypatch):
    for name in ("a.png", "b.png"):
        _picture(tmp_path / "in" / name, 32, 32)
    save = Image.Image.save

    def refused(image, target, **more):
        if "a.png" in str(target):
            raise ValueError("too wide")
        save(image, target, **more)

    monkeypatch.setattr(Image.Image, "save", refused)
    made = apply(runs["pix2pix"], "in", "out", show=False)
    assert (made.written, made.skipped) == ([Path("out/b.png")], ["in/a.png: cannot be written as .png: too wide"])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.png"]


def test_runs_of_pairs_are_compared_by_their_pairs(runs, tmp_path):
    run = runs["srgan"]
    for name, weight in (("with", 0.5), ("without", 0)):
        whole = {"data": run.recipe.data.removesuffix(":train"), "steps": 2, "evaluate": 0}
        changed = run.recipe.but(**{"weights.adversary": weight, **whole})
        (tmp_path / f"{name}.json").write_text(changed.to_json())
    found = ganvas.compare(["with.json", "without.json"], steps=2, n=20, out="both", progress=False)
    *_, untouched, real = found.cells()
    assert (untouched["recipe"], real["recipe"]) == ("inputs untouched", "real samples")
    assert float(untouched["psnr"]) > 5
    assert (untouched["precision"], real["l1"], real["psnr"]) == (None, "0", "60")
    assert (tmp_path / "both" / "sheet.png").exists()
    (tmp_path / "other.json").write_text(changed.but(inputs="shrink:2").to_json())
    with pytest.raises(WrongUseError, match=r"made from shrink:4.* made from shrink:2"):
        ganvas.compare(["with.json", "other.json"], steps=2, n=20, out="never", progress=False)


def test_apply_refuses_what_would_lose_something(runs, tmp_path):
    run = runs["pix2pix"]
    _picture(tmp_path / "in" / "a.png", 32, 32)
    _picture(tmp_path / "in" / "b.png", 32, 32)
    for source, out, told in (
        ("in", "in", "a.png would be overwritten"),
        ("in", "one.png", "2 pictures need a folder to go to"),
        ("nowhere", "out", "no pictures at nowhere"),
        ("in", None, "where to"),
    ):
        with pytest.raises(WrongUseError, match=told):
            apply(run, source, out, show=False)
    with pytest.raises(WrongUseError, match=r"trained on inputs=.*, which is nothing to do to images"):
        apply(run, "in", "out", degrade=True, show=False)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.png").write_bytes(b"")
    with pytest.raises(RunFailedError, match="none of 1 files could be used"):
        apply(run, "bad", "out", show=False)
    plain = ganvas.train(small.shrunk("plain"), progress=False, run="noise")
    with pytest.raises(WrongUseError, match="makes samples from noise, not from images"):
        apply(plain, "in", "out", show=False)


def test_a_network_that_halves_by_pooling_takes_any_size(runs, tmp_path, monkeypatch):
    inputs = keras.Input((None, None, 3))
    half = keras.layers.MaxPooling2D()(keras.layers.Conv2D(4, 3, padding="same")(inputs))
    inner = keras.Model(inputs, keras.layers.UpSampling2D()(keras.layers.AveragePooling2D(2)(half)))
    beside = keras.layers.Concatenate()([half, inner(inputs)])
    made = keras.layers.Conv2D(3, 3, padding="same")(keras.layers.UpSampling2D()(beside))
    monkeypatch.setattr(Run, "generator", lambda *_: keras.Model(inputs, made))
    translator = Translator(runs["pix2pix"])
    assert translator.multiple == 4
    assert translator(np.zeros((65, 33, 3), np.uint8)).shape == (65, 33, 3)


def test_tiles_cover_everything_and_do_not_show(runs):
    for side in (32, 33, 64, 100, 257):
        starts = _starts(side, 32)
        covered = np.zeros(side, bool)
        for start in starts:
            covered[start : start + 32] = True
        assert covered.all()
        assert starts[-1] + 32 == max(side, 32)
    assert _ramp(8).min() > 0
    # a network of which every pixel sees little makes the same of tiles as of the whole
    run = runs["srgan"]
    image = np.random.RandomState(0).randint(0, 256, (70, 90, 3), np.uint8)
    whole, tiled = Translator(run, tile=256)(image), Translator(run, tile=40)(image)
    assert whole.shape == tiled.shape == (280, 360, 3)
    assert np.abs(whole.astype(int) - tiled).mean() < 1.0
