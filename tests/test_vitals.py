"""Vital signs rise and fall with what they are named for."""

import numpy as np
import pytest

from ganvas import data, vitals
from ganvas.names import choices


@pytest.fixture(scope="module")
def garments():
    images = data.load("fashion_mnist").images
    return images[:400], images[400:800]


def test_real_images_are_healthy(garments):
    found = vitals.tones(*garments) | vitals.checkerboard(*garments)
    assert found["midtones_fake"] == pytest.approx(found["midtones_real"], rel=0.1)
    assert found["dead_pixels"] == 0
    assert found["checkerboard_fake"] < 2


def test_images_of_black_and_white_have_no_midtones(garments):
    real, fake = garments
    assert vitals.tones(real, np.where(fake > 127, 255, 0).astype(np.uint8))["midtones_fake"] == 0


def test_a_masked_half_is_dead(garments):
    real, fake = garments
    masked = fake.copy()
    masked[:, 14:] = 0
    assert vitals.tones(real, masked)["dead_pixels"] == pytest.approx(0.5, abs=0.1)


def test_a_pattern_of_every_other_pixel_stands_out(garments):
    real, fake = garments
    pattern = np.where(np.indices((28, 28)).sum(axis=0) % 2, 12, -12)[None, :, :, None]
    patterned = np.clip(fake.astype(int) + pattern, 0, 255).astype(np.uint8)
    assert vitals.checkerboard(real, patterned)["checkerboard_fake"] > 10


def test_variety_falls_with_a_collapse():
    random = np.random.RandomState(0)
    real, fake = random.normal(size=(400, 5)), random.normal(size=(400, 5))
    healthy = vitals.variety(real, fake)
    assert healthy["spread"] == pytest.approx(1, abs=0.1)
    assert healthy["twins"] < 0.1
    collapsed = vitals.variety(real, fake[np.zeros(400, int)] + 1e-3 * fake)
    assert collapsed["spread"] < 0.01
    assert collapsed["twins"] > 0.95


def test_classes_are_told_by_the_nearest_real_sample():
    random = np.random.RandomState(0)
    centres = np.array([[0, 0], [10, 0], [0, 10]])
    labels = np.arange(300) % 3
    real = centres[labels] + random.normal(size=(300, 2))
    usual, found = vitals.class_shares(real, labels, real[labels < 2], 3)
    assert list(found) == pytest.approx([0.5, 0.5, 0])
    assert list(usual) == pytest.approx([1 / 3] * 3)
    fake = real.copy()
    fake[labels == 1] = centres[1]
    spreads = vitals.class_spreads(real, labels, fake, labels, 3)
    assert list(spreads) == pytest.approx([1, 0, 1])


def test_every_vital_sign_is_tried_here():
    assert choices(vitals) == ["checkerboard", "class_shares", "class_spreads", "tones", "variety"]
