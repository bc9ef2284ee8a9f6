"""Every network builds, fits its contract, and says which shapes it cannot take."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganvas import networks
from ganvas.errors import WrongUseError
from ganvas.layers import MinibatchDeviation
from ganvas.names import accepts, choices, resolve

SHAPES = {"toy": [(2,)], "dcgan64": [(64, 64, 3), (32, 48, 1)]}
ALL = [(name, shape) for name in choices(networks) for shape in SHAPES.get(name, [(28, 28, 1), (32, 64, 4)])]


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(("name", "shape"), ALL)
def test_contract(name, shape, policy):
    module = resolve(name, networks, "network")
    small = {"widths": [16]} if name == "dense" else {"width": 4}
    keras.config.set_dtype_policy(policy)
    try:
        generator, discriminator = module.generator(shape, 8, **small), module.discriminator(shape, **small)
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


@pytest.mark.parametrize("name", [n for n in choices(networks) if n not in ("dense", "toy")])
def test_sides_that_do_not_fit_are_refused_with_one_that_does(name):
    for build in (
        lambda shape: resolve(name, networks, "").generator(shape, 8),
        resolve(name, networks, "").discriminator,
    ):
        with pytest.raises(WrongUseError, match=r"needs image sides divisible by \d+, got 30x31: try size=\d+x\d+"):
            build((30, 31, 3))
        with pytest.raises(WrongUseError, match="makes images, and the data are points"):
            build((2,))


def test_the_notes_networks_have_the_notes_numbers_of_parameters():
    """Counted by hand from the course notes' layers."""
    dcgan, dense = (resolve(name, networks, "network") for name in ("dcgan", "dense"))
    assert dcgan.generator((28, 28, 1), 100).count_params() == 2_330_944
    assert dcgan.discriminator((28, 28, 1)).count_params() == 212_865
    hidden = 100 * 256 + 256 + 256 * 512 + 512 + 512 * 1024 + 1024 + 4 * (256 + 512 + 1024)
    assert dense.generator((28, 28, 1), 100).count_params() == hidden + 1024 * 784 + 784
    assert dense.discriminator((28, 28, 1)).count_params() == 784 * 512 + 512 + 512 * 256 + 256 + 256 + 1


@pytest.mark.parametrize(
    "name", [n for n in choices(networks) if accepts(resolve(n, networks, "").generator, "classes")]
)
def test_labels_change_what_is_made_and_how_it_is_judged(name):
    module = resolve(name, networks, "network")
    generator = module.generator((28, 28, 1), 8, classes=3, width=4)
    discriminator = module.discriminator((28, 28, 1), classes=3, width=4)
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
    odd = np.asarray(MinibatchDeviation(group=4)(images[:3]))
    assert odd[0, 0, 0, 5] == pytest.approx(images[:3].std(axis=0).mean(), rel=1e-5)
    assert MinibatchDeviation.from_config(MinibatchDeviation(group=2).get_config()).group == 2
