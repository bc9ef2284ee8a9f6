"""The sections of one run's report, top to bottom: each is HTML of what the folder holds, or says what is missing."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np

from ganvas import figures
from ganvas.images import load_png
from ganvas.report import charts, making
from ganvas.report.charts import Series, figure
from ganvas.report.pictures import image, sheet
from ganvas.report.pieces import absent, items, paired_bars, plain, setting, value_of
from ganvas.report.record import Missing, Record, interval, is_number, is_score
from ganvas.report.words import (
    count,
    duration,
    kind_of_samples,
    listed,
    score_meaning,
    score_name,
    score_title,
    score_value,
)

STILLS = 24
LOGARITHMIC = ("frechet", "kernel", "sliced_wasserstein")
SHARES = ("precision", "recall", "coverage")


def every(record: Record, level: int, stills: int = STILLS) -> str:
    """All sections of a run, their headings of the given level."""
    parts = (
        ("Findings", findings(record)),
        ("Scores", score_card(record)),
        ("Samples through time", through_time(record, stills)),
        ("Curves", curves(record)),
        (_above(record), real_above_generated(record)),
        ("Nearest training samples", nearest_training(record)),
        ("Class by class", class_rows(record)),
        ("Class balance", class_balance(record)),
        ("Between samples", interpolation(record)),
        ("How it was made", making.recipe(record, level + 1)),
    )
    return "".join(
        f'<section><h{level} class="part">{title}</h{level}>{body}</section>' for title, body in parts if body
    )


def summary(record: Record) -> str:
    """What, of what data, how long, how good, and the worst finding: one paragraph."""
    said = [_task(record), _course(record), _quality(record), _worst(record)]
    return f'<p class="lead">{" ".join(escape(sentence) for sentence in said if sentence)}</p>'


def _task(record: Record) -> str:
    data, recipe = record.part("data"), record.recipe
    size, kind = data.get("count"), kind_of_samples(record.shape)
    examples = f"the {size:,} of {data.get('name')}" if isinstance(size, int) else f"those of {recipe.data}"
    told = {"none": "", "class": ", told their classes"}
    count = len(record.part("told").get("classes", []))
    labelled = told.get(recipe.label, f", told {count} {_kinds(record)[1]} of them")
    start = f", made from {recipe.inputs}" if recipe.inputs else ""
    return f"The recipe {recipe.name} learns to make {kind} like {examples}{start}{labelled}."


def _kinds(record: Record) -> tuple[str, str]:
    """What one, and several, of what the networks are told are called."""
    names = {"class": ("class", "classes"), "codes": ("code", "codes")}
    return names.get(record.recipe.label.partition(":")[0], ("cluster", "clusters"))


def _course(record: Record) -> str:
    status = record.run.status
    if record.seconds is None:
        return "It has only begun." if status == "running" else "Nothing of its training is on record."
    step, steps = int(record.last["step"]), record.recipe.steps
    images = record.last.get("images")
    seen = f", {count(int(images), 'training sample')} seen" if is_number(images) else ""
    state = {"running": "is running", "stopped": "was stopped"}.get(status, "is done")
    of = f"{step:,} steps" if status == "done" else f"{step:,} of {steps:,} steps"
    return f"It {state}: {of} in {duration(record.seconds)}{_where(record)}{seen}."


def _where(record: Record) -> str:
    if not record.cores:
        return ""
    return f" on {count(record.cores, 'core')} ({record.part('machine').get('processor', 'of an unknown kind')})"


def _quality(record: Record) -> str:
    scores, frechet = record.scores, record.frechet
    if isinstance(scores, Missing):
        return "It has not been scored."
    if not frechet:
        return f"It was scored against {scores.get('against')}."
    floor = f"; real ones come to {figure(frechet['floor'])}" if is_number(frechet.get("floor")) else ""
    idle = f", the inputs untouched to {figure(frechet['untouched'])}" if is_number(frechet.get("untouched")) else ""
    return (
        f"Its Fréchet distance to {scores.get('against')} is {score_value(frechet)} in {frechet.get('features')} "
        f"features{floor}{idle}."
    )


def _worst(record: Record) -> str:
    if isinstance(record.findings, Missing):
        return "The doctor has not looked at it."
    if not record.findings:
        return "The doctor found nothing wrong."
    worst = record.findings[0]
    return f"The worst finding ({worst.get('severity')}): {worst.get('sentence')}"


# --- findings and scores


def findings(record: Record) -> str:
    """The doctor's findings, the worst first."""
    found = record.findings
    if isinstance(found, Missing):
        return absent(found)
    if not found:
        return '<p class="well">Nothing wrong found.</p>'
    return f'<ul class="findings">{"".join(_finding(one) for one in found)}</ul>'


