"""StyleGAN2: its layers equal their formulas, its networks keep their contract, its styles can be used."""

import functools
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import small
import tensorflow as tf

from ganvas import cli, penalties
from ganvas.data.labels import tell
from ganvas.errors import WrongUseError
from ganvas.games import Turn, generate, halves, latents, walk
from ganvas.images import load_png
from ganvas.layers import BlurDown, BlurUp, Equalized, ModulatedConv, Noise, StyleMixing, Truncation
from ganvas.networks import stylegan2
from ganvas.run import Run
from ganvas.trainer import prepare

SHAPES = [(28, 28, 1), (32, 32, 3), (64, 48, 3)]


def normal(*shape, seed=0):
    return tf.random.stateless_normal(shape, [seed, 1])


def noisy(generator, strength=0.5):
    """The generator with noise that can be seen: its strengths start at 0."""
    for layer in generator.layers:
        if isinstance(layer, Noise):
            layer.strength.assign(strength)
    return generator


# --- layers


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("size", [1, 3])
def test_modulated_convolution_equals_a_kernel_for_every_sample(size, demodulate):
    images, styles = normal(4, 6, 5, 7), 1 + 0.5 * normal(4, 7, seed=1)
    layer = ModulatedConv(3, size, demodulate=demodulate)
    made = layer([images, styles])
    layer.bias.assign([0.1, 0.2, 0.3])
    for image, style, own in zip(images, styles, layer([images, styles]), strict=True):
        kernel = np.asarray(layer.kernel) / np.sqrt(7 * size**2) * np.asarray(style)[:, None]
        if demodulate:
            kernel /= np.sqrt((kernel**2).sum(axis=(0, 1, 2)))
        expected = tf.nn.conv2d(image[None], kernel, 1, "SAME")[0] + layer.bias
        np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-5)
    assert np.abs(made - layer([images, 2 * styles])).max() > 0.01  # the bias is not scaled by the style


