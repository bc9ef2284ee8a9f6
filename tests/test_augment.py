"""Every augmentation meets the contract."""

import numpy as np
import pytest
import tensorflow as tf

from ganvas import augment
from ganvas.names import choices

IMAGES = tf.constant(np.random.RandomState(0).uniform(-1, 1, (64, 16, 24, 3)), tf.float32)
SEED = tf.constant([1, 2])


@pytest.mark.parametrize("name", choices(augment))
def test_contract(name):
    change = getattr(augment, name)
    changed = change(IMAGES, SEED)
    assert changed.shape == IMAGES.shape
    assert changed.dtype == IMAGES.dtype
    assert np.array_equal(changed, change(IMAGES, SEED))
    assert not np.array_equal(changed, change(IMAGES, SEED + 1))
    assert not np.array_equal(changed, IMAGES)


@pytest.mark.parametrize("name", choices(augment))
def test_every_image_draws_its_own(name):
    same = tf.repeat(IMAGES[:1], 64, axis=0)
    assert len(np.unique(np.asarray(getattr(augment, name)(same, SEED)).reshape(64, -1), axis=0)) > 1


@pytest.mark.parametrize("name", choices(augment))
def test_the_generator_learns_through_it(name):
    with tf.GradientTape() as tape:
        tape.watch(IMAGES)
        total = tf.reduce_sum(getattr(augment, name)(IMAGES, SEED))
    gradient = np.asarray(tape.gradient(total, IMAGES))
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).sum() > 0


def test_flip_mirrors_about_half():
    flipped = augment.flip(IMAGES, SEED)
    mirrored = [bool(np.array_equal(new, old[:, ::-1])) for new, old in zip(flipped, IMAGES, strict=True)]
    kept = [bool(np.array_equal(new, old)) for new, old in zip(flipped, IMAGES, strict=True)]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))
    assert 16 < sum(mirrored) < 48


def test_translate_moves_by_an_eighth_at_most():
    ramp = tf.tile(tf.range(24, dtype=tf.float32)[None, None, :, None], [64, 16, 1, 3])
    shifts = augment.translate(ramp, SEED)[:, 8, 12, 0] - 12
    assert set(np.asarray(shifts)) == {-3, -2, -1, 0, 1, 2, 3}


def test_cutout_covers_at_most_a_quarter():
    covered = np.mean(np.asarray(augment.cutout(tf.ones_like(IMAGES), SEED)) == 0, axis=(1, 2, 3))
    assert covered.max() == pytest.approx(0.25, abs=0.03)
    assert covered.min() < 0.2


def test_colour_is_brightness_then_saturation_then_contrast():
    """The three in one pass equal the three by definition, with factors found from the result."""
    images = np.asarray(IMAGES)
    changed = np.asarray(augment.colour(IMAGES, SEED))
    for image, other in zip(images[:8], changed[:8], strict=True):
        grey, new_grey = image.mean(axis=2), other.mean(axis=2)
        contrast, offset = np.polyfit(grey.ravel(), new_grey.ravel(), 1)
        saturation = (
            np.polyfit((image - grey[..., None]).ravel(), (other - new_grey[..., None]).ravel(), 1)[0] / contrast
        )
        assert 0.5 <= contrast <= 1.5
        assert -0.01 <= saturation <= 2.01
        assert abs(other.mean() - image.mean()) <= 0.5  # brightness alone moves the mean
        assert np.allclose(new_grey, contrast * grey + offset, atol=1e-4)
