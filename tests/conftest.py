"""Fixtures: every test writes into a folder of its own, and no test sees another's runs."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

import ganvas  # noqa: F401  # before TensorFlow: it sets how that computes, as in the processes that tests start


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def photos(tmp_path):
    """A function that writes numbered colour PNGs of the given sizes into a folder."""
    from PIL import Image

    def write(folder, sizes, mode="RGB", start=0):
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        random = np.random.RandomState(start)
        for i, (height, width) in enumerate(sizes):
            pixels = random.randint(0, 255, (height, width, 4), np.uint8)
            Image.fromarray(pixels if mode == "RGBA" else pixels[..., :3]).convert(mode).save(
                place / f"{start + i}.png"
            )
        return place

    return write


@pytest.fixture
def command(monkeypatch, capfd):
    """Run a command line in this process: (exit status, standard output, standard error)."""
    from ganvas import cli

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["ganvas", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return ended.value.code or 0, out, err

    return run