def test_enlarging_modulated_convolution_is_one_of_the_enlarged_image():
    images, styles = normal(2, 6, 5, 4), 1 + 0.5 * normal(2, 4, seed=1)
    layer = ModulatedConv(3, up=True, demodulate=False)
    made = layer([images, styles])
    assert made.shape == (2, 12, 10, 3)
    kernel = np.asarray(layer.kernel)[::-1, ::-1] / 6  # of 36 inputs; a transposed convolution's is mirrored
    expected = tf.nn.conv2d(BlurUp()(images * styles[:, None, None]), kernel, 1, "SAME")
    np.testing.assert_allclose(made[:, 2:-2, 2:-2], expected[:, 2:-2, 2:-2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["float32", "mixed_bfloat16"])
def test_demodulated_outputs_have_unit_variance_whatever_the_styles(kind):
    images, styles = normal(16, 12, 12, 32), tf.exp(2 * normal(16, 32, seed=1))
    made = tf.cast(ModulatedConv(48, dtype=kind)([images, styles]), tf.float32)[:, 1:-1, 1:-1]
    assert tf.math.reduce_variance(made, axis=(0, 1, 2)).numpy() == pytest.approx(1, abs=0.3)
    assert float(tf.math.reduce_variance(made)) == pytest.approx(1, abs=0.05)
    bare = ModulatedConv(48, demodulate=False, dtype=kind)([images, styles])
    assert float(tf.math.reduce_variance(tf.cast(bare, tf.float32))) > 10


@pytest.mark.parametrize("inputs", [100, 1000])
def test_equalized_layers_start_at_one_scale_and_learn_at_their_rate(inputs):
    layer = Equalized(keras.layers.Dense(50), gain=2.0, rate=0.01)
    made = layer(normal(500, inputs))
    assert float(tf.math.reduce_std(made)) == pytest.approx(2.0, rel=0.1)
    assert float(tf.math.reduce_std(layer.layer.kernel)) == pytest.approx(100, rel=0.1)
    before = np.asarray(made)
    layer.layer.bias.assign_add(np.ones(50))
    np.testing.assert_allclose(layer(normal(500, inputs)) - before, 0.01, atol=1e-4)


def test_blurs_keep_constants_and_are_each_others_transpose():
    assert np.asarray(BlurUp()(tf.ones((2, 4, 6, 3)))) == pytest.approx(1)
    assert np.asarray(BlurDown()(tf.ones((2, 4, 6, 3)))) == pytest.approx(1)
    small_images, large = normal(2, 4, 6, 3), normal(2, 8, 12, 3, seed=1)
    one, other = tf.reduce_sum(BlurUp()(small_images) * large), tf.reduce_sum(BlurDown()(large) * small_images)
    assert float(one) == pytest.approx(4 * float(other), rel=1e-4)
    point = np.zeros((1, 4, 4, 1), np.float32)
    point[0, 1, 1] = 16
    spread = np.asarray(BlurUp()(point))[0, ..., 0]
    assert spread[1:5, 1:5] == pytest.approx(np.outer([1, 3, 3, 1], [1, 3, 3, 1]))
    assert spread.sum() == pytest.approx(64)


def test_styles_are_mixed_in_training_only():
    own, other = tf.zeros((2000, 3)), tf.ones((2000, 3))
    layer = StyleMixing(4)
    assert layer([own, other]).shape == (2000, 4, 3)
    assert not np.any(layer([own, other]))
    mixed = np.asarray(layer([own, other], training=True))
    assert np.array_equal(mixed[..., 0], mixed[..., 2])  # a style is taken whole
    assert not mixed[:, 0].any()
    assert (np.diff(mixed, axis=1) >= 0).all()  # the other from one layer on
    assert mixed[:, 3, 0].mean() == pytest.approx(0.9, abs=0.03)
    assert mixed[:, 1, 0].mean() == pytest.approx(0.3, abs=0.05)  # and any layer alike


def test_truncation_learns_the_mean_and_draws_towards_it_at_use():
    layer, styles = Truncation(momentum=0.5), 3 + normal(64, 2, 5)
    assert np.array_equal(layer(styles, training=True), styles)
    mean = np.asarray(styles).mean(axis=(0, 1))
    np.testing.assert_allclose(layer.mean, mean / 2, rtol=1e-4)
    for _ in range(20):
        layer(styles, training=True)
    np.testing.assert_allclose(layer.mean, mean, rtol=1e-4)
    np.testing.assert_allclose(layer(styles), styles, rtol=1e-4, atol=1e-5)
    layer.psi = 0.25
    np.testing.assert_allclose(layer(styles), mean + 0.25 * (styles - mean), rtol=1e-4, atol=1e-4)


# --- networks


@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_whose_sides_can_be_halved(shape):
    generator, discriminator = stylegan2.generator(shape, 8, width=4), stylegan2.discriminator(shape, width=4)
    images = generator(normal(4, 8))
    assert images.shape == (4, *shape)
    assert discriminator(images).shape == (4, 1)
    sides = generator.get_layer("styles").output.shape[1]
    assert sides == 1 + 2 * stylegan2.halvings("stylegan2", shape)


@pytest.mark.parametrize("classes", [0, 3])
def test_saved_and_loaded_it_makes_the_same_to_the_bit(classes):
    generator = noisy(stylegan2.generator((28, 28, 1), 8, classes=classes, width=4))
    generator.get_layer("truncation").psi = 0.6
    judge = stylegan2.discriminator((28, 28, 1), classes=classes, width=4)
    inputs = [normal(4, 8), tf.constant([0, 1, 2, 0])] if classes else normal(4, 8)
    generator(inputs, training=True)
    images = normal(4, 28, 28, 1)
    for model, seen in ((generator, inputs), (judge, [images, inputs[1]] if classes else images)):
        model.save("model.keras")
        copy = keras.saving.load_model("model.keras")
        assert np.array_equal(copy(seen), model(seen))
        assert all(map(np.array_equal, copy.get_weights(), model.get_weights()))


def test_noise_is_one_pattern_at_use_and_a_function_of_the_step_in_training():
    generator, noise = noisy(stylegan2.generator((28, 28, 1), 8, width=4)), normal(2, 8)

    def made(step):
        return Turn(0, tf.constant(step), 0, {}).run(generator, noise)

    at_use, first = generator(noise), made(1)
    generator(noise, training=True)
    same = functools.partial(np.allclose, atol=1e-5)  # to the bit only within one graph
    assert same(generator(noise), at_use)
    assert same(made(1), first)
    assert not same(made(2), first)
    assert not same(noisy(generator, 0.0)(noise), at_use)


def test_at_no_variety_all_images_are_one():
    generator = noisy(stylegan2.generator((28, 28, 1), 8, width=4))
    generator(normal(64, 8, seed=1), training=True)
    images = np.asarray(generator(normal(5, 8)))
    assert images.std(axis=0).max() > 0.01
    generator.get_layer("truncation").psi = 0
    alike = np.asarray(generator(normal(5, 8)))
    np.testing.assert_allclose(alike, alike[:1].repeat(5, axis=0), atol=1e-5)


@pytest.mark.parametrize("classes", [0, 3])
def test_halves_make_the_whole_and_the_label_enters_the_first(classes):
    generator = noisy(stylegan2.generator((28, 28, 1), 8, classes=classes, width=4))
    inputs = [normal(4, 8), tf.constant([0, 1, 2, 0])] if classes else normal(4, 8)
    front, back = halves(generator)
    assert front.output_shape == (None, 5, 128)
    assert len(back.inputs) == 1
    assert np.array_equal(back(front(inputs)), generator(inputs))
    assert {id(w) for w in generator.weights} == {id(w) for half in (front, back) for w in half.weights}
    assert not {id(w) for w in front.weights} & {id(w) for w in back.weights}
    if classes:
        assert np.abs(front([inputs[0], inputs[1]]) - front([inputs[0], 2 - inputs[1]])).max() > 0.01


def test_other_generators_have_no_halves():
    assert halves(keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])) is None


