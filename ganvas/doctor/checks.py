"""The checks, each a function from evidence to a finding or None. Causes that stand in the recipe and data come first.

The limits were set on the planted illnesses and healthy runs (`plain`, `dense`, `toy`) of `benchmarks/doctor.py`.
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ganvas.doctor import Evidence, Finding, Remedy

USUAL_RATE = 2e-4
STEEP_RATE = 1e-2
EARLY = 0.15  # before this share of a run, a bad figure may be youth


def rates_too_high(evidence: Evidence) -> Finding | None:
    """Learning rates that Adam cannot follow."""
    rates = _rates(evidence)
    steep = {name: rate for name, rate in rates.items() if rate > STEEP_RATE}
    if not steep:
        return None
    worst = max(steep, key=lambda name: steep[name])
    return Finding(
        "serious",
        f"{worst}={steep[worst]:g} is {steep[worst] / 1e-3:.0f} times what GANs bear: weights jump about instead "
        "of learning.",
        rates,
        Remedy({name: min(rate, 1e-3) for name, rate in rates.items()}, "up to 1e-3 nearly everything works"),
    )


def rates_apart(evidence: Evidence) -> Finding | None:
    """One player learns much faster than the other."""
    rates = _rates(evidence)
    if len(rates) < 2:
        return None
    fast, slow = max(rates, key=lambda name: rates[name]), min(rates, key=lambda name: rates[name])
    ratio = rates[fast] / rates[slow]
    if ratio < 10:
        return None
    return Finding(
        "serious" if ratio > 50 else "warning",
        f"{fast} is {ratio:.0f} times {slow}: the slower player cannot answer, and the game stands still.",
        {**rates, "ratio": round(ratio, 1)},
        Remedy({slow: min(rates[fast], 1e-3)}, "equal rates, or up to four to one, keep both players in the game"),
    )


def small_batch(evidence: Evidence) -> Finding | None:
    """Too few samples in a batch for batch norm's statistics."""
    kinds = ("BatchNormalization", "FusedBatchNormalization")
    norms = {side: sum(evidence.layers(side, kind) for kind in kinds) for side in ("generator", "discriminator")}
    batch = evidence.recipe.batch
    if batch >= 16 or not any(norms.values()):
        return None
    return Finding(
        "serious" if batch <= 4 else "warning",
        f"Batch norm takes its statistics from only {batch} samples at a time: they are mostly noise.",
        {"batch": batch, **{f"batch_norm_layers_{side}": count for side, count in norms.items()}},
        Remedy({} if evidence.recipe.inputs else {"batch": 64}, "from about 32 samples on the statistics settle"),
    )


def duplicate_data(evidence: Evidence) -> Finding | None:
    """The same images again and again."""
    facts = evidence.environment.get("data", {})
    copies, count = facts.get("duplicates", 0), max(1, facts.get("count", 1))
    if copies < 0.1 * count:
        return None
    return Finding(
        "serious" if copies > 0.5 * count and count - copies < 1000 else "warning",
        f"{copies} of {count} training images are exact copies of others: the data are smaller than they look.",
        {"duplicates": copies, "count": count, "different": count - copies},
        Remedy(
            _augmenting(evidence),
            "remove the copies (`ganvas data check` names those of a folder); augmentation helps few images",
        ),
    )


def small_data(evidence: Evidence) -> Finding | None:
    """So few images that the discriminator learns them by heart."""
    facts = evidence.environment.get("data", {})
    count = facts.get("count", 0) - facts.get("duplicates", 0)
    if count >= 1000 or len(facts.get("shape", ())) != 3 or _alone(evidence):
        return None
    augmented = bool(evidence.recipe.augment)
    return Finding(
        "note" if augmented else "serious" if count < 100 else "warning",
        f"There are only {count} different training images: the discriminator can learn them by heart.",
        {"different": count, "augment": list(evidence.recipe.augment)},
        None if augmented else Remedy(_augmenting(evidence), "a changed image is new to it"),
    )


