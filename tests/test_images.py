"""Pictures at the door."""

import numpy as np
import pytest
from PIL import Image

from ganvas import figures, images
from ganvas.errors import WrongUseError


def test_uint8_round_trips_exactly():
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    inside = images.to_float(every)
    assert (inside.min(), inside.max(), inside.dtype) == (-1, 1, np.float32)
    assert np.array_equal(images.to_uint8(inside), every)
    assert list(images.to_uint8(np.array([-3.0, 3.0]))) == [0, 255]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_grid_and_png(tmp_path, channels):
    samples = np.random.RandomState(0).randint(0, 255, (5, 6, 4, channels), np.uint8)
    picture = images.grid(samples, columns=3, gap=1)
    assert picture.shape == (13, 14, channels)
    assert np.array_equal(picture[7:13, 5:9], samples[4])
    assert (picture[7:, 10:] == 255).all()
    images.save_png(tmp_path / "a.png", picture)
    assert np.array_equal(images.load_png(tmp_path / "a.png"), picture)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_animations(tmp_path, channels):
    frames = np.random.RandomState(0).randint(0, 255, (5, 21, 35, channels), np.uint8)
    images.save_animation(tmp_path / "a.gif", frames)
    with Image.open(tmp_path / "a.gif") as found:
        assert (found.n_frames, found.size) == (5, (35, 21))
    images.save_animation(tmp_path / "a.mp4", frames)
    import imageio_ffmpeg

    assert imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "a.mp4"))[0] == 5
    with pytest.raises(WrongUseError, match=r"use a name ending in \.gif or \.mp4"):
        images.save_animation(tmp_path / "a.avi", frames)


def test_figures(tmp_path):
    made = np.zeros((9, 8, 8, 1), np.uint8)
    assert figures.preview(made).shape[2] == 1
    assert figures.preview(np.zeros((9, 2), np.float32), np.ones((5, 2))).shape == (480, 480, 3)
    both = figures.beside(made + 200, made)
    assert both.shape[:2] == (8 * (8 + 8 + 8), 8 * (9 * 10 - 2))
    log = [{"step": i, "generator_cost": i, "accuracy_real": 0.5} for i in range(3)]
    figures.save_curves(tmp_path / "c.png", log, [{"step": 1, "frechet": {"value": 2.0, "features": "pixels"}}])
    assert images.load_png(tmp_path / "c.png").std() > 0
