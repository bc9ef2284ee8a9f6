"""Scores: what the metrics say of a run, a folder or an array, with all that belongs beside a number."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ganvas import data, features, metrics, progress, vitals
from ganvas.data import FEWEST_INPUTS, Samples, degrade, sets
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.features import Extracted, Extractor, called
from ganvas.features.pixels import means
from ganvas.images import coloured, fitted
from ganvas.metrics import SSIM_WINDOW, Estimate
from ganvas.names import choices, unknown
from ganvas.recipe import Recipe
from ganvas.run import Run, to_json

Score = dict[str, Any]

DISTANCES = {"frechet": "lower", "kernel": "lower"}
NEIGHBOURS = {"precision": "higher", "recall": "higher", "density": "higher", "coverage": "higher"}
OF_IMAGES = {"sliced_wasserstein": "lower", "similarity": "lower", "memorisation": "lower"}
OF_CLASSES = {"modes": "higher", "class_balance": "higher"}
OF_PAIRS = {"l1": "lower", "psnr": "higher", "ssim": "higher", "perceptual": "lower"}
OF_TRIPS = {"cycle": "lower"}
OF_TOLD = {"label_agreement": "higher"}
ON_REQUEST = {"inception_score": "higher", "classifier_accuracy": "higher", "class_divergence": "lower"}
BETTER = DISTANCES | NEIGHBOURS | OF_IMAGES | OF_CLASSES | OF_TOLD | OF_PAIRS | OF_TRIPS | ON_REQUEST
SHARES = (
    "precision",
    "recall",
    "coverage",
    "memorisation",
    "class_balance",
    "classifier_accuracy",
    *OF_TOLD,
)  # from 0 to 1
ALL = "all"  # the usual metrics and the slow ones
ENOUGH = 1000  # held-out samples to score against; with fewer, the training data are the reference
KEPT = ("n", "features", "better", "floor", "untouched", "of")  # of a score that is a mean over runs
LEAST = 20  # samples that anything can be said of
SLICED = 5000  # samples that images are compared of pixel by pixel
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
    metrics: str | Sequence[str] | None = None,
    features: str | Callable[..., Any] | None = None,
    n: int = 10_000,
    size: str | int | None = None,
    best: bool = False,
    show: bool = True,
    notes: list[str] | None = None,
) -> dict[str, Score]:
    """Score generated samples against real ones: a dict from a metric's name to the score and all that belongs to it.

    `subject` and `against` are each a run, a folder, an .npz, a data set's name or an array. A run is scored against
    the held-out part of its data where that has 1,000 samples or more, else against all its data. At most `n` samples
    of either side count; `size` is what a folder's or file's samples are scaled to, and real ones to theirs.
    `metrics` names some of `scores.BETTER` (or "all"), with commas between them or as a list; `features` an
    extractor, or is a keras.Model or function itself. Each score holds `value`, `interval` (95%), `n`, `features`,
    `better`, and `floor`: what real samples score against real ones; where images were made from images, `untouched`
    is what the inputs themselves score, scaled to the images' size, and `floor` what their targets do. A run's scores
    of its own data, by all the usual metrics, are also kept in its folder, in `scores.json`. What else a reader
    should know (lossy or scaled images, few samples, a classifier's accuracy) is added to `notes`.
    """
    if n < LEAST:
        raise WrongUseError(f"n must be at least {LEAST} to score anything, not {n}")
    if isinstance(metrics, str):
        metrics = [name.strip() for name in metrics.split(",") if name.strip()]
    for name in metrics or ():
        if name not in BETTER and list(metrics or ()) != [ALL]:
            raise unknown("metric", name, BETTER)
    with progress.choose(show) as shown:
        sides = _Sides.of(subject, against, n, size, best, shown)
        wanted = _wanted(metrics, sides)
        by = features or default_features(sides.real)
        found = _Evaluation(sides, by, wanted, shown).scores()
    usual = metrics is None and against is None and not best
    if sides.run and usual:
        found |= _discriminator(sides.run)
        try:
            _keep(sides, n, called(by), found)
        except RunFailedError as error:  # a folder that may only be read
            sides.notes.append(str(error))
    if notes is not None:
        notes += dict.fromkeys(sides.notes)
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
    """Generated samples, the real ones they are compared with, others for the floor, and the training data behind them.

    All are in random order. `reference` is the labelled whole that `real` was drawn from.
    """

    fake: Samples
    real: Samples
    other: Samples
    reference: Samples
    train: Samples
    held_out: Samples | None
    run: Run | None
    notes: list[str]
    best: bool = False

    @classmethod
    def of(
        cls, subject: Any, against: Any, n: int, size: str | int | None, best: bool, shown: progress.Progress
    ) -> "_Sides":
        run = run_of(subject)
        if run is None and best:
            raise WrongUseError("best are weights of a run, and nothing else has such: leave it out")
        if run and size:
            raise WrongUseError(f"{run.path} makes samples of one size: leave size out")
        if run is None and against is None:
            named = "these samples" if isinstance(subject, np.ndarray) else str(subject)
            known = isinstance(subject, np.ndarray) or named.split(":")[0] in choices(sets)
            if not known and data.split_spec(named)[0] is None:
                raise data.not_found("run or data set", named, choices(sets))
            raise WrongUseError(f"against what? Give --against a data set to compare {named} with")
        if run:
            recipe = run.located(run.recipe)
            train, held_out = recipe.samples(), recipe.unseen()
            shown.say(f"drawing samples of {run.path}, {n} at most")
            fake = drawn(run, n, best)
            enough = FEWEST_INPUTS if recipe.inputs else ENOUGH  # of pairs, what the images are made from
            reference = held_out if held_out is not None and len(held_out) >= enough else train
            parts = [train, held_out]
            if against is not None:
                reference, parts = loaded(against, n, fake.shape), [_training_part(against, fake.shape)]
        else:
            fake = loaded(subject, n, size=size)
            reference = loaded(against, n, fake.shape)
            train, held_out = _training_part(against, fake.shape) or reference, None
            if train is not reference:
                held_out = reference
            parts = [train]
        if fake.shape != reference.shape:
            raise WrongUseError(
                f"{fake.name} has samples of {fake.shape}, {reference.name} of {reference.shape}: cannot compare"
            )
        fake, real, other = shuffled(fake, n), *_two_of(reference, n, parts)
        if fake.targets is not None and against is None:
            # real ones are the very targets, not others: the best that can be made is those
            other = Samples(f"targets of {fake.name}", fake.targets)
        if min(len(fake), len(real), len(other)) < LEAST:
            raise WrongUseError(
                f"scores need {LEAST} samples or more of either side, and as many other real ones for the floor (one "
                f"half against the other will do): here are {len(fake)}, {len(real)} and {len(other)}"
            )
        notes = _notes(fake, real, other, reference)
        if run and reference is train:
            unseen = f"only {len(held_out)} images were" if held_out is not None else "no images were"
            notes.append(f"{unseen} held out: scored against those it was trained on, where copies score best")
        return cls(fake, real, other, reference, train, held_out, run, notes, best)


def _two_of(reference: Samples, n: int, parts: Sequence[Samples | None]) -> tuple[Samples, Samples]:
    """At most `n` samples to compare with, and as many others for the floor if they can be had."""
    if len(reference) >= 2 * n:
        both = shuffled(reference, 2 * n)
        return both.take(np.arange(n)), both.take(np.arange(n, 2 * n))
    real = shuffled(reference, n)
    apart = [part for part in parts if part is not None and part.sha256 != reference.sha256]
    enough = [part for part in apart if part.shape == reference.shape and 2 * len(part) >= len(real)]
    if enough:
        return real, shuffled(enough[0], len(real))
    return real, real.take(np.arange(len(real) // 2))


def _notes(fake: Samples, real: Samples, other: Samples, reference: Samples) -> list[str]:
    found = [*fake.caveats, *reference.caveats]
    if 2 * len(other) <= len(real):
        found.append(f"the floor is one half of {real.name} against the other: fewer samples than the scores have")
    if min(len(fake), len(real)) < 2_000:
        found.append(f"only {len(fake)} generated against {len(real)} real samples: expect wide intervals and bias")
    return found


def _training_part(against: Any, shape: tuple[int, ...]) -> Samples | None:
    """What goes with a `:test` part: copies are looked for in what was trained on."""
    text = "" if isinstance(against, np.ndarray | Run) else str(against)
    if not text.endswith(":test"):
        return None
    return loaded(f"{text.removesuffix('test')}train", 0, shape)


def run_of(subject: Any) -> Run | None:
    """The run that is meant; None where something else is."""
    if isinstance(subject, Run):
        return subject
    if isinstance(subject, np.ndarray):
        return None
    text = str(subject)
    if text == "latest" or text.isdigit() or (Path(text) / "recipe.json").is_file():
        return Run.find(text)
    return None


def loaded(subject: Any, n: int, shape: tuple[int, ...] | None = None, size: str | int | None = None) -> Samples:
    """`n` samples of a run; all of a folder's, file's, set's or array's, brought to a shape, or a size, if need be."""
    run = run_of(subject)
    if run:
        return drawn(run, n, best=False)
    if shape and len(shape) == 3:
        size = f"{shape[0]}x{shape[1]}"
    samples = data.load(subject if isinstance(subject, np.ndarray) else str(subject), size)
    if shape and len(shape) == 3 and samples.images.ndim == 4 and samples.shape[2] == 1 and shape[2] == 3:
        samples = replace(samples, images=samples.images.repeat(3, axis=-1))
    return samples


def drawn(run: Run, n: int, best: bool) -> Samples:
    """Samples of a run, with the classes they were asked for."""
    if run.recipe.inputs:
        return replace(run.translations(n, SEED, best=best), name=str(run.path))
    made = Samples(str(run.path), run.sample(n, seed=SEED, best=best))
    labels = run.labels(n, SEED) if run.recipe.label == "class" else None
    if labels is None:
        return made
    return replace(made, labels=labels.astype(np.int64), classes=tuple(run.environment["told"]["classes"]))


def shuffled(samples: Samples, n: int) -> Samples:
    """At most `n` of them in random order, always the same: files may come sorted by class."""
    return samples.take(np.random.RandomState(SEED).permutation(len(samples))[:n])


def _wanted(names: Sequence[str] | None, sides: _Sides) -> list[str]:
    usual = [*DISTANCES, *NEIGHBOURS]
    if sides.fake.targets is not None:
        usual += [name for name in OF_PAIRS if name != "ssim" or min(sides.fake.shape[:2]) >= SSIM_WINDOW]
    if sides.run and (sides.run.path / "back.keras").exists():
        usual += OF_TRIPS
    if sides.real.images.ndim == 4:
        usual += [name for name in OF_IMAGES if name != "similarity" or min(sides.real.shape[:2]) >= SSIM_WINDOW]
        if sides.fake.targets is not None:  # an input that was trained on has its own image for the best answer
            usual.remove("memorisation")
    if _labelled(sides.reference):
        usual += OF_CLASSES
        usual += OF_TOLD if _told_classes(sides.fake, sides.reference) else {}
    if sides.reference.channels_of:
        usual.append("class_divergence")
    if names is None or list(names) == [ALL]:
        whole = names is not None and _labelled(sides.reference) and _told_classes(sides.fake, sides.reference)
        return [*usual, *(["classifier_accuracy"] if whole else [])]
    if not names:
        raise WrongUseError(f"no metric named: choose from {', '.join(BETTER)}")
    for name in names:
        of_images = name == "inception_score" and sides.real.images.ndim == 4
        of_classes = name == "class_divergence" and _labelled(sides.reference)
        if name not in usual and not of_images and not of_classes:
            _check_request(name, sides)
    return list(names)


def _labelled(samples: Samples) -> bool:
    return samples.labels is not None and len(samples.classes) > 1


def _told_classes(fake: Samples, real: Samples) -> bool:
    """Were the samples asked for by the real ones' classes, not by clusters?"""
    return fake.labels is not None and fake.classes == real.classes


def _check_request(name: str, sides: _Sides) -> None:
    needs = {
        "similarity": f"images of {SSIM_WINDOW} pixels or more",
        "inception_score": "images",
        "sliced_wasserstein": "images",
        "memorisation": "images",
        **dict.fromkeys(OF_PAIRS, "a run that makes images from images with their targets"),
        **dict.fromkeys(OF_TRIPS, "a run of the game unpaired"),
    }.get(name, "labelled real samples of two classes or more")
    if name not in ("classifier_accuracy", *OF_TOLD) or not _labelled(sides.reference):
        raise WrongUseError(f"{name} cannot be had of {sides.real.name}: it needs {needs}")
    if not _told_classes(sides.fake, sides.reference):
        raise WrongUseError(f"{name} needs generated samples labelled with the same classes: a run with label=class")


# --- how it is scored


@dataclass
class _Evaluation:
    sides: _Sides
    features: str | Callable[..., Any]
    wanted: list[str]
    shown: progress.Progress

    def scores(self) -> dict[str, Score]:
        """All wanted scores."""
        found: dict[str, Score] = {}
        if {*DISTANCES, *NEIGHBOURS, "inception_score"} & {*self.wanted}:
            found |= self._of_features()
        if {*OF_IMAGES} & {*self.wanted}:
            found |= self._of_images()
        if {*OF_PAIRS} & {*self.wanted}:
            found |= self._of_pairs()
        if {*OF_TRIPS} & {*self.wanted}:
            fake = self.sides.fake
            assert self.sides.run is not None
            assert fake.inputs is not None
            trip = metrics.l1(fake.inputs, self.sides.run.returned(fake, best=self.sides.best))
            found["cycle"] = self._entry("cycle", trip, "pixels", 0.0)
        if {*OF_CLASSES, *OF_TOLD, "class_divergence"} & {*self.wanted}:
            found |= self._of_classes()
        if "classifier_accuracy" in self.wanted:
            found["classifier_accuracy"] = self._classifier_accuracy()
        return found

    def _of_features(self) -> dict[str, Score]:
        extractor = self._extractor(self.features)
        self.sides.notes += extractor.notes
        self._note_flattery(extractor.name)
        sides = [self._extracted(extractor, side) for side in (self.sides.real, self.sides.fake, self.sides.other)]
        real, fake, _ = sides
        # equally many on both sides: with more of one, these scores say another thing
        pair = _equally_many(*(side.features for side in sides[:2]))
        # from the end: the other may be its first half; and no more than are scored, as distances shrink with numbers
        count = len(pair[0])
        floor = _equally_many(sides[0].features[::-1][:count], sides[2].features[:count])
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
        if self.sides.fake.inputs is not None:
            idle = _equally_many(real.features, extractor(_untouched(self.sides.fake)).features)
            for name, metric in (("frechet", metrics.frechet), ("kernel", metrics.kernel)):
                if name in self.wanted:
                    found[name]["untouched"] = float(metric(*idle))
        if {*NEIGHBOURS} & {*self.wanted}:
            self.shown.say("neighbourhoods: precision, recall, density, coverage")
            here, least = metrics.neighbourhoods(*pair), metrics.neighbourhoods(*floor)
            for name in NEIGHBOURS:
                if name in self.wanted:
                    found[name] = self._entry(name, here[name], extractor.name, least[name])
        if "inception_score" in self.wanted:
            # few samples look alike: the floor is of no more than are scored
            value, least_score = (_inception_score(side, len(fake.features), extractor.name) for side in (fake, real))
            found["inception_score"] = self._entry("inception_score", value, extractor.name, least_score)
        return found

    def _of_images(self) -> dict[str, Score]:
        sides, found = self.sides, {}
        if "sliced_wasserstein" in self.wanted:
            count = min(SLICED, len(sides.fake), len(sides.real))
            real, fake, other = (side.images[:count] for side in (sides.real, sides.fake, sides.other))
            value = metrics.sliced_wasserstein(_flat(real), _flat(fake))
            # from the end: the other may be the first half
            apart = sides.real.images[::-1][: len(other)]
            floor = metrics.sliced_wasserstein(_flat(apart), _flat(other))
            found["sliced_wasserstein"] = self._entry("sliced_wasserstein", value, "pixels", floor, count)
        if "similarity" in self.wanted:
            value, floor = (metrics.similarity(side.images) for side in (sides.fake, sides.real))
            count = min(len(sides.fake), 2 * metrics.SSIM_PAIRS)
            found["similarity"] = self._entry("similarity", value, "pixels", floor, count)
        if "memorisation" in self.wanted:
            self.shown.say(f"nearest of {len(sides.train)} training images")
            value = copies(sides.train, sides.held_out, sides.fake)
            found["memorisation"] = self._entry("memorisation", value, "pixels", 0.01)  # the floor by its definition
        return found

    def _of_pairs(self) -> dict[str, Score]:
        fake, found = self.sides.fake, {}
        assert fake.targets is not None
        self.shown.say("pairs: what was made of an input beside what was meant")
        untouched = _untouched(fake)
        ideal = {"l1": 0.0, "psnr": 60.0, "ssim": 1.0, "perceptual": 0.0}
        for name in OF_PAIRS:
            if name in self.wanted:
                metric = getattr(metrics, name)
                found[name] = self._entry(name, metric(fake.targets, fake.images), "pixels", ideal[name])
                found[name]["untouched"] = float(metric(fake.targets, untouched))
        if "perceptual" in found:
            found["perceptual"]["features"] = "efficientnet"
            self._note_flattery("efficientnet")
        return found

    def _note_flattery(self, extractor: str) -> None:
        run, told = (
            self.sides.run,
            "the run learnt from efficientnet's features, and what is measured by them flatters it",
        )
        if run and extractor == "efficientnet" and _learnt_from_it(run.recipe) and told not in self.sides.notes:
            self.sides.notes.append(told)

    def _of_classes(self) -> dict[str, Score]:
        sides = self.sides
        extractor = self._extractor("classifier")
        sides.notes += [note for note in extractor.notes if note not in sides.notes]
        real, fake, other = (self._labels(extractor, side) for side in (sides.real, sides.fake, sides.other))
        classes, found = _labelled_part(sides).classes, {}
        # from the end: the other may be the first half; and no more than are scored, as few never balance
        apart, other = real[::-1][: min(len(other), len(fake))], other[: len(fake)]
        for name, metric in (("modes", metrics.modes), ("class_balance", metrics.class_balance)):
            if name in self.wanted:
                found[name] = self._entry(name, metric(real, fake), extractor.name, metric(apart, other))
        if "label_agreement" in self.wanted:
            assert sides.fake.labels is not None
            assert sides.real.labels is not None
            asked = metrics.accuracy(fake == sides.fake.labels), metrics.accuracy(real == sides.real.labels)
            found["label_agreement"] = self._entry("label_agreement", asked[0], extractor.name, asked[1])
        if "class_divergence" in self.wanted:
            value, floor = (metrics.class_divergence(labels, len(classes)) for labels in (fake, other))
            found["class_divergence"] = self._entry("class_divergence", value, extractor.name, floor)
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
        self.shown.say(f"training two classifiers: of {len(sides.fake)} generated samples, and of as many real ones")
        whole = _labelled_part(sides)
        trained, tested = whole, sides.held_out
        if tested is None or tested.labels is None:
            trained, tested = (data.fixed_split(whole, part) for part in data.SPLITS)
        trained = shuffled(trained, len(sides.fake))
        portions = self.shown.portions
        models = [classifier.fit(side, watch=portions(f"training on {side.name}")) for side in (sides.fake, trained)]
        value, floor = (metrics.accuracy(classifier.accuracy(model, tested)) for model in models)
        return self._entry("classifier_accuracy", value, "classifier", floor)

    def _entry(self, name: str, estimate: Estimate, extractor: str, floor: float, count: int = 0) -> Score:
        """A score with its floor; `count` where it is not of all samples."""
        sides = self.sides
        alike = name in DISTANCES or name in NEIGHBOURS
        count = count or (min(len(sides.fake), len(sides.real)) if alike else len(sides.fake))
        return entry(estimate, count, extractor, BETTER[name]) | {"floor": float(floor)}

    def _extractor(self, name: str | Callable[..., Any]) -> Extractor:
        self.shown.say(f"features: {called(name)}")
        whole = _labelled_part(self.sides)
        if name == "classifier":
            from ganvas.features import classifier

            features.check(name, whole)
            classifier.prepare(whole, self.shown.portions("training the classifier, once for all runs"))
        return features.find(name, whole)

    def _extracted(self, extractor: Extractor, samples: Samples) -> Extracted:
        """Real samples come from the cache where they can."""
        watch = self.shown.portions(f"{extractor.name} features of {samples.name}")
        return extractor(samples.images, watch) if samples is self.sides.fake else extractor.of(samples, watch)

    def _labels(self, extractor: Extractor, samples: Samples) -> np.ndarray:
        probabilities = self._extracted(extractor, samples).probabilities
        assert probabilities is not None
        return probabilities.argmax(axis=1)


def _labelled_part(sides: _Sides) -> Samples:
    """Real samples with labels, if there are any: the training data's before the reference's."""
    return sides.train if _labelled(sides.train) or not _labelled(sides.reference) else sides.reference


def _equally_many(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count = min(len(one), len(other))
    return one[:count], other[:count]


def _inception_score(side: Extracted, count: int, extractor: str) -> Estimate:
    if side.probabilities is None:
        raise WrongUseError(f"inception_score needs class probabilities, and {extractor} gives none")
    return metrics.inception_score(side.probabilities[:count])


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


def over_runs(cards: Sequence[Mapping[str, Score]]) -> dict[str, Score]:
    """The scores of several runs as one card: the mean of each score that all have, in the same features.

    Its 95% interval is Student's t over the runs, within what the score can be, and `runs` holds their values. One
    run's scores are as they were.
    """
    if len(cards) == 1:
        return dict(cards[0])
    common = [name for name in cards[0] if len({card.get(name, {}).get("features") for card in cards}) == 1]
    return {name: _averaged(name, [card[name] for card in cards]) for name in common}


def _averaged(name: str, held: Sequence[Score]) -> Score:
    from scipy.stats import t

    values = np.array([score["value"] for score in held], np.float64)
    reach = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    mean, lowest = float(values.mean()), -math.inf if name == "kernel" else 0.0
    highest = 1.0 if name in SHARES or name.startswith("accuracy_") else math.inf
    ends = [max(lowest, mean - reach), min(highest, mean + reach)]
    basis: Score = {key: held[0][key] for key in KEPT if key in held[0]}
    return {"value": mean, "interval": ends, **basis, "runs": values.tolist()}


def copies(train: Samples, held_out: Samples | None, fake: Samples) -> Estimate:
    """The share of samples suspiciously near a training image, in block means of pixels."""
    others = means(shuffled(held_out, 2000).images) if held_out is not None and len(held_out) >= 100 else None
    return metrics.memorisation(means(train.images), others, means(fake.images))


def _untouched(fake: Samples) -> np.ndarray:
    """Inputs as they are, at the size and with the channels of images: what doing nothing would give."""
    assert fake.inputs is not None
    height, width, channels = fake.shape
    made = coloured(fitted(fake.inputs, height, width))
    if channels == 1:
        return degrade.grayscale(made)
    return made if channels == 3 else np.concatenate([made, np.full_like(made[..., :1], 255)], axis=-1)


def _learnt_from_it(recipe: Recipe) -> bool:
    """Did a player see images by EfficientNet's features?"""
    judged = recipe.discriminator == "projected" and recipe.weights.get("adversary", 1) > 0
    return judged or recipe.weights.get("perceptual", 0) > 0


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1)


def _discriminator(run: Run) -> dict[str, Score]:
    """What the discriminator was right about when the run was last scored."""
    lines = run.scores()
    return {name: value for name, value in (lines[-1] if lines else {}).items() if name.startswith("accuracy_")}


def _keep(sides: _Sides, n: int, by: str, found: Mapping[str, Score]) -> None:
    assert sides.run is not None
    step = max((int(p.stem) for p in sides.run.checkpoints()), default=0)
    whole = {
        "step": step,
        "against": sides.real.name,
        "n": len(sides.fake),
        "asked": n,
        "by": by,
        "notes": list(dict.fromkeys(sides.notes)),
        "scores": found,
    }
    sides.run.write("scores.json", to_json(whole, indent=2) + "\n")


# --- during training


class Examiner:
    """Scores and vital signs of the samples made while a run trains: few samples, the same real ones every time."""

    def __init__(self, name: str, train: Samples, held_out: Samples | None) -> None:
        self.train = train
        self.real = shuffled(train, LIVE_REAL)
        self.seen = shuffled(train, LIVE_FAKE)
        self.unseen = shuffled(held_out, LIVE_FAKE) if held_out is not None and len(held_out) >= 100 else None
        self.extractor = features.find(name, train)
        self._real = self.extractor.of(self.real).features
        self._gaussian = metrics.Gaussian(self._real)
        self._copyable = len(train) >= 20 and train.images.ndim == 4
        self._train_means = means(train.images)
        others = means(self.unseen.images) if self.unseen else None
        self._suspicious = metrics.suspicious_distance(self._train_means, others)

    def examine(self, fake: Samples, logits: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """The scores of generated samples; `logits` are the discriminator's of train, held_out and fake samples.

        Where there is no discriminator, there are none.
        """
        made = self.extractor(fake.images).features
        real, n, name = self._real, len(fake), self.extractor.name
        found = {
            "frechet": entry(self._gaussian.frechet(made), n, name, "lower"),
            "kernel": entry(metrics.kernel(real[:n], made), n, name, "lower"),
        }
        if min(len(real), n) >= 6:
            here = metrics.neighbourhoods(real[:n], made)
            found |= {key: entry(here[key], n, name, "higher") for key in ("precision", "recall", "coverage")}
        if self._copyable and fake.targets is None:
            near = metrics.nearest(self._train_means, means(fake.images), 1)[0][:, 0] < self._suspicious
            found["memorisation"] = entry(metrics.accuracy(near), n, "pixels", "lower")
        if fake.targets is not None:
            for key in ("l1", "psnr"):
                value = getattr(metrics, key)(fake.targets, fake.images)
                found[key] = entry(value, n, "pixels", OF_PAIRS[key])
        for side, values in logits.items():
            right = metrics.accuracy(values < 0 if side == "fake" else values > 0)
            found[f"accuracy_{side}"] = entry(right, len(values), "discriminator", "near 0.5")
        return found | {"vitals": self._vitals(fake, made, logits)}

    def _vitals(self, fake: Samples, made: np.ndarray, logits: Mapping[str, np.ndarray]) -> dict[str, Any]:
        found: dict[str, Any] = dict(vitals.variety(self._real, made)) if len(self._real) > 2 else {}
        if fake.images.ndim == 4:
            found |= vitals.tones(self.real.images, fake.images) | vitals.checkerboard(self.real.images, fake.images)
        found |= {
            f"logit_{side}": float(np.nan_to_num(values).mean(dtype=np.float64)) for side, values in logits.items()
        }
        labels, count = self.real.labels, len(self.train.classes)
        if labels is not None and count > 1:
            # by pixels: a few specks move an image far in deeper features, and into another class
            usual, shares = vitals.class_shares(means(self.real.images), labels, means(fake.images), count)
            found |= {"real_shares": usual.round(4).tolist(), "shares": shares.round(4).tolist()}
            if _told_classes(fake, self.train):
                assert fake.labels is not None
                spreads = vitals.class_spreads(self._real, labels, made, fake.labels, count)
                found["class_spreads"] = [None if math.isnan(v) else round(v, 4) for v in spreads.tolist()]
        return found