def unbalanced_data(evidence: Evidence) -> Finding | None:
    """Classes of very different sizes."""
    facts = evidence.environment.get("data", {})
    counts = dict(zip(facts.get("classes", ()), facts.get("class_counts", ()), strict=False))
    if len(counts) < 2 or max(counts.values()) <= 10 * max(1, min(counts.values())):
        return None
    big, small = max(counts, key=lambda k: counts[k]), min(counts, key=lambda k: counts[k])
    ratio = counts[big] / max(1, counts[small])
    return Finding(
        "serious" if ratio > 50 and evidence.recipe.label == "class" else "warning" if ratio > 20 else "note",
        f"{big!r} has {counts[big]} images and {small!r} {counts[small]}: small classes will hardly be learnt.",
        {"largest": counts[big], "smallest": counts[small], "ratio": round(ratio, 1)},
        Remedy({}, "balance the folder, or leave the smallest classes out"),
    )


def diverged(evidence: Evidence) -> Finding | None:
    """Costs that are no numbers, or run away."""
    rollbacks = len(evidence.rollbacks)
    costs = {key: evidence.late(key) for key in _keys(evidence, "_cost")}
    large = max((abs(value) for value in costs.values() if value is not None), default=0.0)
    failed = evidence.improvement is not None and evidence.improvement > 0.8
    scaled = evidence.recipe.loss != "wasserstein" and not evidence.recipe.weights  # else a cost may be any number
    runaway = large > 100 and (failed or scaled)
    if not rollbacks and not runaway:
        return None
    healed = not runaway and evidence.step > 2 * evidence.rollbacks[-1]["step"] and not failed
    settings: dict[str, Any] = {name: rate / 4 for name, rate in _rates(evidence).items()}
    if evidence.recipe.loss == "wasserstein" and not any(evidence.recipe.penalties.values()):
        settings = {"penalties.gradient": 10.0, "penalty_every": 1, **_unclipped(evidence)}
    told = f"was not a number {rollbacks} time{'s' * (rollbacks > 1)}" if rollbacks else f"grew to {large:.0f}"
    return Finding(
        "warning" if healed else "serious",
        f"A cost {told}: training {'diverged, and recovered' if healed else 'diverges'}.",
        {"rollbacks": rollbacks, "largest_late_cost": round(large, 2)},
        Remedy(settings, "smaller steps, and a discriminator that is kept smooth"),
    )


def memorised(evidence: Evidence) -> Finding | None:
    """Samples that are copies of training images."""
    scored = evidence.scores[-1].get("memorisation") if evidence.scores else None
    untrained = (evidence.improvement or 0.0) > 0.7  # blots lie near to any image
    if not scored or scored["interval"][0] < 0.03 or untrained:
        return None
    share = scored["value"]
    return Finding(
        "serious" if share > 0.2 else "warning",
        f"{share:.0%} of the samples are nearer to a training image than 99% of unseen real images are: copies.",
        {"share": round(share, 4), "interval": [round(v, 4) for v in scored["interval"]], "expected": 0.01},
        Remedy(
            _augmenting(evidence),
            "augmentation shows each image changed, every time in another way; more images, or an earlier stop "
            "(`--best` samples the best state), help as well",
        ),
    )


def discriminator_overfit(evidence: Evidence) -> Finding | None:
    """A discriminator that knows the training images by heart: unseen real ones look generated to it."""
    train, held_out, fake = (evidence.vital(f"logit_{side}") for side in ("train", "held_out", "fake"))
    if train is None or held_out is None or train - fake < 0.5:
        return None
    gap = (train - held_out) / (train - fake)
    if gap < 0.25:
        return None
    return Finding(
        "serious" if gap > 0.5 else "warning",
        f"Unseen real images lie {gap:.0%} of the way from training images to generated ones in the discriminator's "
        "eyes: it knows its training images by heart.",
        {"logit_train": round(train, 3), "logit_held_out": round(held_out, 3), "logit_fake": round(fake, 3)},
        Remedy(_augmenting(evidence), "what changes from look to look cannot be learnt by heart"),
    )


def identical_samples(evidence: Evidence) -> Finding | None:
    """The same sample whatever the noise."""
    spread, stiff = evidence.vital("spread"), evidence.vital("dead_pixels")
    if spread is None or evidence.along < EARLY or (spread > 0.03 and (stiff is None or stiff < 0.99)):
        return None
    return Finding(
        "serious",
        f"Whatever its latent, the generator makes the same sample: {spread:.1%} of the spread of real ones.",
        {"spread": round(spread, 4), "dead_pixels": stiff},
        Remedy(
            _smoother(evidence), "check that the generator gets noise and uses it; then keep the discriminator smooth"
        ),
    )


