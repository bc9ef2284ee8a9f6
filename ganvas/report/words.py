"""What a report says in plain words: names of scores, lengths of time, sizes of samples."""

from collections.abc import Sequence
from typing import Any

from ganvas.report.charts import figure
from ganvas.report.record import interval
from ganvas.scores import name_of

MEANINGS = {
    "frechet": "how far generated images are from real ones, in quality and variety together",
    "kernel": "the same question asked another way, fair for few images",
    "sliced_wasserstein": "how far samples must be moved to become the real ones",
    "precision": "the share of generated images that look real",
    "recall": "the share of real images that the generator could make",
    "density": "how thickly generated images lie where real ones are",
    "coverage": "the share of real images with a generated one nearby",
    "memorisation": "the share of images suspiciously near to a training image",
    "inception_score": "clear, and of many kinds, as a classifier sees them",
    "class_balance": "how well the shares of the classes match the real ones",
    "class_divergence": "how far the shares of the classes are from equal ones",
    "label_agreement": "how often a classifier sees the class that was asked for",
    "modes": "how many of the classes the generator makes at all",
    "classifier_accuracy": "how often a classifier trained on generated images is right on real ones",
    "similarity": "how alike pairs of images are: high means little variety",
    "l1": "how far images are from those that were meant, pixel by pixel",
    "psnr": "the same in decibels, from mean squares",
    "ssim": "how alike their structure is to that of the images that were meant",
    "perceptual": "how far they are from those to a network that knows photographs",
    "cycle": "how far inputs are from what comes back of the round trip, pixel by pixel",
    "accuracy_train": "how often the discriminator calls training images real",
    "accuracy_held_out": "how often it calls real images real that it was not trained on",
    "accuracy_fake": "how often it calls generated images generated",
}


def score_name(name: str, features: str = "") -> str:
    """A score's name for people; by Inception's features it may be called FID."""
    found = name_of(name, features)
    return found[:1].upper() + found[1:]


def score_meaning(name: str) -> str:
    """What a score tells; nothing for one that is not known here."""
    return MEANINGS.get(name, "")


def score_title(name: str, features: str) -> str:
    """A score's name and, in brackets, the features it is of."""
    return score_name(name, features) + (f" ({features})" if features else "")


def score_value(score: dict[str, Any]) -> str:
    """The value, and the interval where there is one: "12.3 (11.9 to 12.7)"."""
    ends = interval(score)
    return figure(score["value"]) + (f" ({figure(ends[0])} to {figure(ends[1])})" if ends else "")


def duration(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    if seconds < 100:
        return f"{seconds:.0f} seconds"
    if seconds < 100 * 60:
        return f"{seconds / 60:.1f} minutes"
    return f"{seconds / 3600:.1f} hours"


def count(number: int, thing: str) -> str:
    """ "1 image", "2,000 images"."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def listed(words: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def kind_of_samples(shape: Sequence[int]) -> str:
    """What samples of a shape are: "28 × 28 grey images"."""
    if len(shape) != 3:
        return "points in the plane" if len(shape) == 1 else "samples"
    height, width, channels = shape
    return f"{height} × {width} {'grey' if channels < 3 else 'colour'} images"
