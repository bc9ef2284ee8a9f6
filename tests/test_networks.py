"""Every network builds, fits its contract, and says which shapes it cannot take."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganvas import networks
from ganvas.data.labels import spectra
from ganvas.errors import WrongUseError
from ganvas.games._players import hidden
from ganvas.layers import (
    FeatureDeviation,
    FusedBatchNormalization,
    MinibatchDeviation,
    MinibatchDiscrimination,
    Spectral,
    SubPixel,
    WaveStrengths,
    normalised,
)
from ganvas.names import accepts, choices, resolve
from ganvas.waves import halvings, waves, windows

SHAPES = {"toy": [(2,)], "dcgan64": [(64, 64, 3), (32, 48, 1)]}
# whose laws are in test_translation.py
FROM_IMAGES = ("autoencoder", "patch", "projected", "translator", "unet", "upscaler")
FROM_NOISE = [name for name in choices(networks) if name not in FROM_IMAGES]
ALL = [(name, shape) for name in FROM_NOISE for shape in SHAPES.get(name, [(28, 28, 1), (32, 64, 4)])]


def sides(name):
    """The generator and the discriminator of a network file; `plain`'s where it has only one of them."""
    module, plain = (resolve(n, networks, "network") for n in (name, "plain"))
    return [getattr(module, side, getattr(plain, side)) for side in ("generator", "discriminator")]


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(("name", "shape"), ALL)
def test_contract(name, shape, policy):
    make, judge = sides(name)
    small = {"widths": [16]} if name == "dense" else {"width": 4}
    keras.utils.set_random_seed(0)  # of four rectified units all can be dead by chance
    keras.config.set_dtype_policy(policy)
    try:
        generator, discriminator = make(shape, 8, **small), judge(shape, **small)
    finally:
        keras.config.set_dtype_policy("float32")
    noise = tf.random.stateless_normal((4, 8), [0, 1])
    for training in (False, True):
        samples = generator(noise, training=training)
        logits = discriminator(samples, training=training)
        assert samples.shape == (4, *shape)
        assert logits.shape == (4, 1)
        assert samples.dtype == logits.dtype == tf.float32
        assert np.ptp(np.asarray(samples), axis=0).max() > 0
        if len(shape) == 3:
            assert np.abs(samples).max() <= 1
    assert all(v.dtype == "float32" for v in [*generator.weights, *discriminator.weights])


@pytest.mark.parametrize("name", [n for n in FROM_NOISE if n not in ("dense", "toy")])
def test_sides_that_do_not_fit_are_refused_with_one_that_does(name):
    make, judge = sides(name)
    for build in (lambda shape: make(shape, 8), judge):
        with pytest.raises(WrongUseError, match=r"needs image sides divisible by \d+, got 30x31: try size=\d+x\d+"):
            build((30, 31, 3))
        with pytest.raises(WrongUseError, match="makes images, and the data are points"):
            build((2,))


@pytest.mark.parametrize(("shape", "bent"), [((28, 28, 1), 2), ((64, 64, 3), 4)])
def test_latent_and_label_bend_every_layer_of_quick_but_the_first_and_the_last(shape, bent):
    made = resolve("quick", networks, "network").generator(shape, 8, classes=3, width=4)
    kinds = [type(layer).__name__ for layer in made.layers]
    assert kinds.count("Conv2D") == 2
    assert kinds.count("Multiply") == kinds.count("Add") == bent
    images = made([tf.random.stateless_normal((2, 8), [0, 1]), tf.constant([0, 2])])
    assert images.shape == (2, *shape)
    assert np.ptp(np.asarray(images), axis=0).max() > 0


def test_the_notes_networks_have_the_notes_numbers_of_parameters():
    """Counted by hand from the course notes' layers."""
    dcgan, dense = (resolve(name, networks, "network") for name in ("dcgan", "dense"))
    assert dcgan.generator((28, 28, 1), 100).count_params() == 2_330_944
    assert dcgan.discriminator((28, 28, 1)).count_params() == 212_865
    hidden = 100 * 256 + 256 + 256 * 512 + 512 + 512 * 1024 + 1024 + 4 * (256 + 512 + 1024)
    assert dense.generator((28, 28, 1), 100).count_params() == hidden + 1024 * 784 + 784
    assert dense.discriminator((28, 28, 1)).count_params() == 784 * 512 + 512 + 512 * 256 + 256 + 256 + 1