def generator_winning(evidence: Evidence) -> Finding | None:
    """A discriminator that cannot tell, though the samples are plainly bad, and there is nothing else to learn from."""
    gap, bad = _gap(evidence), evidence.improvement
    if evidence.recipe.weights:
        return None
    right = [evidence.late(f"accuracy_{side}") for side in ("real", "fake")]
    if gap is None or bad is None or None in right or evidence.along < EARLY:
        return None
    told = sum(value for value in right if value is not None) / 2
    if bad < 0.5 or told > 0.56 or gap > 0.3:
        return None
    return Finding(
        "serious",
        f"The discriminator is right in {told:.0%} of cases, no better than a coin, while the samples are still bad "
        "(their distance is {:.0%} of an untrained network's): the generator learns nothing from it.".format(bad),
        {"right": round(told, 3), "logit_gap": round(gap, 4), "distance_against_untrained": round(bad, 3)},
        Remedy(_seeing(evidence), "a discriminator that can see and learn"),
    )


def saturated_pixels(evidence: Evidence) -> Finding | None:
    """Samples of black and white alone, where real images have tones between."""
    real, fake = evidence.vital("midtones_real"), evidence.vital("midtones_fake")
    if real is None or real < 0.05 or fake > 0.15 * real or evidence.along < EARLY:
        return None
    return Finding(
        "serious",
        f"Only {fake:.0%} of the generated pixels are between black and white, of the real ones {real:.0%}: the output "
        "is saturated, and no gradient passes through it.",
        {"midtones_fake": round(fake, 4), "midtones_real": round(real, 4)},
        Remedy(
            {"generator_rate": min(evidence.recipe.generator_rate, USUAL_RATE)},
            "end the generator in a plain tanh, without a scale, and start with a smaller rate",
        ),
    )


def dead_pixels(evidence: Evidence) -> Finding | None:
    """Places in the image that never change, though they do in real images."""
    dead = evidence.vital("dead_pixels")
    if dead is None or dead < 0.15 or evidence.along < EARLY or not _varied(evidence):
        return None
    return Finding(
        "serious" if dead > 0.3 else "warning",
        f"{dead:.0%} of the places that vary in real images never change in generated ones.",
        {"dead_pixels": round(dead, 3)},
        Remedy({}, "check that the generator reaches the whole image: its last layers, cropping, masks"),
    )


def checkerboard(evidence: Evidence) -> Finding | None:
    """A regular pattern of period two, from strided transposed convolutions."""
    real, fake = evidence.vital("checkerboard_real"), evidence.vital("checkerboard_fake")
    if real is None or fake < 4 * max(1.0, real) or not _grown(evidence):
        return None
    return Finding(
        "serious" if fake > 20 * max(1.0, real) else "warning",
        f"Samples carry a regular pattern of every other pixel, {fake / max(1.0, real):.0f} times real images'.",
        {"peak_fake": round(fake, 2), "peak_real": round(real, 2)},
        Remedy({}, "kernels that are a multiple of the stride (4 and 2), or upsampling before a convolution, avoid it"),
    )


def discriminator_winning(evidence: Evidence) -> Finding | None:
    """A discriminator that is always right: little is left for the generator to learn from."""
    right = {side: evidence.late(f"accuracy_{side}") for side in ("real", "fake")}
    gap, bad = _gap(evidence), evidence.improvement
    if None in right.values() or gap is None or evidence.along < EARLY:
        return None
    told = min(value for value in right.values() if value is not None)
    # where only the difference of logits counts, their signs mean nothing, and to keep them apart is the aim
    if told < 0.97 or gap < 4 or evidence.recipe.loss in ("wasserstein", "relativistic"):
        return None
    failed = bad is None or bad > 0.3
    settings: dict[str, Any] = {}
    if not any(evidence.recipe.penalties.values()) and evidence.recipe.discriminator != "projected":
        settings = {"penalties.r1": 1.0, "penalty_every": 1, **_unclipped(evidence)}
    rates = _rates(evidence)
    if rates.get("generator_rate", 1.0) < rates.get("discriminator_rate", 0.0):
        settings["generator_rate"] = min(rates["discriminator_rate"], 1e-3)
    if not settings and "discriminator_rate" in rates:
        settings = {"discriminator_rate": rates["discriminator_rate"] / 4}
    often = f"{told:.0%} of cases or more" if told < 0.995 else "all cases"
    return Finding(
        "serious" if failed else "warning",
        f"The discriminator is right in {often}: its answers hardly tell the generator the way.",
        {
            "right_on_real": round(right["real"] or 0.0, 3),
            "right_on_fake": round(right["fake"] or 0.0, 3),
            "logit_gap": round(gap, 2),
            "distance_against_untrained": None if bad is None else round(bad, 3),
        },
        Remedy(settings, "a penalty on its gradient, or a slower discriminator, keeps its answers graded"),
    )