def _finding(found: dict[str, Any]) -> str:
    severity = str(found.get("severity"))
    kind = severity if severity in ("serious", "warning", "note") else "note"
    figures = found.get("evidence")
    rows = "".join(f"<li>{plain(name)} {value_of(value)}</li>" for name, value in items(figures))
    return (
        f'<li class="{kind}"><p><span class="severity">{escape(severity)}</span> <strong>'
        f"{plain(found.get('name', ''))}</strong></p><p>{escape(str(found.get('sentence', '')))}</p>"
        f"{f'<ul class=figures>{rows}</ul>' if rows else ''}{_remedy(found.get('remedy'))}</li>"
    )


def _remedy(remedy: Any) -> str:
    if not isinstance(remedy, dict):
        return ""
    settings = " ".join(setting(name, value) for name, value in items(remedy.get("settings")))
    tried = f"Try <code>{escape(settings)}</code>" if settings else "Remedy"
    return f'<p class="remedy">{tried}: {escape(str(remedy.get("reason", "")))}</p>'


def score_card(record: Record) -> str:
    """Every score with its interval, what real samples reach, how many samples and which features."""
    found = record.scores
    if isinstance(found, Missing):
        return absent(found)
    scores = found["scores"]
    paired = any(is_number(score.get("untouched")) for score in scores.values())
    rows = "".join(_score_row(name, score, found.get("n"), paired) for name, score in scores.items())
    idle = '<th scope="col" class="number">Untouched</th>' if paired else ""
    beside = " Untouched is what the inputs get as they are." if paired else ""
    step = f" at step {figure(found['step'])}" if is_number(found.get("step")) else ""
    lost = [f"No number came of {listed(found['lost'])}."] if found["lost"] else []
    notes = "".join(f"<li>{escape(str(note))}</li>" for note in [*(found.get("notes") or []), *lost])
    return (
        f"<p>Against {escape(str(found.get('against')))}{step}. The dot is the score, the line through it the 95% "
        f"interval, the upright mark what real samples reach.{beside}</p>"
        '<table class="scores"><thead><tr><th scope="col">Score</th><th scope="col" class="number">Value</th>'
        '<th scope="col">Interval</th><th scope="col" class="number">Real</th>'
        f'{idle}<th scope="col" aria-hidden="true"></th>'
        f'<th scope="col">Of</th></tr></thead><tbody>{rows}</tbody></table>'
        f"{f'<ul class=notes>{notes}</ul>' if notes else ''}"
    )


def _score_row(name: str, score: dict[str, Any], n: Any, paired: bool) -> str:
    value, ends = score["value"], interval(score)
    floor = score["floor"] if is_number(score.get("floor")) else None
    meaning, better = score_meaning(name), escape(str(score.get("better", "")))
    highest = max(0.0 if better == "lower" else 1.0, *(v for v in (value, floor, *(ends or ())) if v is not None))
    lowest = min(0.0, value, *(ends or ()))
    untouched = figure(score["untouched"]) if is_number(score.get("untouched")) else ""
    idle = f'<td class="number">{untouched}</td>' if paired else ""
    infinite = (
        f"; {figure(score['infinite'])} extrapolated to endless samples" if is_number(score.get("infinite")) else ""
    )
    samples = score.get("n", n)
    of = f"{count(int(samples), 'sample')}" if is_number(samples) else ""
    features = f"{score['features']} features" if score.get("features") else ""
    title = escape(score_name(name, str(score.get("features"))))
    hint = "; ".join(part for part in (meaning, f"{better} is better" if better else "") if part)
    return (
        f'<tr><th scope="row">{title}<small>{hint[:1].upper() + hint[1:]}</small></th>'
        f'<td class="number value">{figure(value)}</td>'
        f'<td class="ends">{f"{figure(ends[0])} to {figure(ends[1])}" if ends else ""}</td>'
        f'<td class="number real">{figure(floor) if floor is not None else ""}</td>{idle}'
        f'<td class="drawn">{charts.whisker(value, ends, floor, 1.05 * highest, lowest)}</td>'
        f'<td class="of">{escape(", ".join(part for part in (of, features) if part) + infinite)}</td></tr>'
    )


def class_balance(record: Record) -> str:
    """The classes' shares among real and generated samples, as paired bars; nothing where they were not counted."""
    held = {} if isinstance(record.scores, Missing) else record.scores["scores"].get("class_balance", {})
    made, real = (_shares(held.get(key)) for key in ("shares", "real_shares"))
    if not made or not real:
        return ""
    names = [*real, *(name for name in made if name not in real)]
    shares = {name: (real.get(name, 0.0), made.get(name, 0.0)) for name in names}
    return paired_bars("What share of the samples a classifier takes for each class.", shares, ("class", "classes"))


def _shares(held: Any) -> dict[str, float]:
    return {str(name): share for name, share in items(held) if is_number(share) and share >= 0}