@pytest.mark.parametrize("name", [n for n in FROM_NOISE if all(accepts(side, "classes") for side in sides(n))])
def test_labels_change_what_is_made_and_how_it_is_judged(name):
    make, judge = sides(name)
    generator, discriminator = make((28, 28, 1), 8, classes=3, width=4), judge((28, 28, 1), classes=3, width=4)
    noise = tf.zeros((4, 8))
    one, other = (generator([noise, tf.fill([4], i)], training=False) for i in (0, 1))
    assert np.abs(one - other).max() > 0
    assert np.abs(discriminator([one, tf.zeros(4, "int32")]) - discriminator([one, tf.ones(4, "int32")])).max() > 0


def test_minibatch_deviation_equals_its_formula():
    images = np.random.RandomState(0).normal(size=(8, 2, 3, 5)).astype(np.float32)
    out = np.asarray(MinibatchDeviation(group=4)(images))
    assert np.array_equal(out[..., :5], images)
    # images i, i + 2, i + 4, i + 6 form a group
    for first in (0, 1):
        expected = images[first::2].std(axis=0).mean()
        assert out[first::2, ..., 5] == pytest.approx(np.full((4, 2, 3), expected), rel=1e-5)
    rows = np.asarray(MinibatchDeviation(group=4)(images[:, 0, 0]))
    assert rows[0::2, 5] == pytest.approx(np.full(4, images[0::2, 0, 0].std(axis=0).mean()), rel=1e-5)
    odd = np.asarray(MinibatchDeviation(group=4)(images[:3]))
    assert odd[0, 0, 0, 5] == pytest.approx(images[:3].std(axis=0).mean(), rel=1e-5)
    assert MinibatchDeviation.from_config(MinibatchDeviation(group=2).get_config()).group == 2


def test_feature_deviation_is_of_each_feature_and_has_a_slope_where_all_are_alike():
    rows = np.random.RandomState(0).normal(size=(8, 5)).astype(np.float32)
    out = np.asarray(FeatureDeviation(group=4)(rows))
    for first in (0, 1):
        assert out[first::2] == pytest.approx(np.tile(rows[first::2].std(axis=0), (4, 1)), abs=1e-3)
    assert np.asarray(FeatureDeviation(group=4)(rows[:3]))[0] == pytest.approx(rows[:3].std(axis=0), abs=1e-3)
    images = rows[:, :4].reshape(8, 2, 2, 1)
    assert np.asarray(FeatureDeviation(group=4)(images)).reshape(8, 4) == pytest.approx(out[:, :4])
    alike = tf.ones((4, 5))
    with tf.GradientTape() as tape:
        tape.watch(alike)
        told = tf.reduce_sum(FeatureDeviation()(alike))
    assert np.isfinite(tape.gradient(told, alike)).all()
    assert FeatureDeviation.from_config(FeatureDeviation(group=2).get_config()).group == 2


@pytest.mark.parametrize(("kind", "tolerance"), [("float32", 1e-5), ("bfloat16", 2e-2)])
def test_fused_batch_norm_computes_what_keras_does(kind, tolerance):
    images = tf.cast(3 + 2 * tf.random.stateless_normal((16, 6, 5, 7), [0, 1]), kind)
    own = FusedBatchNormalization(0.9, dtype=f"mixed_{kind}" if kind == "bfloat16" else kind)
    reference = keras.layers.BatchNormalization(momentum=0.9)
    floats = tf.cast(images, tf.float32)
    for _ in range(2):
        made, expected = own(images, training=True), reference(floats, training=True)
        assert made.dtype == kind
        np.testing.assert_allclose(tf.cast(made, tf.float32), expected, atol=3 * tolerance)
    np.testing.assert_allclose(own.mean, reference.moving_mean, rtol=tolerance)
    # the fused kernel counts the variance with one less: 0.81 of it is still the first guess of 1
    unbiased = 0.81 + (np.asarray(reference.moving_variance) - 0.81) * 480 / 479
    np.testing.assert_allclose(own.variance, unbiased, rtol=tolerance)
    reference.moving_variance.assign(own.variance)
    np.testing.assert_allclose(tf.cast(own(images), tf.float32), reference(floats), atol=3 * tolerance)
    copy = FusedBatchNormalization.from_config(own.get_config())
    assert (copy.momentum, copy.epsilon) == (0.9, 1e-3)


def test_sub_pixels_are_made_of_channels():
    images = np.arange(2 * 3 * 12, dtype=np.float32).reshape(1, 2, 3, 12)
    made = np.asarray(SubPixel(2)(images))
    assert made.shape == SubPixel(2).compute_output_shape((1, 2, 3, 12)) == (1, 4, 6, 3)
    assert list(made[0, 0, 0]) == [0, 1, 2]
    assert list(made[0, 0, 1]) == [3, 4, 5]
    assert list(made[0, 1, 0]) == [6, 7, 8]
    assert SubPixel.from_config(SubPixel(3).get_config()).factor == 3