def class_collapse(evidence: Evidence) -> Finding | None:
    """Within a class, always the same sample."""
    classes = evidence.environment.get("data", {}).get("classes", ())
    spreads = evidence.vital("class_spreads")
    if not spreads or not _grown(evidence):
        return None
    stiff = {classes[i]: spread for i, spread in enumerate(spreads) if spread is not None and spread < 0.5}
    if not stiff:
        return None
    return Finding(
        "serious" if len(stiff) >= max(2, 0.2 * len(classes)) else "warning",
        f"Within {_list(list(stiff))} the generator makes nearly the same sample every time.",
        {"spread_within": stiff},
        Remedy(
            _smoother(evidence), "a smooth discriminator leads samples apart; check that the noise reaches every class"
        ),
    )


def mode_collapse(evidence: Evidence) -> Finding | None:
    """A few samples again and again. Without a discriminator there is no collapse: what looks alike is blurred."""
    if _alone(evidence):
        return None
    spread, twins, recall = evidence.vital("spread"), evidence.vital("twins"), _last(evidence, "recall")
    if spread is None or recall is None or not (_grown(evidence) or (_settled(evidence) and evidence.along > 0.5)):
        return None
    if spread > 0.6 and not (twins > 0.3 and recall < 0.1):
        return None
    return Finding(
        "serious" if spread < 0.5 or twins > 0.3 else "warning",
        f"The samples are far more alike than real ones: {spread:.0%} of their spread, and {twins:.0%} are near "
        "twins of another.",
        {"spread": round(spread, 3), "twins": round(twins, 3), "recall": round(recall, 3)},
        Remedy(_smoother(evidence), "a smooth discriminator leads samples apart; check that the generator gets noise"),
    )


def classes_missing(evidence: Evidence) -> Finding | None:
    """Classes that are hardly ever made."""
    classes = evidence.environment.get("data", {}).get("classes", ())
    real, made = evidence.vital("real_shares"), evidence.vital("shares")
    if not real or not made or not _grown(evidence):
        return None
    missing = [classes[i] for i, share in enumerate(real) if share >= 0.02 and made[i] < 0.1 * share]
    if not missing:
        return None
    return Finding(
        "serious" if len(missing) >= max(2, 0.2 * len(classes)) else "warning",
        f"The generator almost never makes {_list(missing)}.",
        {"missing": missing, "shares": dict(zip(classes, made, strict=True))},
        Remedy(_smoother(evidence), "a smooth discriminator that compares samples leads to classes left out"),
    )


def no_progress(evidence: Evidence) -> Finding | None:
    """Samples that are hardly better than an untrained network's."""
    left = evidence.improvement
    # one that makes images from images may begin with a good guess: the input as it is
    if left is None or not _settled(evidence) or left < (1.0 if evidence.recipe.inputs else 0.7):
        return None
    share = f"still {left:.0%}" if left <= 1 else f"{left:.1f} times"
    return Finding(
        "serious",
        f"After {evidence.step} steps the samples are {share} as far from real ones as untrained.",
        {"step": evidence.step, "distance_against_untrained": round(left, 3)},
        Remedy(
            {"generator_rate": 1e-3, "discriminator_rate": 1e-3}
            if max(_rates(evidence).values(), default=1.0) < 1e-4
            else {},
            "see the other findings for the cause; a recipe that works as it is: plain",
        ),
    )


