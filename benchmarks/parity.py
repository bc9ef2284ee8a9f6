"""Our Inception features, FID, KID, Inception Score, precision and recall against torch-fidelity's.

    python -m venv /tmp/fidelity && /tmp/fidelity/bin/pip install torch-fidelity torch torchvision scipy
    python benchmarks/parity.py /tmp/fidelity/bin/python [--images 600]

Both sides get the same Inception network with random weights, made by torch-fidelity (so nothing is downloaded), and
the same pictures: emoji in one drawing style as the real ones, in the other as the generated ones. With weights of
your own: `--weights FILE`. The scores are also computed by both on torch-fidelity's features, so that they are
compared by themselves.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

REFERENCE = '''
"""Runs in torch-fidelity's environment: python reference.py FOLDER SUBSET."""
import sys

import numpy as np
import torch
from torch_fidelity import feature_extractor_inceptionv3 as inception
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

folder, subset = sys.argv[1], int(sys.argv[2])
network = inception.FeatureExtractorInceptionV3("network", ["2048", "logits_unbiased"], f"{folder}/weights.pth")
found = {}
for side in ("real", "fake"):
    images = torch.from_numpy(np.load(f"{folder}/{side}.npy")).permute(0, 3, 1, 2)
    with torch.no_grad():
        parts = [network(part) for part in images.split(50)]
    features, logits = (torch.cat(part) for part in zip(*parts))
    found[side] = features
    np.savez(f"{folder}/{side}.npz", features=features.numpy(), logits=logits.numpy())
real, fake = found["real"], found["fake"]
# generated images are input 1, as torch-fidelity's users are told to give them
scores = {
    **fid_statistics_to_metric(*(fid_features_to_statistics(side) for side in (fake, real)), verbose=False),
    **kid_features_to_metric(fake, real, kid_subset_size=subset, verbose=False),
    **isc_features_to_metric(logits),
    **prc_features_to_metric(fake, real, verbose=False),
}
np.savez(f"{folder}/scores.npz", **scores)
'''
RANDOM_WEIGHTS = '''
"""Runs in torch-fidelity's environment: python weights.py FILE."""
import sys

import torch
from torch import nn
from torch_fidelity import feature_extractor_inceptionv3 as inception


class Random(inception.FeatureExtractorInceptionV3):
    def load_state_dict(self, *_):
        """Keep what it was born with."""


inception.load_state_dict_from_url = lambda *_, **__: {}
torch.manual_seed(2020)
network = Random("network", ["2048", "logits_unbiased"])
for part in network.modules():
    if isinstance(part, nn.Conv2d):
        nn.init.kaiming_normal_(part.weight)
    if isinstance(part, nn.BatchNorm2d):
        part.momentum = None  # the statistics of one batch: activations neither vanish nor explode
        nn.init.uniform_(part.weight, 0.5, 1.5)
        nn.init.uniform_(part.bias, -0.3, 0.3)
with torch.no_grad():
    smooth = torch.randint(0, 256, (32, 3, 5, 5), dtype=torch.uint8)
    network.train()(smooth)
    _, logits = network.eval()(smooth)
    network.fc.weight *= 2 / logits.std()  # probabilities neither alike nor 0 and 1
torch.save(network.state_dict(), sys.argv[1])
'''


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("python", help="the python of an environment with torch-fidelity")
    options.add_argument("--images", type=int, default=600)
    options.add_argument("--weights", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(chosen.python, Path(folder), chosen.images, chosen.weights)


def compare(python: str, folder: Path, count: int, weights: Path | None) -> None:
    """Print the table: figure, reference, ours, relative difference."""
    from ganvas import data, metrics
    from ganvas.features import inception

    if weights:
        (folder / "weights.pth").symlink_to(weights.resolve())
    else:
        random_weights(python, folder / "weights.pth")
    for side, style in (("real", "google"), ("fake", "twitter")):
        np.save(folder / f"{side}.npy", data.load(f"emoji:{style}").images[:count])
    subset = min(1000, count // 2)
    (folder / "reference.py").write_text(REFERENCE)
    subprocess.run([python, str(folder / "reference.py"), str(folder), str(subset)], check=True)
    scores = np.load(folder / "scores.npz")
    extract = inception.from_weights(folder / "weights.pth")
    print(f"{'figure':<34} {'reference':>14} {'ours':>14} {'relative':>10}")
    found, theirs = {}, {}
    for side in ("real", "fake"):
        found[side], theirs[side] = extract(np.load(folder / f"{side}.npy")), np.load(folder / f"{side}.npz")
        one, other = theirs[side]["features"], found[side].features
        # against the largest feature: many are near 0
        print(f"{f'features, {side}: largest difference':<34} {one.max():>14.6g} {other.max():>14.6g}", end="")
        print(f" {np.abs(one - other).max() / one.max():>10.1e}")
    figures = {
        "FID": ("frechet_inception_distance", metrics.frechet),
        "KID": ("kernel_inception_distance_mean", lambda *sides: metrics.kernel(*sides, subset=subset)),
        "precision": ("precision", metrics.precision),
        "recall": ("recall", metrics.recall),
    }
    for title, (key, function) in figures.items():
        row(title, scores[key], function(found["real"].features, found["fake"].features))
        row(f"{title}, same features", scores[key], function(theirs["real"]["features"], theirs["fake"]["features"]))
    score = float(scores["inception_score_mean"])
    row("Inception Score", score, metrics.inception_score(found["fake"].probabilities))
    row("Inception Score, same logits", score, metrics.inception_score(softmax(theirs["fake"]["logits"])))


def random_weights(python: str, path: Path) -> None:
    """Have torch-fidelity's environment write an Inception network with random weights."""
    subprocess.run([python, "-c", RANDOM_WEIGHTS, str(path)], check=True)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities in float64."""
    odds = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def row(title: str, reference: float, ours: float) -> None:
    """One line of the table."""
    print(f"{title:<34} {float(reference):>14.8g} {ours:>14.8g} {abs(ours - reference) / abs(reference):>10.1e}")


if __name__ == "__main__":
    sys.exit(main())
