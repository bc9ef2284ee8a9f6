"""The Inception network of 2015-12-05 (Szegedy et al. 2015), whose Fréchet distance is called FID.

Features 2048, and probabilities of 1008 classes from logits without bias, which the Inception Score takes. It is not
the network of `keras.applications`: average pooling leaves padding out, and the last block pools by maximum.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from ganvas.data import Samples
from ganvas.data.fetch import download, fetch, sha256
from ganvas.errors import WrongUseError
from ganvas.features import Extracted, Extractor, _torch
from ganvas.features._frozen import frozen

BATCH = 8
SIDE = 299
CONVOLUTIONS = 94
RELEASE = "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
FILE = "weights-inception-2015-12-05-6726825d.pth"
HASH = "6726825d"  # all that is published of its SHA-256


def build(samples: Samples) -> Extractor:
    """The extractor with the published weights, fetched when they are not in the cache; it is the same for all data."""
    ways = {f"download from {RELEASE}": download(RELEASE, {FILE: HASH}, ending="")}
    return from_weights(fetch("inception", {FILE: HASH}, ways) / FILE)


def from_weights(path: Path) -> Extractor:
    """The extractor with weights from a file in the names and format of torch-fidelity."""
    weights = _torch.read(path)
    convolutions = sum(name.endswith(".conv.weight") for name in weights)
    classes = weights["fc.weight"].shape if "fc.weight" in weights else None
    if convolutions != CONVOLUTIONS or classes != (1008, 2048):
        raise WrongUseError(
            f"{path} does not hold the 2015-12-05 Inception network: {CONVOLUTIONS} convolutions and 1008 classes of "
            f"2048 features, named as in {FILE}"
        )
    extract = frozen(Inception(weights), BATCH)

    def function(images: np.ndarray) -> Extracted:
        features, logits = extract(images)
        odds = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        return Extracted(features, (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32))

    mark = sha256(path)
    # with other weights it is another extractor, and its distances are no FID
    return Extractor("inception" if mark.startswith(HASH) else path.name, f"inception-2-{mark}", function)


class Inception:
    """The network with weights named as in torch-fidelity: uint8 RGB (N, H, W, 3) to features and logits."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        names = [name.removesuffix(".conv.weight") for name in weights if name.endswith(".conv.weight")]
        self.convolutions = {name: _torch.convolution(weights, f"{name}.conv", f"{name}.bn") for name in names}
        self.classes = weights["fc.weight"].T

    def __call__(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # as TensorFlow 1 resized: corner to corner, without half-pixel centres or antialiasing
        x = tf.raw_ops.ResizeBilinear(images=images, size=[SIDE, SIDE], align_corners=False, half_pixel_centers=False)
        x = self.halving((x - 128.0) / 128.0, "Conv2d_1a_3x3")
        x = self.convolution(x, "Conv2d_2a_3x3", padding="VALID")
        x = _halved(self.chain(x, "", "Conv2d_2b_3x3"))
        x = self.chain(x, "", "Conv2d_3b_1x1")
        x = _halved(self.convolution(x, "Conv2d_4a_3x3", padding="VALID"))
        for block in ("Mixed_5b.", "Mixed_5c.", "Mixed_5d."):
            x = self.fives(x, block)
        x = self.first_reduction(x, "Mixed_6a.")
        for block in ("Mixed_6b.", "Mixed_6c.", "Mixed_6d.", "Mixed_6e."):
            x = self.sevens(x, block)
        x = self.second_reduction(x, "Mixed_7a.")
        x = self.forks(x, "Mixed_7b.", self.averaged(x, "Mixed_7b."))
        x = self.forks(x, "Mixed_7c.", self.chain(tf.nn.max_pool2d(x, 3, 1, "SAME"), "Mixed_7c.", "branch_pool"))
        features = tf.reduce_mean(x, axis=[1, 2])
        return features, features @ self.classes

    def fives(self, x: tf.Tensor, block: str) -> tf.Tensor:
        """35 x 35: one 5x5, two 3x3."""
        one, five, three = self.heads(x, block, "branch1x1", "branch5x5_1", "branch3x3dbl_1")
        five = self.chain(five, block, "branch5x5_2")
        three = self.chain(three, block, "branch3x3dbl_2", "branch3x3dbl_3")
        return tf.concat([one, five, three, self.averaged(x, block)], axis=-1)

    def first_reduction(self, x: tf.Tensor, block: str) -> tf.Tensor:
        """35 x 35 to 17 x 17."""
        double = self.chain(x, block, "branch3x3dbl_1", "branch3x3dbl_2")
        reduced = [self.halving(x, f"{block}branch3x3"), self.halving(double, f"{block}branch3x3dbl_3")]
        return tf.concat([*reduced, _halved(x)], axis=-1)

    def sevens(self, x: tf.Tensor, block: str) -> tf.Tensor:
        """17 x 17: 7x7 written as 1x7 and 7x1, once and twice."""
        one, seven, double = self.heads(x, block, "branch1x1", "branch7x7_1", "branch7x7dbl_1")
        seven = self.chain(seven, block, "branch7x7_2", "branch7x7_3")
        double = self.chain(double, block, *(f"branch7x7dbl_{i}" for i in (2, 3, 4, 5)))
        return tf.concat([one, seven, double, self.averaged(x, block)], axis=-1)

    def second_reduction(self, x: tf.Tensor, block: str) -> tf.Tensor:
        """17 x 17 to 8 x 8."""
        three, seven = self.heads(x, block, "branch3x3_1", "branch7x7x3_1")
        seven = self.chain(seven, block, "branch7x7x3_2", "branch7x7x3_3")
        reduced = [self.halving(three, f"{block}branch3x3_2"), self.halving(seven, f"{block}branch7x7x3_4")]
        return tf.concat([*reduced, _halved(x)], axis=-1)

    def forks(self, x: tf.Tensor, block: str, pooled: tf.Tensor) -> tf.Tensor:
        """8 x 8: 1x3 and 3x1 side by side, beside what is already pooled."""
        one, three, double = self.heads(x, block, "branch1x1", "branch3x3_1", "branch3x3dbl_1")
        double = self.chain(double, block, "branch3x3dbl_2")
        threes = [self.chain(three, block, f"branch3x3_2{side}") for side in "ab"]
        doubles = [self.chain(double, block, f"branch3x3dbl_3{side}") for side in "ab"]
        return tf.concat([one, *threes, *doubles, pooled], axis=-1)

    def convolution(self, x: tf.Tensor, name: str, stride: int = 1, padding: str = "SAME") -> tf.Tensor:
        """Convolution, folded batch norm, ReLU."""
        kernel, bias = self.convolutions[name]
        return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, stride, padding), bias))

    def chain(self, x: tf.Tensor, block: str, *names: str) -> tf.Tensor:
        """Convolutions of a block that keep the size, one after another."""
        for name in names:
            x = self.convolution(x, block + name)
        return x

    def halving(self, x: tf.Tensor, name: str) -> tf.Tensor:
        """A convolution with stride 2, without padding."""
        return self.convolution(x, name, stride=2, padding="VALID")

    def heads(self, x: tf.Tensor, block: str, *names: str) -> list[tf.Tensor]:
        """The 1x1 convolutions that several branches begin with, computed as one."""
        kernels, biases = zip(*(self.convolutions[block + name] for name in names), strict=True)
        every = tf.nn.relu(
            tf.nn.bias_add(tf.nn.conv2d(x, np.concatenate(kernels, axis=-1), 1, "SAME"), np.concatenate(biases))
        )
        return tf.split(every, [len(bias) for bias in biases], axis=-1)

    def averaged(self, x: tf.Tensor, block: str) -> tf.Tensor:
        """3x3 averages, padding left out (TensorFlow's average always does), after the 1x1 convolution, not before.

        Both are linear, so the order changes nothing, and there are fewer channels to average.
        """
        kernel, bias = self.convolutions[f"{block}branch_pool"]
        return tf.nn.relu(tf.nn.bias_add(tf.nn.avg_pool2d(tf.nn.conv2d(x, kernel, 1, "SAME"), 3, 1, "SAME"), bias))


def _halved(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.max_pool2d(x, 3, 2, "VALID")