def oscillating(evidence: Evidence) -> Finding | None:
    """Scores that go up and down without getting anywhere."""
    values = evidence.values("frechet")[1:]
    if len(values) < 6:
        return None
    late = np.log(np.maximum(values[len(values) // 3 :], 1e-12))
    lines = [line["frechet"] for line in evidence.scores if "frechet" in line][-len(late) :]
    if sum(_apart(one, other) for one, other in pairwise(lines)) < len(lines) / 2:
        return None  # no more than chance
    moves = np.diff(late)
    swing, drift = float(np.abs(moves).mean()), float(abs(late[-1] - late[0]) / max(1, len(moves)))
    turns = int((np.sign(moves[1:]) != np.sign(moves[:-1])).sum())
    if swing < 0.25 or turns < 0.4 * (len(moves) - 1) or drift > 0.5 * swing:
        return None
    return Finding(
        "serious" if swing > 0.5 else "warning",
        f"The score swings by {math.exp(swing) - 1:.0%} from one evaluation to the next and turns {turns} times: the "
        "players chase each other in circles.",
        {"mean_swing": round(swing, 3), "turns": turns, "evaluations": len(values)},
        Remedy(
            {**_smoother(evidence), "ema": max(evidence.recipe.ema, 0.999)},
            "a penalty damps the circling, an average rests in its middle",
        ),
    )


def worse_than_best(evidence: Evidence) -> Finding | None:
    """A run that was better before."""
    values = evidence.values("frechet")
    if len(values) < 3:
        return None
    best = int(np.argmin(values))
    ratio = values[-1] / max(values[best], 1e-12)
    if ratio < 1.5 or evidence.scores[best]["step"] == 0:
        return None
    if not _apart(evidence.scores[best]["frechet"], evidence.scores[-1]["frechet"]):
        return None
    step = evidence.scores[best]["step"]
    return Finding(
        "warning",
        f"The samples were better at step {step}: their distance has grown to {ratio:.1f} times since.",
        {"best_step": step, "best": round(values[best], 4), "last": round(values[-1], 4)},
        Remedy(
            {"decay_from": 0.4, "decay_to": 0.02}, "`--best` samples the best state; rates that fall let a run settle"
        ),
    )


def unfinished(evidence: Evidence) -> Finding | None:
    """A run that was still getting better when it ended."""
    values = evidence.values("frechet")
    if len(values) < 2 or evidence.along < 1 or min(values) < values[-1]:
        return None
    if len(values) < 4 and evidence.improvement and 0.3 < evidence.improvement < 0.8:
        return Finding(
            "note",
            f"The run ended at {evidence.improvement:.0%} of an untrained network's distance, better than ever before: "
            "it was far too short to judge.",
            {"improvement": round(evidence.improvement, 3), "last": round(values[-1], 4)},
            Remedy({"steps": 4 * evidence.recipe.steps}, "many more steps, or minutes"),
        )
    if len(values) < 4:
        return None
    recent = values[-1] / values[-2]
    apart = evidence.scores[-1]["step"] - evidence.scores[-2]["step"]
    if apart < 0.05 * evidence.recipe.steps or not _apart(
        evidence.scores[-1]["frechet"], evidence.scores[-2]["frechet"]
    ):
        return None
    pace = 1 - recent ** (0.1 * evidence.recipe.steps / max(1, apart))  # over a tenth of the run
    if pace < 0.05:
        return None
    return Finding(
        "note",
        f"The score still improved by {pace:.0%} with every tenth of the run when it ended: longer would be better.",
        {"improvement_a_tenth": round(pace, 3), "last": round(values[-1], 4)},
        Remedy({"steps": 2 * evidence.recipe.steps}, "more steps, or more minutes"),
    )


def not_scored(evidence: Evidence) -> Finding | None:
    """Too few scores to tell most illnesses by."""
    if len(evidence.scores) >= 2:
        return None
    return Finding(
        "note",
        "The run was scored fewer than twice: most checks had nothing to go by.",
        {"evaluations": len(evidence.scores), "evaluate": evidence.recipe.evaluate},
        Remedy({"evaluate": max(1, evidence.recipe.steps // 10)}, "about ten scores a run show how it went"),
    )


def cured(evidence: Evidence) -> Finding | None:
    """What `--cure` changed on the way."""
    if not evidence.cures:
        return None
    last = evidence.cures[-1]
    told = "; ".join(
        f"step {c['step']}: {c['finding']}, {c['words']}, on from step {c['back_to']}" for c in evidence.cures
    )
    return Finding(
        "note", f"Remedies were applied on the way ({told}).", {"cures": len(evidence.cures), "last": last["step"]}
    )


# --- what several checks ask


def _rates(evidence: Evidence) -> dict[str, float]:
    players = [key.removesuffix("_cost") for key in _keys(evidence, "_cost")] or ["generator", "discriminator"]
    rates = [f"{player}_rate" for player in players]
    return {rate: getattr(evidence.recipe, rate) for rate in rates if hasattr(evidence.recipe, rate)}


def _varied(evidence: Evidence) -> bool:
    """Are the samples more than one and the same?"""
    return (evidence.vital("spread") or 0.0) > 0.3


def _grown(evidence: Evidence) -> bool:
    """Have the samples become something? An untrained network's are all alike, and chequered, for want of training."""
    left, precision = evidence.improvement, _last(evidence, "precision") or 0.0
    return _settled(evidence) and _varied(evidence) and (precision > 0.1 or (left is not None and left < 0.85))


def _settled(evidence: Evidence) -> bool:
    """Is it time to judge? Many a healthy run makes few kinds of samples at first; one that improves may go on."""
    values = evidence.values("frechet")
    improving = len(values) > 1 and values[-1] < 0.9 * values[-2]
    return evidence.along >= 1 or (evidence.along >= 2 * EARLY and not improving)


def _seeing(evidence: Evidence) -> dict[str, Any]:
    """A usual rate for the discriminator; if it has that, and the data allow, another network."""
    if evidence.recipe.discriminator_rate < USUAL_RATE:
        return {"discriminator_rate": USUAL_RATE}
    shape = evidence.environment.get("data", {}).get("shape", ())
    if len(shape) != 3 or shape[0] % 4 or shape[1] % 4 or evidence.recipe.game != "synthesis":
        return {}
    return {"discriminator": "plain", "discriminator_options": {}, "dropout": None}


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Do two scores differ by more than their intervals allow?"""
    (low, high), (other_low, other_high) = one["interval"], other["interval"]
    return high < other_low or other_high < low


def _keys(evidence: Evidence, ending: str) -> list[str]:
    return [key for key in (evidence.log[-1] if evidence.log else {}) if key.endswith(ending)]


def _gap(evidence: Evidence) -> float | None:
    """How far apart the discriminator's mean logits of training and generated samples are."""
    train, fake = evidence.vital("logit_train"), evidence.vital("logit_fake")
    return None if train is None or fake is None else train - fake


def _last(evidence: Evidence, score: str) -> float | None:
    values = evidence.values(score)
    return values[-1] if values else None


def _smoother(evidence: Evidence) -> dict[str, Any]:
    """A penalty where there is none, a stronger one where there is; to `projected` they do harm."""
    if _alone(evidence):
        return {}
    if evidence.recipe.discriminator == "projected":
        return {"discriminator_rate": evidence.recipe.discriminator_rate / 4}
    own = {name: weight for name, weight in evidence.recipe.penalties.items() if name != "path_length"}
    name, weight = next(iter(own.items()), ("r1", 0.0))
    enough = name == "gradient" and weight >= 1
    return {} if enough else {f"penalties.{name}": max(1.0, 4 * weight), **_unclipped(evidence)}


def _alone(evidence: Evidence) -> bool:
    """Does the generator play without a discriminator?"""
    return evidence.recipe.weights.get("adversary") == 0


def _unclipped(evidence: Evidence) -> dict[str, Any]:
    """A penalty and clipped weights pull against each other."""
    return {"clip": 0.0} if evidence.recipe.clip else {}


def _augmenting(evidence: Evidence) -> dict[str, Any]:
    if len(evidence.environment.get("data", {}).get("shape", ())) != 3:
        return {}
    every = {"adapt": 0.0} if evidence.recipe.adapt else {}
    # where images are made from images they are changed before the generator sees them: it would paint what is cut out
    fitting = ["flip"] if evidence.recipe.inputs else ["colour", "translate", "cutout"]
    return {"augment": list(dict.fromkeys([*evidence.recipe.augment, *fitting])), **every}


def _list(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
