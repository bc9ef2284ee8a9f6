"""Layers that Keras does not have."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ganvas.errors import WrongUseError
from ganvas.waves import halvings, waves, windows

FAINT = 0.1  # the power of a wave that hardly counts, of images in [-1, 1]
GROUP = 4  # samples that minibatch deviation compares (Karras et al. 2018)


@keras.saving.register_keras_serializable("ganvas")
class FeatureDeviation(keras.layers.Layer):
    """How much each feature differs among samples, so that it is seen what all have alike: (batch, ...) to the same.

    The standard deviation over groups of up to `group` samples. A batch that `group` does not divide is one group.
    """

    faint = 1e-4  # added to the variance: so the root has a slope where all samples are alike

    def __init__(self, group: int = GROUP, **options: Any) -> None:
        super().__init__(**options)
        self.group = group

    def call(self, inputs: Any) -> Any:
        deviation, group = self._deviation(inputs)
        return ops.cast(ops.tile(deviation, (group, *[1] * (len(inputs.shape) - 1))), inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "group": self.group}

    def _deviation(self, inputs: Any) -> tuple[Any, int]:
        """Each group's deviation, float32 (groups, ...), and how many samples a group has in the end."""
        batch = ops.shape(inputs)[0]
        group = self.group if isinstance(batch, int) and batch % self.group == 0 else batch
        # a variance of bfloat16 numbers cancels to nothing: take it in float32
        grouped = ops.reshape(ops.cast(inputs, "float32"), (group, -1, *inputs.shape[1:]))
        return ops.sqrt(ops.var(grouped, axis=0) + self.faint), group


@keras.saving.register_keras_serializable("ganvas")
class MinibatchDeviation(FeatureDeviation):
    """Append one feature: how much the samples of a group differ, so that sameness can be seen and punished.

    The mean of `FeatureDeviation` over all positions and channels (Karras et al. 2018, section 3). Input
    (batch, ..., channels), output one channel more.
    """

    faint = 1e-8

    def call(self, inputs: Any) -> Any:
        deviation, group = self._deviation(inputs)
        own = tuple(range(1, len(inputs.shape)))
        feature = ops.cast(ops.mean(deviation, axis=own, keepdims=True), inputs.dtype)
        feature = ops.tile(feature, (group, *inputs.shape[1:-1], 1))
        return ops.concatenate([inputs, feature], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], (input_shape[-1] or 0) + 1)


