"""What an evaluation costs: Inception features, FID, KID, precision and recall, by torch-fidelity and by us.

    python benchmarks/evaluate.py PYTHON [--images 200] [--rounds 3]

PYTHON is that of an environment with torch-fidelity (`parity.py` says how to make one). Both sides take the same
random Inception weights and the same 32x32 images, in turns, each round in its own process; imports are not counted,
loading the network is. The ratio is of the medians. The last line is the peak memory of precision and recall on
10,000 against 10,000 vectors of 1280.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from parity import random_weights

REFERENCE = '''
"""Runs in torch-fidelity's environment: python reference.py FOLDER SUBSET."""
import json
import sys
import time

import numpy as np
import torch
from torch_fidelity import calculate_metrics
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

folder, subset = sys.argv[1], int(sys.argv[2])


class Images(torch.utils.data.Dataset):
    def __init__(self, side):
        self.images = torch.from_numpy(np.load(f"{folder}/{side}.npy")).permute(0, 3, 1, 2).contiguous()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.images[i]


real, fake = Images("real"), Images("fake")
network = FeatureExtractorInceptionV3("network", ["2048"], f"{folder}/weights.pth")
with torch.no_grad():
    network(real.images[:64])
    began = time.perf_counter()
    for part in real.images.split(64):
        network(part)
    features = len(real) / (time.perf_counter() - began)
began = time.perf_counter()
calculate_metrics(
    input1=fake,
    input2=real,
    cuda=False,
    feature_extractor="inception-v3-compat",  # for precision and recall too, which default to VGG-16
    fid=True,
    kid=True,
    prc=True,
    kid_subset_size=subset,
    feature_extractor_weights_path=f"{folder}/weights.pth",
    cache=False,
    verbose=False,
)
print(json.dumps({"features": features, "everything": 2 * len(real) / (time.perf_counter() - began)}))
'''
SIDES = ("torch-fidelity", "ganvas")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("python")
    options.add_argument("--images", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.ours:
        print(json.dumps(ours(chosen.ours, chosen.images // 2)))
    elif chosen.memory:
        print(json.dumps(memory()))
    else:
        with tempfile.TemporaryDirectory() as folder:
            compare(chosen.python, Path(folder), chosen.images, chosen.rounds)


def compare(python: str, folder: Path, count: int, rounds: int) -> None:
    """Print images a second of both sides, and their ratio."""
    random_weights(python, folder / "weights.pth")
    random = np.random.RandomState(2020)
    for side, spread in (("real", 60), ("fake", 80)):
        pixels = 128 + spread * random.normal(size=(count, 8, 8, 3)).repeat(4, axis=1).repeat(4, axis=2)
        np.save(folder / f"{side}.npy", np.clip(pixels, 0, 255).astype(np.uint8))
    (folder / "reference.py").write_text(REFERENCE)
    mine = [sys.executable, __file__, python, "--images", str(count)]
    commands = {
        "torch-fidelity": [python, str(folder / "reference.py"), str(folder), str(count // 2)],
        "ganvas": [*mine, "--ours", str(folder)],
    }
    found: dict[str, list[dict]] = {side: [] for side in SIDES}
    for number in range(rounds):
        for side in SIDES if number % 2 == 0 else reversed(SIDES):
            found[side].append(answer(commands[side]))
    print(f"{'images/s, medians':<20} {'torch-fidelity':>15} {'ganvas':>10} {'ratio':>7}")
    for part in ("features", "everything"):
        theirs, us = (statistics.median(one[part] for one in found[side]) for side in SIDES)
        print(f"{part:<20} {theirs:>15.2f} {us:>10.2f} {us / theirs:>7.2f}")
    print(f"precision and recall, 10,000 x 10,000 x 1280: {answer([*mine, '--memory'])} MB at most")
    print(json.dumps(found))


def answer(command: list[str]) -> dict:
    """The JSON that a command prints last."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def ours(folder: Path, subset: int) -> dict[str, float]:
    """Images a second: of features alone, and of a whole evaluation from loading the weights on."""
    import time

    from ganvas import metrics
    from ganvas.features import inception

    real, fake = np.load(folder / "real.npy"), np.load(folder / "fake.npy")
    warm = inception.from_weights(folder / "weights.pth")
    warm(real[:64])
    began = time.perf_counter()
    warm(real)
    features = len(real) / (time.perf_counter() - began)
    began = time.perf_counter()
    extract = inception.from_weights(folder / "weights.pth")
    sides = extract(real).features, extract(fake).features
    metrics.frechet(*sides)
    metrics.kernel(*sides, subset=subset)
    metrics.precision(*sides)
    metrics.recall(*sides)
    return {"features": features, "everything": 2 * len(real) / (time.perf_counter() - began)}


def memory() -> int:
    """Megabytes at most, the two sets of vectors and Python included."""
    import resource

    from ganvas import metrics

    random = np.random.RandomState(2020)
    sides = [random.normal(size=(10_000, 1280)).astype(np.float32) for _ in range(2)]
    metrics.precision(*sides)
    metrics.recall(*sides)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
