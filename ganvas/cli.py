"""The command line. Nothing here imports TensorFlow before a command that needs it runs."""

import io
import json
import math
import os
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ganvas.errors import RunFailedError, WrongUseError

MOST_SEEDS = 10_000
MOST_ROWS = 50  # kinds that have a row each

app = typer.Typer(
    name="ganvas",
    help="Train, explore and use generative adversarial networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help answers in half the time
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(
    help="Data sets: list them, fetch one, check your own.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(data_app, name="data")

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, its number, or latest.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


def main() -> NoReturn:
    """Run the command line: 0 done, 1 the run failed, 2 wrong use, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files may hold what is no text
    sys.path.append(os.getcwd())  # so that loss=mine:loss finds mine.py here, and a keras.py here is not Keras
    try:
        app()
    except WrongUseError as error:
        _fail(error, 2)
    except RunFailedError as error:
        _fail(error, 1)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except OSError as error:
        _fail(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}", 1)
    except Exception as error:  # a mistake of ours, or of a function the user brought: never a page of traceback
        report = Path(tempfile.mkdtemp(prefix="ganvas-")) / "traceback.txt"
        report.write_text(traceback.format_exc())
        first = (str(error).strip().splitlines() or [""])[0]
        _fail(f"unexpected {type(error).__name__}: {first} (the whole story is in {report})", 1)
    sys.exit(0)


def _print_version(asked: bool) -> None:
    if asked:
        from ganvas import __version__

        print(f"ganvas {__version__}")
        raise typer.Exit


@app.callback()
def for_all_commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Train, explore and use generative adversarial networks."""


@app.command("recipes")
def recipes_command(as_json: Json = False) -> None:
    """The recipes: what, data, minutes on one core of a server (two take some six tenths), what to expect."""
    from ganvas import recipes

    rows = [
        {
            "recipe": name,
            "what": (module.__doc__ or "").splitlines()[0],
            "data": module.recipe.data,
            "minutes": module.minutes,
            "expected": module.expected,
        }
        for name, module in recipes.every()
    ]
    _table(rows, as_json)


@app.command("train")
def train_command(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A recipe's name (see `ganvas recipes`) or a .json file.")
    ],
    settings: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Fields to set.")] = None,
    run: Annotated[Path | None, typer.Option("--run", help="The folder to make; else the next one in runs/.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Plan the schedule so that all of it takes this long.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and print everything; train nothing.")] = False,
    cure: Annotated[
        bool, typer.Option("--cure", help="Let the doctor apply its remedies on the way; that takes longer.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a recipe: ganvas train plain data=./photos size=64 steps=4000."""
    from ganvas import recipes
    from ganvas.recipe import parse_overrides

    overrides: dict[str, Any] = dict(parse_overrides(settings or []))
    recipes.find(recipe).but(**{k: v for k, v in overrides.items() if k != "epochs"}).check()  # before the long wait
    _tensorflow()
    from ganvas.trainer import check_minutes, describe, train

    check_minutes(minutes, overrides)
    if dry_run:
        if minutes and not as_json:
            print(f"below is the recipe as it stands: training plans what suits {minutes:g} minutes")
        _described(describe(recipe, **overrides), as_json)
        return
    _finished(train(recipe, run=run, minutes=minutes, cure=cure, **overrides), as_json)


@app.command("resume")
def resume_command(
    run: RunArgument = "latest",
    cure: Annotated[
        bool, typer.Option("--cure", help="Let the doctor apply its remedies on the way; that takes longer.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Go on with a stopped run, bit for bit."""
    from ganvas.run import Run

    found = Run.find(run)
    # the last thing a run writes, or nearly, and what a damaged one may have been rid of
    if found.status == "done" and all((found.path / name).exists() for name in ("training.gif", "generator.keras")):
        if not as_json:
            print(
                f"{found.path} is at its last step, {found.recipe.steps}, its rates at their end: train anew for more"
            )
        _finished(found, as_json)
        return
    _tensorflow()
    from ganvas.trainer import resume

    _finished(resume(found, cure=cure), as_json)


@app.command("runs")
def runs_command(
    root: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where the runs are.")] = Path("runs"),
    as_json: Json = False,
) -> None:
    """A table of the runs."""
    from ganvas.run import Run, every

    rows, unread = [], []
    for path in every(root):
        try:
            rows.append(_run_row(Run(path)))
        except Exception as error:  # whatever a damaged file, or another version's, leads to
            unread.append(f"{path} cannot be read: {error}")
    for sentence in unread:
        print(sentence, file=sys.stderr)
    if not rows and not unread and not as_json:
        raise WrongUseError(f"there are no runs under {root}: start one with `ganvas train quick`")
    if rows or as_json:
        _table(rows, as_json)
    if any(row["frechet"] is not None for row in rows) and not as_json:
        print(
            "frechet and best are of the few samples that are scored as a run trains: `ganvas evaluate RUN` takes more"
        )


def _run_row(run: Any) -> dict[str, Any]:
    log, findings = run.log(), run.findings()
    scores = [line["frechet"]["value"] for line in run.scores() if line["step"] > 0]
    last = log[-1] if log else {"step": 0, "seconds": 0.0}
    return {
        "run": run.path.name,
        "status": run.status,
        "step": last["step"],
        "saved": max((int(p.stem) for p in run.checkpoints()), default=0),
        "steps": run.recipe.steps,
        "minutes": round(last["seconds"] / 60, 1),
        "frechet": round(scores[-1], 4) if scores else None,
        "best": round(min(scores), 4) if scores else None,
        "features": run.scores()[-1]["frechet"]["features"] if scores else None,
        "finding": findings[0]["name"] if findings else None,
    }


@app.command("sample")
def sample_command(
    run: RunArgument,
    out: Annotated[Path, typer.Option("--out", help="A .png grid, an .npz file, or a folder of .png files.")],
    n: Annotated[int, typer.Option("--n", help="How many.")] = 64,
    seed: Annotated[int, typer.Option(help="The same seed gives the same samples.")] = 0,
    label: Annotated[str | None, typer.Option(help="A class's or cluster's name or number; all for each.")] = None,
    truncation: Annotated[float, typer.Option(help="Below 1: less variety, fewer failures.")] = 1.0,
    best: Annotated[bool, typer.Option("--best", help="The weights that scored best, not the last.")] = False,
    mix: Annotated[
        str | None, typer.Option(help="Coarse styles of seeds with fine styles of others, such as 0-3:4-9.")
    ] = None,
) -> None:
    """Draw samples: ganvas sample latest --out grid.png."""
    from ganvas.run import ALL, Run

    found = Run.find(run)
    found.check_sampling(n, seed, truncation)
    labels, each = found.labels(n, seed, label), None
    if label == ALL and labels is not None:  # a row for every kind
        count = len(found.environment["told"]["classes"])
        each = -(-n // count)
        n = count * each
        labels = found.labels(n, seed, label)
        if count > MOST_ROWS:  # then as many kinds in a row as make a picture that can be looked at
            each *= max(1, round(math.sqrt(n) / each))
    if out.suffix.lower() not in ("", ".png", ".npz"):
        raise WrongUseError(f"cannot write samples to {out.name!r}: use a .png, an .npz, or a folder")
    if mix is not None:
        rows, columns = _parse_mix(mix)
        if (n, seed) != (64, 0):
            raise WrongUseError("a mix says by itself which seeds it is of: leave out n and seed")
        if out.suffix.lower() != ".png":
            raise WrongUseError(f"a mix is a grid of {len(rows)} by {len(columns)} samples: write it to a .png")
    _tensorflow()
    if mix is not None:
        table = found.mix(rows, columns, label=label, truncation=truncation, best=best)
        with _writing(out):
            _write_table(table, out)
        print(f"{len(rows)} x {len(columns)} mixed samples: {out}")
        return
    if found.recipe.inputs and out.suffix.lower() != "" and label is None and truncation == 1:
        made = found.translations(n, seed, best=best)
        with _writing(out):
            _write_translations(made, out)
        print(f"{len(made)} samples, each made of an input: {out}")
        return
    samples = found.sample(n, seed=seed, label=label, truncation=truncation, best=best)
    with _writing(out):
        # clusters and codes are no classes of the data
        kinds = {"class": "labels", "codes": "codes"}.get(found.recipe.label.partition(":")[0], "clusters")
        _write_samples(samples, {kinds: labels}, out, each)
    print(f"{len(samples)} samples: {out}")


@app.command("walk")
def walk_command(
    run: RunArgument,
    out: Annotated[Path, typer.Option("--out", help="A .gif or .mp4 morph, or a .png strip.")],
    seeds: Annotated[str, typer.Option(help="The stops on the way, such as 0,1,4-6.")] = "0-5",
    frames: Annotated[int | None, typer.Option(help="How many pictures; 60, or 10 for a strip.")] = None,
    label: Annotated[str | None, typer.Option(help="A class's or cluster's name or number.")] = None,
    truncation: Annotated[float, typer.Option(help="Below 1: less variety, fewer failures.")] = 1.0,
    best: Annotated[bool, typer.Option("--best", help="The weights that scored best, not the last.")] = False,
    mix: Annotated[int | None, typer.Option(help="A seed whose fine styles every frame has.")] = None,
) -> None:
    """Walk through the latent space: ganvas walk latest --out morph.gif."""
    from ganvas.run import Run

    stops = _parse_seeds(seeds)
    if out.suffix.lower() not in (".gif", ".mp4", ".png"):
        raise WrongUseError(f"cannot write a walk to {out.name!r}: use a name ending in .gif, .mp4 or .png")
    if frames is None:
        frames = 10 if out.suffix.lower() == ".png" else 60
    if frames < 2:
        raise WrongUseError(f"frames must be at least 2, not {frames}")
    found = Run.find(run)
    found.check_sampling(1, stops[0], truncation)
    _tensorflow()
    with _writing(out):
        asked: dict[str, Any] = {"label": label, "truncation": truncation, "best": best, "mix": mix}
        _write_walk(found.walk(stops, frames, closed=out.suffix.lower() != ".png", **asked), out)
    print(f"{frames} frames: {out}")


@app.command("apply")
def apply_command(
    run: RunArgument,
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A picture, a folder, or a pattern in quotes.")],
    out: Annotated[Path, typer.Option("--out", help="Where to: a folder, or a file for one picture.")],
    degrade: Annotated[
        bool, typer.Option("--degrade", help="First spoil the pictures as the training images were.")
    ] = False,
    back: Annotated[bool, typer.Option("--back", help="The other way, of a run without pairs.")] = False,
    best: Annotated[bool, typer.Option("--best", help="The weights that scored best, not the last.")] = False,
) -> None:
    """Run an image-to-image generator over pictures: ganvas apply latest photos --out made."""
    from ganvas.run import Run

    found = Run.find(run)
    _tensorflow()
    from ganvas.translation import apply

    done = apply(found, source, out, degrade=degrade, back=back, best=best)
    for sentence in done.skipped:
        print(f"skipped {sentence}", file=sys.stderr)
    print(f"{len(done.written)} pictures: {out}")


@app.command("evaluate")
def evaluate_command(
    subject: Annotated[str, typer.Argument(metavar="A", help="A run, a folder, an .npz, or a data set's name.")],
    against: Annotated[str | None, typer.Option(help="Real samples; for a run, else its data's held-out part.")] = None,
    metric_names: Annotated[str | None, typer.Option("--metrics", help="Such as frechet,kernel; or all.")] = None,
    features: Annotated[
        str | None, typer.Option(help="efficientnet, inception, classifier, pixels, pca, a model.")
    ] = None,
    n: Annotated[int, typer.Option("--n", help="How many samples of either side, at most.")] = 10_000,
    size: Annotated[str | None, typer.Option(help="Scale samples from files to 64, or 48x64 (height x width).")] = None,
    best: Annotated[bool, typer.Option("--best", help="The weights that scored best, not the last.")] = False,
    as_json: Json = False,
) -> None:
    """Score samples against real ones: ganvas evaluate latest."""
    from ganvas.run import to_json
    from ganvas.scores import evaluate

    _tensorflow()
    notes: list[str] = []
    asked: dict[str, Any] = {"metrics": metric_names, "features": features, "n": n, "size": size, "best": best}
    found = evaluate(subject, against, **asked, notes=notes)
    _print_notes(notes)
    if as_json:
        print(to_json(found))
        return
    _print_scores(found)


@app.command("explore")
def explore_command(
    spec: Annotated[str, typer.Argument(metavar="DATA", help="A data set's name, a folder, a .zip or an .npz.")],
    size: Annotated[str | None, typer.Option(help="Scale to 64, or 48x64 (height x width).")] = None,
    k: Annotated[str, typer.Option("--k", help="How many clusters; auto has silhouette and elbow choose.")] = "10",
    features: Annotated[str | None, typer.Option(help="pixels, pca, autoencoder, efficientnet, a model.")] = None,
    n: Annotated[int | None, typer.Option("--n", help="At most so many samples, drawn at random; else all.")] = None,
    against: Annotated[str | None, typer.Option(help="Generated samples to show among them: a run, an .npz.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The folder to make; else explore-DATA.")] = None,
    as_json: Json = False,
) -> None:
    """Look at data: clusters, labels, maps, and generated samples among real ones: ganvas explore mnist."""
    from ganvas import exploration
    from ganvas.scores import run_of

    folder = out or exploration.folder_of(spec)
    exploration.check_folder(folder)  # before the long wait
    exploration.check_request(k, n)
    if features not in (None, *exploration.WITHOUT_TENSORFLOW) or (against and run_of(against)):
        _tensorflow()
    found = exploration.explore(spec, size, k=k, features=features, n=n, against=against)
    from ganvas.report import exploration as report

    with _writing(folder):
        found.save(folder)
        page = report.write(found, folder, ["ganvas", *sys.argv[1:]])
    if as_json:
        from ganvas.run import to_json

        print(to_json({"folder": str(folder), **found.facts()}))
        return
    _explored(found, folder, page)


@app.command("doctor")
def doctor_command(run: RunArgument = "latest", as_json: Json = False) -> None:
    """What is wrong with a run, the evidence, and the remedy: ganvas doctor latest."""
    from ganvas.doctor import Evidence, diagnose
    from ganvas.run import Run, to_json

    found = Run.find(run)
    findings = diagnose(Evidence.of(found))
    if as_json:
        print(to_json([finding.plain() for finding in findings]))
    else:
        _print_findings(found.path, findings)
    if not found.locked:
        with suppress(RunFailedError):  # a folder that may only be read
            found.write_findings([finding.plain() for finding in findings])


def _print_findings(run: Path, findings: Any) -> None:
    if not findings:
        print(f"{run}: nothing wrong found")
    for finding in findings:
        print(f"{finding.severity:8} {finding.name}: {finding.sentence}")
        print(f"{'':8} evidence: {', '.join(f'{key} {_brief(value)}' for key, value in finding.evidence.items())}")
        if finding.remedy:
            words = finding.remedy.words()
            print(f"{'':8} remedy: {words}{' - ' if words else ''}{finding.remedy.reason}")


@app.command("report")
def report_command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs: folders, numbers, latest.")],
    out: Annotated[Path | None, typer.Option("--out", help="The .html file; else report.html in the run.")] = None,
) -> None:
    """One self-contained page of one run, or of several beside each other: ganvas report latest."""
    from ganvas.run import Run

    found = [Run.find(run) for run in runs]
    _tensorflow()
    from ganvas.report import write

    print(f"report: {write(found, out)}")


@app.command("compare")
def compare_command(
    words: Annotated[
        list[str],
        typer.Argument(metavar="RECIPE... [KEY=VALUE]...", help="Names or .json files; fields to set in all of them."),
    ],
    minutes: Annotated[float | None, typer.Option(help="For each run, its start included.")] = None,
    seeds: Annotated[str, typer.Option(help="A run of every recipe for each, such as 0,1,2.")] = "0",
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder; else the one of this command in comparisons/.")
    ] = None,
    n: Annotated[int, typer.Option("--n", help="How many samples of either side are scored, at most.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Train recipes under one budget, and compare them: ganvas compare plain quick --minutes 10."""
    from ganvas import recipes
    from ganvas.recipe import parse_overrides
    from ganvas.run import to_json

    names = [word for word in words if "=" not in word]
    overrides: dict[str, Any] = dict(parse_overrides([word for word in words if "=" in word]))
    for name in names:  # before the long wait
        recipes.find(name).but(**{k: v for k, v in overrides.items() if k != "epochs"}).check()
    _tensorflow()
    from ganvas.comparison import compare

    found = compare(names, minutes=minutes, seeds=_parse_seeds(seeds), out=out, n=n, **overrides)
    _print_notes(found.notes)
    if as_json:
        print(to_json(found.rows))
        return
    _table(found.cells(), as_json=False)
    for name in ("report.html", "table.md", "sheet.png", "runs"):
        print(f"  {found.path / name}")


@data_app.command("list")
def data_list_command(as_json: Json = False) -> None:
    """The named sets."""
    from ganvas.data import sets
    from ganvas.names import choices

    functions = [(name, getattr(sets, name)) for name in choices(sets)]
    rows = [
        {
            "set": name,
            "parts": ", ".join(("train", "test", *getattr(function, "variants", ()))),
            "what": function.__doc__,
        }
        for name, function in functions
    ]
    _table(rows, as_json)


@data_app.command("get")
def data_get_command(
    name: Annotated[str, typer.Argument(help="A set's name (see `ganvas data list`), or a path to decode ahead.")],
    size: Annotated[str | None, typer.Option(help="Scale to 64, or 48x64 (height x width).")] = None,
    as_json: Json = False,
) -> None:
    """Fetch a set, check it, and say what it holds."""
    from ganvas.data import load

    samples = load(name, size)
    facts = {
        "name": samples.name,
        "count": len(samples),
        "shape": list(samples.shape),
        "classes": list(samples.classes),
        "sha256": samples.sha256,
    }
    if as_json:
        print(json.dumps(facts))
        return
    shape = "x".join(str(side) for side in samples.shape)
    print(f"{samples.name}: {len(samples)} samples of {shape}, {len(samples.classes) or 'no'} classes")
    for note in samples.notes:
        print(f"note: {note}")


@data_app.command("check")
def data_check_command(
    path: Annotated[Path, typer.Argument(help="A folder or a .zip of images.")],
    inputs: Annotated[str, typer.Option(help="What inputs are made for these: a folder, edges, left ...")] = "",
    as_json: Json = False,
) -> None:
    """Name every unreadable, truncated, empty, duplicate and odd-sized file, the classes' sizes, and odd pairs."""
    from dataclasses import asdict

    from ganvas.data.check import check

    found = check(path, inputs)
    if as_json:
        print(json.dumps(asdict(found) | {"sound": found.sound, "remedies": found.remedies}))
    else:
        _print_check(found)
    if not found.sound:
        raise typer.Exit(1)


def _print_check(found: Any) -> None:
    kinds = {1: "grey", 3: "colour", 4: "colour with transparency"}
    print(f"{found.count} image files, {found.count - len(found.unreadable)} readable")
    shown = [f"{size}: {n}" for size, n in list(found.sizes.items())[:5]]
    more = f" and {len(found.sizes) - 5} more sizes: set size=" if len(found.sizes) > 5 else ""
    print(f"sizes (height x width): {', '.join(shown) or 'none'}{more}")
    print("channels: " + (", ".join(f"{kinds[k]}: {n}" for k, n in found.channels.items()) or "none"))
    if found.classes:
        print("classes: " + ", ".join(f"{name}: {n}" for name, n in found.classes.items()))
    if found.others:
        print("not read as images: " + ", ".join(f"{ending}: {n}" for ending, n in found.others.items()))
    for name, problem in found.unreadable.items():
        print(f"unreadable  {name}  ({problem})")
    for name, size in found.odd.items():
        print(f"odd size    {name}  ({size})")
    for group in found.duplicates:
        print(f"duplicates  {'  =  '.join(group)}")
    if found.pairs:
        _print_pairs(found.pairs)
    scaled = f" with a size whose sides 4 divides, such as size={found.fitting}" if found.fitting else ""
    for sentence in found.remedies or [f"sound: ready to train{scaled}"]:
        print(sentence)


def _print_pairs(found: Any) -> None:
    print(f"pairs: {found.count} images with an input")
    shown = [f"{sizes}: {n}" for sizes, n in list(found.sizes.items())[:5]]
    more = f" and {len(found.sizes) - 5} more: set size=" if len(found.sizes) > 5 else ""
    print(f"sizes of pairs (image from input): {', '.join(shown) or 'none'}{more}")
    for what, names in (("no input", found.only_images), ("no image", found.only_inputs)):
        for name in names[:10]:
            print(f"{what:11} {name}")
        if len(names) > 10:
            print(f"{what:11} {len(names)} in all")


def _described(plan: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(plan, default=list))
        return
    print(json.dumps(plan["recipe"], indent=2, default=list))
    found = plan["data"]
    print(f"data: {found['name']}, {found['count']} samples of {'x'.join(map(str, found['shape']))}")
    for note in found["notes"]:
        print(f"note: {note}")
    print("networks: " + ", ".join(f"{name} {count:,} parameters" for name, count in plan["parameters"].items()))
    print(f"{plan['recipe']['steps']} steps of {plan['recipe']['batch']}: {plan['epochs']} epochs")


def _finished(run: Any, as_json: bool) -> None:
    log, scores = run.log(), run.scores()
    last = {"run": str(run.path), **(log[-1] if log else {}), **({"score": scores[-1]} if scores else {})}
    if as_json:
        from ganvas.run import to_json

        print(to_json(last))
        return
    print(f"done: {run.path}")
    for name in ("real_above_generated.png", "curves.png", "training.gif", "interpolation.png"):
        if (run.path / name).exists():
            print(f"  {run.path / name}")
    print(f"  samples: ganvas sample {run.path} --out grid.png")
    print(f"  scores:  ganvas evaluate {run.path}; what is wrong: ganvas doctor {run.path}")
    print(f"  one page with all of it: ganvas report {run.path}")


def _print_notes(notes: list[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _print_scores(found: dict[str, Any]) -> None:
    from ganvas.scores import name_of

    given = any("untouched" in score for score in found.values())
    rows = [
        {
            "score": name_of(name, score["features"]),
            "value": _brief(score["value"]),
            "95%_interval": " to ".join(_brief(end) for end in score["interval"]),
            "real": _brief(score["floor"]) if "floor" in score else None,
            **({"inputs_untouched": _brief(score.get("untouched"))} if given else {}),
            "better": score["better"],
            "n": score["n"],
            "features": score["features"],
        }
        for name, score in found.items()
    ]
    _table(rows, as_json=False)
    infinite = found.get("frechet", {}).get("infinite")
    if infinite is not None:
        named = name_of("frechet", found["frechet"]["features"])
        print(f"{named}, extrapolated to infinitely many samples: {_brief(infinite)}")


def _explored(found: Any, folder: Path, page: Path) -> None:
    sizes, agreement = found.clusters.sizes, found.agreement
    print(f"{len(found.samples):,} samples in {len(sizes)} clusters of {sizes.max():,} to {sizes.min():,}")
    if found.choice:
        print(f"the silhouette asks for {found.choice.by_silhouette} clusters, the elbow for {found.choice.by_elbow}")
    if agreement:
        figures = {"purity": agreement.purity, "NMI": agreement.mutual_information, "ARI": agreement.rand_index}
        print("against the labels: " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    if found.generated:
        shares = zip(found.generated.real_shares, found.generated.shares, strict=True)
        rows = [
            {"cluster": cluster, "real": f"{real:.1%}", "generated": f"{share:.1%}"}
            for cluster, (real, share) in enumerate(shares)
        ]
        _table(rows, as_json=False)
    _print_notes(found.notes)
    print(f"pictures, clusters.csv and embeddings.npz: {folder}; one page with all of it: {page}")


def _brief(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "-" if value is None else str(value)


def _write_samples(samples: Any, kinds: dict[str, Any], out: Path, columns: int | None) -> None:
    import numpy as np

    from ganvas import figures
    from ganvas.images import grid, save_png

    images = samples.ndim == 4
    if out.suffix.lower() == ".npz":
        out.parent.mkdir(parents=True, exist_ok=True)
        named = {"images" if images else "points": samples}
        told = {name: labels.astype(np.int64) for name, labels in kinds.items() if labels is not None}
        _write_arrays(out, **named, **told)
    elif out.suffix.lower() == ".png":
        out.parent.mkdir(parents=True, exist_ok=True)
        save_png(out, grid(samples, columns) if images else figures.scatter(samples))
    elif not images:
        raise WrongUseError("points cannot be written as a folder of pictures: use a .png or an .npz")
    else:
        out.mkdir(parents=True, exist_ok=True)
        files = [f"{i:05d}.png" for i in range(len(samples))]
        if others := {file.name for file in out.iterdir()} - set(files):
            raise WrongUseError(f"{out} holds other files, such as {min(others)}: name a new folder, or empty it")
        for file, image in zip(files, samples, strict=True):
            save_png(out / file, image)


def _write_translations(made: Any, out: Path) -> None:
    """Inputs, what was made of them and what was meant, side by side or in one archive."""
    from ganvas import figures
    from ganvas.images import save_png

    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix.lower() == ".png":
        save_png(out, figures.translations(made, len(made)))
    else:
        targets = {} if made.targets is None else {"targets": made.targets}
        _write_arrays(out, images=made.images, inputs=made.inputs, **targets)


def _write_arrays(out: Path, **arrays: Any) -> None:
    import numpy as np

    from ganvas.whole import whole

    # to an open file: to a name that ends in .NPZ NumPy would append another ending
    with whole(out) as part, open(part, "wb") as file:
        np.savez_compressed(file, **arrays)


def _write_table(table: Any, out: Path) -> None:
    from ganvas.images import grid, save_png

    out.parent.mkdir(parents=True, exist_ok=True)
    save_png(out, grid(table.reshape(-1, *table.shape[2:]), columns=table.shape[1]))


def _write_walk(samples: Any, out: Path) -> None:
    from ganvas import figures
    from ganvas.images import enlarge, grid, save_animation, save_png

    out.parent.mkdir(parents=True, exist_ok=True)
    if samples.ndim != 4:
        raise WrongUseError("a walk shows images, and this run makes points: use `ganvas sample`")
    if out.suffix.lower() == ".png":
        save_png(out, enlarge(grid(samples, columns=min(len(samples), 20)), 640))
    else:
        save_animation(out, [figures.preview(sample[None]) for sample in samples], 0.1)


def _parse_seeds(text: str) -> list[int]:
    """`0,1,4-6` as [0, 1, 4, 5, 6]."""
    found: list[int] = []
    try:
        for item in text.split(","):
            first, _, last = item.strip().partition("-")
            found += range(int(first), min(int(last or first), int(first) + MOST_SEEDS) + 1)
    except ValueError:
        found = []
    if len(found) > MOST_SEEDS:
        raise WrongUseError(f"{text!r} are more than {MOST_SEEDS:,} seeds")
    if not found or max(found) >= 2**31:
        raise WrongUseError(f"seeds are numbers and ranges such as 0,1,4-6, not {text!r}")
    return found


def _parse_mix(text: str) -> tuple[list[int], list[int]]:
    """`0-1:4-6` as ([0, 1], [4, 5, 6])."""
    rows, colon, columns = text.partition(":")
    if not colon:
        raise WrongUseError(f"mix takes the seeds of rows and of columns, such as 0-3:4-9, not {text!r}")
    return _parse_seeds(rows), _parse_seeds(columns)


def _table(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("-" if value is None else str(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


class _writing:  # noqa: N801  reads as a phrase: with _writing(out)
    """A file that cannot be written is named in one sentence."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError):
            raise RunFailedError(f"cannot write {self.out}: {error.strerror or error}") from error


def _tensorflow() -> None:
    """Import TensorFlow, which takes seconds, saying so to a waiting person, without its greetings on stderr."""
    if sys.stderr.isatty():
        print("starting TensorFlow ...", file=sys.stderr, flush=True)
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")  # it takes the functions of several runs for one that is traced ever anew
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _fail(error: object, status: int) -> NoReturn:
    print(f"ganvas: {error}", file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main()