@keras.saving.register_keras_serializable("ganvas")
class MinibatchDiscrimination(keras.layers.Layer):
    """Append `kernels` features: how near a sample is to the others of its batch (Salimans et al. 2016, section 3.2).

    Each is the sum over the others of exp(-|difference|), in a learnt space of `width` dimensions. Input
    (batch, features), output `kernels` more.
    """

    def __init__(self, kernels: int = 16, width: int = 8, **options: Any) -> None:
        super().__init__(**options)
        self.kernels, self.width = kernels, width

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The tensor that takes features into the space: (features, kernels x width)."""
        self.kernel = self.add_weight((input_shape[-1], self.kernels * self.width), "glorot_uniform", name="kernel")

    def call(self, inputs: Any) -> Any:
        rows = ops.reshape(ops.cast(inputs @ self.kernel, "float32"), (-1, self.kernels, self.width))
        apart = ops.sum(ops.abs(rows[:, None] - rows[None]), axis=-1)
        near = ops.sum(ops.exp(-apart), axis=1) - 1.0  # all but the sample itself
        return ops.concatenate([inputs, ops.cast(near, inputs.dtype)], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], (input_shape[-1] or 0) + self.kernels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernels": self.kernels, "width": self.width}


@keras.saving.register_keras_serializable("ganvas")
class WaveStrengths(keras.layers.Layer):
    """How strong each wave is in windows of an image (`ganvas.waves`), wherever it lies in them.

    The windows are one in so many `parts` of the image's sides. Roots of amplitudes; some power is added before, so
    that a flat window has a slope. Images float32 (batch, height, width, channels) in [-1, 1] of 16 pixels a side or
    more to float32 (batch, windows down, windows across, channels x waves). Nothing learns.
    """

    def __init__(self, parts: int = 2, **options: Any) -> None:
        # in bfloat16 what is faint would drown beside what is strong
        super().__init__(**options | {"dtype": "float32"})
        self.parts = parts

    def call(self, images: Any) -> Any:
        for _ in range(halvings(images.shape[1:3])):
            images = ops.average_pool(images, 2)
        _, height, width, channels = images.shape
        high, wide = height // self.parts, width // self.parts
        # of plain matrices: in products that share one over a batch TensorFlow 2.21 has crashed
        shown = ops.reshape(ops.transpose(images, (0, 3, 1, 2)), (-1, width)) @ _cuts(width, self.parts)
        shown = ops.transpose(ops.reshape(shown, (-1, height, shown.shape[-1])), (0, 2, 1))
        shown = ops.reshape(shown, (-1, height)) @ _cuts(height, self.parts)
        places = 2 * self.parts - 1
        shown = ops.reshape(shown, (-1, channels, places, wide, places, high))
        pixels = ops.reshape(ops.transpose(shown, (0, 4, 2, 1, 5, 3)), (-1, high * wide))
        power = sum(ops.square(pixels @ each) for each in waves(high, wide, self.parts))
        strong = ops.sqrt(ops.sqrt(power + FAINT)) - FAINT**0.25
        return ops.reshape(strong, (-1, places, places, channels * strong.shape[-1]))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = input_shape
        times = 2 ** halvings((height or 0, width or 0))
        down, across = ((side or 0) // times for side in (height, width))
        own = waves(down // self.parts, across // self.parts, self.parts)[0].shape[-1]
        places = 2 * self.parts - 1
        return batch, places, places, (channels or 0) * own

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "parts": self.parts}


def _cuts(side: int, parts: int) -> np.ndarray:
    """Zeros and ones, float32 (side, all windows' pixels): products cut faster than slices, whose gradients add up."""
    return np.concatenate([np.eye(side, dtype=np.float32)[:, own] for own in windows(side, parts)], axis=1)


@keras.saving.register_keras_serializable("ganvas")
class Spectral(keras.layers.Wrapper):
    """A layer whose kernel is divided by its largest singular value as it is used (Miyato et al. 2018).

    One power iteration a training pass; the gradient passes through the value. Keras' own layer writes the divided
    kernel back, through which no gradient passes, and changes it in the other player's turn.
    """

    def build(self, input_shape: Any = None) -> None:
        """The wrapped layer, and the left singular vector that is kept from pass to pass: float32 (outputs,)."""
        super().build(input_shape)
        self._place = next(i for i, v in enumerate(self.layer.trainable_variables) if v is _kernel(self.layer))
        outputs = _kernel(self.layer).shape[-1]
        self.vector = self.add_weight(
            (outputs,), "random_normal", name="vector", trainable=False, dtype="float32", autocast=False
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The wrapped layer's outputs with its kernel normalised."""
        weights = [ops.convert_to_tensor(v) for v in self.layer.trainable_variables]
        kernel = ops.cast(weights[self._place], "float32")
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        right = _unit(ops.stop_gradient(matrix @ ops.convert_to_tensor(self.vector)[:, None]))
        left = _unit(ops.stop_gradient(ops.transpose(matrix) @ right))
        norm = ops.sum(right * (matrix @ left))
        grown = norm > 1e-6  # a kernel that starts at zero has no direction yet
        if training:
            self.vector.assign(ops.where(grown, left[:, 0], ops.convert_to_tensor(self.vector)))
        weights[self._place] = kernel / ops.where(grown, ops.maximum(norm, 1e-6), 1.0)
        return self.layer.stateless_call(weights, [v.value for v in self.layer.non_trainable_variables], inputs)[0]


def normalised(model: keras.Model) -> keras.Model:
    """The model with every kernel spectrally normalised, a copy; WrongUseError where one would be left out."""
    for layer in model.layers:
        if not isinstance(layer, _WITH_KERNELS) and any(len(v.shape) > 1 for v in layer.trainable_weights):
            raise WrongUseError(
                f"spectral normalises dense layers, convolutions and embeddings, and {model.name} holds a "
                f"{type(layer).__name__}: set spectral=false, or another discriminator"
            )

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        fresh = layer.__class__.from_config(layer.get_config())
        return Spectral(fresh, name=layer.name, dtype=layer.dtype_policy) if isinstance(layer, _WITH_KERNELS) else fresh

    made = keras.models.clone_model(model, clone_function=clone)
    for own, layer in zip(made.layers, model.layers, strict=True):
        bare(own).set_weights(layer.get_weights())
    return made


def bare(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer itself, without spectral normalization around it."""
    return layer.layer if isinstance(layer, Spectral) else layer


_WITH_KERNELS = (
    keras.layers.Dense,
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.Embedding,
    MinibatchDiscrimination,
)


def _kernel(layer: keras.layers.Layer) -> keras.Variable:
    return layer.embeddings if isinstance(layer, keras.layers.Embedding) else layer.kernel


def _unit(column: Any) -> Any:
    return column / (ops.norm(column) + 1e-12)


@keras.saving.register_keras_serializable("ganvas")
class FusedBatchNormalization(keras.layers.Layer):
    """Batch normalisation of images (Ioffe & Szegedy 2015) in one kernel, in the precision of the layer's inputs.

    What Keras' own layer computes, which in bfloat16 casts to float32 and back and passes over the batch several
    times: on a CPU that is a fifth of a step of `plain`. The running variance counts with n - 1. Input and output
    (batch, height, width, channels).
    """

    def __init__(self, momentum: float = 0.99, epsilon: float = 1e-3, **options: Any) -> None:
        super().__init__(**options)
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The scale, the offset, and the running statistics: float32 (channels,)."""

        def vector(name: str, start: str, trainable: bool) -> keras.Variable:
            shape = (input_shape[-1],)
            return self.add_weight(
                shape=shape, initializer=start, name=name, trainable=trainable, dtype="float32", autocast=False
            )

        self.gamma, self.beta = vector("gamma", "ones", True), vector("beta", "zeros", True)
        self.mean, self.variance = vector("mean", "zeros", False), vector("variance", "ones", False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Normalise by the batch's statistics while training, else by the running ones."""
        gamma, beta, mean, variance = map(ops.convert_to_tensor, (self.gamma, self.beta, self.mean, self.variance))
        if not training:
            scale = gamma * ops.rsqrt(variance + self.epsilon)
            return inputs * ops.cast(scale, inputs.dtype) + ops.cast(beta - mean * scale, inputs.dtype)
        unused = ops.zeros_like(gamma)
        outputs, seen_mean, seen_variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=gamma, offset=beta, mean=unused, variance=unused, epsilon=self.epsilon, is_training=True
        )
        self.mean.assign(mean + (1 - self.momentum) * (seen_mean - mean))
        self.variance.assign(variance + (1 - self.momentum) * (seen_variance - variance))
        return outputs

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}


@keras.saving.register_keras_serializable("ganvas")
class Fade(keras.layers.Layer):
    """From the first of two inputs to the second, by the weight `share`: 1 as built."""

    def build(self, _: Any) -> None:
        """The share: a float32 scalar that no optimizer moves."""
        self.share = self.add_weight((), "ones", name="share", trainable=False, dtype="float32")

    def call(self, inputs: list[Any]) -> Any:
        old, new = inputs
        return old + ops.cast(ops.convert_to_tensor(self.share), old.dtype) * (new - old)

    def compute_output_shape(self, input_shape: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        return input_shape[0]


@keras.saving.register_keras_serializable("ganvas")
class SubPixel(keras.layers.Layer):
    """Make images `factor` times larger out of their channels (Shi et al. 2016): (h, w, c f f) to (f h, f w, c)."""

    def __init__(self, factor: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return tf.nn.depth_to_space(inputs, self.factor)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = input_shape
        sides = (side and side * self.factor for side in (height, width))
        return (batch, *sides, (channels or 0) // self.factor**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


# --- style-based networks (Karras et al. 2019, 2020)


@keras.saving.register_keras_serializable("ganvas")
class Equalized(keras.layers.Wrapper):
    """A dense or convolutional layer that learns at one pace, however many inputs it has (Karras et al. 2018, 4.1).

    Its kernel starts as N(0, 1) and is multiplied by gain / sqrt(inputs) as it is used, so that a step of Adam is the
    same share of it in every layer. `rate` slows kernel and bias down as a lower learning rate would.
    """

    def __init__(self, layer: keras.layers.Layer, gain: float = 1.0, rate: float = 1.0, **options: Any) -> None:
        super().__init__(layer, **{"dtype": layer.dtype_policy, **options})
        self.gain, self.rate = gain, rate

    def build(self, input_shape: Any = None) -> None:
        """The wrapped layer's kernel, 1 / rate times as large as it will seem, and its bias."""
        self.layer.kernel_initializer = keras.initializers.RandomNormal(stddev=1.0 / self.rate)
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        """The wrapped layer's outputs with its weights scaled."""
        kernel, *bias = map(ops.convert_to_tensor, self.layer.trainable_variables)
        scaled = [kernel * (self.gain * self.rate / _inputs(kernel) ** 0.5), *(one * self.rate for one in bias)]
        return self.layer.stateless_call(scaled, [], inputs)[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain, "rate": self.rate}


@keras.saving.register_keras_serializable("ganvas")
class ModulatedConv(keras.layers.Layer):
    """A convolution whose kernel every sample scales by a style of its own (Karras et al. 2020, section 2.2), and bias.

    Inputs: images (batch, height, width, channels) and styles (batch, channels), which multiply the kernel's input
    channels; `demodulate` then divides the kernel of each output channel by its norm. `up` doubles the sides, by a
    transposed convolution and the blur of `BlurUp`. The learning rate is equalised. No kernel is made for a sample:
    scaling the channels before and after one convolution for all of them is the same, and on a CPU far faster.
    """

    def __init__(self, filters: int, size: int = 3, up: bool = False, demodulate: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.filters, self.size, self.up, self.demodulate = filters, size, up, demodulate

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        """The kernel (size, size, channels, filters), in float32 for its norms, and the bias (filters,)."""
        shape = (self.size, self.size, input_shape[0][-1], self.filters)
        start = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = self.add_weight(shape, start, name="kernel", dtype="float32", autocast=False)
        self.bias = self.add_weight((self.filters,), "zeros", name="bias")

    def call(self, inputs: list[Any]) -> Any:
        """Images (batch, height, width, filters), or of twice the sides."""
        images, styles = inputs
        kernel = ops.convert_to_tensor(self.kernel)
        kernel = kernel * _inputs(kernel) ** -0.5
        made = self._convolved(images * styles[:, None, None], ops.cast(kernel, images.dtype))
        if self.demodulate:
            squares = ops.matmul(ops.square(ops.cast(styles, "float32")), ops.sum(ops.square(kernel), axis=(0, 1)))
            made = made * ops.cast(ops.rsqrt(squares + 1e-8), made.dtype)[:, None, None]
        return tf.nn.bias_add(made, ops.convert_to_tensor(self.bias))

    def _convolved(self, images: Any, kernel: Any) -> Any:
        if not self.up:
            return ops.conv(images, kernel, padding="same")
        made = ops.conv_transpose(images, ops.swapaxes(kernel, 2, 3), strides=2, padding="valid")
        return _filtered(made, *(_smooth(2 * side) for side in images.shape[1:3]))

    def get_config(self) -> dict[str, Any]:
        own = {"filters": self.filters, "size": self.size, "up": self.up, "demodulate": self.demodulate}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("ganvas")
class Noise(keras.layers.Layer):
    """Add normal noise, one value a pixel for all its channels, times a learnt strength (Karras et al. 2019, 2).

    While training the noise is new for every image and pass; at use it is one pattern for all images, a function of
    `seed`. The strength, a scalar, starts at 0. Input and output (batch, height, width, channels).
    """

    def __init__(self, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed
        self.fresh = keras.random.SeedGenerator(seed)

    def build(self, _: Any) -> None:
        """The strength."""
        self.strength = self.add_weight((), "zeros", name="strength")

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The images with noise."""
        batch, *sides, _ = ops.shape(inputs)
        if training:
            noise = keras.random.normal((batch, *sides, 1), dtype=inputs.dtype, seed=self.fresh)
        else:
            noise = ops.cast(np.random.RandomState(self.seed).normal(size=(1, *sides, 1)), inputs.dtype)
        return inputs + noise * ops.convert_to_tensor(self.strength)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


@keras.saving.register_keras_serializable("ganvas")
class StyleMixing(keras.layers.Layer):
    """One style for every layer of a generator: while training, another style from a random layer on, in most samples.

    So that neighbouring layers do not count on one style (mixing regularization, Karras et al. 2019, section 3.1).
    Inputs: two styles (batch, width); output (batch, layers, width), at use the first style for all of them.
    """

    def __init__(self, layers: int, probability: float = 0.9, **options: Any) -> None:
        super().__init__(**options)
        self.layers, self.probability = layers, probability
        self.draws = keras.random.SeedGenerator(layers)

    def call(self, inputs: list[Any], training: bool = False) -> Any:
        """The styles by layer."""
        own, other = (ops.repeat(styles[:, None], self.layers, axis=1) for styles in inputs)
        if not training:
            return own
        draws = keras.random.uniform((2, ops.shape(own)[0], 1, 1), dtype="float32", seed=self.draws)
        start = 1.0 + ops.floor(draws[0] * (self.layers - 1))
        start = ops.where(draws[1] < self.probability, start, float(self.layers))
        return ops.where(ops.arange(self.layers, dtype="float32")[:, None] < start, own, other)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layers": self.layers, "probability": self.probability}


@keras.saving.register_keras_serializable("ganvas")
class Truncation(keras.layers.Layer):
    """Draw styles (batch, layers, width) towards their mean, at use (Karras et al. 2019, appendix B).

    What is left of the distance is `psi`: 1 as built, less for less variety and fewer failures; set it before use.
    The mean is learnt while training.
    """

    def __init__(self, psi: float = 1.0, momentum: float = 0.995, **options: Any) -> None:
        super().__init__(**options)
        self.psi, self.momentum = psi, momentum

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The running mean: float32 (width,)."""
        self.mean = self.add_weight(
            input_shape[-1:], "zeros", name="mean", trainable=False, dtype="float32", autocast=False
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The styles, as they are while training."""
        mean = ops.convert_to_tensor(self.mean)
        if training:
            seen = ops.mean(ops.cast(inputs, "float32"), axis=(0, 1))
            self.mean.assign(mean + (1 - self.momentum) * (seen - mean))
            return inputs
        mean = ops.cast(mean, inputs.dtype)
        return mean + self.psi * (inputs - mean)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "psi": self.psi, "momentum": self.momentum}


@keras.saving.register_keras_serializable("ganvas")
class LearntConstant(keras.layers.Layer):
    """The learnt features that a style-based generator begins with (Karras et al. 2019), one copy a sample.

    Input: any tensor of the batch; output (batch, *shape).
    """

    def __init__(self, shape: tuple[int, ...], **options: Any) -> None:
        super().__init__(**options)
        self.shape = tuple(shape)

    def build(self, _: Any) -> None:
        """The features."""
        self.features = self.add_weight(self.shape, keras.initializers.RandomNormal(stddev=1.0), name="features")

    def call(self, inputs: Any) -> Any:
        """The features for each sample."""
        return ops.repeat(ops.convert_to_tensor(self.features)[None], ops.shape(inputs)[0], axis=0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], *self.shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "shape": self.shape}


@keras.saving.register_keras_serializable("ganvas")
class BlurUp(keras.layers.Layer):
    """Images (batch, height, width, channels) of twice the sides: each pixel twice, blurred by [1, 2, 1] each way.

    Edges are continued. A product with a matrix each way: on a CPU some thirty times as fast as a convolution channel
    by channel.
    """

    def call(self, inputs: Any) -> Any:
        return _filtered(inputs, *(_blur(2 * side) @ _doubled(side) for side in inputs.shape[1:3]))


@keras.saving.register_keras_serializable("ganvas")
class BlurDown(keras.layers.Layer):
    """Images (batch, height, width, channels) of half the sides: blurred by [1, 2, 1] each way, then means of 2x2.

    Up to a factor the transpose of `BlurUp`.
    """

    def call(self, inputs: Any) -> Any:
        return _filtered(inputs, *(_doubled(side // 2).T / 2 @ _blur(side) for side in inputs.shape[1:3]))


def _inputs(kernel: Any) -> int:
    """How many numbers one output is made of."""
    return math.prod(kernel.shape[:-1])


def enlarged(images: Any, times: int) -> Any:
    """Images so many times as large, bilinearly; unlike TensorFlow's own resizing it has second derivatives."""
    return images if times == 1 else _filtered(images, *(_between(side, times) for side in images.shape[1:3]))


def _filtered(images: Any, down: np.ndarray, across: np.ndarray) -> Any:
    """Images with their columns multiplied by one matrix (height made, height), and their rows by another."""
    _, height, width, channels = images.shape
    down, across = (ops.cast(matrix, images.dtype) for matrix in (down, across))
    columns = ops.matmul(down, ops.reshape(images, (-1, height, width * channels)))
    rows = ops.matmul(across, ops.reshape(columns, (-1, width, channels)))
    return ops.reshape(rows, (-1, down.shape[0], across.shape[0], channels))


def _blur(side: int) -> np.ndarray:
    """The filter [1, 2, 1] / 4 along a side whose ends are continued, as a matrix (side, side)."""
    places = np.clip(np.arange(side)[:, None] + [-1, 0, 0, 1], 0, side - 1)
    return np.eye(side)[places].mean(axis=1)


def _doubled(side: int) -> np.ndarray:
    """Every pixel of a side twice, as a matrix (2 side, side)."""
    return np.eye(side).repeat(2, axis=0)


def _between(side: int, times: int) -> np.ndarray:
    """Pixels between those of a side, whose ends are continued, as a matrix (times side, side)."""
    places = (np.arange(times * side) + 0.5) / times - 0.5
    return np.stack([np.interp(places, np.arange(side), one) for one in np.eye(side)], axis=1)


def _smooth(side: int) -> np.ndarray:
    """What a transposed convolution of stride 2 leaves, one pixel more than `side`, blurred as `BlurUp` would."""
    return _blur(side) @ (np.eye(side, side + 1) + np.eye(side, side + 1, 1))


@keras.saving.register_keras_serializable("ganvas")
class GroupedConvolution(keras.layers.Conv2D):
    """Keras' convolution with `groups`, group by group: Keras compiles it by XLA, a hundred times slower on a CPU.

    TensorFlow's own is no faster there, and without oneDNN (macOS) has no gradients.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution without its bias."""
        pairs = zip(tf.split(inputs, self.groups, -1), tf.split(kernel, self.groups, -1), strict=True)
        how = {"strides": self.strides, "padding": self.padding.upper(), "dilations": self.dilation_rate}
        return tf.concat([tf.nn.conv2d(own, part, **how) for own, part in pairs], -1)
