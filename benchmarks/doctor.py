"""Planted illnesses and healthy runs: does the doctor name what was done to each, and leave the healthy alone?

    python benchmarks/doctor.py RUNS_FOLDER [CASE ...] [--cure]

trains one run a case (about a minute each on two cores; a run that is done is not trained again), asks the doctor and
prints what was planted against what it named first; of healthy runs, whatever it would have raised at any evaluation on
the way, too. `--cure` trains `CURABLE` once more with remedies applied on the way, and prints how they ended.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parent))

import ganvas
from ganvas import RunFailedError, data
from ganvas.doctor import Evidence, Finding, diagnose, told
from ganvas.images import to_float
from ganvas.networks import plain
from ganvas.run import Run

SHORT = {"steps": 700, "evaluate": 140, "preview": 350, "save": 350}
GARMENTS = "fashion_mnist"


# --- what is done to a run


@keras.saving.register_keras_serializable("doctor")
class Stored(keras.layers.Layer):
    """Images by their number."""

    def __init__(self, images: np.ndarray, **options: Any) -> None:
        super().__init__(**options)
        self.images = np.asarray(images, np.float32)

    def call(self, places: tf.Tensor) -> tf.Tensor:
        """The images at these places."""
        return keras.ops.take(keras.ops.array(self.images), places, axis=0)

    def get_config(self) -> dict[str, Any]:
        """For saving, which this layer takes part in only as far as the benchmark needs: the weights are no weights."""
        return {**super().get_config(), "images": self.images[:1].tolist()}


def without_noise(shape: tuple[int, ...], latent: int) -> keras.Model:
    """A generator that never sees its latents."""
    noise = keras.Input((latent,))
    return keras.Model(noise, plain.generator(shape, latent)(keras.ops.zeros_like(noise) + 0.5))


def of_four(shape: tuple[int, ...], latent: int) -> keras.Model:
    """A generator that keeps nothing of its latents but two signs: it can make four samples."""
    noise = keras.Input((latent,))
    signs = keras.ops.tile(keras.ops.sign(noise[:, :2]), (1, latent // 2))
    return keras.Model(noise, plain.generator(shape, latent)(signs))


def blind(shape: tuple[int, ...]) -> keras.Model:
    """A discriminator that never sees the image."""
    image = keras.Input(shape)
    return keras.Model(image, plain.discriminator(shape)(0.0 * image))


def harsh(shape: tuple[int, ...], latent: int) -> keras.Model:
    """A generator whose output is driven to black and white."""
    noise = keras.Input((latent,))
    return keras.Model(noise, keras.ops.tanh(50.0 * plain.generator(shape, latent)(noise)))


def masked(shape: tuple[int, ...], latent: int) -> keras.Model:
    """A generator that leaves the lower half black."""
    noise = keras.Input((latent,))
    half = np.ones(shape, np.float32)
    half[shape[0] // 2 :] = 0
    return keras.Model(noise, plain.generator(shape, latent)(noise) * half + (half - 1))


def chequered(shape: tuple[int, ...], latent: int) -> keras.Model:
    """A generator with a pattern of every other pixel on top."""
    noise = keras.Input((latent,))
    rows, columns = np.indices(shape[:2])
    pattern = np.where((rows + columns) % 2, 0.25, -0.25)[..., None].astype(np.float32)
    return keras.Model(noise, keras.ops.clip(plain.generator(shape, latent)(noise) + pattern, -1, 1))


def one_garment(shape: tuple[int, ...], latent: int, classes: int) -> keras.Model:
    """A conditional generator with hardly any noise: one garment a class."""
    noise, label = keras.Input((latent,)), keras.Input((), dtype="int32")
    return keras.Model([noise, label], plain.generator(shape, latent, classes=classes)([0.01 * noise, label]))


def broken(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """A loss with a logarithm that is now and then taken of a negative number."""
    cost = tf.reduce_mean(tf.math.log(real_logits + 1.2)) + tf.reduce_mean(fake_logits)
    return -cost, -tf.reduce_mean(fake_logits)


def lookup(shape: tuple[int, ...], latent: int) -> keras.Model:
    """A generator that gives out training images."""
    noise = keras.Input((latent,))
    images = to_float(data.load(GARMENTS).images[:2048])
    places = keras.ops.sum(keras.ops.cast(noise[:, :11] > 0, "int32") * keras.ops.array(2 ** np.arange(11)), -1)
    return keras.Model(noise, Stored(images)(places) + 0.0 * plain.generator(shape, latent)(noise))


def thousand() -> str:
    """An .npz of 1,000 garments, of which 900 are trained on."""
    path = Path("thousand.npz").resolve()
    np.savez(path, images=data.load(GARMENTS).images[:1000])
    return f"{path}:train"


def few(count: int) -> np.ndarray:
    """The first `count` garments, again and again up to 6,000."""
    return np.resize(data.load(GARMENTS).images[:count], (6000, 28, 28, 1))


def lopsided() -> str:
    """An .npz of many trousers and a few of everything else."""
    samples, random = data.load(GARMENTS), np.random.RandomState(0)
    keep = (samples.labels == 1) | (random.uniform(size=len(samples)) < 0.001)
    path = Path("lopsided.npz").resolve()
    np.savez(path, images=samples.images[keep], labels=samples.labels[keep])
    return str(path)


# name: (what the doctor should name first, the recipe, its settings, or a function that makes them)
Case = tuple[str, str, Callable[[], dict[str, Any]]]
ILL: dict[str, Case] = {
    "rates x50": ("rates_too_high", "plain", lambda: {"generator_rate": 0.05, "discriminator_rate": 0.05}),
    "discriminator rate 1e-8": ("rates_apart", "plain", lambda: {"discriminator_rate": 1e-8}),
    "generator rate 1e-7": ("rates_apart", "plain", lambda: {"generator_rate": 1e-7}),
    "blind discriminator": (
        "generator_winning",
        "plain",
        lambda: {"discriminator": "doctor:blind", "penalties": {}},
    ),
    "no noise": ("identical_samples", "plain", lambda: {"generator": "doctor:without_noise"}),
    "four samples, whatever the noise": ("mode_collapse", "plain", lambda: {"generator": "doctor:of_four"}),
    "one garment a class": ("class_collapse", "plain", lambda: {"generator": "doctor:one_garment", "label": "class"}),
    "discriminator without penalty, 5 turns": (
        "discriminator_winning",
        "plain",
        lambda: {
            "penalties": {},
            "together": False,
            "discriminator_turns": 5,
            "discriminator_rate": 2e-3,
            "generator_rate": 2e-4,
            "steps": 300,
            "evaluate": 60,
        },
    ),
    "wasserstein without penalty": (
        "diverged",
        "plain",
        lambda: {"loss": "wasserstein", "penalties": {}, "decay_from": 1.0},
    ),
    "not a number": ("diverged", "plain", lambda: {"loss": "doctor:broken", "evaluate": 100}),
    "saturated output": ("saturated_pixels", "plain", lambda: {"generator": "doctor:harsh"}),
    "half the image masked": ("dead_pixels", "plain", lambda: {"generator": "doctor:masked"}),
    "every other pixel": ("checkerboard", "plain", lambda: {"generator": "doctor:chequered"}),
    "60 images, 100 times each": ("duplicate_data", "plain", lambda: {"data": few(60)}),
    "60 images": ("small_data", "plain", lambda: {"data": few(60)[:60]}),
    "training images looked up": ("memorised", "plain", lambda: {"generator": "doctor:lookup"}),
    "1,000 images, no penalty": (
        "discriminator_overfit",
        "plain",
        lambda: {"data": thousand(), "penalties": {}, "steps": 1500, "evaluate": 300},
    ),
    "trousers 100 to 1": ("unbalanced_data", "plain", lambda: {"data": lopsided(), "label": "class"}),
    "batch of 2": ("small_batch", "plain", lambda: {"batch": 2}),
    "stopped early": ("unfinished", "plain", lambda: {"decay_from": 1.0}),
}
HEALTHY: dict[str, Case] = {
    "plain, garments": ("", "plain", lambda: {"steps": 2000, "evaluate": 400}),
    "plain, digits": ("", "plain", lambda: {"data": "mnist", "steps": 2000, "evaluate": 400}),
    "plain, garments by class": ("", "plain", lambda: {"label": "class", "steps": 2000, "evaluate": 400}),
    "dense, digits": ("", "dense", lambda: {"steps": 6000, "evaluate": 1200}),
    "toy, rings": ("", "toy", lambda: {"steps": 6000, "evaluate": 1000}),
    "toy, grid": ("", "toy", lambda: {"data": "grid", "steps": 6000, "evaluate": 1000}),
}
CURABLE = ("rates x50", "discriminator rate 1e-8", "wasserstein without penalty")


def main(folder: Path, wanted: list[str], cure: bool) -> None:
    """Train what is wanted and not there yet; print the table."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    cases = ILL | HEALTHY
    names = wanted or (list(CURABLE) if cure else list(cases))
    print(f"{'planted':42} {'expected first':22} {'named first':22} all findings")
    right = 0
    for name in names:
        run = _run(name, cases[name], cure)
        findings = diagnose(Evidence.of(run))
        alarms = [finding for finding in findings if finding.severity != "note"]
        ill = cases[name][0] and not cure
        first = findings[0].name if findings and ill else alarms[0].name if alarms else ""
        if name in HEALTHY:
            alarms += _live(run)
            first = alarms[0].name if alarms else ""
        expected = "" if cure else cases[name][0]
        right += first == expected
        rest = ", ".join(f"{finding.name} ({finding.severity})" for finding in findings)
        print(f"{name:42} {expected or '-':22} {first or '-':22} {rest}", flush=True)
        if alarms or cure:
            scores = [line["frechet"]["value"] for line in run.scores()]
            print(f"{'':42} {told(findings[0]) if findings else ''} Fréchet {scores[0]:.0f} -> {scores[-1]:.1f}")
    print(f"{right} of {len(names)} as expected")


def _live(run: Run) -> list[Finding]:
    """What the doctor would have raised on the way, at any evaluation."""
    whole = Evidence.of(run)
    found: list[Finding] = []
    for count in range(2, len(whole.scores)):
        step = whole.scores[count - 1]["step"]
        log = [line for line in whole.log if line["step"] <= step]
        found += diagnose(replace(whole, log=log, scores=whole.scores[:count]))
    return [finding for finding in found if finding.severity != "note"]


def _run(name: str, case: Case, cure: bool) -> Run:
    path = Path("".join(c if c.isalnum() else "-" for c in name) + ("-cured" if cure else ""))
    if path.exists() and Run(path).status == "done":
        return Run(path)
    shutil.rmtree(path, ignore_errors=True)
    settings = {**SHORT, **case[2]()}
    try:
        return ganvas.train(case[1], run=path, progress=sys.stderr.isatty(), cure=cure, **settings)
    except RunFailedError as error:
        print(f"{name}: {error}")
        return Run(path)


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--cure"]
    main(Path(words[0]), words[1:], "--cure" in sys.argv)