# --- path length


def test_paths_of_one_length_cost_nothing():
    def rotated(points):
        return tf.reshape(points @ turn, (-1, 16, 16, 1))

    turn, points = tf.linalg.qr(normal(256, 256)).q, normal(16, 256, seed=1)
    # what is left is the noise's own spread: its norm over 256 pixels differs by about 1/sqrt(512)
    even = float(penalties.path_length(rotated, points))
    assert 0 <= even < 1 / 256
    scales = tf.reshape(tf.linspace(0.5, 2.5, 16), (16, 1))
    uneven = float(penalties.path_length(lambda p: rotated(scales * p), points))
    assert uneven == pytest.approx(float(tf.math.reduce_variance(scales)), rel=0.2)
    # the noise is the same for the same latents, and another for others
    assert even == float(penalties.path_length(rotated, points))
    assert even != float(penalties.path_length(rotated, points + 0.1))
    assert float(penalties.path_length(lambda p: rotated(3 * p), points)) == pytest.approx(9 * even, rel=1e-3)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_path_length_teaches_both_halves_of_the_generator(policy):
    keras.config.set_dtype_policy(policy)
    try:
        generator = stylegan2.generator((28, 28, 1), 8, width=4)
    finally:
        keras.config.set_dtype_policy("float32")
    front, back = halves(generator)
    with tf.GradientTape() as tape:
        cost = penalties.path_length(lambda w: back(w, training=True), front(normal(4, 8), training=True))
    assert cost.dtype == tf.float32
    assert float(cost) > 0
    gradients = tape.gradient(cost, [v.value for v in generator.trainable_variables], unconnected_gradients="zero")
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    moved = {v.path for v, gradient in zip(generator.trainable_variables, gradients, strict=True) if np.any(gradient)}
    for half in (front, back):
        kernels = {v.path for v in half.trainable_variables if v.name == "kernel"}
        assert len(kernels & moved) >= len(kernels) - 1


def test_a_flat_generator_gives_finite_path_gradients():
    weights = tf.Variable(tf.zeros([8, 16]))
    with tf.GradientTape() as tape:
        cost = penalties.path_length(lambda w: tf.reshape(w @ weights, (-1, 4, 4, 1)), normal(4, 8))
    assert np.isfinite(tape.gradient(cost, weights)).all()


# --- use


@pytest.fixture
def run():
    """A run as it is after its first checkpoint, told classes, its generator's mean style learnt a little."""
    recipe, samples = prepare(small.shrunk("stylegan2", label="class"), {})
    made = Run.create(recipe, "made")
    made.write_recipe(recipe)
    made.write_environment(samples, tell(recipe.label, samples), {})
    generator = noisy(stylegan2.generator(samples.shape, recipe.latent, classes=10, width=4), 0.1)
    for step in range(3):
        generator([normal(32, recipe.latent, seed=step), tf.range(32) % 10], training=True)
    made.save_networks({"generator": generator})
    made.unlock()
    return made


@pytest.fixture
def plain_run():
    recipe, samples = prepare(small.shrunk("plain"), {})
    made = Run.create(recipe, "plain")
    made.write_recipe(recipe)
    made.write_environment(samples, tell(recipe.label, samples), {})
    layers = [keras.Input((8,)), keras.layers.Dense(784), keras.layers.Reshape((28, 28, 1))]
    made.save_networks({"generator": keras.Sequential(layers)})
    made.unlock()
    return made


def stops(run, seeds):
    """The latents and labels of the first samples of seeds."""
    noise = [latents(seed, 1, run.recipe.latent) for seed in seeds]
    return np.concatenate(noise), np.concatenate([run.labels(1, seed) for seed in seeds])