def test_minibatch_discrimination_equals_its_formula():
    rows = np.random.RandomState(0).normal(size=(6, 5)).astype(np.float32)
    layer = MinibatchDiscrimination(kernels=3, width=2)
    out = np.asarray(layer(rows))
    assert out.shape == layer.compute_output_shape((6, 5)) == (6, 8)
    assert np.array_equal(out[:, :5], rows)
    places = (rows @ np.asarray(layer.kernel)).reshape(6, 3, 2)
    for i in range(6):
        others = [np.exp(-np.abs(places[i] - places[j]).sum(axis=1)) for j in range(6) if j != i]
        assert out[i, 5:] == pytest.approx(np.sum(others, axis=0), rel=1e-4)
    copy = MinibatchDiscrimination.from_config(layer.get_config())
    assert (copy.kernels, copy.width) == (3, 2)


@pytest.mark.parametrize("parts", [2, 4])
@pytest.mark.parametrize("shape", [(28, 28, 1), (64, 64, 3), (33, 47, 1)])
def test_wave_strengths(shape, parts):
    layer = WaveStrengths.from_config(WaveStrengths(parts).get_config())
    pictures = np.random.RandomState(0).randint(256, size=(4, *shape)).astype(np.uint8)
    images = pictures.astype(float)
    found = np.asarray(layer(images / 127.5 - 1))
    assert found.shape == tuple(layer.compute_output_shape((4, *shape)))
    for _ in range(halvings(shape[:2])):
        even = images[:, : images.shape[1] // 2 * 2, : images.shape[2] // 2 * 2]
        images = (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]) / 4
    for down, rows in enumerate(windows(images.shape[1], parts)):
        for across, columns in enumerate(windows(images.shape[2], parts)):
            window = np.moveaxis(images[:, rows, columns] / 127.5 - 1, 3, 1)
            cosines, sines = (window.reshape(*window.shape[:2], -1) @ each for each in waves(*window.shape[2:], parts))
            power = (cosines**2 + sines**2).reshape(len(images), -1)
            np.testing.assert_allclose((found[:, down, across] + 0.1**0.25) ** 4 - 0.1, power, rtol=1e-3, atol=1e-2)
    if parts == 2:  # what clusters are found by, where it is not faint
        strong = (found.reshape(len(images), -1) + 0.1**0.25) ** 4 - 0.1
        np.testing.assert_allclose(strong, 4 * spectra(pictures) ** 4, rtol=1e-3, atol=1e-2)
    # of a flat image nothing is left, and its slope is a number
    flat = tf.fill((2, *shape), 0.5)
    with tf.GradientTape() as tape:
        tape.watch(flat)
        nothing = layer(flat)
    assert np.abs(nothing).max() < 1e-4
    assert np.isfinite(tape.gradient(nothing, flat)).all()


def test_waves_tell_patterns_wherever_they_lie():
    column = np.arange(28) / 4
    striped = [np.broadcast_to(np.sin(2 * np.pi * (column + at)), (28, 28))[None, ..., None] for at in (0, 0.3)]
    first, moved, turned = (np.asarray(WaveStrengths(4)(each)) for each in (*striped, striped[0].swapaxes(1, 2)))
    assert np.linalg.norm(first - moved) < 0.2 * np.linalg.norm(first - turned)


def test_the_same_units_look_at_every_window():
    shown = sides("quick")[1]((28, 28, 1))
    looks = [each for each in shown.layers if isinstance(each, keras.layers.Conv2D) and each.kernel_size == (1, 1)]
    assert sorted(each.output.shape for each in looks) == [(None, 3, 3, 64), (None, 7, 7, 64)]
    # features that are matched stay those of pixels
    assert not any(isinstance(each, WaveStrengths) for each in hidden(shown).layers)


def test_a_discriminator_shown_waves_adds_what_they_tell_to_its_logit():
    plain, quick = (sides(name)[1] for name in ("plain", "quick"))
    shown = quick((28, 28, 1), classes=3)
    assert len(shown.weights) == len(plain((28, 28, 1), classes=3).weights) + 13
    seen = [tf.random.stateless_normal((4, 28, 28, 1), [0, 1]), tf.constant([0, 1, 2, 0])]
    before = shown(seen)
    last = [each for each in shown.layers if isinstance(each, keras.layers.Dense) and each.units == 1]
    for layer in last:
        layer.bias.assign([1.0])
    np.testing.assert_allclose(shown(seen), before + 2, rtol=1e-5)
    assert len(last) == 2
    # small images have no windows, and colours came out worse
    for shape in ((12, 12, 1), (32, 32, 3)):
        assert quick(shape).count_params() == plain(shape).count_params()