# --- pictures


def through_time(record: Record, most: int) -> str:
    """The previews, evenly chosen, under a slider."""
    steps = list(record.stills)
    chosen = [steps[i] for i in np.unique(np.linspace(0, len(steps) - 1, min(most, len(steps))).astype(int))]
    stills = {step: still for step in chosen if (still := record.still(step)) is not None}
    if not stills:
        return absent(Missing("There are no previews yet: training writes them into samples/."))
    last = list(stills)[-1]
    frames = "".join(
        f'<div data-step="{step:,}"{"" if step == last else " hidden"}>'
        f"{image(still, f'Samples at step {step:,}', _kind(record), _cell(record))}</div>"
        for step, still in stills.items()
    )
    slider = (
        f'<label><span>Step <output>{last:,}</output></span><input type="range" min="0" max="{len(stills) - 1}" '
        f'value="{len(stills) - 1}" aria-valuetext="step {last:,}"></label>'
    )
    fewer = f"{len(stills)} of {len(steps)} previews" if len(steps) > len(stills) else "All previews"
    always = "inputs" if record.recipe.inputs else "latents"
    several = f"Always the same {always}. {fewer}; the arrow keys move the slider."
    caption = several if len(stills) > 1 else f"The only preview, of step {last:,}."
    return (
        f'<figure class="time">{slider if len(stills) > 1 else ""}<div class="frames">{frames}</div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def real_above_generated(record: Record) -> str:
    """Real samples, and below them generated ones, neither picked by anyone."""
    drawn, real = record.drawn, record.real
    if isinstance(drawn, Missing):
        return absent(drawn) + _trainers_picture(record, "real_above_generated.png", "Real samples above generated")
    if _points(record):
        over = None if isinstance(real, Missing) else real
        said = "" if over is None else " over training points in grey"
        alt = f"Generated points{said}"
        return _figure(image(figures.scatter(drawn.samples, over), alt, "scatter"), alt + ".") + absent(real)
    if drawn.translated:
        sides = "Input, output" if drawn.translated.targets is None else "Input, output, target"
        return _figure(image(figures.translations(drawn.translated), sides), f"{sides}; not picked.")
    made = _figure(sheet(drawn.samples, 10, "Generated samples"), "Generated, not picked.")
    if isinstance(real, Missing):
        return made + absent(real)
    return _figure(sheet(real, 10, "Real samples"), "Real, drawn at random from the training data.") + made


def _above(record: Record) -> str:
    if record.recipe.inputs:
        return "What it makes of images"
    return "Real and generated" if _points(record) else "Real above generated"


def nearest_training(record: Record) -> str:
    """Samples beside the training samples that are nearest to them: does the generator only repeat what it saw?"""
    if isinstance(record.drawn, Missing) or record.recipe.inputs:  # said where samples are shown; copies are no harm
        return ""
    found = record.neighbours
    if isinstance(found, Missing):
        return absent(found)
    changed = "The data are not what the run was trained on: they have changed since. " if record.data_changed else ""
    usual = f"{found.usual:.3g}"
    nearest = figure(float(f"{np.median(found.distances[:, 0]):.3g}"))
    if _points(record):
        return (
            f"<p>{changed}Half of {len(found.samples):,} generated points have a training point within {nearest} in "
            f"the plane; half of the training points have another one within {usual}. Much smaller distances would be "
            "copies.</p>"
        )
    rows = "".join(
        f"<li>{sheet(sample[None], 1, 'A sample')}{sheet(near, len(near), 'The training images nearest to it')}"
        f"<span>{distances[0]:.3g}</span></li>"
        for sample, near, distances in zip(found.samples, found.nearest, found.distances, strict=True)
    )
    caption = (
        f"{changed}In each row a generated image, then the {found.nearest.shape[1]} training images nearest to it, and "
        "the distance of the first: Euclidean, between block means of pixels (about 8 × 8 blocks, values 0 to 1). As a "
        f"yardstick, half of the training images have another one within {usual}; much smaller distances would be "
        "copies."
    )
    return f'<figure><ul class="nearest">{rows}</ul><figcaption>{caption}</figcaption></figure>'


def class_rows(record: Record) -> str:
    """A row of samples for every class of a conditional run; nothing for others."""
    if isinstance(record.drawn, Missing) or not record.drawn.by_class:
        return ""
    by_class = record.drawn.by_class

    def shown(name: str, made: np.ndarray) -> str:
        if _points(record):
            return image(figures.scatter(made), f"Points of class {name}", "scatter")
        return sheet(made, len(made), f"Samples of class {name}")

    rows = "".join(f"<li><span>{escape(name)}</span>{shown(name, made)}</li>" for name, made in by_class.items())
    classes = len(record.part("told").get("classes", []))
    kind, kinds = _kinds(record)
    fewer = f"; the first {len(by_class)} of {classes} {kinds}" if classes > len(by_class) else ""
    return (
        f'<figure><ul class="classes">{rows}</ul><figcaption>A {kind} to a row, the same latents in every row'
        f"{fewer}.</figcaption></figure>"
    )


def interpolation(record: Record) -> str:
    """A walk through the latent space."""
    if isinstance(record.drawn, Missing):
        return _trainers_picture(record, "interpolation.png", "A walk between four latents")
    walk = record.drawn.walk
    if walk is None:
        return ""
    if _points(record):
        real = None if isinstance(record.real, Missing) else record.real
        picture = image(figures.scatter(walk, real), "A walk between four latents", "scatter")
    else:
        picture = sheet(walk, len(walk), "A walk between four latents")
    return _figure(
        picture, "A walk between four latents: a generator that has learnt the data's shape changes little by little."
    )


def _trainers_picture(record: Record, name: str, caption: str) -> str:
    """A picture that the trainer left in the run's folder, where it did."""
    try:
        picture = load_png(record.run.path / name)
    except (OSError, SyntaxError):  # Pillow raises the last for a broken PNG
        return ""
    return _figure(image(picture, caption, _kind(record), _cell(record)), f"{caption}, as of the end of training.")


def _points(record: Record) -> bool:
    return len(record.shape) == 1


def _kind(record: Record) -> str:
    return "scatter" if _points(record) else ""


def _cell(record: Record) -> Sequence[int]:
    """Height and width of one image; nothing for points."""
    return record.shape[:2] if len(record.shape) == 3 else ()


def _figure(content: str, caption: str) -> str:
    return f"<figure>{content}<figcaption>{caption}</figcaption></figure>"


# --- curves


def curves(record: Record) -> str:
    """Costs, accuracy, rate, gradient norms and scores, by step."""
    log = record.log
    keys = list(dict.fromkeys(key for line in log for key in line))
    wanted: tuple[tuple[str, Callable[[str], bool], dict[str, Any]], ...] = (
        ("Cost", lambda key: key.endswith("_cost"), {}),
        ("Share that the discriminator calls right", lambda key: key.startswith("accuracy_"), {"whole": True}),
        ("Gradient norm", lambda key: key.endswith("_gradient"), {"log": True}),
        ("Learning rate, as a share of its start", lambda key: key == "rate_scale", {"whole": True}),
    )
    drawn = []
    for title, belongs, options in wanted:
        found = [_logged(log, key) for key in keys if belongs(key)]
        if any(one.x for one in found):
            drawn.append(charts.lines(title, found, **options))
    for (title, name), series in _grouped(history(record)).items():
        drawn.append(charts.lines(title, series, **scale(name)))
    if not drawn:
        return absent(Missing("There are no curves yet: log.jsonl holds no lines."))
    unscored = "" if record.history else absent(Missing("The run was not scored while it was trained."))
    return f'<div class="charts">{"".join(drawn)}</div>{unscored}'


def _grouped(scores: dict[tuple[str, str], Series]) -> dict[tuple[str, str], list[Series]]:
    """The lines of each chart, under its title and the name of its first score: what belongs together, together."""
    found: dict[tuple[str, str], list[Series]] = {}
    for (name, features), series in scores.items():
        if name.startswith("accuracy_"):
            key = "What the discriminator calls right when it is examined", "accuracy"
            series = Series(_side(name), series.x, series.y)
        elif name in SHARES:
            key = f"Shares of samples in each other's neighbourhoods ({features})", SHARES[0]
        else:
            key = score_title(name, features), name
        found.setdefault(key, []).append(series)
    return found


def scale(name: str) -> dict[str, Any]:
    """How a score's chart is scaled."""
    return {"log": name in LOGARITHMIC, "whole": name in SHARES or name.startswith("accuracy")}


def _side(name: str) -> str:
    return name.removeprefix("accuracy_").replace("_", " ")


def history(record: Record, across: str = "step") -> dict[tuple[str, str], Series]:
    """The scores over time, by step or by minute: a line for every score and kind of features."""
    lines = record.history
    if across == "minute":
        lines = [line for line in lines if is_number(line.get("seconds"))]
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for line in lines:
        for name, score in line.items():
            if is_score(score):
                place = line["step"] if across == "step" else line["seconds"] / 60
                found.setdefault((name, str(score.get("features") or "")), []).append((place, score["value"]))
    return {
        key: Series(score_name(*key), [x for x, _ in points], [y for _, y in points]) for key, points in found.items()
    }


def _logged(log: Sequence[dict[str, Any]], key: str) -> Series:
    rows = [line for line in log if is_number(line.get(key))]
    name = key.removesuffix("_cost").removesuffix("_gradient")
    return Series(_side(name), [row["step"] for row in rows], [row[key] for row in rows])
