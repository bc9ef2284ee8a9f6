"""How good does the notes' DCGAN get, epoch by epoch? Trained as written, once: about two hours of two cores.

    python benchmarks/notes.py FOLDER [--data fashion_mnist] [--epochs 50] [--every 2]
    python benchmarks/notes.py FOLDER --pace

trains the recipe `dcgan` in FOLDER/run, keeps its generator every few epochs, scores each of them as
`time_to_quality.py` does, and writes `benchmarks/notes-DATA.json` after each score. Ctrl-C ends the training where it
is, and what there is is scored; the same command goes on with it. `--pace` trains sixty steps, and counts the processor
minutes of the curve that is written by what a step takes there and then: its scores stay those of the run they are of.
"""

import argparse
import json
import math
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np
from time_to_quality import scores_of

import ganvas
from ganvas.games import generate, latents
from ganvas.recipes import find
from ganvas.run import Run


def main() -> None:
    """Train what is not trained yet, score what is kept, write the curve."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--data", default="fashion_mnist")
    options.add_argument("--epochs", type=int, default=50)
    options.add_argument("--every", type=int, default=2)
    options.add_argument("--n", type=int, default=10_000)
    options.add_argument("--pace", action="store_true", help="only measure what a step takes on this machine")
    chosen = options.parse_args()
    curve = Path(__file__).parent / f"notes-{chosen.data.replace(':', '-')}.json"
    if chosen.pace:
        return _pace(chosen.folder, chosen.data, curve)
    run, kept = Run(chosen.folder / "run"), chosen.folder / "generators"
    kept.mkdir(parents=True, exist_ok=True)
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(run, kept, done))
    keeper.start()
    try:
        _train(run, chosen.data, chosen.epochs, chosen.every)
    except KeyboardInterrupt:
        print(f"stopped before epoch {chosen.epochs}", flush=True)
    finally:
        done.set()
        keeper.join()
    _score(run, kept, chosen.n, curve)


def _pace(folder: Path, data: str, curve: Path) -> None:
    """Count the curve's processor minutes by what a step takes here, once it is compiled."""
    quiet: dict[str, Any] = {"preview": 0, "evaluate": 0, "save": 0}
    shutil.rmtree(folder / "pace", ignore_errors=True)
    log = ganvas.train("dcgan", run=folder / "pace", data=data, steps=60, **quiet).log()
    seconds, steps = (log[-1][key] - log[0][key] for key in ("cpu_seconds", "step"))
    rows = json.loads(curve.read_text())
    for row in rows:
        row["cpu"] = round(row["step"] * seconds / steps / 60, 2)
    curve.write_text(json.dumps(rows, indent=1) + "\n")
    speed = find("dcgan").batch * steps / seconds
    print(f"{speed:.0f} images a processor second: epoch {rows[-1]['epoch']} after {rows[-1]['cpu']} minutes of it")


def _train(run: Run, data: str, epochs: int, every: int) -> None:
    if (run.path / "recipe.json").exists():
        if run.status != "done":
            ganvas.resume(run)
        return
    save = every * math.ceil(len(ganvas.load(data)) / find("dcgan").batch)
    quiet: dict[str, Any] = {"preview": 0, "evaluate": 0, "save": save}
    ganvas.train("dcgan", run=run.path, data=data, epochs=epochs, **quiet)


def _keep(run: Run, kept: Path, done: threading.Event) -> None:
    """Copy the generator whenever a checkpoint is whole: the generator of the same step was written just before."""
    while True:
        last = done.wait(1.0)
        for file in run.checkpoints()[-1:]:
            copy = kept / f"{file.stem}.keras"
            if not copy.exists():
                part = copy.with_suffix(".part")
                shutil.copyfile(run.path / "generator.keras", part)
                part.rename(copy)
        if last:
            return


def _score(run: Run, kept: Path, n: int, target: Path) -> None:
    per_epoch = len(ganvas.load(run.recipe.data))
    ticks = {line["step"]: line for line in run.log()}
    rows = []
    for file in sorted(kept.glob("*.keras"))[1:]:
        tick = ticks[int(file.stem)]
        samples = generate(keras.saving.load_model(file, compile=False), latents(0, n, run.recipe.latent))
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/samples.npz", images=samples)
            found = scores_of(f"{folder}/samples.npz", f"{run.recipe.data}:test", n)
        epoch, minutes = tick["images"] / per_epoch, tick["cpu_seconds"] / 60
        rows.append({"epoch": round(epoch, 2), "step": tick["step"], "cpu": round(minutes, 2), "scores": found})
        told = ", ".join(f"{name} {of['frechet']['value']:.1f}" for name, of in found.items())
        print(f"epoch {epoch:5.1f}  {minutes:6.1f} processor minutes  {told}", flush=True)
        target.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