@pytest.mark.parametrize("minibatch", ["none", "deviation", "discrimination"])
@pytest.mark.parametrize("name", [n for n in FROM_NOISE if accepts(sides(n)[1], "minibatch")])
def test_a_discriminator_that_compares_judges_a_sample_by_its_company(name, minibatch):
    shape = SHAPES.get(name, [(28, 28, 1)])[0]
    judge = sides(name)[1](shape, minibatch=minibatch)
    batch = tf.random.stateless_normal((4, *shape), [0, 1])
    alike = tf.repeat(batch[:1], 4, axis=0)
    moved = abs(float(judge(batch)[0, 0] - judge(alike)[0, 0]))
    assert moved > 1e-5 if minibatch != "none" else moved < 1e-5
    with pytest.raises(WrongUseError, match="minibatch is one of none, deviation, discrimination, not 'alike'"):
        sides(name)[1](shape, minibatch="alike")


def _kernels():
    image, label = keras.Input((6, 6, 2)), keras.Input((), dtype="int32")
    x = keras.layers.Conv2D(4, 3)(image)
    x = keras.layers.Conv2DTranspose(3, 3)(x)
    x = keras.layers.Dense(5)(keras.layers.Flatten()(x))
    return keras.Model([image, label], keras.layers.Dot(1)([x, keras.layers.Embedding(7, 5)(label)]))


def test_spectral_normalization_divides_by_the_largest_singular_value_and_gradients_pass_through_it():
    model = normalised(_kernels())
    inputs = [tf.random.stateless_normal((4, 6, 6, 2), [0, 1]), tf.constant([0, 2, 4, 6])]
    first = np.asarray(model(inputs, training=False))
    for _ in range(60):
        model(inputs, training=True)
    wrapped = [layer for layer in model.layers if isinstance(layer, Spectral)]
    assert len(wrapped) == 4
    plain = _kernels()
    for own, layer in zip(wrapped, filter(lambda each: each.weights, plain.layers), strict=True):
        values = [np.asarray(v) for v in own.layer.weights]
        place = int(np.argmax([value.ndim for value in values]))
        norm = np.linalg.svd(values[place].reshape(-1, values[place].shape[-1]), compute_uv=False)[0]
        values[place] = values[place] / norm
        layer.set_weights(values)
    after = np.asarray(model(inputs, training=False))
    np.testing.assert_allclose(after, plain(inputs), rtol=2e-3, atol=2e-4)
    assert np.abs(after - first).max() > 0
    # larger kernels judge alike: the gradient along the kernel itself is nothing
    dense = next(own for own in wrapped if isinstance(own.layer, keras.layers.Dense))
    with tf.GradientTape() as tape:
        cost = tf.reduce_sum(model(inputs, training=False) ** 2)
    gradient = tape.gradient(cost, dense.layer.kernel.value)
    along = float(tf.reduce_sum(gradient * dense.layer.kernel.value))
    size = float(tf.norm(gradient) * tf.norm(dense.layer.kernel.value))
    assert abs(along) < 1e-3 * size


@pytest.mark.parametrize(("name", "shape"), ALL)
def test_any_discriminator_can_be_normalised(name, shape):
    small = {"widths": [16]} if name == "dense" else {"width": 4}
    build = sides(name)[1]
    classes = {"classes": 3} if accepts(build, "classes") else {}
    plain = build(shape, **small, **classes)
    if name in ("stylegan2", "progressive", "r3gan"):
        with pytest.raises(WrongUseError, match="spectral normalises dense layers, convolutions and embeddings, and"):
            normalised(plain)
        return
    judge = normalised(plain)
    batch = tf.random.stateless_normal((4, *shape), [0, 1])
    assert judge([batch, tf.constant([0, 1, 2, 0])] if classes else batch).shape == (4, 1)
    bare = [layer for layer in judge.layers if not isinstance(layer, Spectral)]
    assert not any(len(v.shape) > 1 for layer in bare for v in layer.trainable_weights)


def test_a_kernel_that_starts_at_zero_is_normalised_once_it_has_grown():
    layer = Spectral(keras.layers.Dense(3, kernel_initializer="zeros"))
    rows = tf.random.stateless_normal((4, 5), [0, 1])
    assert np.array_equal(layer(rows, training=True), np.zeros((4, 3)))
    grown = np.random.RandomState(0).normal(size=(5, 3)).astype(np.float32)
    layer.layer.kernel.assign(grown)
    for _ in range(50):
        made = layer(rows, training=True)
    np.testing.assert_allclose(made, rows @ grown / np.linalg.svd(grown)[1][0], rtol=1e-3, atol=1e-4)