def test_truncation_of_a_sample_is_of_its_style(run):
    generator, noise, labels = run.generator(), latents(0, 8, run.recipe.latent), run.labels(8)
    truncation = generator.get_layer("truncation")
    assert truncation.psi == 1
    whole = generate(generator, noise, labels)
    truncation.psi = 0.5
    half = generate(generator, noise, labels)
    assert np.array_equal(run.sample(8, truncation=0.5), half)
    assert half.std(axis=0).mean() < 0.9 * whole.std(axis=0).mean()


def test_walks_are_straight_between_styles(run):
    frames = run.walk([1, 2], 3)
    front, back = halves(run.generator())
    styles = generate(front, *stops(run, [1, 2]))
    way = np.stack([styles[0], styles.mean(axis=0), styles[1]])
    assert np.array_equal(frames, generate(back, way))
    assert np.array_equal(frames[0], run.sample(1, seed=1)[0])
    assert np.array_equal(run.walk([1, 2], 3, truncation=0.5)[0], run.sample(1, seed=1, truncation=0.5)[0])


def test_a_walk_with_the_fine_styles_of_another_seed(run):
    made = run.walk([1, 2], 3, mix=5)
    assert np.array_equal(made[0], run.mix([1], [5])[1, 1])
    assert np.array_equal(made[2], run.mix([2], [5])[1, 1])
    assert not np.array_equal(made, run.walk([1, 2], 3))


def test_mixing_takes_coarse_styles_from_rows_and_fine_ones_from_columns(run):
    table = run.mix([0, 1], [2, 3, 4])
    assert table.shape == (3, 4, 28, 28, 1)
    assert table.dtype == np.uint8
    assert (table[0, 0] == 255).all()
    front, back = halves(run.generator())
    styles = generate(front, *stops(run, range(5)))
    own = generate(back, styles)
    assert np.array_equal(table[1:, 0], own[:2])
    assert np.array_equal(table[0, 1:], own[2:])
    for layer, made in ((None, table), (1, run.mix([0, 1], [2, 3, 4], 1)), (4, run.mix([0, 1], [2, 3, 4], 4))):
        mixed = np.concatenate([styles[1, : layer or 2], styles[3, layer or 2 :]])
        assert np.array_equal(made[2, 2], generate(back, mixed[None])[0])
    for layer in (0, 5):
        with pytest.raises(WrongUseError, match=f"layer must be from 1 to 4, not {layer}: the generator has 5 styles"):
            run.mix([0], [1], layer)
    with pytest.raises(WrongUseError, match="there are no seeds"):
        run.mix([], [])


def test_the_command_line_mixes_and_truncates(run, plain_run, monkeypatch, capsys):
    def ganvas(words):
        monkeypatch.setattr(sys, "argv", ["ganvas", *words.split()])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, capsys.readouterr().err

    assert ganvas("sample made --mix 0-1:4-6 --truncation 0.7 --out mix.png") == (0, "")
    assert load_png("mix.png").shape == (3 * 28 + 4, 4 * 28 + 6, 1)
    assert ganvas("walk made --seeds 0-1 --frames 4 --truncation 0.5 --out walk.png") == (0, "")
    assert ganvas("walk plain --seeds 0-1 --frames 4 --truncation 0.5 --out other.png") == (0, "")
    for words, sentence in [
        ("sample plain --mix 0:1", "plain has no styles to mix: train with generator=stylegan2"),
        ("sample made --mix 0-3", "mix takes the seeds of rows and of columns, such as 0-3:4-9, not '0-3'"),
        ("walk made --truncation 2", "truncation must be above 0, at most 1, not 2.0"),
    ]:
        assert ganvas(f"{words} --out a.png") == (2, f"ganvas: {sentence}\n")
    sentence = "ganvas: a mix is a grid of 1 by 1 samples: write it to a .png\n"
    assert ganvas("sample made --mix 0:1 --out a.npz") == (2, sentence)
    assert not Path("a.png").exists()


def test_other_walks_are_truncated_by_their_latents(plain_run):
    assert np.array_equal(plain_run.walk([3, 4], 2, truncation=0.5)[0], plain_run.sample(1, seed=3, truncation=0.5)[0])
    assert not np.array_equal(plain_run.walk([3, 4], 2)[0], plain_run.sample(1, seed=3, truncation=0.5)[0])
    with pytest.raises(WrongUseError, match="plain has no styles to mix"):
        plain_run.mix([0], [1])
    stops = latents(0, 2, 8)
    model = plain_run.generator()
    assert np.array_equal(walk(model, stops, None, 0, 2), generate(model, stops))
