"""Scores: what the metrics say of a run, a folder or an array, with all that belongs beside a number."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ganvas import data, features, metrics, progress, vitals
from ganvas.data import Samples
from ganvas.errors import WrongUseError
from ganvas.features import Extracted, Extractor
from ganvas.features.pixels import means
from ganvas.metrics import Estimate
from ganvas.names import unknown
from ganvas.run import Run

Score = dict[str, Any]

DISTANCES = {"frechet": "lower", "kernel": "lower"}
NEIGHBOURS = {"precision": "higher", "recall": "higher", "density": "higher", "coverage": "higher"}
OF_IMAGES = {"sliced_wasserstein": "lower", "similarity": "lower", "memorisation": "lower"}
OF_CLASSES = {"modes": "higher", "class_balance": "higher"}
ON_REQUEST = {"inception_score": "higher", "classifier_accuracy": "higher"}
BETTER = DISTANCES | NEIGHBOURS | OF_IMAGES | OF_CLASSES | ON_REQUEST
ENOUGH = 1000  # held-out samples to score against; with fewer, the training data are the reference
SEED = 2020
LIVE_FAKE, LIVE_REAL = 1000, 2000  # samples a score during training


def default_features(samples: Samples) -> str:
    """Inception where its weights and a GPU are at hand, else `efficientnet`; `pixels` for points in the plane."""
    if samples.images.ndim == 2:
        return "pixels"
    if features_of_inception_at_hand():
        return "inception"
    return "efficientnet"


def features_of_inception_at_hand() -> bool:
    """Are there a GPU and the published Inception weights in the cache?"""
    from ganvas.data.fetch import cache

    if not any((cache() / "inception").glob("*.pth")):
        return False
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def evaluate(
    subject: str | Path | Run | np.ndarray,
    against: str | Path | np.ndarray | None = None,
    *,
    metrics: Sequence[str] | None = None,
    features: str | None = None,
    n: int = 10_000,
    best: bool = False,
    show: bool = True,
    notes: list[str] | None = None,
) -> dict[str, Score]:
    """Score generated samples against real ones: a dict from a metric's name to the score and all that belongs to it.

    `subject` and `against` are each a run, a folder, an .npz, a data set's name or an array. A run is scored against
    the held-out part of its data where that has 1,000 samples or more, else against all its data. At most `n` samples
    of either side count. `metrics` names some of `scores.BETTER` (or "all"); `features` an extractor. Each score
    holds `value`, `interval` (95%), `n`, `features`, `better`, and `floor`: what real samples score against real
    ones. A run's scores are also kept in its folder, in `scores.json`. What else a reader should know (lossy or scaled
    images, few samples, a classifier's accuracy) is added to `notes`.
    """
    if n < 20:
        raise WrongUseError(f"n must be at least 20 to score anything, not {n}")
    with progress.choose(show) as shown:
        sides = _Sides.of(subject, against, n, best, shown)
        wanted = _wanted(metrics, sides)
        found = _Evaluation(sides, features or default_features(sides.real), wanted, shown).scores()
    if notes is not None:
        notes += dict.fromkeys(sides.notes)
    if sides.run and metrics is None and not best:
        _keep(sides, found)
    return found


def name_of(metric: str, extractor: str) -> str:
    """What a score may be called: FID, KID and Inception Score are names for Inception features alone."""
    if extractor == "inception":
        known = {"frechet": "FID", "kernel": "KID", "inception_score": "Inception Score"}
        return known.get(metric, metric.replace("_", " "))
    plain = {"frechet": "Fréchet distance", "kernel": "kernel distance", "inception_score": "class score"}
    return plain.get(metric, metric.replace("_", " "))


# --- what is compared


@dataclass
class _Sides:
    """Generated and real samples, the training data behind them, and other real samples for the floor."""

    fake: Samples
    real: Samples
    train: Samples
    held_out: Samples | None
    other: Samples
    run: Run | None
    notes: list[str]

    @classmethod
    def of(cls, subject: Any, against: Any, n: int, best: bool, shown: progress.Progress) -> "_Sides":
        run = _run(subject)
        if run is None and against is None:
            raise WrongUseError(f"against what? Give --against a data set to compare {subject} with")
        if run:
            recipe = run.located(run.recipe)
            train = data.load(recipe.data, recipe.size)
            spec = data.held_out(recipe.data)
            held_out = data.load(spec, recipe.size) if spec else None
            shown.say(f"drawing {n} samples of {run.path}")
            fake = _drawn(run, n, best, train)
            shape = fake.shape
        else:
            fake = _loaded(subject, None)
            shape = fake.shape
            train, held_out = _loaded(against, shape), _other_part(against, shape)
        if against is not None:
            real = _loaded(against, shape)
        else:
            real = held_out if held_out is not None and len(held_out) >= ENOUGH else train
        notes = [*fake.caveats, *real.caveats]
        if fake.shape != real.shape:
            raise WrongUseError(f"{fake.name} has samples of {fake.shape}, {real.name} of {real.shape}: cannot compare")
        other = train if real is not train else held_out
        fake, real = _some(fake, n), _some(real, n)
        if other is None or real.sha256 == other.sha256 or len(other) < len(real) // 2:
            order = np.random.RandomState(SEED).permutation(len(real))
            halves = [real.take(np.sort(half)) for half in np.array_split(order, 2)]
            other = halves[0]
            notes.append(f"the floor is one half of {real.name} against the other: fewer samples than the scores have")
        if min(len(fake), len(real)) < 2_000:
            notes.append(f"only {len(fake)} generated against {len(real)} real samples: expect wide intervals and bias")
        return cls(fake, real, train, held_out, _some(other, len(real)), run, notes)

    @property
    def floor(self) -> tuple[Samples, Samples]:
        """Two sets of real samples."""
        half = len(self.other) < len(self.real)
        if not half:
            return self.real, self.other
        order = np.random.RandomState(SEED).permutation(len(self.real))
        return self.real.take(np.sort(np.array_split(order, 2)[1])), self.other


def _run(subject: Any) -> Run | None:
    if isinstance(subject, Run):
        return subject
    if isinstance(subject, np.ndarray):
        return None
    text = str(subject)
    if text == "latest" or text.isdigit() or (Path(text) / "recipe.json").is_file():
        return Run.find(text)
    return None


def _loaded(subject: Any, shape: tuple[int, ...] | None) -> Samples:
    """A folder, file, set or array of samples, brought to a shape where one is asked for."""
    if isinstance(subject, Run):
        raise WrongUseError("against takes real samples: a data set's name, a folder or a file, not a run")
    spec = subject if isinstance(subject, np.ndarray) else str(subject)
    size = f"{shape[0]}x{shape[1]}" if shape and len(shape) == 3 else None
    samples = data.load(spec, size)
    if shape and len(shape) == 3 and samples.images.ndim == 4 and samples.shape[2] == 1 and shape[2] == 3:
        samples = replace(samples, images=samples.images.repeat(3, axis=-1))
    return samples


def _other_part(against: Any, shape: tuple[int, ...]) -> Samples | None:
    spec = None if isinstance(against, np.ndarray) else data.held_out(str(against))
    return _loaded(spec, shape) if spec else None


def _drawn(run: Run, n: int, best: bool, train: Samples) -> Samples:
    images = run.sample(n, seed=SEED, best=best)
    labels = run.labels(n, SEED)
    kept = None if labels is None else labels.astype(np.int64)
    return Samples(str(run.path), images, kept, train.classes)


def _some(samples: Samples, n: int) -> Samples:
    """At most `n` of them, always the same."""
    if len(samples) <= n:
        return samples
    rows = np.sort(np.random.RandomState(SEED).permutation(len(samples))[:n])
    return samples.take(rows)


def _wanted(names: Sequence[str] | None, sides: _Sides) -> list[str]:
    images, labelled = sides.real.images.ndim == 4, sides.real.labels is not None
    usual = [*DISTANCES, *NEIGHBOURS, *(OF_IMAGES if images else ()), *(OF_CLASSES if labelled else ())]
    if names is None:
        return usual
    every = [*usual, *("inception_score" for _ in [0] if images), *("classifier_accuracy" for _ in [0] if labelled)]
    chosen = every if list(names) == ["all"] else list(names)
    for name in chosen:
        if name not in BETTER:
            raise unknown("metric", name, BETTER)
        if name not in every:
            raise WrongUseError(f"{name} cannot be had of {sides.real.name}: it needs {_needs(name)}")
    return chosen


def _needs(name: str) -> str:
    return "images" if name in OF_IMAGES or name == "inception_score" else "labelled real samples"


# --- how it is scored


@dataclass
class _Evaluation:
    sides: _Sides
    features: str
    wanted: list[str]
    shown: progress.Progress

    def scores(self) -> dict[str, Score]:
        """All wanted scores, in the order of `BETTER`."""
        found: dict[str, Score] = {}
        if {*DISTANCES, *NEIGHBOURS, "inception_score"} & {*self.wanted}:
            found |= self._of_features()
        if {*OF_IMAGES} & {*self.wanted}:
            found |= self._of_images()
        if {*OF_CLASSES} & {*self.wanted}:
            found |= self._of_classes()
        if "classifier_accuracy" in self.wanted:
            found["classifier_accuracy"] = self._classifier_accuracy()
        if self.sides.run:
            found |= _discriminator(self.sides.run)
        return found

    def _of_features(self) -> dict[str, Score]:
        extractor = self._extractor(self.features)
        self.sides.notes += extractor.notes
        real, fake = self._extracted(extractor, self.sides.real), self._extracted(extractor, self.sides.fake)
        floor = [self._extracted(extractor, side).features for side in self.sides.floor]
        pair = real.features, fake.features
        found: dict[str, Score] = {}
        if "frechet" in self.wanted:
            self.shown.say("Fréchet distance, its interval and its extrapolation")
            infinite = metrics.frechet_at_infinity(*pair)
            more = {} if math.isnan(infinite) else {"infinite": infinite}
            found["frechet"] = self._entry("frechet", metrics.frechet(*pair), extractor.name, metrics.frechet(*floor))
            found["frechet"] |= more
        if "kernel" in self.wanted:
            self.shown.say("kernel distance")
            found["kernel"] = self._entry("kernel", metrics.kernel(*pair), extractor.name, metrics.kernel(*floor))
        if {*NEIGHBOURS} & {*self.wanted}:
            self.shown.say("neighbourhoods: precision, recall, density, coverage")
            here, least = metrics.neighbourhoods(*pair), metrics.neighbourhoods(*floor)
            for name in NEIGHBOURS:
                if name in self.wanted:
                    found[name] = self._entry(name, here[name], extractor.name, least[name])
        if "inception_score" in self.wanted:
            value, least_score = (_inception_score(side, extractor.name) for side in (fake, real))
            found["inception_score"] = self._entry("inception_score", value, extractor.name, least_score)
        return found

    def _of_images(self) -> dict[str, Score]:
        sides, found = self.sides, {}
        pairs = [(_flat(one), _flat(other)) for one, other in ((sides.real, sides.fake), sides.floor)]
        if "sliced_wasserstein" in self.wanted:
            value, floor = (metrics.sliced_wasserstein(*pair) for pair in pairs)
            found["sliced_wasserstein"] = self._entry("sliced_wasserstein", value, "pixels", floor)
        if "similarity" in self.wanted and min(sides.real.shape[:2]) >= metrics.SSIM_WINDOW:
            value, floor = (metrics.similarity(side.images) for side in (sides.fake, sides.real))
            found["similarity"] = self._entry("similarity", value, "pixels", floor)
        if "memorisation" in self.wanted:
            self.shown.say(f"nearest of {len(sides.train)} training images")
            found["memorisation"] = self._entry(
                "memorisation", copies(sides.train, sides.held_out, sides.fake), "pixels"
            )
            found["memorisation"]["floor"] = 0.01  # by its definition
        return found

    def _of_classes(self) -> dict[str, Score]:
        sides = self.sides
        extractor = self._extractor("classifier")
        sides.notes += [note for note in extractor.notes if note not in sides.notes]
        real, fake, one, other = (self._labels(extractor, side) for side in (sides.real, sides.fake, *sides.floor))
        classes, found = sides.real.classes, {}
        for name, metric in (("modes", metrics.modes), ("class_balance", metrics.class_balance)):
            if name in self.wanted:
                found[name] = self._entry(name, metric(real, fake), extractor.name, metric(one, other))
        if "modes" in found:
            found["modes"]["of"] = len(classes)
        if "class_balance" in found:
            for side, labels in (("real_shares", real), ("shares", fake)):
                counts = np.bincount(labels, minlength=len(classes)) / len(labels)
                found["class_balance"][side] = dict(zip(classes, counts.round(5).tolist(), strict=True))
        return found

    def _classifier_accuracy(self) -> Score:
        """Train on generated, test on real samples (Ravuri & Vinyals 2019); the floor trains on as many real ones."""
        from ganvas.features import classifier

        sides = self.sides
        if sides.fake.labels is None:
            raise WrongUseError("classifier_accuracy needs labelled generated samples: a run with label=class")
        self.shown.say(f"training two classifiers: of {len(sides.fake)} generated samples, and of as many real ones")
        tested = sides.held_out or sides.real
        trained = _some(sides.train, len(sides.fake))
        models = [classifier.fit(side) for side in (sides.fake, trained)]
        value, floor = (metrics.accuracy(classifier.accuracy(model, tested)) for model in models)
        return self._entry("classifier_accuracy", value, "classifier", floor)

    def _entry(self, name: str, estimate: Estimate, extractor: str, floor: float | None = None) -> Score:
        found = entry(estimate, len(self.sides.fake), extractor, BETTER[name])
        if len(self.sides.real) != len(self.sides.fake):
            found["n_real"] = len(self.sides.real)
        return found if floor is None else found | {"floor": float(floor)}

    def _extractor(self, name: str) -> Extractor:
        self.shown.say(f"features: {name}{' (trained once, a minute or two)' if name == 'classifier' else ''}")
        return features.find(name, self.sides.train)

    def _extracted(self, extractor: Extractor, samples: Samples) -> Extracted:
        """Real samples come from the cache where they can."""
        watch = self.shown.portions(f"{extractor.name} features of {samples.name}")
        return extractor(samples.images, watch) if samples is self.sides.fake else extractor.of(samples, watch)

    def _labels(self, extractor: Extractor, samples: Samples) -> np.ndarray:
        probabilities = self._extracted(extractor, samples).probabilities
        assert probabilities is not None
        return probabilities.argmax(axis=1)


def _inception_score(side: Extracted, extractor: str) -> Estimate:
    if side.probabilities is None:
        raise WrongUseError(f"inception_score needs class probabilities, and {extractor} gives none")
    return metrics.inception_score(side.probabilities)


def entry(estimate: Estimate, n: int, extractor: str, better: str) -> Score:
    """A score as it is written down."""
    low, high = estimate.interval
    return {
        "value": float(estimate),
        "interval": [low, high],
        "n": n,
        "features": extractor,
        "better": better,
    }


def copies(train: Samples, held_out: Samples | None, fake: Samples) -> Estimate:
    """The share of samples suspiciously near a training image, in block means of pixels."""
    others = means(held_out.images) if held_out is not None and len(held_out) >= 100 else None
    return metrics.memorisation(means(train.images), others, means(fake.images))


def _flat(samples: Samples) -> np.ndarray:
    return samples.images.reshape(len(samples), -1).astype(np.float32) / 255.0


def _discriminator(run: Run) -> dict[str, Score]:
    """What the discriminator was right about when the run was last scored."""
    lines = run.scores()
    return {name: value for name, value in (lines[-1] if lines else {}).items() if name.startswith("accuracy_")}


def _keep(sides: _Sides, found: Mapping[str, Score]) -> None:
    assert sides.run is not None
    step = max((int(p.stem) for p in sides.run.checkpoints()), default=0)
    whole = {
        "step": step,
        "against": sides.real.name,
        "n": len(sides.fake),
        "notes": list(dict.fromkeys(sides.notes)),
        "scores": found,
    }
    sides.run.write("scores.json", json.dumps(whole, indent=2) + "\n")


# --- during training


class Examiner:
    """Scores and vital signs of the samples made while a run trains: few samples, the same real ones every time."""

    def __init__(self, name: str, train: Samples, held_out: Samples | None) -> None:
        self.train, self.held_out = train, held_out
        self.real = _some(train, LIVE_REAL)
        self.seen = _some(train, LIVE_FAKE)
        self.extractor = features.find(name, train)
        self._real = self.extractor.of(self.real).features
        self._gaussian = metrics.Gaussian(self._real)
        self._train_means = means(train.images)
        others = means(_some(held_out, LIVE_FAKE).images) if held_out and len(held_out) >= 100 else None
        self._suspicious = metrics.suspicious_distance(self._train_means, others)

    def examine(self, fake: Samples, logits: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """The scores of generated samples; `logits` are the discriminator's of train, held_out and fake samples."""
        made = self.extractor(fake.images).features
        real, n, name = self._real, len(fake), self.extractor.name
        found = {
            "frechet": entry(self._gaussian.frechet(made), n, name, "lower"),
            "kernel": entry(metrics.kernel(real[:n], made), n, name, "lower"),
        }
        if min(len(real), n) >= 6:
            here = metrics.neighbourhoods(real[:n], made)
            found |= {key: entry(here[key], n, name, "higher") for key in ("precision", "recall", "coverage")}
        if len(self.train) >= 100:
            near = metrics.nearest(self._train_means, means(fake.images), 1)[0][:, 0] < self._suspicious
            found["memorisation"] = entry(metrics.accuracy(near), n, "pixels", "lower")
        for side, values in logits.items():
            right = metrics.accuracy(values < 0 if side == "fake" else values > 0)
            found[f"accuracy_{side}"] = entry(right, len(values), "discriminator", "near 0.5")
        return found | {"vitals": self._vitals(fake, made, logits)}

    def _vitals(self, fake: Samples, made: np.ndarray, logits: Mapping[str, np.ndarray]) -> dict[str, Any]:
        found: dict[str, Any] = dict(vitals.variety(self._real, made)) if len(self._real) > 2 else {}
        if fake.images.ndim == 4:
            found |= vitals.tones(self.real.images, fake.images) | vitals.checkerboard(self.real.images, fake.images)
        found |= {f"logit_{side}": float(values.mean()) for side, values in logits.items()}
        labels, count = self.real.labels, len(self.train.classes)
        if labels is not None and count > 1:
            usual, shares = vitals.class_shares(self._real, labels, made, count)
            found |= {"real_shares": usual.round(4).tolist(), "shares": shares.round(4).tolist()}
            if fake.labels is not None:
                spreads = vitals.class_spreads(self._real, labels, made, fake.labels, count)
                found["class_spreads"] = [None if math.isnan(v) else round(v, 4) for v in spreads.tolist()]
        return found
